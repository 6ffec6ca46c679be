"""Import names: what a program writes after `import`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.utils.archives import ArchiveContent
from src.utils.pypi.import_names import import_names, is_wanted

INFO = "Metadata-Version: 2.5\nName: foo\n"


def names(filename: str, paths: list[str]) -> list[str]:
    return list(import_names(ArchiveContent(paths, {}), filename))


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["foo/__init__.py", "foo/bar/__init__.py", "foo/bar/x.py"], ["foo"]),
        (["six.py", "six-1.0.dist-info/METADATA"], ["six"]),
        (["_yaml/__init__.py", "yaml/__init__.py"], ["_yaml", "yaml"]),
        (["fast.cpython-311-x86_64-linux-gnu.so", "slow.pyd"], ["fast", "slow"]),
        (
            ["google/cloud/storage/__init__.py", "google/cloud/storage/a/__init__.py"],
            ["google", "google.cloud.storage"],
        ),
        (["ns/a/__init__.py", "ns/b/c.py"], ["ns", "ns.a"]),
        (["foo-1.0.data/purelib/foo/__init__.py", "foo-1.0.data/scripts/run.py"], ["foo"]),
        (["foo-stubs/__init__.pyi", "data/x.txt", "my-dir/x.py", "class/x.py"], []),
        ([], []),
    ],
)
def test_a_wheel_is_named_by_what_lies_at_its_root(paths: list[str], expected: list[str]) -> None:
    assert names("foo-1.0-py3-none-any.whl", paths) == expected


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["foo-1/foo/__init__.py", "foo-1/tests/__init__.py", "foo-1/setup.py"], ["foo"]),
        (["foo-1/src/foo/__init__.py", "foo-1/other/__init__.py"], ["foo"]),
        (["foo-1/six.py", "foo-1/setup.py", "foo-1/docs/conf.py"], ["six"]),
        (["foo-1/README"], []),
    ],
)
def test_a_source_archive_without_a_list_is_named_by_its_packages(
    paths: list[str], expected: list[str]
) -> None:
    assert names("foo-1.tar.gz", paths) == expected


def test_a_source_archive_is_named_by_its_own_list() -> None:
    found = import_names(
        ArchiveContent(
            ["foo-1/setup.py", "foo-1/lib/foo.egg-info/top_level.txt"],
            {"foo-1/lib/foo.egg-info/top_level.txt": b"foo\nns/part\n\n1x\n"},
        ),
        "foo-1.tar.gz",
    )
    assert found == ("foo", "ns.part")


def test_what_the_metadata_declares_comes_first_and_private_names_are_left_out() -> None:
    found = import_names(
        ArchiveContent(
            ["foo/__init__.py"],
            {
                "foo-1.dist-info/METADATA": (
                    f"{INFO}Import-Name: declared\nImport-Name: _hidden ; private\n"
                    "Import-Namespace: ns\n\n"
                ).encode()
            },
        ),
        "foo-1-py3-none-any.whl",
    )
    assert found == ("declared", "ns")


def test_a_wheel_of_data_alone_falls_back_on_its_list() -> None:
    content = ArchiveContent(["x/data.txt"], {"foo-1.dist-info/top_level.txt": b"x\n"})
    assert import_names(content, "foo-1-py3-none-any.whl") == ("x",)


_PATHS = st.lists(st.text(st.sampled_from("ab/._-\ud800é"), min_size=1, max_size=12), max_size=8)
_NAMES = st.sampled_from(
    ["foo-1.dist-info/METADATA", "foo-1/PKG-INFO", "foo-1/x.egg-info/top_level.txt"]
)


@given(_PATHS, st.dictionaries(_NAMES, st.binary()), st.sampled_from(["a.whl", "a.zip"]))
def test_any_content_gives_sorted_importable_names(
    paths: list[str], files: dict[str, bytes], filename: str
) -> None:
    assert all(is_wanted(path) for path in files)
    found = import_names(ArchiveContent(paths, files), filename)
    assert list(found) == sorted(set(found))
    assert all(part.isidentifier() for name in found for part in name.split("."))
