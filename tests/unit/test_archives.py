"""Archives: what is in them, and that none of them can hurt."""

import gzip
import io
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from src.schemas.errors import ArchiveRefusedError
from src.utils.archives import ArchiveContent, ArchiveLimits, read_archive, safe_path

SMALL = ArchiveLimits(
    entries=20, path_bytes=100, unpacked_bytes=100_000, file_bytes=1000, kept_bytes=1500
)


def zipped(entries: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def tarred(entries: dict[str, bytes], *special: tarfile.TarInfo) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in entries.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for info in special:
            archive.addfile(info)
    return buffer.getvalue()


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = target
    return info


def read(tmp_path: Path, data: bytes, limits: ArchiveLimits = SMALL) -> ArchiveContent:
    path = tmp_path / "archive"
    path.write_bytes(data)
    return read_archive(path, wanted=lambda name: name.endswith(".txt"), limits=limits)


@pytest.mark.parametrize("build", [zipped, tarred])
def test_paths_are_listed_and_only_wanted_files_are_read(
    tmp_path: Path, build: Callable[[dict[str, bytes]], bytes]
) -> None:
    content = read(tmp_path, build({"a/b.py": b"1", "./a/c.txt": b"text", "d.txt": b""}))
    assert content.paths == ["a/b.py", "a/c.txt", "d.txt"]
    assert content.files == {"a/c.txt": b"text", "d.txt": b""}


@pytest.mark.parametrize("build", [zipped, tarred])
@pytest.mark.parametrize(
    "entries",
    [
        {"/etc/passwd": b""},
        {"../up.txt": b""},
        {"a/../../up.txt": b""},
        {"a\\..\\..\\up.txt": b""},
        {"C:\\up.txt": b""},
        {"x" * 101: b""},
        {f"{number}.py": b"" for number in range(21)},
        {"large.txt": b"x" * 1001},
        {"a.txt": b"x" * 800, "b.txt": b"x" * 800},
        {"bomb.py": b"\0" * 200_000},
    ],
    ids=[
        "absolute",
        "parent",
        "parent further in",
        "parent with backslashes",
        "drive",
        "long path",
        "too many entries",
        "a large file",
        "too much in all",
        "bomb",
    ],
)
def test_a_hostile_archive_is_refused(
    tmp_path: Path, build: Callable[[dict[str, bytes]], bytes], entries: dict[str, bytes]
) -> None:
    with pytest.raises(ArchiveRefusedError):
        read(tmp_path, build(entries))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
@pytest.mark.parametrize("target", ["/etc/passwd", "../../up", "a/../../../up"])
def test_a_link_that_leads_out_is_refused(tmp_path: Path, kind: bytes, target: str) -> None:
    with pytest.raises(ArchiveRefusedError):
        read(tmp_path, tarred({}, special("a/link", kind, target)))


def test_a_link_that_stays_inside_is_passed_over(tmp_path: Path) -> None:
    content = read(
        tmp_path, tarred({"a/b.py": b""}, special("a/c/link", tarfile.SYMTYPE, "../b.py"))
    )
    assert content.paths == ["a/b.py"]


@pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_a_device_is_refused(tmp_path: Path, kind: bytes) -> None:
    with pytest.raises(ArchiveRefusedError):
        read(tmp_path, tarred({}, special("device", kind)))


def test_a_symbolic_link_in_a_zip_is_refused_when_it_leads_out(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("a/link")
    info.external_attr = 0o120777 << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(info, "../../etc/passwd")
    with pytest.raises(ArchiveRefusedError):
        read(tmp_path, buffer.getvalue())


@pytest.mark.parametrize("claimed", [0, 1, 999, 2**31])
def test_a_size_that_lies_is_refused(tmp_path: Path, claimed: int) -> None:
    data = bytearray(zipped({"a.txt": b"x" * 500}))
    central = data.rfind(b"PK\1\2")
    struct.pack_into("<L", data, central + 24, claimed)
    with pytest.raises(ArchiveRefusedError):
        read(tmp_path, bytes(data))


def test_entries_that_share_the_same_bytes_are_refused(tmp_path: Path) -> None:
    data = zipped({"a.py": bytes(range(256)) * 4}, zipfile.ZIP_STORED)
    start, end = data.rfind(b"PK\1\2"), data.rfind(b"PK\5\6")
    record = data[start:end]
    ending = bytearray(data[end:])
    struct.pack_into("<HHL", ending, 8, 10, 10, len(record) * 10)
    with pytest.raises(ArchiveRefusedError, match="overlap"):
        read(tmp_path, data[:start] + record * 10 + bytes(ending))


def test_a_directory_of_millions_is_refused_before_it_is_read(tmp_path: Path) -> None:
    limits = ArchiveLimits(directory_bytes=100)
    with pytest.raises(ArchiveRefusedError, match="directory"):
        read(tmp_path, zipped({f"{number}.py": b"" for number in range(10)}), limits)


def test_a_huge_header_extension_is_refused(tmp_path: Path) -> None:
    info = special("x", tarfile.XHDTYPE)
    info.size = 10**9
    data = gzip.compress(info.tobuf() + b"0" * 5000)
    with pytest.raises(ArchiveRefusedError, match="extension"):
        read(tmp_path, data)


def test_a_sparse_header_without_an_end_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("a")
        info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}
        info.size = 512
        archive.addfile(info, io.BytesIO(b"9" * 512))
    with pytest.raises(ArchiveRefusedError):
        read(tmp_path, gzip.compress(gzip.decompress(buffer.getvalue())[:2048]))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK",
        b"PK\5\6",
        b"\x1f\x8b",
        b"<html>",
        gzip.compress(b"no tar"),
        zipped({"a": b""})[:-5],
    ],
    ids=["empty", "two bytes", "zip end", "gzip start", "page", "no tar", "cut off"],
)
def test_what_is_no_archive_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ArchiveRefusedError):
        read(tmp_path, data)


def test_an_encrypted_entry_is_refused(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.txt": b"secret"}))
    struct.pack_into("<H", data, 6, 1)
    struct.pack_into("<H", data, data.rfind(b"PK\1\2") + 8, 1)
    with pytest.raises(ArchiveRefusedError):
        read(tmp_path, bytes(data))


_ENTRIES = st.dictionaries(st.text(min_size=1, max_size=20), st.binary(max_size=50), max_size=4)
_WHOLE = st.sampled_from(
    [
        zipped({"a/b.txt": b"text", "c.py": b"1" * 300}),
        tarred({"a/b.txt": b"text", "c.py": b"1" * 300}),
    ]
)
_TAR = gzip.decompress(tarred({"a/b.txt": b"text", "é" * 120: b"x"}))


@st.composite
def _damaged(draw: st.DrawFn) -> bytes:
    """A good archive with a few bytes changed, and perhaps cut off."""
    unpacked = draw(st.booleans())
    data = bytearray(_TAR if unpacked else draw(_WHOLE))
    for _ in range(draw(st.integers(1, 6))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    cut = bytes(data[: draw(st.integers(0, len(data)))]) if draw(st.booleans()) else bytes(data)
    return gzip.compress(cut) if unpacked else cut


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(
    _damaged()
    | st.binary()
    | _ENTRIES.map(lambda entries: tarred({n.replace("\0", ""): d for n, d in entries.items()}))
)
def test_any_bytes_are_read_within_the_limits_or_refused(tmp_path: Path, data: bytes) -> None:
    try:
        content = read(tmp_path, data)
    except ArchiveRefusedError:
        return
    assert all(safe_path(path) == path for path in content.paths)
    assert len(content.paths) <= SMALL.entries
    assert sum(map(len, content.files.values())) <= SMALL.kept_bytes
