"""Requirement strings: what each becomes, and that nothing is lost or raised."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.markers import Marker

from src.schemas.package import Requirement
from src.utils.pypi.markers import applies_without_extra
from src.utils.pypi.requirements import count_invalid, read_requirement, read_requirements


@pytest.mark.parametrize(
    ("published", "name", "constraints", "condition", "variant"),
    [
        ("idna", "idna", "any", "", ""),
        ("urllib3<3,>=1.26", "urllib3", "<3,>=1.26", "", ""),
        ("Foo.Bar_baz >= 1.0 , < 2", "foo-bar-baz", ">= 1.0 , < 2", "", ""),
        ("foo (>=1.0)", "foo", ">=1.0", "", ""),
        ("foo (>=1.0,<2) ; os_name == 'nt'", "foo", ">=1.0,<2", 'os_name == "nt"', ""),
        ("pymongo[srv,Auth_X] (>=3.3.0)", "pymongo", ">=3.3.0", "", "auth-x,srv"),
        ("foo[]", "foo", "any", "", ""),
        ("foo===1.0-odd", "foo", "===1.0-odd", "", ""),
        ("foo;python_version<'3'", "foo", "any", 'python_version < "3"', ""),
        ("foo; extra != 'x'", "foo", "any", 'extra != "x"', ""),
    ],
)
def test_a_plain_requirement_is_required(
    published: str, name: str, constraints: str, condition: str, variant: str
) -> None:
    expected = Requirement(name, f"pkg:pypi/{name}", constraints, "runtime", condition, variant)
    assert read_requirements([published], "s").required == (expected,)


@pytest.mark.parametrize(
    ("marker", "applies"),
    [
        ("python_version < '3'", True),
        ("extra == 'test'", False),
        ("'test' == extra", False),
        ("extra == 'a' or extra == 'b'", False),
        ("extra == 'a' or os_name == 'nt'", True),
        ("extra == 'a' and os_name == 'nt'", False),
        ("os_name == 'nt' and (extra == 'a' or python_version < '3')", True),
        ("os_name == 'nt' and (extra == 'a' or (extra == 'b' and python_version < '3'))", False),
        ("(extra == 'a' or os_name == 'nt') and (extra == 'a' or os_name == 'x')", True),
        ("extra != 'a'", True),
        ("extra != 'a' and extra == 'b'", False),
        ("extra == ''", True),
        ("extra in 'a b'", True),  # "" is in every text, so an installer says too
        ("'a' in extra", False),
        ("'a' in extras", False),
        ("'a' not in extras", True),
        ("'a' in dependency_groups", False),
        ("sys_platform == 'extra == \"a\"'", True),
        ("extra == 'and' or extra == 'or'", False),
    ],
)
def test_a_requirement_is_optional_when_no_environment_brings_it_in_without_an_extra(
    marker: str,
    applies: bool,
) -> None:
    assert applies_without_extra(Marker(marker)) is applies
    requirements = read_requirements([f"foo; {marker}"], "s")
    assert (len(requirements.required), len(requirements.optional)) == (applies, not applies)
    found = (*requirements.required, *requirements.optional)
    assert found[0].condition == str(Marker(marker))
    assert found[0].kind == ("runtime" if applies else "extra")


_ENVIRONMENTS = [
    {"os_name": os_name, "sys_platform": platform, "python_version": python}
    for os_name in ("nt", "posix")
    for platform in ("linux", "win32")
    for python in ("2.7", "3.9", "3.14")
]
_ATOMS = st.sampled_from(
    [
        "os_name == 'nt'",
        "sys_platform != 'win32'",
        "python_version < '3'",
        "extra == 'a'",
        "extra != 'a'",
        "'b' == extra",
    ]
)
_MARKERS = st.recursive(
    _ATOMS,
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner),
    max_leaves=8,
)


@given(_MARKERS)
def test_whatever_an_installer_would_bring_in_somewhere_is_never_optional(text: str) -> None:
    marker = Marker(text)
    somewhere = any(marker.evaluate({**known, "extra": ""}) for known in _ENVIRONMENTS)
    assert applies_without_extra(marker) or not somewhere


def test_a_direct_reference_names_no_package_of_the_registry() -> None:
    published = "foo[x] @ https://files.test/foo.whl ; extra == 'a'"
    expected = Requirement("foo", "", "https://files.test/foo.whl", "extra", 'extra == "a"', "x")
    assert read_requirements([published], "s").unresolved == (expected,)


@pytest.mark.parametrize(
    "published",
    [
        "pytz (>dev)",
        "==1.0",
        "foo bar",
        "foo; python_version = '3'",
        "-e git+https://files.test/a.git",
        "foo>=1.0.*",
        "x" * 1025,
        "foo; os_name == '" + "\\x" + "'",
        "foo; " + "(" * 5000 + "os_name == 'a'" + ")" * 5000,
        'foo; os_name == "\\x27\\x22"',
    ],
)
def test_a_broken_string_is_kept_as_text_and_counted(published: str) -> None:
    requirements = read_requirements([published], "s")
    assert requirements.unresolved == (Requirement("", "", published, "invalid"),)
    assert count_invalid(requirements) == 1


def test_the_order_and_repetition_of_a_document_make_no_difference() -> None:
    published = ["b", "a>1", "c; extra == 'x'", "a>1", "(", "b; os_name == 'nt'"]
    first = read_requirements(published, "s")
    assert first == read_requirements([*reversed(published), "b"], "s")
    assert [entry.name for entry in first.required] == ["a", "b", "b"]


@given(st.text() | st.builds("{}{};{}".format, st.sampled_from(["a", "a[b]"]), st.text(), _MARKERS))
def test_any_text_lands_in_exactly_one_list(published: str) -> None:
    placed = read_requirement(published)
    requirements = read_requirements([published], "s")
    assert getattr(requirements, placed.place) == (placed.requirement,)
    total = requirements.required + requirements.optional + requirements.unresolved
    assert len(total) == 1
    assert placed.requirement.constraints or not published
