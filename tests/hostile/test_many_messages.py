"""Too much of one thing: messages for one package, versions of one, requirements in a circle."""

import json

import pytest

from src.services.queue.message_stream import MessageStream
from tests.hostile.fates import drained, push_raw, undisturbed, wiped

REQUEST = {"node_type": "PyPIPackage", "package": "lib"}
VERSIONS = 3_000
FIVE_MB = 5 * 1024 * 1024


async def test_the_same_message_fifty_times_is_one_package_and_one_edge(queue, world):
    expected = await undisturbed(queue, [REQUEST])
    await world.graph.run("CREATE (:RequirementFile {name: 'requirements.txt'})")
    parent = await file_id(world)
    world.server.forget_requests()
    for _ in range(50):
        await queue.push(**REQUEST, parent_id=parent, constraints=">=1")
    ended = await drained(queue, pushed=50)
    assert (ended.successful, ended.dead.total()) == (50, 0)
    assert world.server.requests["/pypi/simple/lib/"] == 1
    edges = "MATCH (:RequirementFile)-[r:REQUIRE]->(p) RETURN p.name AS name, r.constraints AS told"
    assert await world.graph.run(edges) == [{"name": "lib", "told": ">=1"}]
    assert await world.fingerprint() == expected


async def file_id(world) -> str:
    function = "elementId" if world.graph.engine == "neo4j" else "ID"
    [row] = await world.graph.run(f"MATCH (n:RequirementFile) RETURN {function}(n) AS id")
    return str(row["id"])


SPELLINGS = ("my-lib", "My.Lib", "MY_LIB", "my--lib", "mY.-_lib")


@pytest.mark.parametrize("refresh", [False, True])
async def test_fifty_messages_for_one_package_in_five_spellings_fetch_it_once(
    queue, world, shelf, refresh
):
    shelf.put("my-lib", v1_0=["lib"])
    expected = await undisturbed(queue, [{**REQUEST, "package": "my-lib"}])
    world.server.forget_requests()
    for number in range(50):
        spelled = SPELLINGS[number % len(SPELLINGS)]
        await queue.push(node_type="PyPIPackage", package=spelled, refresh=refresh)
    ended = await drained(queue, pushed=50)
    assert (ended.successful, ended.discovered) == (51, 1)
    assert world.server.requests["/pypi/simple/my-lib/"] == 1
    assert await world.fingerprint() == expected


async def test_a_circle_of_requirements_ends(queue, world, shelf):
    circle = 40
    for number in range(circle):
        shelf.put(f"c{number}", v1_0=[f"c{(number + 1) % circle}", f"c{number}"])
    queue.set(discovery_depth=1_000)
    first = {**REQUEST, "package": "c0"}
    expected = await undisturbed(queue, [first])
    world.server.forget_requests()
    for number in (0, 17, 0, 39):
        await queue.push(node_type="PyPIPackage", package=f"c{number}")
    ended = await drained(queue, pushed=4)
    assert ended.successful == 4 + ended.discovered
    asked = {
        path: n for path, n in world.server.requests.items() if path.startswith("/pypi/simple")
    }
    assert asked == {f"/pypi/simple/c{number}/": 1 for number in range(circle)}
    assert await world.fingerprint() == expected


async def test_a_package_of_3000_versions_comes_whole_through_the_queue(queue, world, shelf):
    shelf.put("huge", **{f"v{n // 50}_{n % 50}": ["lib>=1"] for n in range(VERSIONS)})
    huge = {**REQUEST, "package": "huge"}
    await queue.push(**huge)
    ended = await drained(queue, pushed=1)
    assert (ended.successful, ended.discovered) == (2, 1)
    whole = (
        "MATCH (:PyPIPackage {name: 'huge'})-[:HAVE]->(v:Version)-[:REQUIRE]->(p:PyPIPackage)"
        " RETURN count(DISTINCT v) AS versions, min(v.serial_number) AS first,"
        " max(v.serial_number) AS last, collect(DISTINCT p.name) AS required"
    )
    assert await world.graph.run(whole) == [
        {"versions": VERSIONS, "first": 0, "last": VERSIONS - 1, "required": ["lib"]}
    ]
    expected = await world.fingerprint()
    await wiped(world.graph)
    assert (await world.ingest(names=("huge",))).counts.errors == 0
    assert await world.fingerprint() == expected


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (lambda text: ["data", json.dumps({**REQUEST, "vendor": text})], "message_too_large"),
        (lambda text: ["data", text], "message_too_large"),
        (lambda text: ["payload", text], "no_data_field"),
    ],
    ids=["a long field", "no JSON", "another field"],
)
async def test_a_message_of_5_mb_is_refused_with_a_reason_and_kept_whole(queue, fields, reason):
    expected = await undisturbed(queue, [REQUEST])
    large = fields("x" * FIVE_MB)
    await push_raw(queue, [large, ["data", json.dumps(REQUEST)]])
    ended = await drained(queue, pushed=2)
    assert (ended.successful, ended.dead) == (1, {reason: 1})
    [letter] = await queue.dead()
    kept = letter.get("data") or json.loads(letter["entry"])["payload"]
    assert kept == large[1]
    assert len(letter["details"]) < 200
    assert await queue.world.fingerprint() == expected


async def test_what_was_given_up_comes_back_whole_when_it_is_replayed(queue):
    """Not only `data`: whatever fields an entry had."""
    entry = ["payload", "x" * FIVE_MB, "more", "\x00\udcff".encode(errors="surrogateescape")]
    await push_raw(queue, [entry])
    await drained(queue, pushed=1)
    async with queue.open() as opened:
        [letter] = [each async for each in opened.dead_letters.letters()]
        assert await opened.dead_letters.replay(letter)
        stream: MessageStream = opened.stream
        [message] = await stream.read(10, 100)
    assert message.fields["payload"] == entry[1]
    assert message.fields["more"] == "\x00\udcff"
