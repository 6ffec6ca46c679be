"""What the package store reads and writes, on every engine."""

import pytest

from src.schemas.errors import InvalidKeyError
from src.services.graph.fingerprint import fingerprint
from src.services.graph.package_store import Dependent, PackageStore
from src.services.graph.state_store import Failure, StateStore
from tests.graph.builders import (
    NOW,
    PYPI,
    need,
    owned,
    package,
    properties,
    store,
    version,
    was_owned,
)


async def test_a_required_package_is_bare_until_it_is_extracted(graph):
    packages = PackageStore(graph)
    await store(graph, package("a", version("a", "1", 0, need("c"), need("b"))))
    assert await packages.bare_names(PYPI, 10) == ["b", "c"]
    assert await packages.bare_names(PYPI, 1) == ["b"]
    assert await packages.bare_names(PYPI, 10, {"b"}) == ["c"]
    await store(graph, package("b"))
    assert await packages.bare_names(PYPI, 10) == ["c"]
    assert await packages.states(PYPI, ["a", "b", "c", "d"]) == {"a": "1", "b": "1"}
    assert [name async for name in packages.extracted_names(PYPI)] in (["a", "b"], ["b", "a"])


async def test_what_is_required_becomes_a_bare_node_and_what_is_there_stays_as_it_is(graph):
    await store(graph, package("a", revision="7"))
    before = await properties(graph, "PyPIPackage", "name", "a")
    await store(graph, package("c", version("c", "1.0", 0, need("a"), need("b"))))
    assert await properties(graph, "PyPIPackage", "name", "a") == before
    bare = await properties(graph, "PyPIPackage", "name", "b")
    told = {"name": "b", "purl": "pkg:pypi/b", "pending": True, "discovered": NOW}
    assert bare == told


async def test_a_revision_that_the_source_does_not_tell_overwrites_none(graph):
    packages = PackageStore(graph)
    await store(graph, package("a", revision="7"), package("b", revision=""))
    await store(graph, package("a", revision=""))
    assert await packages.states(PYPI, ["a", "b"]) == {"a": "7", "b": ""}


async def test_an_extracted_package_holds_what_the_record_says(graph):
    facts = {"license": "MIT", "import_names": ["a"], "status": "archived"}
    await store(graph, package("a", revision="42", facts=facts, vendor="v", repository_url="u"))
    assert await properties(graph, "PyPIPackage", "name", "a") == {
        "name": "a",
        "purl": "pkg:pypi/a",
        "vendor": "v",
        "repository_url": "u",
        "source_revision": "42",
        "moment": NOW,
        "discovered": NOW,
        "visible": NOW,
        **facts,
    }


async def test_an_unknown_vendor_never_overwrites_a_known_one(graph):
    await store(graph, package("a"))
    held = await properties(graph, "PyPIPackage", "name", "a")
    assert (held["vendor"], held["repository_url"]) == ("n/a", "n/a")
    await store(graph, package("a", vendor="v", repository_url="u"))
    await store(graph, package("a"))
    held = await properties(graph, "PyPIPackage", "name", "a")
    assert (held["vendor"], held["repository_url"]) == ("v", "u")


async def test_finishing_forgets_the_failure_and_moves_the_cursor(graph):
    packages, state = PackageStore(graph), StateStore(graph)
    await state.record_failures(PYPI, [Failure("a", "x", ""), Failure("z", "x", "")], NOW)
    await packages.finish([package("a"), package("b")], moment_ms=NOW, cursor=(PYPI, "5"))
    assert [failure.name for failure in await state.failures(PYPI)] == ["z"]
    assert await state.cursor(PYPI) == "5"
    await packages.finish([package("a")], moment_ms=NOW, cursor=None)
    assert await state.cursor(PYPI) == "5"
    await packages.finish([], moment_ms=NOW, cursor=(PYPI, "6"))
    assert await state.cursor(PYPI) == "6"


async def test_the_cursor_stays_where_the_statement_that_moves_it_fails(graph):
    state = StateStore(graph)
    await state.set_cursor(PYPI, "1")
    with pytest.raises(InvalidKeyError):
        await PackageStore(graph).finish(
            [package("a"), package("a ")], moment_ms=NOW, cursor=(PYPI, "2")
        )
    assert await state.cursor(PYPI) == "1"
    assert (await PackageStore(graph).counts())["PyPIPackage"] == 0


async def test_the_cursor_moves_in_the_very_statement_that_finishes_the_packages(
    graph, monkeypatch
):
    sent = []
    run = type(graph).run

    async def counted(driver, query, parameters=None):
        sent.append(query)
        return await run(driver, query, parameters)

    monkeypatch.setattr(type(graph), "run", counted)
    records = [package(f"p{i}") for i in range(30)]
    await PackageStore(graph).finish(records, moment_ms=NOW, cursor=(PYPI, "5"))
    assert len(sent) == 1


async def test_a_removed_package_keeps_its_node_and_its_versions(graph):
    packages = PackageStore(graph)
    record = package("a", version("a", "1", 0, need("b")), version("a", "2", 1))
    await store(graph, record)
    before = await fingerprint(graph)
    for _ in range(2):
        await packages.mark_removed(PYPI, ["a", "absent"], NOW + 1)
    held = await properties(graph, "PyPIPackage", "name", "a")
    assert (held["status"], held["moment"]) == ("removed", NOW + 1)
    assert (await owned(graph, "a"), await was_owned(graph, "a")) == ([], ["1", "2"])
    assert (await properties(graph, "Version", "purl", "pkg:pypi/a@2"))["status"] == "removed"
    assert await packages.states(PYPI, ["a"]) == {}
    assert [name async for name in packages.extracted_names(PYPI)] == []
    assert (await packages.counts())["PyPIPackage"] == 2
    await store(graph, record)
    assert await packages.states(PYPI, ["a"]) == {"a": "1"}
    assert await fingerprint(graph) == before


async def test_a_bare_package_that_does_not_exist_is_bare_no_more(graph):
    packages, state = PackageStore(graph), StateStore(graph)
    await store(graph, package("a", version("a", "1.0", 0, need("ghost"), need("other"))))
    await state.record_failures(PYPI, [Failure("ghost", "x", "")], NOW)
    await packages.mark_removed(PYPI, ["ghost"], NOW)
    await packages.mark_removed(PYPI, [], NOW)
    assert await packages.bare_names(PYPI, 10) == ["other"]
    assert await state.failures(PYPI) == []
    held = await properties(graph, "PyPIPackage", "name", "ghost")
    assert (held["vendor"], held["repository_url"], held["status"]) == ("n/a", "n/a", "removed")


async def test_a_status_of_the_registry_outlives_a_record_that_does_not_tell(graph):
    await store(graph, package("a", facts={"status": "archived"}))
    await store(graph, package("a"))
    assert (await properties(graph, "PyPIPackage", "name", "a"))["status"] == "archived"


async def test_dependents_are_the_newest_versions_that_require_the_package(graph):
    await store(
        graph,
        package("a", version("a", "1", 0, need("t", "<1")), version("a", "2", 1, need("t", ">1"))),
        package("b", version("b", "1", 0, need("t", condition="m")), version("b", "2", 1)),
        package("c", version("c", "1", 0, need("a"))),
    )
    packages = PackageStore(graph)
    assert await packages.dependents(PYPI, "t", 10) == [
        Dependent("a", "2", ">1", "runtime", ""),
        Dependent("b", "1", "any", "runtime", "m"),
    ]
    assert [d.package for d in await packages.dependents(PYPI, "t", 1)] == ["a"]
    assert await packages.dependents(PYPI, "nobody", 10) == []


async def test_counts_name_every_label_and_relationship(graph):
    await store(graph, package("a", version("a", "1", 0, need("b"))))
    counts = await PackageStore(graph).counts()
    assert counts == {
        "PyPIPackage": 2,
        "NPMPackage": 0,
        "MavenPackage": 0,
        "CargoPackage": 0,
        "RubyGemsPackage": 0,
        "NuGetPackage": 0,
        "Version": 1,
        "HAVE": 1,
        "REQUIRE": 1,
        "WAS_OF": 0,
    }
