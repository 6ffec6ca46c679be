"""The API's documents: what is read of them, and what is refused."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.errors import InvalidPayloadError
from src.schemas.package import KIND_DEV, KIND_INVALID, KIND_RUNTIME
from src.utils.rubygems.documents import read_gem, read_versions
from src.utils.rubygems.requirements import read_requirement, read_requirements

URL = "http://gems.test/api"


def encoded(document: object) -> bytes:
    return json.dumps(document).encode()


def test_versions_are_told_apart_by_their_platforms() -> None:
    found = read_versions(
        encoded(
            [
                {"number": "1.0", "platform": "ruby", "created_at": "2020-01-01T00:00:00.000Z"},
                {"number": "1.0", "platform": "java", "licenses": ["MIT", "Ruby"], "new": 1},
                {"number": "0.9", "platform": None, "licenses": None},
            ]
        ),
        URL,
    )
    assert list(found) == ["1.0", "1.0-java", "0.9"]
    assert found["1.0"].created_at == "2020-01-01T00:00:00.000Z"
    assert found["1.0-java"].licenses == ("MIT", "Ruby")
    assert found["0.9"].licenses == ()


@pytest.mark.parametrize("body", [b"", b"{}", b'"x"', b"[{}]", b"[1]", b"[" * 100_000, b"<html>"])
def test_what_is_no_list_of_versions_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidPayloadError):
        read_versions(body, URL)


def test_a_gem_tells_links_licences_and_development_dependencies() -> None:
    gem = read_gem(
        encoded(
            {
                "name": "a",
                "version": "1.0",
                "platform": "java",
                "sha": "abc",
                "licenses": ["MIT"],
                "homepage_uri": "https://a.test",
                "source_code_uri": None,
                "metadata": {"source_code_uri": "https://github.com/o/a"},
                "dependencies": {
                    "development": [{"name": "rake", "requirements": ">= 0"}],
                    "runtime": [{"name": "b", "requirements": "~> 1.0"}],
                },
            }
        ),
        "a",
        URL,
    )
    assert (gem.version, gem.sha, gem.licenses) == ("1.0-java", "abc", ("MIT",))
    assert gem.links == ("https://github.com/o/a", "https://a.test")
    assert gem.development == (("rake", ">= 0"),)


def test_a_gem_without_dependencies_says_that_it_does_not_know_them() -> None:
    assert read_gem(encoded({"name": "a", "version": "1.0"}), "a", URL).development is None


@pytest.mark.parametrize(
    "document",
    [{}, [], "x", {"name": "A", "version": "1"}, {"name": "a"}, {"version": "1"}, {"name": ["a"]}],
)
def test_the_document_of_another_gem_is_refused(document: object) -> None:
    with pytest.raises(InvalidPayloadError):
        read_gem(encoded(document), "a", URL)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["name", "version", "number", "platform", "licenses", "dependencies", "development"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_no_json_raises_anything_but_the_documented_error(document: object) -> None:
    for read in (lambda body: read_versions(body, URL), lambda body: read_gem(body, "a", URL)):
        with contextlib.suppress(InvalidPayloadError):
            assert read(encoded(document)) is not None


# name, constraint -> name and constraint of the requirement
@pytest.mark.parametrize(
    ("name", "published", "constraints"),
    [
        ("rake", ">= 0", ">= 0"),
        ("rake", "", "any"),
        ("SexpProcessor", "= 3.0.0", "= 3.0.0"),
        ("rubocop", "~> 1.28, >= 1.28.2", "~> 1.28, >= 1.28.2"),
    ],
)
def test_a_dependency_is_kept_as_published(name: str, published: str, constraints: str) -> None:
    requirement = read_requirement(name, published)
    assert requirement.name == name
    assert requirement.purl == f"pkg:gem/{name}"
    assert (requirement.constraints, requirement.kind) == (constraints, KIND_RUNTIME)
    assert (requirement.condition, requirement.variant) == ("", "")


@pytest.mark.parametrize(
    ("name", "published", "text"),
    [
        ("", ">= 1", ":>= 1"),
        ("a b", "", "a b"),
        ("../a", ">= 0", "../a:>= 0"),
        ("rake", "latest", "rake:latest"),
        ("rake", ">= 1,", "rake:>= 1,"),
    ],
)
def test_what_is_no_dependency_is_kept_as_text(name: str, published: str, text: str) -> None:
    requirement = read_requirement(name, published)
    assert (requirement.name, requirement.purl) == ("", "")
    assert (requirement.constraints, requirement.kind) == (text, KIND_INVALID)


def test_requirements_stand_each_once_and_in_a_fixed_order() -> None:
    runtime = [("b", ">= 0"), ("a", ">= 1"), ("b", ">= 0"), ("bad name", "")]
    found = read_requirements(runtime, [("rake", ">= 0"), ("rake", "x")], "s")
    assert [entry.name for entry in found.required] == ["a", "b"]
    assert [entry.constraints for entry in found.unresolved] == ["bad name", "rake:x"]
    assert [(entry.name, entry.kind) for entry in found.development or ()] == [("rake", KIND_DEV)]
    assert found.optional == ()
    assert read_requirements(runtime, None, "s").development is None


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_dependency_is_ever_fatal(name: str, published: str) -> None:
    found = read_requirements([(name, published)], [(name, published)], "s")
    assert len(found.required) + len(found.unresolved) == 1
