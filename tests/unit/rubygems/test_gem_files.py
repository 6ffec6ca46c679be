"""Gem files: a tar with a tar.gz in it, the gemspec's YAML, and what can be required."""

import contextlib
import gzip
import hashlib
import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.errors import ArchiveRefusedError
from src.utils.archives import ArchiveLimits
from src.utils.rubygems.gem_files import import_names, read_import_names, require_paths

SMALL = ArchiveLimits(
    entries=20, path_bytes=100, unpacked_bytes=100_000, file_bytes=1000, kept_bytes=1500
)
METADATA = b"--- !ruby/object:Gem::Specification\nname: a\nrequire_paths:\n- lib\n"


def tarred(entries: dict[str, bytes], *special: tarfile.TarInfo) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in entries.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for info in special:
            archive.addfile(info)
    return buffer.getvalue()


def gem(*paths: str, metadata: bytes = METADATA) -> bytes:
    data = gzip.compress(tarred(dict.fromkeys(paths, b"x")))
    return tarred({"metadata.gz": gzip.compress(metadata), "data.tar.gz": data})


def read(body: bytes, checksum: str = "") -> tuple[str, ...]:
    return read_import_names(io.BytesIO(body), checksum, SMALL)


# files below the require paths | what can be required
@pytest.mark.parametrize(
    ("files", "names"),
    [
        ("lib/a.rb lib/a/b.rb README bin/a test/c.rb", "a"),
        ("lib/b.rb lib/a.rb", "a b"),
        ("lib/a/b.rb lib/a/c.rb lib/a/d/e.rb", "a/b a/c"),
        ("lib/archive/tar/minitar.rb lib/archive/tar/minitar/command.rb", "archive/tar/minitar"),
        ("lib/ng-rails-csrf.rb lib/ng-rails-csrf/version.rb", "ng-rails-csrf"),
        ("lib/a.so lib/a.bundle", ""),
        ("a.rb test/a.rb", ""),
        ("lib/ä.rb lib/.a.rb lib/a b.rb", ""),
        ("libx/a.rb", ""),
    ],
)
def test_named_are_the_files_of_the_shallowest_level(files: str, names: str) -> None:
    assert import_names(files.split(), ("lib",)) == tuple(names.split())


def test_a_build_script_is_never_required() -> None:
    assert import_names(["ext/extconf.rb", "lib/a.rb"], ("lib", "ext")) == ("a",)


def test_require_paths_may_be_nested_or_the_whole_gem() -> None:
    assert import_names(["src/main/a.rb", "b.rb"], ("src/main/",)) == ("a",)
    assert import_names(["b.rb", "c/d.rb"], (".",)) == ("b",)


@pytest.mark.parametrize(
    ("metadata", "paths"),
    [
        ("require_paths:\n- lib\n- ext\n", "lib ext"),
        ("name: a\nfiles:\n- require_paths\n- x\nrequire_paths: \n  - src\nz: 1\n", "src"),
        ("require_paths: [a, b]\n", "a b"),
        ("require_paths: one\n", "one"),
        ("a: {require_paths: [x]}\nrequire_paths: [y]\n", "y"),
        ("x: require_paths\ny: [z]\n", "lib"),
        ("? [a, b]\n: c\nrequire_paths: [d]\n", "d"),
        ("--- !ruby/object:Gem::Specification\nrequire_paths: !ruby/array:X\n- l\n", "l"),
        ("require_paths: []\n", "lib"),
        ("require_paths: {a: b}\n", "lib"),
        ("a: &x lib2\nrequire_paths: *x\n", "lib"),
        ("require_paths:\n", "lib"),
        ("name: a\n", "lib"),
        ("", "lib"),
        ("\t: [", "lib"),
    ],
)
def test_require_paths_are_read_from_the_gemspec_without_building_anything(
    metadata: str, paths: str
) -> None:
    assert require_paths(metadata.encode()) == tuple(paths.split())


@given(
    st.binary(max_size=100)
    | st.text(alphabet="a:-[]{}&*!\n \t'\"|>?,", max_size=60).map(str.encode)
)
def test_no_gemspec_breaks_it(metadata: bytes) -> None:
    assert all(isinstance(path, str) for path in require_paths(metadata))


def test_a_gem_is_read_by_its_require_paths() -> None:
    assert read(gem("lib/a.rb", "lib/a/b.rb")) == ("a",)
    assert read(gem("lib/a.rb", "src/b.rb", metadata=b"require_paths: [src]\n")) == ("b",)


def test_a_gem_without_gemspec_is_read_by_the_default() -> None:
    data = gzip.compress(tarred({"lib/a.rb": b""}))
    assert read(tarred({"data.tar.gz": data})) == ("a",)


def test_a_gem_with_another_checksum_than_told_is_refused() -> None:
    body = gem("lib/a.rb")
    assert read(body, hashlib.sha256(body).hexdigest()) == ("a",)
    assert read(body, "no checksum at all") == ("a",)
    with pytest.raises(ArchiveRefusedError):
        read(body, "0" * 64)


def special(kind: bytes, name: str, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


HOSTILE = {
    "nothing": b"",
    "no tar": b"MD5SUM = 0\nold gem",
    "cut": gem("lib/a.rb")[:700],
    "without files": tarred({"metadata.gz": gzip.compress(METADATA)}),
    "files that are no archive": tarred({"data.tar.gz": b"x" * 100}),
    "files cut": tarred({"data.tar.gz": gzip.compress(tarred({"a": b""}))[:20]}),
    "gemspec not packed": tarred(
        {"metadata.gz": b"x", "data.tar.gz": gzip.compress(tarred({"a": b""}))}
    ),
    "leads out": gem("../a.rb"),
    "leads out outside": tarred({"../x": b"", "data.tar.gz": gzip.compress(tarred({}))}),
    "absolute": gem("/lib/a.rb"),
    "bomb": tarred({"data.tar.gz": gzip.compress(tarred({"a": b"\0" * 200_000}))}),
    "many": gem(*(f"lib/{n}.rb" for n in range(30))),
    "many outside": tarred({f"{n}": b"" for n in range(30)}),
    "gemspec too large": tarred({"metadata.gz": b"x" * 2000}),
    "link out": tarred({"data.tar.gz": gzip.compress(tarred({}, special(b"2", "l", "../../e")))}),
    "device": tarred({"data.tar.gz": gzip.compress(tarred({}, special(b"3", "d")))}),
    "data is a link": tarred({}, special(b"2", "data.tar.gz", "metadata.gz")),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_or_broken_gem_is_refused(kind: str) -> None:
    with pytest.raises(ArchiveRefusedError):
        read(HOSTILE[kind])


def test_a_gemspec_that_unpacks_without_end_is_cut() -> None:
    bomb = gzip.compress(b"require_paths: [src]\n" + b"#" * 50_000_000, 9)
    data = gzip.compress(tarred({"src/a.rb": b""}))
    body = tarred({"metadata.gz": bomb, "data.tar.gz": data})
    assert read_import_names(io.BytesIO(body), "", ArchiveLimits()) == ("a",)


@given(st.binary(max_size=300), st.integers(0, 3000))
def test_no_bytes_raise_anything_but_the_documented_error(junk: bytes, at: int) -> None:
    whole = gem("lib/a.rb")
    for body in (junk, whole[:at] + junk + whole[at + len(junk) :]):
        with contextlib.suppress(ArchiveRefusedError):
            assert isinstance(read(body), tuple)
