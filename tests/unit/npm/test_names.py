"""Names: all that the registry may still serve, and nothing that leads elsewhere."""

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.errors import InvalidKeyError
from src.utils.npm.names import canonical_name, package_purl, packument_address


@pytest.mark.parametrize(
    ("name", "segment", "purl"),
    [
        ("lodash", "lodash", "pkg:npm/lodash"),
        ("JSONStream", "JSONStream", "pkg:npm/JSONStream"),
        ("@types/node", "@types%2Fnode", "pkg:npm/%40types/node"),
        ("@Scope/Name.js", "@Scope%2FName.js", "pkg:npm/%40Scope/Name.js"),
        ("@scope/_private", "@scope%2F_private", "pkg:npm/%40scope/_private"),
        ("@.scope/a", "@.scope%2Fa", "pkg:npm/%40.scope/a"),
        ("-", "-", "pkg:npm/-"),
        ("--file--1", "--file--1", "pkg:npm/--file--1"),
        ("a..b", "a..b", "pkg:npm/a..b"),
        ("crazy!~*'()", "crazy%21~%2A%27%28%29", "pkg:npm/crazy%21~%2A%27%28%29"),
        ("n" * 300, "n" * 300, "pkg:npm/" + "n" * 300),
        ("0", "0", "pkg:npm/0"),
    ],
)
def test_a_name_keeps_its_spelling_and_is_one_segment_of_an_address(
    name: str, segment: str, purl: str
) -> None:
    assert canonical_name(name) == name
    assert packument_address("https://npm.test/base", name) == f"https://npm.test/base/{segment}"
    assert package_purl(name) == purl


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        ".",
        "..",
        ".hidden",
        "_private",
        " a",
        "a ",
        "a\n",
        "a b",
        "a\x00",
        "a/b",
        "/a",
        "a/",
        "a/../b",
        "../../etc/passwd",
        "a\\b",
        "a%2fb",
        "a%2e%2e",
        "a?b",
        "a#b",
        "a:b",
        "@",
        "@scope",
        "@scope/",
        "@/a",
        "@scope/a/b",
        "@scope/.a",
        "@scope/..",
        "@../a",
        "@./a",
        "@a b/c",
        "scope@/a",
        "a@1",
        "node_modules",
        "Node_Modules",
        "favicon.ico",
        "é",
        "日本",
        "\ud800",
        "n" * 1025,
        "(" * 400,
    ],
)
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidKeyError):
        canonical_name(name)


@given(st.text() | st.text("@/.%~-_aZ0\\", max_size=12))
def test_no_name_can_leave_its_segment(name: str) -> None:
    try:
        canonical_name(name)
    except InvalidKeyError:
        return
    parts = urlsplit(packument_address("https://npm.test/base", name))
    assert parts.netloc == "npm.test"
    assert parts.path.startswith("/base/")
    assert parts.path.count("/") == 2
    assert (parts.query, parts.fragment) == ("", "")
    assert unquote(parts.path) == f"/base/{name}"
    assert not {".", ".."} & set(unquote(parts.path).split("/"))
