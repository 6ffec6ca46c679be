"""How a sample folder and the file that holds the day are read."""

import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest

from src.local_stack.replay import SampleError, SampleSource, day_in_file
from src.local_stack.replay.makers import wheel_bytes

WHEEL = "/f/six-1.0-py3-none-any.whl"


def write(folder: Path, day: int, *lines: object) -> None:
    bundle = folder / "pypi" / f"day{day}" / "six.jsonl"
    bundle.parent.mkdir(parents=True, exist_ok=True)
    bundle.write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")


def text(path: str, body: object) -> dict[str, object]:
    return {"path": path, "content_type": "text/plain", "body": body}


def test_the_second_day_changes_adds_and_removes_documents(tmp_path: Path) -> None:
    write(tmp_path, 1, text("/kept", "k"), text("/changed", "old"), text("/gone", "g"))
    write(
        tmp_path, 2, text("/changed", "new"), text("/added", "a"), {"path": "/gone", "gone": True}
    )
    state = tmp_path / "day"
    source = SampleSource(tmp_path, day_in_file(state))
    paths = ("/kept", "/changed", "/added", "/gone")

    def bodies() -> list[bytes | None]:
        found = [source.document(path) for path in paths]
        return [None if document is None else document.body for document in found]

    assert bodies() == [b"k", b"old", None, b"g"]
    state.write_text("2\n", "utf-8")
    assert bodies() == [b"k", b"new", b"a", None]


def test_json_bodies_are_served_compact_and_in_their_own_letters(tmp_path: Path) -> None:
    write(tmp_path, 1, text("/a", {"b": [1, None, "ü"]}))
    document = SampleSource(tmp_path, lambda: 1).document("/a")
    assert document is not None
    assert document.body == '{"b":[1,null,"ü"]}'.encode()


def test_a_wheel_is_made_with_the_entries_named_and_its_metadata(tmp_path: Path) -> None:
    metadata = "Metadata-Version: 2.1\nName: six\nVersion: 1.0\n"
    write(
        tmp_path,
        1,
        {"path": WHEEL, "wheel": ["six.py", "pkg/__init__.py"]},
        text(f"{WHEEL}.metadata", metadata),
    )
    document = SampleSource(tmp_path, lambda: 1).document(WHEEL)
    assert document is not None
    with zipfile.ZipFile(io.BytesIO(document.body)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert archive.read("six-1.0.dist-info/METADATA").decode() == metadata
        assert b"Tag: py3-none-any" in archive.read("six-1.0.dist-info/WHEEL")
    assert names[:2] == ["six.py", "pkg/__init__.py"]


def test_a_wheel_has_the_same_bytes_wherever_it_is_made() -> None:
    made = wheel_bytes("six-1.0-py3-none-any.whl", ["six.py"], b"Name: six\n")
    assert hashlib.sha256(made).hexdigest() == (
        "e17ed7ab1fa051879d2fbfafcd3814a7706d5705b14a567eaeb3d811bb148e51"
    )


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        ("{", "six.jsonl, line 1"),
        ("[]", "six.jsonl, line 1"),
        ('{"body": 1}', "line 1: KeyError"),
        ('{"path": "/a", "body": ""}\n{"path": "/a", "body": ""}', "line 2: /a stands there twice"),
    ],
)
def test_a_broken_bundle_is_named_with_its_line(tmp_path: Path, broken: str, named: str) -> None:
    write(tmp_path, 1)
    (tmp_path / "pypi" / "day1" / "six.jsonl").write_text(broken, "utf-8")
    with pytest.raises(SampleError, match=named):
        SampleSource(tmp_path, lambda: 1).document("/a")


def test_a_folder_without_a_sample_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SampleError, match="no sample registry"):
        SampleSource(tmp_path, lambda: 1)


def test_the_day_is_the_first_until_the_file_says_otherwise(tmp_path: Path) -> None:
    state = tmp_path / "day"
    tell = day_in_file(state)
    assert tell() == 1
    state.write_text("2", "utf-8")
    assert tell() == 2
    replaced = tmp_path / "new"
    replaced.write_text("1", "utf-8")
    replaced.replace(state)
    assert tell() == 1
    state.unlink()
    assert tell() == 1


@pytest.mark.parametrize("text", ["", "0", "3", "two", "1 2"])
def test_a_day_that_is_none_is_an_error_and_no_guess(tmp_path: Path, text: str) -> None:
    state = tmp_path / "day"
    state.write_text(text, "utf-8")
    with pytest.raises(SampleError, match="should hold a day"):
        day_in_file(state)()
