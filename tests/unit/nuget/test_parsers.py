"""NuGet's documents: names, times, addresses, the catalog, registrations, requirements, assemblies."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.errors import ForbiddenAddressError, InvalidKeyError, InvalidPayloadError
from src.schemas.package import KIND_INVALID, Requirement
from src.utils.nuget.addresses import Services, local_address, read_services
from src.utils.nuget.catalog import read_catalog_index, read_catalog_page
from src.utils.nuget.import_names import assembly_names
from src.utils.nuget.names import canonical_name
from src.utils.nuget.registration import Leaf, read_created, read_page, read_registration
from src.utils.nuget.requirements import make_requirements, read_dependencies
from src.utils.nuget.revision import Revision, is_older, make_revision, read_revision
from src.utils.nuget.timestamps import (
    means_unlisted,
    read_position,
    read_ticks,
    release_date,
    show_ticks,
)

BASE = "http://127.0.0.1:9/nuget"
URL = f"{BASE}/v3/index.json"
STAMP = "2024-11-13T10:15:11.1234567Z"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["@id", "@type", "items", "count", "catalogEntry", "version", "id",
                             "commitTimeStamp", "dependencyGroups", "dependencies", "published",
                             "deprecation", "authors", "resources", "range", "repository"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)  # fmt: skip


def encoded(document: object) -> bytes:
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("Newtonsoft.Json", "newtonsoft.json"),
        ("NETStandard.Library", "netstandard.library"),
        ("a", "a"),
        ("_underscore", "_underscore"),
        ("A-b.C_d", "a-b.c_d"),
        ("Größe", "größe"),
        ("İd", "İd"),
        ("ЖЖ", "жж"),
        ("x" * 128, "x" * 128),
    ],
)
def test_ids_are_lower_case(written: str, canonical: str) -> None:
    assert canonical_name(written) == canonical


@pytest.mark.parametrize(
    "written",
    ["", " ", " a", "a ", "a..b", "a.-b", ".a", "a.", "-a", "a/b", "a\\b", "a b", "a\n", "a@1",
     "../a", "a\x00", "é\ud800", "x" * 129],
)  # fmt: skip
def test_this_is_no_id(written: str) -> None:
    with pytest.raises(InvalidKeyError):
        canonical_name(written)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2024-11-13T10:15:11.1234567Z", "2024-11-13T10:15:11.1234567Z"),
        ("2020-09-10T10:12:24.301149Z", "2020-09-10T10:12:24.3011490Z"),
        ("2020-09-10T10:12:24Z", "2020-09-10T10:12:24.0000000Z"),
        ("2020-09-10T10:12:24", "2020-09-10T10:12:24.0000000Z"),
        ("2020-09-10T12:12:24.5+02:00", "2020-09-10T10:12:24.5000000Z"),
        ("2020-09-10T08:12:24.5-02:00", "2020-09-10T10:12:24.5000000Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0000000Z"),
    ],
)
def test_times_have_seven_digits(text: str, shown: str) -> None:
    ticks = read_ticks(text)
    assert ticks is not None
    assert show_ticks(ticks) == shown
    assert read_position(shown) == ticks


@pytest.mark.parametrize("text", ["", "x", "2020-13-01T00:00:00Z", "2020-01-01", "-1", "1" * 28])
def test_this_is_no_time(text: str) -> None:
    assert read_ticks(text) is None
    assert read_position(text) is None


@given(st.integers(0, 3_000_000_000_000_000_000), st.integers(0, 3_000_000_000_000_000_000))
def test_times_compare_as_their_texts_do(one: int, other: int) -> None:
    assert (show_ticks(one) < show_ticks(other)) == (one < other)
    assert read_position(show_ticks(one)) == one


@pytest.mark.parametrize(
    ("published", "date", "unlisted"),
    [
        ("2022-03-25T05:11:36.793+00:00", "2022-03-25T05:11:36.793Z", False),
        ("2015-03-10T22:47:06.3270000Z", "2015-03-10T22:47:06.327Z", False),
        ("2015-03-10T22:47:06Z", "2015-03-10T22:47:06Z", False),
        ("1900-01-01T00:00:00+00:00", "", True),
        ("0001-01-01T00:00:00Z", "", False),
        ("", "", False),
        ("yesterday", "", False),
    ],
)
def test_the_year_1900_is_no_date_and_means_unlisted(
    published: str, date: str, unlisted: bool
) -> None:
    assert release_date(published) == date
    assert means_unlisted(published) is unlisted


@pytest.mark.parametrize(
    ("published", "local"),
    [
        ("https://nuget.test/v3/catalog0/page1.json", f"{BASE}/v3/catalog0/page1.json"),
        ("http://other.test:8080/v3/a.json?x=1#y", f"{BASE}/v3/a.json"),
        (f"{BASE}/v3/a.json", f"{BASE}/v3/a.json"),
        ("a.json", f"{BASE}/v3/a.json"),
        ("https://nuget.test/v3/a b.json", f"{BASE}/v3/a%20b.json"),
    ],
)
def test_addresses_lead_below_the_base(published: str, local: str) -> None:
    assert local_address(published, URL, BASE) == local


@pytest.mark.parametrize(
    "published",
    ["ftp://nuget.test/a", "https://nuget.test", "https://nuget.test/", "file:///etc/passwd",
     "https://nuget.test/a/%2e%2e/b", "https://nuget.test/a\\b", "https://[x/", "javascript:1",
     "https://nuget.test/%00"],
)  # fmt: skip
def test_these_addresses_are_refused(published: str) -> None:
    with pytest.raises(ForbiddenAddressError):
        local_address(published, URL, BASE)


def resource(kind: object, path: str) -> dict[str, object]:
    return {"@id": f"https://nuget.test{path}", "@type": kind}


RESOURCES = [
    resource("RegistrationsBaseUrl", "/v3/registration5-semver1/"),
    resource(["RegistrationsBaseUrl/3.6.0", "Other"], "/v3/registration5-gz-semver2/"),
    resource("Catalog/3.0.0", "/v3/catalog0/index.json"),
    resource("PackageBaseAddress/3.0.0", "/v3-flatcontainer/"),
]


def test_the_service_index_tells_where_things_are() -> None:
    services = read_services(encoded({"resources": RESOURCES}), BASE)
    assert services == Services(
        f"{BASE}/v3/registration5-gz-semver2",
        f"{BASE}/v3/catalog0/index.json",
        f"{BASE}/v3-flatcontainer",
    )
    assert services.registration("a.b") == f"{BASE}/v3/registration5-gz-semver2/a.b/index.json"
    wanted = f"{BASE}/v3-flatcontainer/a.b/1.0.0-beta/a.b.1.0.0-beta.nupkg"
    assert services.nupkg("a.b", "1.0.0-Beta") == wanted


@pytest.mark.parametrize("left_out", [1, 2, 3])
def test_no_older_hive_stands_in_for_a_resource_that_is_missing(left_out: int) -> None:
    resources = [entry for place, entry in enumerate(RESOURCES) if place != left_out]
    with pytest.raises(InvalidPayloadError):
        read_services(encoded({"resources": resources}), BASE)


def item(name: str, version: str, stamp: str = STAMP, kind: str = "nuget:PackageDetails") -> Any:
    return {"@type": kind, "commitTimeStamp": stamp, "nuget:id": name, "nuget:version": version}


def test_a_catalog_page_is_read_whole() -> None:
    body = encoded(
        {
            "commitTimeStamp": STAMP,
            "count": 3,
            "items": [
                item("A", "1.0"),
                item("B", "2.0", kind="nuget:PackageDelete"),
                item("C", "3.0", kind="nuget:Unheard"),
            ],
        }
    )
    part = read_catalog_page(body, URL)
    found = [(entry.id, entry.version, entry.deleted) for entry in part.items]
    assert found == [("A", "1.0", False), ("B", "2.0", True)]
    assert part.ticks == part.items[0].ticks == read_ticks(STAMP)


def test_pages_of_the_index_are_sorted_by_time_and_not_by_text() -> None:
    pages = [
        {"@id": "p2", "commitTimeStamp": "2020-01-01T00:00:00.5Z", "count": 1},
        {"@id": "p1", "commitTimeStamp": "2020-01-01T00:00:00.4999999Z", "count": 1},
        {"@id": "p3", "commitTimeStamp": "2021-01-01T00:00:00Z", "count": 1},
    ]
    body = encoded({"commitTimeStamp": "2020-06-01T00:00:00Z", "count": 3, "items": pages})
    index = read_catalog_index(body, URL)
    assert [page.address for page in index.pages] == ["p1", "p2", "p3"]
    assert show_ticks(index.head) == "2021-01-01T00:00:00.0000000Z"


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {"items": [], "commitTimeStamp": STAMP},
        {"items": [], "count": 1, "commitTimeStamp": STAMP},
        {"items": "x", "count": 0, "commitTimeStamp": STAMP},
        {"items": [1], "count": 1, "commitTimeStamp": STAMP},
        {"items": [], "count": 0},
        {"items": [item("A", "1", "yesterday")], "count": 1, "commitTimeStamp": STAMP},
        {"items": [{"@id": "a", "commitTimeStamp": STAMP}], "count": 1, "commitTimeStamp": STAMP},
        {"message": "an error page"},
    ],
)
def test_half_a_catalog_document_is_refused(document: object) -> None:
    for read in (read_catalog_index, read_catalog_page):
        with pytest.raises(InvalidPayloadError):
            read(encoded(document), URL)


def test_index_and_page_are_not_taken_for_each_other() -> None:
    page = {"commitTimeStamp": STAMP, "count": 1, "items": [{"@id": "a", **item("A", "1")}]}
    with pytest.raises(InvalidPayloadError):
        read_catalog_index(encoded(page), URL)
    entries = [{"@id": "p", "@type": "CatalogPage", "commitTimeStamp": STAMP, "count": 1}]
    index = {"commitTimeStamp": STAMP, "count": 1, "items": entries}
    with pytest.raises(InvalidPayloadError):
        read_catalog_page(encoded(index), URL)


def leaf(**entry: object) -> dict[str, object]:
    return {"catalogEntry": {"@id": "https://nuget.test/v3/l.json", "version": "1.0", **entry}}


def leaves_of(*entries: dict[str, object]) -> tuple[Leaf, ...]:
    page = {"count": len(entries), "items": list(entries)}
    registration = read_registration(encoded({"count": 1, "items": [page]}), "a", URL)
    found = registration.pages[0].leaves
    assert found is not None
    return found


def test_a_leaf_tells_all_that_the_graph_keeps() -> None:
    (found,) = leaves_of(
        leaf(
            id="A",
            version="1.0.0.0-Beta+sha",
            published="2020-01-02T03:04:05.67+00:00",
            listed=True,
            authors="Ann, Ben",
            licenseExpression="MIT",
            licenseUrl="https://licenses.test/MIT",
            projectUrl="https://example.test/a",
            repository={"type": "git", "url": "https://github.com/ann/a.git"},
            deprecation={
                "reasons": ["Legacy", "Other"],
                "message": "Old.",
                "alternatePackage": {"id": "B", "range": "*"},
            },
        )
    )
    assert (found.version, found.released, found.listed) == (
        "1.0.0-Beta",
        "2020-01-02T03:04:05.67Z",
        True,
    )
    assert found.source == "/v3/l.json"
    assert found.authors == ("Ann", "Ben")
    assert found.repository_addresses[0] == "https://github.com/ann/a.git"
    assert found.deprecation is not None
    assert found.deprecation.told == "Old."
    assert found.deprecation.alternate == "B"


@pytest.mark.parametrize(
    ("entry", "listed"),
    [
        ({}, True),
        ({"listed": True}, True),
        ({"listed": False}, False),
        ({"listed": None}, True),
        ({"published": "1900-01-01T00:00:00+00:00"}, False),
        ({"listed": False, "published": "2020-01-01T00:00:00Z"}, False),
    ],
)
def test_a_version_is_listed_unless_it_says_otherwise(
    entry: dict[str, object], listed: bool
) -> None:
    assert leaves_of(leaf(**entry))[0].listed is listed


@pytest.mark.parametrize(
    ("authors", "told"),
    [
        ("A. One, B. Two", ("A. One", "B. Two")),
        (["A", "B"], ("A", "B")),
        ("", ()),
        (None, ()),
        (", ,X", ("X",)),
    ],
)
def test_authors_are_one_text_or_a_list(authors: object, told: tuple[str, ...]) -> None:
    assert leaves_of(leaf(authors=authors))[0].authors == told


def test_without_a_catalog_document_the_content_is_the_source() -> None:
    entry: dict[str, Any] = {"version": "1.0", "dependencyGroups": []}
    one, same, other = leaves_of(
        {"catalogEntry": entry}, {"catalogEntry": entry}, {"catalogEntry": {**entry, "x": 1}}
    )
    assert one.source == same.source != other.source
    assert one.source.startswith("sha256:")


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"items": [], "count": 1},
        {"items": {}, "count": 0},
        {"count": 1, "items": [{"count": 1}]},
        {"count": 1, "items": [{"count": 2, "items": [leaf()]}]},
        {"count": 1, "items": [{"items": [leaf()]}]},
        {"count": 1, "items": [{"count": 1, "items": [{}]}]},
        {"count": 1, "items": [{"count": 1, "items": [{"catalogEntry": "https://a.test/"}]}]},
        {"count": 1, "items": [{"count": 1, "items": [leaf(id="B")]}]},
        {"count": 1, "items": [{"count": 1, "items": [leaf(id="not an id")]}]},
        {"count": 1, "items": [{"count": 1, "items": [leaf(version=7)]}]},
        {"catalogEntry": "https://nuget.test/v3/l.json", "listed": True},
        [1],
    ],
)
def test_what_is_no_whole_registration_is_refused(document: object) -> None:
    with pytest.raises(InvalidPayloadError):
        read_registration(encoded(document), "a", URL)


def test_a_page_outside_the_index_is_only_named_there() -> None:
    body = encoded({"count": 1, "items": [{"@id": "https://nuget.test/p.json", "count": 64}]})
    (page,) = read_registration(body, "a", URL).pages
    assert (page.address, page.leaves) == ("https://nuget.test/p.json", None)
    with pytest.raises(InvalidPayloadError):
        read_page(encoded({"@id": "https://nuget.test/p.json", "count": 64}), "a", URL)
    assert len(read_page(encoded({"count": 1, "items": [leaf()]}), "a", URL)) == 1


def test_a_byte_order_mark_is_read_over() -> None:
    body = b"\xef\xbb\xbf" + encoded({"id": "A", "created": "2020-01-01T00:00:00Z"})
    assert read_created(body, "a", URL) == "2020-01-01T00:00:00Z"


def need(name: str, constraints: str, condition: str = "") -> Requirement:
    return Requirement(name, f"pkg:nuget/{name}", constraints, "runtime", condition)


def test_every_group_counts_with_its_framework() -> None:
    groups = [
        {"targetFramework": ".NETFramework4.5"},
        {"targetFramework": "net8.0", "dependencies": []},
        {
            "targetFramework": ".NETStandard2.0",
            "dependencies": [
                {"id": "B.Lib", "range": "[1.0.0, )"},
                {"id": "A", "range": "(, )"},
                {"id": "A", "range": "(, )"},
            ],
        },
        {"dependencies": {"id": "B.Lib"}},
        {"dependencies": [{"id": "C", "range": None}, {"id": "D", "range": " "}]},
    ]
    found = make_requirements(read_dependencies({"dependencyGroups": groups}), "s")
    assert found.required == (
        need("a", "(, )", ".NETStandard2.0"),
        need("b.lib", "[1.0.0, )", ".NETStandard2.0"),
        need("b.lib", "any"),
        need("c", "any"),
        need("d", "any"),
    )
    assert (found.unresolved, found.optional, found.development) == ((), (), ())


@pytest.mark.parametrize(
    ("dependency", "name", "constraints"),
    [
        ({"id": "", "range": "1.0"}, "", "1.0"),
        ({"range": "[1.0, )"}, "", "[1.0, )"),
        ({"id": " "}, " ", "any"),
        ({"id": "a b", "range": "1.0"}, "a b", "1.0"),
        ({"id": "A", "range": ">=1.0"}, "A", ">=1.0"),
        ({"id": "A", "range": "0.0.0-~4"}, "A", "0.0.0-~4"),
        ({"id": "A", "range": [7]}, "A", "no text: [7]"),
    ],
)
def test_what_cannot_be_read_is_kept_as_text(
    dependency: dict[str, object], name: str, constraints: str
) -> None:
    groups = [{"targetFramework": "net8.0", "dependencies": [dependency]}]
    found = make_requirements(read_dependencies({"dependencyGroups": groups}), "s")
    assert found.required == ()
    assert found.unresolved == (Requirement(name, "", constraints, KIND_INVALID, "net8.0"),)


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["lib/net45/A.B.dll", "lib/netstandard2.0/A.B.dll"], ("A.B",)),
        (["lib/A.dll", "ref/net8.0/C.dll"], ("A", "C")),
        (["lib/net45/de/A.resources.dll", "lib/net45/A.dll"], ("A",)),
        (["LIB/net45/A.DLL"], ("A",)),
        (["lib/portable-net45%2Bwin8/A.dll", "lib/net45/A%20B.dll"], ("A", "A B")),
        (["runtimes/win/native/x.dll", "tools/t.dll", "build/A.dll", "A.dll"], ()),
        (["lib/net45/_._", "lib/net45/A.xml", "lib/net45/A.exe", "a.nuspec"], ()),
        ([], ()),
    ],
)
def test_assemblies_of_lib_and_ref_are_the_import_names(
    paths: list[str], names: tuple[str, ...]
) -> None:
    assert assembly_names(paths) == names


def at(second: int, fraction: str = "0") -> int:
    ticks = read_ticks(f"2024-11-13T10:15:{second:02}.{fraction}Z")
    assert ticks is not None
    return ticks


HOUR = 3600 * 10_000_000


@pytest.mark.parametrize(
    ("registered", "leaf_second", "announced", "later_head", "older"),
    [
        (at(30), 11, Revision("", at(11, "5"), deleted=False), 0, False),
        (at(30), 12, Revision("", at(11, "5"), deleted=False), 0, False),
        (at(30), 10, Revision("", at(11, "5"), deleted=False), 0, True),
        (at(30), 10, Revision("", at(11, "5"), deleted=False), HOUR, True),
        (at(30), 10, Revision("", at(11, "5"), deleted=False), HOUR + 1, False),
        (at(5), 11, Revision("", at(11, "5"), deleted=False), 0, True),
        (at(5), 11, Revision("", at(11, "5"), deleted=False), 9 * HOUR, True),
        (None, 10, Revision("", at(11, "5"), deleted=False), 0, True),
        (None, 11, Revision("", at(11, "5"), deleted=False), 0, False),
        (at(30), 10, Revision("", at(20), deleted=True), 0, False),
        (at(19), 10, Revision("", at(20), deleted=True), 0, True),
        (at(30), None, Revision("", at(20), deleted=False), 0, False),
        (at(10), None, Revision("", at(20), deleted=False), 0, True),
    ],
)
def test_a_registration_is_older_than_an_announced_commit(
    registered: int | None,
    leaf_second: int | None,
    announced: Revision,
    later_head: int,
    older: bool,
) -> None:
    stamp = f"2024.11.13.10.15.{leaf_second}" if leaf_second else "elsewhere"
    entry = leaf(**{"@id": f"https://nuget.test/v3/catalog0/data/{stamp}/a.1.0.json"})
    found = is_older(registered, leaves_of(entry), announced, announced.ticks + later_head)
    assert found is older


@pytest.mark.parametrize("deleted", [True, False])
def test_a_revision_tells_whether_it_was_a_deletion(deleted: bool) -> None:
    text = make_revision(at(11, "5"), deleted=deleted)
    assert read_revision(text) == Revision(text, at(11, "5"), deleted)
    assert read_revision("") is read_revision("7") is None


@given(JSON)
def test_no_json_raises_anything_but_the_documented_error(document: object) -> None:
    body = encoded(document)
    for read in (
        lambda: read_catalog_index(body, URL),
        lambda: read_catalog_page(body, URL),
        lambda: read_registration(body, "a", URL),
        lambda: read_page(body, "a", URL),
        lambda: read_created(body, "a", URL),
        lambda: read_services(body, BASE),
    ):
        try:
            read()
        except (InvalidPayloadError, ForbiddenAddressError):
            continue


@given(JSON)
def test_any_dependency_groups_become_requirements(document: object) -> None:
    found = make_requirements(read_dependencies({"dependencyGroups": document}), "s")
    assert all(entry.kind == KIND_INVALID for entry in found.unresolved)


@given(st.binary(max_size=60))
def test_bytes_that_are_no_json_are_refused(body: bytes) -> None:
    with pytest.raises(InvalidPayloadError):
        read_registration(body, "a", URL)


@given(st.text(max_size=40))
def test_any_text_is_an_address_below_the_base_or_refused(published: str) -> None:
    try:
        assert local_address(published, URL, BASE).startswith(f"{BASE}/")
    except ForbiddenAddressError:
        return


@given(st.text(max_size=40))
def test_any_text_is_a_canonical_id_or_refused(written: str) -> None:
    try:
        name = canonical_name(written)
    except InvalidKeyError:
        return
    assert canonical_name(name) == name
