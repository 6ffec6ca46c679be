"""The index of the sample, made on the way out, byte by byte as maven-indexer writes it."""

import gzip
import json
import struct
from pathlib import Path

import pytest

from src.local_stack.replay import Document
from src.local_stack.replay.maven_makers import (
    MAKERS,
    artifact_record,
    deletion_record,
    index_bytes,
    milliseconds,
)

CHUNKS = {
    "/i.1.gz": {
        "maven_index": {
            "timestamp": "2026-10-25T06:00:00Z",
            "artifacts": {
                "org.x:a": {
                    "packaging": "jar",
                    "versions": {"1.0": "", "1.1": "2020-01-02T03:04:05Z"},
                },
                "org.x:p": {"packaging": "pom", "versions": {"7": ""}},
            },
            "deleted": [],
        }
    },
    "/i.2.gz": {
        "maven_index": {
            "timestamp": "2026-11-08T06:00:00Z",
            "artifacts": {"com.y:b": {"packaging": "bundle", "versions": {"2": ""}}},
            "deleted": ["org.x:a:1.0"],
        }
    },
    "/i.gz": {"maven_index_of": ["/i.1.gz", "/i.2.gz"]},
}


def records(packed: bytes) -> tuple[int, int, list[dict[str, str]]]:
    """Read an index by the documented format alone."""
    data = gzip.decompress(packed)
    version, moment = struct.unpack_from(">bq", data)
    place, found = 9, []
    while place < len(data):
        (count,) = struct.unpack_from(">i", data, place)
        place += 4
        fields = {}
        for _ in range(count):
            (size,) = struct.unpack_from(">H", data, place + 1)
            name = data[place + 3 : place + 3 + size].decode()
            place += 3 + size
            (length,) = struct.unpack_from(">i", data, place)
            fields[name] = data[place + 4 : place + 4 + length].decode("utf-8", "surrogatepass")
            place += 4 + length
        found.append(fields)
    return version, moment, found


def made(path: str, kind: str) -> tuple[int, int, list[dict[str, str]]]:
    document = MAKERS[kind](path, CHUNKS)
    assert isinstance(document, Document)
    assert document.content_type == "application/x-gzip"
    return records(document.body)


def test_a_chunk_adds_then_deletes_then_lists_the_groups():
    version, moment, found = made("/i.2.gz", "maven_index")
    assert (version, moment) == (1, milliseconds("2026-11-08T06:00:00Z"))
    assert found == [
        {"u": "com.y|b|2|NA|jar", "m": "0", "i": "bundle|0|0|0|0|0|jar", "n": "b"},
        {"u": "com.y|b|2|sources|jar", "m": "0", "i": "jar|0|0|0|0|0|jar", "n": "b"},
        {"del": "org.x|a|1.0|NA|jar", "m": "0"},
        {"allGroups": "allGroups", "allGroupsList": "com.y"},
        {"rootGroups": "rootGroups", "rootGroupsList": "com"},
    ]


def test_the_whole_index_is_what_the_chunks_leave():
    _, moment, found = made("/i.gz", "maven_index_of")
    assert moment == milliseconds("2026-11-08T06:00:00Z")
    mains = [fields["u"] for fields in found if "|NA|" in fields.get("u", "")]
    assert mains == ["org.x|a|1.1|NA|jar", "org.x|p|7|NA|pom", "com.y|b|2|NA|jar"]
    assert found[0]["DESCRIPTOR"] == "NexusIndex"
    assert found[-2]["allGroupsList"] == "com.y|org.x"
    assert not any("del" in fields for fields in found)


def test_times_are_those_told_and_0_where_none_is():
    told = [
        fields["i"] for fields in made("/i.1.gz", "maven_index")[2] if "|NA|" in fields.get("u", "")
    ]
    assert told == ["jar|0|0|0|0|0|jar", "jar|1577934245000|0|0|0|0|jar", "pom|0|0|0|0|0|pom"]
    assert milliseconds("") == 0


@pytest.mark.parametrize("path", CHUNKS)
def test_the_same_lines_are_the_same_bytes(path):
    (kind,) = CHUNKS[path]
    assert (
        MAKERS[kind](path, CHUNKS).body == MAKERS[kind](path, json.loads(json.dumps(CHUNKS))).body
    )


def test_texts_are_modified_utf_8():
    packed = index_bytes(0, [{"n": "\0\U0001f600é"}])
    assert gzip.decompress(packed).endswith(b"\xc0\x80\xed\xa0\xbd\xed\xb8\x80\xc3\xa9")


def test_records_can_be_made_one_by_one():
    assert artifact_record("g:a", "1", "pom", 5)["u"] == "g|a|1|NA|pom"
    assert deletion_record("g:a", "1") == {"del": "g|a|1|NA|jar", "m": "0"}


def test_the_lines_of_the_sample_are_all_made_by_a_known_maker():
    folder = Path(__file__).parents[2] / "samples" / "maven"
    lines = [json.loads(text) for file in folder.rglob("*.jsonl") for text in file.open()]
    assert {key for line in lines for key in line} <= {
        *MAKERS,
        *("path", "content_type", "body", "headers", "gone", "archive", "entries"),
    }
