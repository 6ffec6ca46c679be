"""A download that is read while it grows: retries, early ends, and giving up."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from src.schemas.errors import InvalidPayloadError
from src.schemas.http import StopReading
from src.services.apis.cargo_database import build_database
from src.services.apis.cargo_spool import Restarted, Spool, Stopped
from src.services.apis.cargo_store import CrateStore
from tests.contract.cargo_registry import Crate, FakeCargo, Release, dep


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    made = Spool(tmp_path / "spooled")
    yield made
    made.close()


def test_what_was_written_is_read_to_its_end(spool: Spool) -> None:
    reader = spool.reader()
    spool.seek(0)
    spool.truncate()
    spool.write(b"one ")
    spool.write(b"two")
    spool.end()
    assert reader.read() == b"one two"
    assert reader.read() == b""


async def test_a_reader_waits_for_what_is_still_to_come(spool: Spool) -> None:
    reading = asyncio.create_task(asyncio.to_thread(spool.reader().read))
    for part in (b"a" * 100_000, b"b"):
        await asyncio.sleep(0.02)
        assert not reading.done()
        spool.write(part)
    spool.end()
    assert await reading == b"a" * 100_000 + b"b"


def test_a_new_attempt_is_told_to_the_reader_of_the_last_one(spool: Spool) -> None:
    reader = spool.reader()
    spool.write(b"half of")
    spool.seek(0)
    spool.truncate()
    with pytest.raises(Restarted):
        reader.read()
    spool.write(b"all")
    spool.end()
    assert spool.reader().read() == b"all"


def test_a_first_attempt_restarts_nothing(spool: Spool) -> None:
    reader = spool.reader()
    spool.seek(0)
    spool.write(b"x")
    spool.end()
    assert reader.read() == b"x"


def test_a_reader_that_has_enough_ends_the_download(spool: Spool) -> None:
    spool.write(b"x")
    spool.enough()
    with pytest.raises(StopReading):
        spool.write(b"y")


async def test_a_waiting_reader_gives_up_when_it_is_stopped(spool: Spool) -> None:
    reading = asyncio.create_task(asyncio.to_thread(spool.reader().read))
    await asyncio.sleep(0.02)
    spool.stop()
    with pytest.raises(Stopped):
        await asyncio.wait_for(reading, 2)


def dump_of(*names: str) -> bytes:
    fake = FakeCargo()
    for name in names:
        fake.crates[name] = Crate({"1.0.0": Release([dep(other) for other in names])})
    return fake.dump()


def names_in(path: Path) -> list[str]:
    return [name for name, _ in CrateStore(path).page("", 100)]


def test_the_database_holds_the_last_attempt_only(spool: Spool, tmp_path: Path) -> None:
    path = tmp_path / "crates.sqlite"
    first, second = dump_of("old", "both"), dump_of("both", "new")
    building = threading.Thread(target=build_database, args=(spool, path, "u"))
    spool.write(first[:-200])
    building.start()
    spool.seek(0)
    spool.truncate()
    spool.write(second)
    spool.end()
    building.join(10)
    assert names_in(path) == ["both", "new"]


def test_a_download_that_ended_too_early_is_an_error(spool: Spool, tmp_path: Path) -> None:
    spool.write(dump_of("foo")[:-300])
    spool.end()
    with pytest.raises(InvalidPayloadError):
        build_database(spool, tmp_path / "crates.sqlite", "u")
    with pytest.raises(StopReading):
        spool.write(b"more")


def test_a_stopped_build_leaves_no_usable_file(spool: Spool, tmp_path: Path) -> None:
    path = tmp_path / "crates.sqlite"
    spool.write(dump_of("foo"))
    spool.stop()
    with pytest.raises(Stopped):
        build_database(spool, path, "u")
    with pytest.raises(InvalidPayloadError):
        CrateStore(path)


def test_a_file_that_is_not_there_or_no_database_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidPayloadError):
        CrateStore(tmp_path / "absent")
    (tmp_path / "text").write_bytes(b"no database" * 1000)
    with pytest.raises(InvalidPayloadError):
        CrateStore(tmp_path / "text")


def test_one_store_answers_many_threads(spool: Spool, tmp_path: Path) -> None:
    names = [f"crate{number:03}" for number in range(50)]
    spool.write(dump_of(*names))
    spool.end()
    build_database(spool, tmp_path / "crates.sqlite", "u")
    store = CrateStore(tmp_path / "crates.sqlite")
    revisions = dict(store.page("", 100))
    wrong: list[str] = []

    def ask(name: str) -> None:
        found = store.crate(name, revisions[name], {})
        told = found[0][0].dependencies if found else None
        if told is None or [entry.name for entry in told] != names:
            wrong.append(name)

    threads = [threading.Thread(target=ask, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert (store.total, len(store.names())) == (50, 50)  # type: ignore[arg-type]
