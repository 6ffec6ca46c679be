"""Import names out of the entries of a jar."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.errors import ArchiveRefusedError
from src.utils.maven.import_names import MAX_NAMES, import_names, read_import_names


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (
            ["org/slf4j/Logger.class", "org/slf4j/spi/MDCAdapter.class"],
            ("org.slf4j", "org.slf4j.spi"),
        ),
        (["org/slf4j/Logger.class", "org/slf4j/Marker.class"], ("org.slf4j",)),
        (["a/package-info.class", "a/b/C.class"], ("a.b",)),
        (["module-info.class", "A.class"], ()),
        (["META-INF/versions/9/a/B.class", "META-INF/MANIFEST.MF"], ()),
        (["BOOT-INF/classes/a/B.class", "WEB-INF/classes/a/B.class"], ()),
        (["a/B.txt", "a/b.properties", "a/c/"], ()),
        (["a/default/B.class", "1a/B.class", "a-b/B.class"], ()),
        (["b/B.class", "a/A$1.class", "é/X.class"], ("a", "b", "é")),
        ([], ()),
    ],
)
def test_packages_are_the_folders_that_hold_classes(paths, expected):
    assert import_names(paths) == expected


def test_only_so_many_are_kept():
    assert len(import_names(f"a{number}/B.class" for number in range(MAX_NAMES + 9))) == MAX_NAMES


@given(st.lists(st.text(max_size=20)))
def test_no_paths_are_too_odd(paths):
    assert list(import_names(paths)) == sorted(import_names(paths))


def test_a_jar_is_read():
    jar = io.BytesIO()
    with zipfile.ZipFile(jar, "w") as archive:
        archive.writestr("org/example/A.class", b"")
    jar.seek(0)
    assert read_import_names(jar) == ("org.example",)


@pytest.mark.parametrize("body", [b"", b"<html></html>", b"PK\x03\x04 and no more"])
def test_what_is_no_jar_is_refused(body):
    with pytest.raises(ArchiveRefusedError):
        read_import_names(io.BytesIO(body))
