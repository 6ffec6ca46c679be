"""What writing versions does to the graph, on every engine."""

import dataclasses
import random
import time

import pytest

from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import InvalidKeyError, StoreError
from src.schemas.package import Requirement, Requirements
from src.services.graph.fingerprint import fingerprint
from src.services.graph.package_store import PackageStore
from src.services.graph.version_store import VersionStore, WriteCounts
from tests.graph.builders import (
    NOW,
    PYPI,
    edges,
    need,
    owned,
    package,
    properties,
    store,
    version,
    was_owned,
)

ODD_TEXTS = {
    "quotes": "\"double\" 'single' `back`",
    "backslashes": "\\ \\n \\u0041 \\\\ \\",
    "line breaks": "a\nb\r\nc\td",
    "control characters": "\x01\x1b\x7f\b\f",
    "not latin": "日本語 ñ é 😀 \u202e \u2028",
    "looks like JSON": '{"a": [1, null]}',
    "leaves the string": '"}) DETACH DELETE n //',
    "leaves the header": '" MATCH (n) DETACH DELETE n RETURN "',
    "another parameter": '"] rows=[] MATCH (n) DELETE n //',
    "padded": "  padded  ",
    "empty": "",
    "long": "x" * 100_000,
    "digits": "1234567890123456789012345",
}


def two_packages():
    return [
        package(
            "alpha",
            version("alpha", "1.0", 0, need("beta", ">=1"), need("gamma"), yanked=True),
            version(
                "alpha",
                "2.0",
                1,
                need("beta", ">=2", condition="os_name == 'nt'"),
                optional=[need("delta", kind="extra", condition="extra == 'x'")],
                unresolved=[Requirement("", "", "git+ssh://host.test/x", "runtime")],
            ),
            facts={"license": "MIT", "import_names": ["b", "a"]},
        ),
        package("beta", version("beta", "1.0", 0), version("beta", "2.0", 1, need("alpha"))),
    ]


async def test_a_version_holds_what_the_record_says_and_starts_unattributed(graph):
    await store(graph, *two_packages())
    assert await properties(graph, "Version", "purl", "pkg:pypi/alpha@2.0") == {
        "name": "2.0",
        "purl": "pkg:pypi/alpha@2.0",
        "serial_number": 1,
        "release_date": "2024-01-02T00:00:00Z",
        "mean": 0.0,
        "weighted_mean": 0.0,
        "vulnerabilities": [],
        "requirements_source": "source",
        "optional_requirements": [
            (
                '{"condition":"extra == \'x\'","constraints":"any","kind":"extra",'
                '"name":"delta","purl":"pkg:pypi/delta","variant":""}'
            )
        ],
        "unresolved_requirements": [
            (
                '{"condition":"","constraints":"git+ssh://host.test/x","kind":"runtime",'
                '"name":"","purl":"","variant":""}'
            )
        ],
    }
    assert (await properties(graph, "Version", "purl", "pkg:pypi/alpha@1.0"))["yanked"] is True
    assert await edges(graph, "pkg:pypi/alpha@2.0") == [
        ("beta", ">=2", "runtime", "os_name == 'nt'", "")
    ]


async def test_every_edge_names_the_package_that_owns_the_requiring_version(graph):
    await store(graph, *two_packages())
    rows = await graph.run(
        "MATCH (v)-[r:REQUIRE]->() RETURN v.purl AS v, r.parent_version_name AS p"
    )
    assert len(rows) == 4
    assert all(row["v"].startswith(f"{row['p']}@") for row in rows)


async def test_counts_tell_what_was_new(graph):
    assert await store(graph, *two_packages()) == WriteCounts(4, 0, 4)
    assert await store(graph, *two_packages()) == WriteCounts(0, 0, 4)


async def test_writing_twice_changes_nothing(graph):
    await store(graph, *two_packages())
    once = await fingerprint(graph)
    await store(graph, *two_packages())
    assert await fingerprint(graph) == once


async def test_neither_the_order_nor_the_batches_change_the_graph(graph):
    records = [
        package(
            f"p{i}",
            *(
                version(f"p{i}", f"1.{k}", k, *(need(f"p{(i + j) % 9}") for j in (1, 4)))
                for k in range(3)
            ),
        )
        for i in range(9)
    ]
    await store(graph, *records)
    together = await fingerprint(graph)
    await graph.run("MATCH (n) DETACH DELETE n")
    shuffled = [
        dataclasses.replace(r, versions=tuple(random.sample(r.versions, len(r.versions))))
        for r in random.sample(records, len(records))
    ]
    for record in shuffled:
        await store(graph, record)
    assert await fingerprint(graph) == together


async def test_equal_requirements_are_one_edge_and_each_other_constraint_is_its_own(graph):
    needs = [need("b", ">=1"), need("b", ">=1"), need("b", "<3"), need("b", "<3", variant="x")]
    counts = await store(graph, package("a", version("a", "1", 0, *needs)))
    assert counts.requires == 3
    assert await edges(graph, "pkg:pypi/a@1") == [
        ("b", "<3", "runtime", "", ""),
        ("b", "<3", "runtime", "", "x"),
        ("b", ">=1", "runtime", "", ""),
    ]


async def test_a_refresh_takes_away_stale_edges_but_never_those_of_messages(graph):
    await store(graph, package("a", version("a", "1", 0, need("b", ">=1"), need("c"))))
    await graph.run(
        "MATCH (v:Version {purl: 'pkg:pypi/a@1'}), (p:PyPIPackage {name: 'c'}) CREATE (v)-[:REQUIRE "
        "{constraints: '==9', kind: 'message', condition: '', variant: '', parent_version_name: ''}]->(p)"
    )
    await store(graph, package("a", version("a", "1", 0, need("b", ">=2"))))
    assert await edges(graph, "pkg:pypi/a@1") == [
        ("b", ">=2", "runtime", "", ""),
        ("c", "==9", "message", "", ""),
    ]


async def test_a_refresh_takes_away_edges_of_an_older_form_without_kind(graph):
    await store(graph, package("a", version("a", "1", 0, need("b"))))
    await graph.run("MATCH (:Version)-[r:REQUIRE]->() SET r.kind = null")
    await store(graph, package("a", version("a", "1", 0, need("b"))))
    assert await edges(graph, "pkg:pypi/a@1") == [("b", "any", "runtime", "", "")]


async def test_requirements_that_were_not_read_again_stay(graph):
    await store(graph, package("a", version("a", "1", 0, need("b"), optional=[need("c")])))
    await store(graph, package("a", version("a", "1", 5, read=False)))
    held = await properties(graph, "Version", "purl", "pkg:pypi/a@1")
    assert held["serial_number"] == 5
    assert held["requirements_source"] == "source"
    assert len(held["optional_requirements"]) == 1
    assert await edges(graph, "pkg:pypi/a@1") == [("b", "any", "runtime", "", "")]


async def test_facts_that_a_source_does_not_know_keep_their_value(graph):
    await store(graph, package("a", version("a", "1", 0, yanked=True, yanked_reason="bad")))
    await store(graph, package("a", version("a", "1", 0, yanked=False)))
    held = await properties(graph, "Version", "purl", "pkg:pypi/a@1")
    assert (held["yanked"], held["yanked_reason"]) == (False, "bad")


async def test_facts_cannot_take_the_place_of_a_key(graph):
    clash = dataclasses.replace(
        version("a", "1", 0), facts={"serial_number": 9, "status": "removed"}
    )
    await store(graph, package("a", clash))
    held = await properties(graph, "Version", "purl", "pkg:pypi/a@1")
    assert held["serial_number"] == 0
    assert "status" not in held


async def test_attribution_outlives_a_refresh(graph):
    await store(graph, package("a", version("a", "1", 0)))
    await graph.run(
        "MATCH (v:Version) SET v.mean = 7.5, v.weighted_mean = 7.51, v.vulnerabilities = ['X-1']"
    )
    await store(graph, package("a", version("a", "1", 0)))
    held = await properties(graph, "Version", "purl", "pkg:pypi/a@1")
    assert (held["mean"], held["weighted_mean"], held["vulnerabilities"]) == (7.5, 7.51, ["X-1"])


async def test_dates_are_told_of_what_is_new_to_an_extracted_package(graph):
    first, second = version("a", "1", 0, need("b")), version("a", "2", 1)
    undated = version("a", "dev", -1)
    assert (await store(graph, package("a", first))).published == ()
    for record in (package("a", first, second, undated), package("b", version("b", "1", 5))):
        told = await store(graph, record)
    # That of `a` was extracted before, that of `b` was bare.
    assert told.published == ()
    await graph.run("MATCH (v:Version {purl: 'pkg:pypi/a@2'}) DETACH DELETE v")
    again = await store(graph, package("a", first, second, undated))
    assert (again.versions_added, again.published) == (1, ("2024-01-02T00:00:00Z",))
    await store(graph, package("a", first))
    back = await store(graph, package("a", first, second))
    assert (back.versions_added, back.published) == (1, ())


async def test_a_version_that_is_gone_moves_to_was_of_and_may_come_back(graph):
    both = package("a", version("a", "1", 0), version("a", "2", 1))
    await store(graph, both)
    before = await fingerprint(graph)
    assert await store(graph, package("a", version("a", "2", 0))) == WriteCounts(0, 1, 0)
    assert (await owned(graph, "a"), await was_owned(graph, "a")) == (["2"], ["1"])
    assert (await properties(graph, "Version", "purl", "pkg:pypi/a@1"))["status"] == "removed"
    assert await store(graph, both) == WriteCounts(1, 0, 0)
    assert (await owned(graph, "a"), await was_owned(graph, "a")) == (["1", "2"], [])
    assert await fingerprint(graph) == before


async def test_a_package_left_without_versions_keeps_them_all_as_removed(graph):
    await store(graph, package("a", version("a", "1", 0), version("a", "2", 1)))
    assert (await store(graph, package("a"))).versions_removed == 2
    assert (await owned(graph, "a"), await was_owned(graph, "a")) == ([], ["1", "2"])


async def test_the_edge_of_a_removed_version_is_exchanged_in_one_statement(graph):
    await store(graph, package("a", version("a", "1", 0)))
    await store(graph, package("a", version("a", "2", 0)))
    await store(graph, package("a", version("a", "2", 0)))
    assert (await owned(graph, "a"), await was_owned(graph, "a")) == (["2"], ["1"])


async def test_a_version_may_require_its_own_package(graph):
    await store(graph, package("a", version("a", "1", 0, need("a", "<1"))))
    assert await edges(graph, "pkg:pypi/a@1") == [("a", "<1", "runtime", "", "")]


async def test_ecosystems_are_kept_apart_in_one_batch(graph):
    npm = Ecosystem.NPM
    needs = need("left-pad", ecosystem=npm)
    await store(
        graph,
        package("same", version("same", "1", 0)),
        package("same", version("same", "1", 0, needs, ecosystem=npm), ecosystem=npm),
    )
    counts = await PackageStore(graph).counts()
    assert (counts["PyPIPackage"], counts["NPMPackage"], counts["Version"]) == (1, 2, 2)


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
async def test_odd_texts_come_back_as_they_were(graph, text):
    record = package(
        "a",
        version(
            "a",
            "1",
            0,
            need("b", text, condition=text, variant=text),
            yanked_reason=text,
            names=[text],
        ),
        revision=text,
        vendor=text,
    )
    for _ in range(2):
        await store(graph, record)
    held = await properties(graph, "Version", "purl", "pkg:pypi/a@1")
    assert (held["yanked_reason"], held["names"]) == (text, [text])
    assert (await properties(graph, "PyPIPackage", "name", "a"))["vendor"] == text
    assert await edges(graph, "pkg:pypi/a@1") == [("b", text, "runtime", text, text)]
    assert (await PackageStore(graph).states(PYPI, ["a"])) == {"a": text}


@pytest.mark.parametrize("name", ["it's", 'a"b', "a\\b", "a`b", "a b", "é😀", "$name", "a}) //"])
async def test_odd_names_are_names_like_any_other(graph, name):
    record = package(name, version(name, name, 0, need(name)))
    for _ in range(2):
        await store(graph, record)
    assert await PackageStore(graph).states(PYPI, [name]) == {name: "1"}
    assert await edges(graph, record.versions[0].purl) == [(name, "any", "runtime", "", "")]


@pytest.mark.parametrize("bad", ["", " ", "a ", "a\nb", "a\0b", "x" * 1025, "\ud800"])
async def test_what_is_no_key_is_refused_before_anything_is_written(graph, bad):
    good = package("a", version("a", "1", 0))
    for record in (
        dataclasses.replace(good, name=bad),
        dataclasses.replace(good, versions=(dataclasses.replace(good.versions[0], purl=bad),)),
        package("a", version("a", "1", 0, Requirement(bad, "pkg:pypi/x", "any", "runtime"))),
    ):
        with pytest.raises(InvalidKeyError):
            await VersionStore(graph).write([record], moment_ms=NOW)
    assert set((await PackageStore(graph).counts()).values()) == {0}


async def test_a_number_that_does_not_fit_is_refused(graph):
    with pytest.raises(StoreError):
        await store(graph, package("a", version("a", "1", 0, size=2**63)))


async def test_an_empty_batch_writes_nothing(graph):
    assert await store(graph) == WriteCounts(0, 0, 0)
    assert set((await PackageStore(graph).counts()).values()) == {0}


async def test_a_package_with_3000_versions_is_written_and_shrunk_in_seconds(graph):
    versions = [
        version("big", f"1.{k}", k, need("dep", f">={k}"), need("other")) for k in range(3000)
    ]
    started = time.monotonic()
    assert await store(graph, package("big", *versions)) == WriteCounts(3000, 0, 6000)
    assert await store(graph, package("big", *versions[1:])) == WriteCounts(0, 1, 5998)
    assert time.monotonic() - started < 60
    assert await was_owned(graph, "big") == ["1.0"]


async def test_a_batch_takes_the_same_number_of_statements_whatever_its_size(graph, monkeypatch):
    sent = []
    run = type(graph).run

    async def counted(driver, query, parameters=None):
        sent.append(query)
        return await run(driver, query, parameters)

    monkeypatch.setattr(type(graph), "run", counted)
    store_of = VersionStore(graph)
    await store_of.write([package("a", version("a", "1", 0, need("b")))], moment_ms=NOW)
    small = len(sent)
    sent.clear()
    await store_of.write(
        [
            package(f"p{i}", *(version(f"p{i}", f"{k}", k, need("b")) for k in range(9)))
            for i in range(99)
        ],
        moment_ms=NOW,
    )
    assert len(sent) == small == 5


async def test_known_tells_what_requirements_and_names_were_read_from(graph):
    await store(
        graph,
        package(
            "a",
            version("a", "1", 0, source="one"),
            version("a", "2", 1, source="two"),
            version("a", "3", 2, read=False),
            facts={"import_names_source": "wheel"},
        ),
    )
    await store(graph, package("empty"))
    known = await VersionStore(graph).known(PYPI, ["a", "empty", "absent"])
    assert set(known) == {"a", "empty"}
    assert (known["a"].requirement_sources, known["a"].artifact_source) == (
        {"1": "one", "2": "two"},
        "wheel",
    )
    assert (known["empty"].requirement_sources, known["empty"].artifact_source) == ({}, "")
    assert await VersionStore(graph).known(PYPI, []) == {}


async def test_any_prefix_of_the_statements_and_then_all_of_them_give_the_same_graph(
    graph, monkeypatch
):
    old = package("a", version("a", "1", 0, need("b", ">=1")), version("a", "2", 1, need("c")))
    new = package(
        "a", version("a", "2", 0, need("c", ">1")), version("a", "3", 1, need("d")), revision="2"
    )

    async def day(stop_after=None):
        sent = 0
        run = type(graph).run

        async def limited(driver, query, parameters=None):
            nonlocal sent
            if sent == stop_after:
                raise StoreError("stopped")
            sent += 1
            return await run(driver, query, parameters)

        with monkeypatch.context() as patch:
            patch.setattr(type(graph), "run", limited)
            await store(graph, new, cursor=(PYPI, "9"))
        return sent

    await store(graph, old)
    steps = await day()
    expected = await fingerprint(graph)
    for stop in range(steps):
        await graph.run("MATCH (n) DETACH DELETE n")
        await store(graph, old)
        with pytest.raises(StoreError):
            await day(stop)
        if stop < steps - 1:  # the source stands for complete requirements, so it comes last
            known = (await VersionStore(graph).known(PYPI, ["a"]))["a"]
            assert known.requirement_sources.get("3", "source") == "source"
        await day()
        assert await fingerprint(graph) == expected


async def test_a_date_that_the_source_does_not_tell_overwrites_none(graph):
    await store(graph, package("a", version("a", "1.0", 0), version("a", "2.0", -1)))
    undated = dataclasses.replace(version("a", "1.0", 0), release_date="")
    await store(graph, package("a", undated, version("a", "2.0", -1)))
    first = await properties(graph, "Version", "purl", "pkg:pypi/a@1.0")
    other = await properties(graph, "Version", "purl", "pkg:pypi/a@2.0")
    assert (first["release_date"], other["release_date"]) == ("2024-01-01T00:00:00Z", "")


@pytest.mark.parametrize("kept", [False, True], ids=["counted alone", "kept too"])
async def test_development_requirements_are_counted_always_and_kept_on_request(graph, kept):
    wanted = need("pytest", kind="dev")
    nowhere = dataclasses.replace(need("fork", "git+https://forge.test/fork", kind="dev"), purl="")
    told = Requirements("source", development=(wanted, nowhere))
    untold = Requirements("source")
    record = package(
        "a",
        dataclasses.replace(version("a", "1.0", 0), requirements=told),
        dataclasses.replace(version("a", "2.0", 1), requirements=untold),
    )
    await VersionStore(graph, keep_development=kept).write([record], moment_ms=NOW)
    first = await properties(graph, "Version", "purl", "pkg:pypi/a@1.0")
    assert first["development_requirements"] == 2
    assert first["optional_requirements"] == ([wanted.as_json()] if kept else [])
    assert first["unresolved_requirements"] == ([nowhere.as_json()] if kept else [])
    second = await properties(graph, "Version", "purl", "pkg:pypi/a@2.0")
    assert "development_requirements" not in second


async def test_development_requirements_stay_where_another_source_does_not_tell_them(graph):
    dev, wanted = need("pytest", kind="dev"), need("b", kind="optional")
    versions = VersionStore(graph, keep_development=True)
    for told in (
        Requirements("api", optional=(wanted,), development=(dev,)),
        Requirements("file", development=None),
    ):
        made = dataclasses.replace(version("a", "1.0", 0), requirements=told)
        await versions.write([package("a", made)], moment_ms=NOW)
    stored = await properties(graph, "Version", "purl", "pkg:pypi/a@1.0")
    assert stored["optional_requirements"] == [dev.as_json()]
    assert (stored["requirements_source"], stored["development_requirements"]) == ("file", 1)


async def test_a_broken_requirement_may_hold_what_no_engine_stores(graph):
    broken = Requirement("", "", "half \ud800 a \0 pair", kind="invalid")
    told = Requirements("s", unresolved=(broken,))
    await store(graph, package("a", dataclasses.replace(version("a", "1.0", 0), requirements=told)))
    [kept] = (await properties(graph, "Version", "purl", "pkg:pypi/a@1.0"))[
        "unresolved_requirements"
    ]
    assert Requirement.from_json(kept).constraints == "half \ufffd a \0 pair"
