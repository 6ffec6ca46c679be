"""The simple index: read whole or not at all, in flat memory."""

import io
import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.errors import InvalidPayloadError
from src.utils.pypi.index import IndexReader, ProjectIndex

INDEX = {
    "meta": {"_last-serial": 50, "api-version": "1.4"},
    "projects": [
        {"name": "Zope.Interface", "_last-serial": 7},
        {"name": "six", "_last-serial": 9},
        {"name": "zope-interface", "_last-serial": 30},
        {"name": "no serial"},
        {"name": "unknown"},
        {"name": None, "_last-serial": 3},
        {"_last-serial": 3},
        "text",
        {"name": "twin", "_last-serial": 9},
    ],
}


def read(body: bytes, slice_size: int = 3) -> ProjectIndex:
    reader = IndexReader(io.BytesIO(body), "u")
    while reader.read(slice_size):
        pass
    return reader.index()


def test_names_are_canonical_each_once_and_what_is_no_name_is_counted() -> None:
    index = read(json.dumps(INDEX).encode())
    assert list(index.projects()) == [
        ("six", 9),
        ("twin", 9),
        ("unknown", 0),
        ("zope-interface", 30),
    ]
    assert (index.serial, index.refused) == (50, 4)


def test_the_order_of_keys_makes_no_difference() -> None:
    turned = json.dumps(dict(reversed(INDEX.items()))).encode()
    assert list(read(turned).projects()) == list(read(json.dumps(INDEX).encode()).projects())


def test_changes_come_oldest_first_and_twins_move_the_position_together() -> None:
    index = read(json.dumps(INDEX).encode())
    assert list(index.changed_since(0)) == [
        ("six", 9, 0),
        ("twin", 9, 9),
        ("zope-interface", 30, 30),
    ]
    assert list(index.changed_since(9)) == [("zope-interface", 30, 30)]
    assert list(index.changed_since(30)) == []


def test_every_name_is_found_and_no_other() -> None:
    names = read(json.dumps(INDEX).encode()).names
    assert all(name in names for name in ("six", "twin", "unknown", "zope-interface"))
    assert not any(name in names for name in ("", "a", "si", "sixt", "zzz", "Six", 6))


def test_an_index_of_nothing_is_a_whole_index() -> None:
    assert list(read(b'{"meta": {"_last-serial": 1}, "projects": []}').projects()) == []


WHOLE = json.dumps(INDEX).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>error</html>",
        b"{}",
        b"[]",
        b'{"message": "Not Found"}',
        b'{"projects": []}',
        b'{"meta": {}, "projects": []}',
        b'{"meta": {"_last-serial": null}, "projects": []}',
        b'{"meta": {"_last-serial": 1}}',
        b'{"meta": {"_last-serial": 1}, "projects": null}',
        b'{"meta": {"_last-serial": 1}, "projects": {"item": 1}}',
        WHOLE[:-1],
        WHOLE[: len(WHOLE) // 2],
        WHOLE + b"<html>",
        WHOLE.replace(b"six", b"\xff"),
    ],
)
def test_what_is_not_the_whole_index_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidPayloadError):
        read(body)


@given(st.integers(0, len(WHOLE) - 1))
def test_no_index_that_was_cut_off_is_taken_for_whole(length: int) -> None:
    with pytest.raises(InvalidPayloadError):
        read(WHOLE[:length])


@given(st.binary() | st.binary().map(lambda tail: WHOLE[:-1] + tail))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        index = read(body)
    except InvalidPayloadError:
        return
    assert len(index.names) == len(index.serials)


_MEASURE = """
import resource
from src.utils.pypi.index import IndexReader
class Generated:
    def __init__(self): self.start()
    def start(self): self.number = -1
    def seekable(self): return True
    def seek(self, offset, whence=0): self.start(); return 0
    def read(self, size=-1):
        if size == 0: return b''
        self.number += 1
        if self.number == 0: return b'{"meta": {"_last-serial": 9}, "projects": [{"name": "a"}'
        if self.number > 300: return b']}' if self.number == 301 else b''
        first = self.number * 1000
        return b"".join(b', {"name": "Package_%d.of.it", "_last-serial": %d}' % (n * 7919 % 1000003, n)
                        for n in range(first, first + 1000))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
reader = IndexReader(Generated(), "u")
while reader.read(10_000): pass
index = reader.index()
assert len(index.names) == 300_001, len(index.names)
assert sum(1 for _ in index.changed_since(0)) == 300_000
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_300_000_projects_take_less_than_100_megabytes_on_the_way() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 100
