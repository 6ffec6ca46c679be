"""Package URLs: what they look like, and that no two things share one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packageurl import PackageURL

from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import InvalidKeyError
from src.utils.purl import make_purl


@pytest.mark.parametrize(
    ("ecosystem", "name", "version", "qualifiers", "expected"),
    [
        (Ecosystem.PYPI, "requests", "", {}, "pkg:pypi/requests"),
        (Ecosystem.PYPI, "numpy", "1.0+local", {}, "pkg:pypi/numpy@1.0%2Blocal"),
        (Ecosystem.PYPI, "pytz", "1!2.0", {}, "pkg:pypi/pytz@1%212.0"),
        (Ecosystem.NPM, "@babel/core", "7.0.0", {}, "pkg:npm/%40babel/core@7.0.0"),
        (Ecosystem.NPM, "JSONStream", "1.0.0", {}, "pkg:npm/JSONStream@1.0.0"),
        (Ecosystem.MAVEN, "org.a:b", "1", {}, "pkg:maven/org.a/b@1"),
        (Ecosystem.CARGO, "serde_derive", "1.0.0", {}, "pkg:cargo/serde_derive@1.0.0"),
        (
            Ecosystem.RUBYGEMS,
            "nokogiri",
            "1.0",
            {"platform": "java"},
            "pkg:gem/nokogiri@1.0?platform=java",
        ),
        (Ecosystem.NUGET, "newtonsoft.json", "13.0.1", {}, "pkg:nuget/newtonsoft.json@13.0.1"),
    ],
)
def test_a_purl_follows_the_specification(
    ecosystem: Ecosystem, name: str, version: str, qualifiers: dict[str, str], expected: str
) -> None:
    assert make_purl(ecosystem, name, version, qualifiers=qualifiers) == expected


@pytest.mark.parametrize("version", ["\ud800", "v" * 1100])
def test_what_no_key_can_hold_is_refused(version: str) -> None:
    with pytest.raises(InvalidKeyError):
        make_purl(Ecosystem.PYPI, "a", version)


_NAMES = st.text(min_size=1, max_size=12)


@given(st.sampled_from(Ecosystem), _NAMES, _NAMES, _NAMES, _NAMES)
def test_two_different_versions_never_share_a_purl(
    ecosystem: Ecosystem, name: str, version: str, other_name: str, other_version: str
) -> None:
    same = (name, version) == (other_name, other_version)
    first = make_purl(ecosystem, name, version)
    second = make_purl(ecosystem, other_name, other_version)
    assert (first == second) == same


@given(_NAMES, _NAMES)
def test_a_reader_of_the_specification_gets_the_version_back(name: str, version: str) -> None:
    parsed = PackageURL.from_string(make_purl(Ecosystem.CARGO, f"x{name}", f"1{version}x"))
    assert parsed.version == f"1{version}x"
