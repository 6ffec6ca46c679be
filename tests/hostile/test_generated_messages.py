"""Ten thousand messages, a third of them malformed in every way: none lost, none stuck."""

import json
import logging
import random
import time
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.e2e.queue.queue_world import Queue
from tests.e2e.shelf import Shelf
from tests.hostile.fates import Fields, drained, push_raw, undisturbed

logger = logging.getLogger(__name__)

SEED = 20_261
ALL = 10_000
MALFORMED = ALL // 3
PACKAGES = 200
SECONDS = 90.0
"""Some 20 on an idle machine of 2 cores; a queue that is stuck would take for ever."""

Message = dict[str, Any]

good = st.fixed_dictionaries({"node_type": st.just("PyPIPackage"), "package": st.just("p1")})
no_text = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**400), 10**400),
    st.floats(),
    st.lists(st.text(max_size=3), max_size=3),
    st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=3),
)
controls = st.text(st.sampled_from("\x00\x01\n\r\t\x1b\x7f\x85p"), min_size=1, max_size=8).filter(
    lambda text: set(text) != {"p"}
)
no_names = st.one_of(
    controls,
    controls.map(lambda text: f"p1{text}p1"),
    st.integers(1_025, 1_100).map(lambda size: "p" * size),
    st.sampled_from(
        ["", " ", ".", "..", "../p1", "p1/", "-p1", "p1;", "p 1", "'p1'", "pé", "\ufeffp1"]
    ),
    st.text(max_size=20).filter(lambda text: not text.isascii()),
)
types = st.text(max_size=30).filter(lambda text: text != "PyPIPackage")


def changed(field: str, value: st.SearchStrategy[Any]) -> st.SearchStrategy[Message]:
    """A good message but for one field."""
    return st.builds(lambda message, told: {**message, field: told}, good, value)


def lacking(field: str) -> st.SearchStrategy[Message]:
    """A good message without a field."""
    return good.map(lambda message: {k: v for k, v in message.items() if k != field})


messages = st.one_of(
    lacking("node_type"),
    lacking("package"),
    changed("package", no_names),
    changed("package", no_text),
    changed("node_type", no_text),
    changed("node_type", types),
    changed("node_type", st.sampled_from(["", "Version", "pypipackage", "PyPIPackage:Version"])),
    *(changed(field, no_text.filter(bool)) for field in ("vendor", "constraints", "parent_id")),
    changed("moment", st.sampled_from(["now", [], {}, 1.5, 1e400, "1e9"])),
    changed("refresh", st.sampled_from(["perhaps", 2, [], None, {}])),
    changed("vendor", st.just("v" * 4_097)),
)
texts = st.one_of(
    messages.map(json.dumps),
    no_text.map(json.dumps),
    st.integers(300, 20_000).map(lambda depth: "[" * depth),
    st.integers(300, 20_000).map(
        lambda depth: f'{{"node_type":"PyPIPackage","package":"p1","x":{"[" * depth}{"]" * depth}}}'
    ),
    st.integers(5_000, 9_000).map(
        lambda digits: f'{{"node_type":"PyPIPackage","package":"p1","moment":{"9" * digits}}}'
    ),
    st.sampled_from(
        [
            '{"node_type":"PyPIPackage","package":"\\ud800"}',
            '{"node_type":"PyPIPackage","package":"p1\\udfff"}',
            '{"node_type":"PyPIPackage","package":"p1"',
            '{"node_type":"PyPIPackage","package":"p1"}}',
            "{'node_type':'PyPIPackage','package':'p1'}",
            '{"node_type":"PyPIPackage","package":"p1",}',
            '\ufeff{"node_type":"PyPIPackage","package":"p1"}',
            '{"node_type":"PyPIPackage","package":NaN}',
            "",
            "null",
        ]
    ),
)
garbage = st.one_of(
    st.binary(max_size=200).filter(lambda data: not data.strip().isdigit()),
    texts.map(lambda text: text.encode() + b"\xff\xfe"),
    texts.map(lambda text: text.encode("utf-16")),
)
names = st.one_of(st.text(max_size=12).map(str.encode), st.binary(max_size=12)).filter(
    lambda name: name != b"data"
)
numbers = st.one_of(
    st.integers(-(2**70), 2**70).map(str),
    st.sampled_from(["", "x", "1e9", "²", "٣", "9" * 5_000, "-1", "1.5", "\x00", " 7 "]),
)
forged = st.dictionaries(
    st.sampled_from(
        ["attempts", "depth", "first_seen", "reason", "details", "fields", "message_id"]
    ),
    numbers,
    max_size=4,
)


def entry(data: str | bytes, more: dict[str, str]) -> Fields:
    """An entry with fields of its own beside `data`."""
    return [text for pair in ({**more, "data": data}).items() for text in pair]


malformed = st.one_of(
    st.builds(entry, texts, st.just({})),
    st.builds(entry, garbage, st.just({})),
    st.builds(entry, st.one_of(texts, garbage), forged),
    st.builds(lambda first, last: ["data", first, "data", last], st.just("{}"), texts),
    st.dictionaries(
        names,
        st.one_of(numbers, st.binary(max_size=99)),
        min_size=1,
        max_size=5,
    ).map(lambda fields: [text for pair in fields.items() for text in pair]),
)


def examples(strategy: st.SearchStrategy[Any], number: int) -> list[Any]:
    """Draw as many values as asked, always the same ones."""
    found: list[Any] = []

    @seed(SEED)
    @settings(
        max_examples=number,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(value: Any) -> None:
        found.append(value)

    collect()
    chosen = random.Random(SEED)
    while len(found) < number:  # a strategy may run out of values that are new to it
        found.append(chosen.choice(found))
    return found[:number]


def well_formed(number: int) -> list[Message]:
    """Good messages for all packages, in several spellings and with all that may be left out."""
    chosen = random.Random(SEED)
    spellings: list[Callable[[str], str]] = [
        str,
        str.upper,
        str.title,
        lambda name: name.replace("-", "__"),
    ]
    optional: list[Message] = [
        {},
        {"constraints": ">=1"},
        {"parent_id": None, "parent_version": ""},
        {"moment": 2**62},
        {"unknown": {"deep": [1, [2, [3]]]}},
        {"refresh": "no"},
    ]
    return [
        {
            "node_type": "PyPIPackage",
            "package": chosen.choice(spellings)(f"p-{number % PACKAGES}"),
            **chosen.choice(optional),
        }
        for number in range(number)
    ]


def fill(shelf: Shelf) -> None:
    for number in range(PACKAGES):
        needed = [f"p-{number * 7 % PACKAGES}>=1", f"p-{(number + 1) % PACKAGES}"]
        shelf.put(f"p-{number}", v1_0=needed, v2_0=[])


async def test_ten_thousand_messages_a_third_of_them_malformed(queue: Queue, shelf: Shelf):
    fill(shelf)
    bad: list[Fields] = examples(malformed, MALFORMED)
    valid = well_formed(ALL - MALFORMED)
    expected = await undisturbed(queue, valid[:PACKAGES])
    chosen, more = random.Random(SEED), examples(forged, 300)
    mixed = [*bad, *(entry(json.dumps(message), chosen.choice(more)) for message in valid)]
    chosen.shuffle(mixed)
    await push_raw(queue, mixed)
    begun = time.monotonic()
    ended = await drained(queue, pushed=ALL)
    took = time.monotonic() - begun
    logger.warning("seed %d: %s in %.1f s", SEED, ended, took)
    assert ended.dead.total() == MALFORMED
    assert ended.successful == len(valid) + ended.discovered
    assert set(ended.dead) == {
        "no_data_field",
        "invalid_json",
        "validation_error",
        "unsupported_type",
    }
    assert await queue.world.fingerprint() == expected
    assert took < SECONDS
