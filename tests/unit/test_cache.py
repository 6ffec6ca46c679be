import json
import multiprocessing
import os
import signal
import stat
from pathlib import Path

import pytest

from src.cache import FileCache


def source(tmp_path: Path, content: bytes = b"listing") -> Path:
    path = tmp_path / "downloaded"
    path.write_bytes(content)
    return path


def test_what_was_stored_is_found_by_another_instance(tmp_path):
    stored = FileCache(tmp_path / "c", clock=lambda: 100.0).store(
        "simple", source(tmp_path), etag='"1"'
    )
    found = FileCache(tmp_path / "c", clock=lambda: 101.0).get("simple")
    assert found == stored
    assert (found.etag, found.stored_at, found.fresh) == ('"1"', 100.0, True)
    assert found.path.read_bytes() == b"listing"
    assert not (tmp_path / "downloaded").exists()


def test_an_unknown_key_and_a_missing_folder_are_absent(tmp_path):
    cache = FileCache(tmp_path / "c")
    assert cache.get("simple") is None
    assert not (tmp_path / "c").exists()
    cache.store("simple", source(tmp_path), etag="")
    assert cache.get("other") is None


@pytest.mark.parametrize(
    ("now", "fresh"), [(100.0, True), (159.9, True), (160.0, False), (99.0, False)]
)
def test_an_entry_is_fresh_for_its_time_and_never_when_it_comes_from_the_future(
    tmp_path, now, fresh
):
    FileCache(tmp_path / "c", clock=lambda: 100.0).store("k", source(tmp_path), etag="e")
    found = FileCache(tmp_path / "c", ttl_seconds=60, clock=lambda: now).get("k")
    assert found.fresh is fresh


def test_a_revalidated_entry_is_fresh_again_with_the_same_content(tmp_path):
    now = [100.0]
    cache = FileCache(tmp_path / "c", ttl_seconds=60, clock=lambda: now[0])
    cache.store("k", source(tmp_path), etag="e")
    now[0] = 500.0
    assert not cache.get("k").fresh
    assert cache.revalidated("k").fresh
    again = cache.get("k")
    assert (again.fresh, again.stored_at, again.etag) == (True, 500.0, "e")
    assert again.path.read_bytes() == b"listing"


def test_revalidating_what_has_vanished_is_an_error(tmp_path):
    with pytest.raises(KeyError):
        FileCache(tmp_path / "c").revalidated("k")


def test_the_folder_is_for_its_owner_only_and_keys_never_become_paths(tmp_path):
    cache = FileCache(tmp_path / "deep" / "c")
    entry = cache.store("../../etc/passwd\0", source(tmp_path), etag="")
    assert stat.S_IMODE((tmp_path / "deep" / "c").stat().st_mode) == 0o700
    assert entry.path.parent == tmp_path / "deep" / "c"
    assert cache.get("../../etc/passwd\0") is not None


def test_a_reader_keeps_its_file_while_the_key_is_stored_once_more(tmp_path):
    cache = FileCache(tmp_path / "c")
    first = cache.store("k", source(tmp_path, b"1"), etag="").path
    second = cache.store("k", source(tmp_path, b"2"), etag="").path
    assert (first.read_bytes(), second.read_bytes()) == (b"1", b"2")
    cache.store("k", source(tmp_path, b"3"), etag="")
    assert not first.exists()
    assert second.read_bytes() == b"2"
    assert cache.get("k").path.read_bytes() == b"3"


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda _: b"{",
        lambda _: b"[]",
        lambda _: b"\xff",
        lambda meta: json.dumps({**json.loads(meta), "size": 3}).encode(),
        lambda meta: json.dumps({**json.loads(meta), "format": 99}).encode(),
        lambda meta: json.dumps({**json.loads(meta), "file": "../downloaded"}).encode(),
        lambda _: json.dumps({"format": 1}).encode(),
    ],
)
def test_a_damaged_entry_is_absent_and_can_be_stored_again(tmp_path, damage):
    cache = FileCache(tmp_path / "c")
    cache.store("k", source(tmp_path), etag="")
    (meta,) = (tmp_path / "c").glob("*.json")
    meta.write_bytes(damage(meta.read_bytes()))
    assert cache.get("k") is None
    cache.store("k", source(tmp_path, b"new"), etag="")
    assert cache.get("k").path.read_bytes() == b"new"


@pytest.mark.parametrize("cut", [lambda data: data.unlink(), lambda data: data.write_bytes(b"lis")])
def test_an_entry_without_its_whole_data_is_absent(tmp_path, cut):
    cache = FileCache(tmp_path / "c")
    cut(cache.store("k", source(tmp_path), etag="").path)
    assert cache.get("k") is None


def test_a_failed_store_leaves_the_old_entry_and_no_litter(tmp_path):
    cache = FileCache(tmp_path / "c")
    cache.store("k", source(tmp_path), etag="old")
    with pytest.raises(FileNotFoundError):
        cache.store("k", tmp_path / "nowhere", etag="new")
    assert cache.get("k").etag == "old"
    assert not list((tmp_path / "c").glob("*.part"))


def _store_and_die(folder: Path, work: Path, step: int) -> None:
    # Kills itself before the step-th rename: what a kill -9 between two steps leaves behind.
    replace, seen = Path.replace, [0]

    def dying(self: Path, target: Path) -> Path:
        seen[0] += 1
        if seen[0] == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return replace(self, target)

    Path.replace = dying
    FileCache(folder).store("k", source(work, b"killed"), etag="new")


@pytest.mark.parametrize("step", [1, 2])
def test_a_store_killed_between_two_steps_leaves_the_old_entry_whole(tmp_path, step):
    folder = tmp_path / "c"
    FileCache(folder).store("k", source(tmp_path), etag="old")
    child = multiprocessing.get_context("fork").Process(
        target=_store_and_die, args=(folder, tmp_path, step)
    )
    child.start()
    child.join(20)
    assert child.exitcode == -signal.SIGKILL
    found = FileCache(folder).get("k")
    assert (found.etag, found.path.read_bytes()) == ("old", b"listing")
    assert FileCache(folder).store("k", source(tmp_path, b"2"), etag="2").path.read_bytes() == b"2"


def _store_often(folder: Path, work: Path, mark: int) -> None:
    work.mkdir()
    content = bytes([mark]) * (1000 + mark)
    for _ in range(40):
        entry = FileCache(folder).store("k", source(work, content), etag=str(mark))
        assert entry.path.parent == folder


def test_two_processes_write_one_key_and_a_reader_always_sees_a_whole_entry(tmp_path):
    folder = tmp_path / "c"
    FileCache(folder).store("k", source(tmp_path, b"\0" * 1000), etag="0")
    fork = multiprocessing.get_context("fork")
    writers = [
        fork.Process(target=_store_often, args=(folder, tmp_path / str(mark), mark))
        for mark in (1, 2)
    ]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        entry = FileCache(folder).get("k")
        if entry is not None:  # its data may have been swept between two reads of this loop
            mark = int(entry.etag)
            try:
                assert entry.path.read_bytes() == bytes([mark]) * (1000 + mark)
            except FileNotFoundError:
                continue
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert FileCache(folder).get("k").etag in {"1", "2"}
    assert len(list(folder.glob("*.data"))) == 2
