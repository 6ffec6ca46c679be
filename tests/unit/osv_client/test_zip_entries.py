"""Zip entries one by one: what the standard library writes is read, what is damaged is refused."""

import io
import tracemalloc
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.schemas.errors import ArchiveRefusedError
from src.utils.zip_entries import read_zip_entry, zip_entries


def packed(entries, method=zipfile.ZIP_DEFLATED, comment=b"", wide=False):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as archive:
        archive.comment = comment
        for name, content in entries:
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            with archive.open(info, "w", force_zip64=wide) as entry:
                entry.write(content)
    return written.getvalue()


def unpacked(body, max_entries=1000, max_bytes=10_000_000):
    stream = io.BytesIO(body)
    return [
        (entry.name, read_zip_entry(stream, entry, max_bytes=max_bytes))
        for entry in zip_entries(stream, max_entries=max_entries)
    ]


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.from_regex(r"[a-zé]{1,20}", fullmatch=True), st.binary(max_size=2000))),
    st.sampled_from([zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED]),
    st.sampled_from([b"", b"a comment", b"x" * 65_535]),
    st.booleans(),
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_every_entry_comes_back(entries, method, comment, wide):
    assert unpacked(packed(entries, method, comment, wide)) == entries


def test_entries_whose_sizes_stand_behind_them_are_read():
    class Unseekable(io.BytesIO):
        def seekable(self):
            return False

        def tell(self):
            raise OSError

    written = Unseekable()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"x" * 1000)
        archive.writestr("b", b"")
    assert unpacked(written.getvalue()) == [("a", b"x" * 1000), ("b", b"")]


def test_more_entries_than_16_bits_count_are_read_in_flat_memory(tmp_path):
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(66_000):
            archive.writestr(f"{number}.json", b"{}")
    with path.open("rb") as stream:
        tracemalloc.start()
        read = sum(
            read_zip_entry(stream, entry, max_bytes=10) == b"{}"
            for entry in zip_entries(stream, max_entries=100_000)
        )
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert read == 66_000
    assert peak < 1_000_000


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_damage_anywhere_raises_nothing_else(data):
    body = bytearray(packed([("a", b"abc" * 50), ("b", b"x" * 100)], wide=data.draw(st.booleans())))
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(body)))
    for each in (body, body[:cut]):
        try:
            unpacked(bytes(each), max_bytes=10_000)
        except ArchiveRefusedError:
            continue


@given(st.binary(max_size=300))
def test_noise_is_refused(noise):
    if b"PK\5\6" not in noise:
        with pytest.raises(ArchiveRefusedError):
            unpacked(noise)


def test_limits_hold():
    body = packed([("a", b"x" * 100), ("b", b"y")])
    with pytest.raises(ArchiveRefusedError, match="more than 1 entries"):
        unpacked(body, max_entries=1)
    with pytest.raises(ArchiveRefusedError, match="larger than 99"):
        unpacked(body, max_bytes=99)


def test_a_size_that_lies_is_found_without_unpacking_it_all():
    body = bytearray(packed([("a", b"x" * 10_000_000)]))
    place = body.rindex(b"PK\1\2")
    body[place + 24 : place + 28] = (10).to_bytes(4, "little")
    tracemalloc.start()
    with pytest.raises(ArchiveRefusedError, match="damaged"):
        unpacked(bytes(body))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_an_encrypted_entry_is_refused():
    body = bytearray(packed([("a", b"x")]))
    body[body.rindex(b"PK\1\2") + 8] |= 1
    with pytest.raises(ArchiveRefusedError, match="encrypted"):
        unpacked(bytes(body))
