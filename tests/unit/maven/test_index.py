"""The repository index in its transfer format, byte by byte, and its properties."""

import contextlib
import gzip
import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.errors import InvalidKeyError, InvalidPayloadError
from src.utils.maven.index import Change, IndexReader
from src.utils.maven.index_properties import (
    IndexProperties,
    Position,
    parse_position,
    read_properties,
)

URL = "http://maven.test/.index/index.gz"
HEAD = struct.pack(">bq", 1, 1_499_053_902_754)


def record(*fields: tuple[str | bytes, str | bytes]) -> bytes:
    packed = struct.pack(">i", len(fields))
    for name, value in fields:
        name_bytes = name if isinstance(name, bytes) else name.encode()
        value_bytes = value if isinstance(value, bytes) else value.encode()
        packed += struct.pack(">bH", 5, len(name_bytes)) + name_bytes
        packed += struct.pack(">i", len(value_bytes)) + value_bytes
    return packed


def artifact(uinfo: str | bytes, info: str = "jar|1498982255000|26402|1|1|1|jar") -> bytes:
    return record(("u", uinfo), ("m", "1499002272153"), ("i", info), ("d", "text"))


def read(body: bytes, count: int = 1000) -> list[Change]:
    reader = IndexReader(io.BytesIO(body), URL)
    found: list[Change] = []
    while (part := reader.read(count)) is not None:
        found += part
    return found


def index(*records: bytes) -> bytes:
    return gzip.compress(HEAD + b"".join(records))


def test_a_main_artifact_is_read_with_its_time():
    reader = IndexReader(io.BytesIO(index(artifact("org.example|tool|1.0|NA|jar"))), URL)
    assert reader.timestamp == 1_499_053_902_754
    assert reader.read(10) == [Change("org.example:tool", "1.0", "jar", 1_498_982_255_000)]
    assert reader.read(10) is None
    assert (reader.records, reader.refused) == (1, 0)


@pytest.mark.parametrize(
    ("given_record", "expected"),
    [
        pytest.param(
            artifact("g|a|1|NA"),
            [Change("g:a", "1", "", 1_498_982_255_000)],
            id="without extension",
        ),
        pytest.param(artifact("g|a|1|sources|jar"), [], id="a classifier is no main artifact"),
        pytest.param(
            artifact("g|a|1|NA|pom", "pom|7|0"), [Change("g:a", "1", "pom", 7)], id="a pom"
        ),
        pytest.param(artifact("g|a|1|NA", "jar|x|0"), [Change("g:a", "1", "", 0)], id="no time"),
        pytest.param(artifact("g|a|1|NA", ""), [Change("g:a", "1", "", 0)], id="no info"),
        pytest.param(
            artifact("g|a|1|NA", f"jar|{10**17}|0"), [Change("g:a", "1", "", 0)], id="no such year"
        ),
        pytest.param(
            record(("del", "g|a|1|NA|jar"), ("m", "0")),
            [Change("g:a", "1", "jar", None)],
            id="gone",
        ),
        pytest.param(record(("del", "g|a|1|tests|jar")), [], id="a classifier is gone"),
        pytest.param(
            record(("DESCRIPTOR", "NexusIndex"), ("IDXINFO", "1.0|c")), [], id="descriptor"
        ),
        pytest.param(record(("allGroups", "allGroups"), ("allGroupsList", "a|b")), [], id="groups"),
        pytest.param(record(), [], id="a record without fields"),
    ],
)
def test_what_a_record_says_of_main_artifacts(given_record, expected):
    assert read(index(given_record)) == expected


@pytest.mark.parametrize(
    "uinfo",
    [
        "",
        "g",
        "g|a",
        "g|a|1",
        "|a|1|NA",
        "g||1|NA",
        "g|a||NA",
        "g|a|1||",
        "g h|a|1|NA",
        "../g|a|1|NA",
        "g|a|..|NA",
        "g|a|1/2|NA",
        "g|${a}|1|NA",
        "g|a|${v}|NA",
        "g..h|a|1|NA",
    ],
)
def test_an_entry_that_names_nothing_usable_is_counted(uinfo):
    reader = IndexReader(io.BytesIO(index(artifact(uinfo), artifact("g|a|1|NA"))), URL)
    assert [change.name for change in reader.read(10) or []] == ["g:a"]
    assert reader.refused == 1


@pytest.mark.parametrize(
    ("told", "version"),
    [
        (b"g|a|1-\xc3\xa9|NA", "1-é"),
        (b"g|a|1-\xed\xa0\xbd\xed\xb8\x80|NA", "1-\U0001f600"),  # two surrogates of three bytes
        (b"g|a|1-\xff|NA", "1-�"),
    ],
)
def test_texts_are_modified_utf_8(told, version):
    assert [change.version for change in read(index(artifact(told)))] == [version]


def test_a_nul_in_two_bytes_is_a_nul_and_no_version():
    reader = IndexReader(io.BytesIO(index(artifact(b"g|a|1\xc0\x80|NA"))), URL)
    assert reader.read(10) is None
    assert reader.refused == 1


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(HEAD + artifact("g|a|1|NA"), id="unpacked on its way"),
        pytest.param(
            gzip.compress(HEAD) + gzip.compress(artifact("g|a|1|NA")), id="two gzip members"
        ),
        pytest.param(index(artifact("g|a|1|NA")) + b"\0" * 400_000, id="zeros behind the end"),
        pytest.param(index(artifact("g|a|1|NA")) + b"garbage", id="garbage behind the end"),
    ],
)
def test_the_file_may_come_in_other_forms(body):
    assert [change.version for change in read(body)] == ["1"]


def test_a_member_that_begins_in_a_later_step_of_the_file_is_read():
    noise = bytes(range(256)) * 1024
    filler = record(("d", gzip.compress(noise) * 400))
    body = gzip.compress(HEAD + filler, 0) + gzip.compress(artifact("g|a|1|NA"))
    assert [change.version for change in read(body)] == ["1"]


WHOLE = index(*(artifact(f"g|a|{number}|NA") for number in range(50)))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<html><body>Not here</body></html>", id="a page"),
        pytest.param(WHOLE[:-200], id="gzip that is cut"),
        pytest.param(WHOLE[:-8] + b"\0" * 8, id="a wrong checksum"),
        pytest.param(gzip.compress(gzip.decompress(WHOLE)[:-5]), id="a record that is cut"),
        pytest.param(gzip.compress(gzip.decompress(WHOLE)[:9] + b"\0\0"), id="a count that is cut"),
        pytest.param(gzip.compress(b"\x02" + HEAD[1:]), id="another format"),
        pytest.param(gzip.compress(HEAD[:5]), id="half a head"),
        pytest.param(index(struct.pack(">i", -1)), id="fewer fields than none"),
        pytest.param(index(struct.pack(">i", 2**30)), id="too many fields"),
        pytest.param(index(struct.pack(">ibHi", 1, 5, 0, -1)), id="a negative length"),
        pytest.param(
            index(struct.pack(">ibHi", 1, 5, 0, 2**31 - 1)), id="a value of two gigabytes"
        ),
    ],
)
def test_what_is_not_the_whole_index_is_refused(body):
    with pytest.raises(InvalidPayloadError):
        read(body)


@given(st.integers(min_value=1, max_value=60))
def test_slices_of_any_size_hold_the_same(count):
    assert read(WHOLE, count) == [
        Change("g:a", str(number), "", 1_498_982_255_000) for number in range(50)
    ]


@given(st.binary(max_size=300), st.booleans(), st.booleans())
def test_no_bytes_raise_anything_but_the_documented_error(content, packed, headed):
    body = HEAD + content if headed else content
    with contextlib.suppress(InvalidPayloadError):
        read(gzip.compress(body) if packed else body)


@given(st.binary(min_size=1, max_size=8), st.integers(min_value=0, max_value=len(WHOLE) - 1))
def test_no_damage_raises_anything_but_the_documented_error(damage, place):
    with contextlib.suppress(InvalidPayloadError):
        read(WHOLE[:place] + damage + WHOLE[place + len(damage) :])


PROPERTIES = b"""#Mon Oct 29 01:28:33 UTC 2018
nexus.index.id=central
nexus.index.chain-id=1318453614498
nexus.index.timestamp=20181029012159.470 +0000
nexus.index.incremental-1=540
nexus.index.last-incremental=541
nexus.index.incremental-0=541
nexus.index.time=20120615133728.952 +0000
"""


def test_properties_tell_the_state_and_the_chunks():
    assert read_properties(PROPERTIES, URL) == IndexProperties(
        Position("1318453614498", 541), frozenset({540, 541}), 1_540_776_119_470
    )


@pytest.mark.parametrize(
    ("since", "chunks"),
    [(539, [540, 541]), (540, [541]), (541, []), (542, []), (538, None), (0, None)],
)
def test_chunks_lead_from_a_state_to_the_head_without_a_gap(since, chunks):
    assert read_properties(PROPERTIES, URL).chunks_after(since) == chunks


@pytest.mark.parametrize(
    ("line", "timestamp"),
    [
        (b"nexus.index.timestamp=20181029012159.470 +0200", 1_540_768_919_470),
        (b"nexus.index.timestamp : 20181029012159.470 +0000", 1_540_776_119_470),
        (b"nexus.index.timestamp=yesterday", 0),
        (b"", 0),
    ],
)
def test_a_time_that_is_none_is_left_out(line, timestamp):
    body = b"nexus.index.chain-id=1\nnexus.index.last-incremental=5\r\n" + line
    assert read_properties(body, URL).timestamp == timestamp


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>nexus.index.chain-id=1</html>",
        b"nexus.index.chain-id=1",
        b"nexus.index.last-incremental=5",
        b"nexus.index.chain-id=\nnexus.index.last-incremental=5",
        b"nexus.index.chain-id=a/b\nnexus.index.last-incremental=5",
        b"nexus.index.chain-id=1\nnexus.index.last-incremental=five",
        b"#nexus.index.chain-id=1\nnexus.index.last-incremental=5",
    ],
)
def test_what_are_no_properties_of_an_index_is_refused(body):
    with pytest.raises(InvalidPayloadError):
        read_properties(body, URL)


@given(st.binary(max_size=200))
def test_properties_raise_nothing_but_the_documented_error(body):
    with contextlib.suppress(InvalidPayloadError):
        read_properties(body, URL)


def test_a_position_is_read_as_it_was_written():
    assert parse_position(str(Position("1318453614498", 541))) == Position("1318453614498", 541)


@pytest.mark.parametrize(
    "text", ["", "541", "/541", "1/", "a/b/5", "1/-5", "1/5 ", "1/\uff15", "1 /5"]
)
def test_what_is_no_position_is_refused(text):
    with pytest.raises(InvalidKeyError):
        parse_position(text)
