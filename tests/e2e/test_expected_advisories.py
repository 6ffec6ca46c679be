"""The sample's versions carry exactly the advisories and scores that were written down by hand."""

import json
from collections import defaultdict

import pytest

from src.local_stack.replay import Document, SampleSource
from src.processes.attributor import Attributor
from src.schemas.ecosystem import Ecosystem
from src.services.graph.attribution_store import AttributionStore
from src.utils.osv.record import stored_form
from tests.e2e.expected_osv import FIRST_DAY, SECOND_DAY, Carried, expand
from tests.e2e.world import SAMPLES, World, open_world

pytestmark = pytest.mark.long

EXPECTED = {1: FIRST_DAY, 2: SECOND_DAY}
VERSIONS = """
MATCH (p:{label})-[:HAVE]->(v:Version)
RETURN p.name AS package, v.name AS version, v.serial_number AS serial,
       v.vulnerabilities AS ids, v.mean AS mean, v.weighted_mean AS weighted_mean
"""


def records(day: int) -> list[dict[str, object]]:
    documents = SampleSource(SAMPLES, lambda: day).documents(day)
    return [
        stored_form(json.loads(document.body))
        for path, document in documents.items()
        if path.startswith("/osv/") and path.endswith(".json") and isinstance(document, Document)
    ]


async def carried(world: World) -> dict[str, dict[str, Carried]]:
    """What each version carries, by package, in the order of the serial numbers."""
    packages: dict[str, list[tuple[int, str, Carried]]] = defaultdict(list)
    for row in await world.graph.run(VERSIONS.format(label=world.ecosystem.label)):
        said = Carried(tuple(row["ids"]), row["mean"], row["weighted_mean"])
        packages[row["package"]].append((row["serial"], row["version"], said))
    return {
        name: {version: said for _, version, said in sorted(told, key=lambda one: one[:2])}
        for name, told in packages.items()
    }


@pytest.mark.parametrize("ecosystem", list(Ecosystem), ids=str)
async def test_versions_carry_what_was_written_by_hand(graph, advisories, tmp_path, ecosystem):
    async with open_world(graph, tmp_path / "cache", ecosystem=ecosystem) as world:
        attributor = Attributor(advisories, AttributionStore(graph))
        for day, expected in EXPECTED.items():
            world.day.now = day
            run = await (world.ingest() if day == 1 else world.update())
            assert run.counts.reasons == {}
            await advisories.upsert(records(day))
            await attributor.attribute(ecosystem, (await carried(world)).keys())
            found = await carried(world)
            spans = {name: told for (of, name), told in expected.items() if of is ecosystem}
            assert spans
            wanted = {name: expand(told, list(found[name])) for name, told in spans.items()}
            assert {name: found[name] for name in wanted} == wanted
            hit = {
                name
                for name, told in found.items()
                if any(c.vulnerabilities for c in told.values())
            }
            assert hit <= spans.keys()
