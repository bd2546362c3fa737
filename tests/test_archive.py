"""Old events go into files, whole and once, before the stream forgets them."""

from pathlib import Path

import msgspec
import pytest

from callboard import archive as archives
from callboard.archive import KEEP_MS, Archive
from callboard.domain.events import Event, Kind
from callboard.store.keys import events as stream_key
from callboard.store.keys import partition
from callboard.store.redis import Connection
from callboard.store.stream import Streams
from callboard.store.transitions import Store
from conftest import Clock

PARTITION = partition("main")


def lines(directory: Path) -> list[Event]:
    return [
        msgspec.json.decode(line, type=Event)
        for path in sorted(directory.iterdir())
        for line in path.read_bytes().splitlines()
    ]


def cut_short(directory: Path) -> None:
    (path,) = directory.iterdir()
    path.write_bytes(path.read_bytes()[:-5])


async def age(connection: Connection) -> int:
    """The store's own moment: the ids of its streams are by that clock."""
    seconds, micros = await connection.client.time()
    return int(seconds * 1000 + micros // 1000)


async def test_what_is_old_is_written_once_and_then_forgotten(
    store: Store, connection: Connection, tmp_path: Path
) -> None:
    done = [await store.join("general", name="Ada Lovelace") for _ in range(3)]
    later = Clock(await age(connection) + KEEP_MS + 1000)
    archive = Archive(tmp_path / "archive", Streams(connection), later)
    assert await archive.keep([PARTITION]) == 3
    assert lines(tmp_path / "archive") == [d.event for d in done]
    assert await connection.client.xlen(stream_key(PARTITION)) == 0
    assert b"Lovelace" not in b"".join(path.read_bytes() for path in (tmp_path / "archive").iterdir())


async def test_what_is_young_stays(store: Store, connection: Connection, tmp_path: Path) -> None:
    await store.join("general")
    archive = Archive(tmp_path, Streams(connection), Clock(await age(connection) + KEEP_MS - 60_000))
    assert await archive.keep([PARTITION]) == 0
    assert await connection.client.xlen(stream_key(PARTITION)) == 1


async def test_it_stops_while_the_partition_is_still_its_own(
    store: Store, connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or another process would write to the same file. What is left is moved the next time."""
    monkeypatch.setattr(archives, "BATCH", 1)
    for _ in range(3):
        await store.join("general")
    clock = Clock(await age(connection) + KEEP_MS + 1000)

    def slow() -> int:
        clock.pass_(s=12)
        return clock()

    assert await Archive(tmp_path / "archive", Streams(connection), slow).keep([PARTITION]) == 2
    assert len(lines(tmp_path / "archive")) == 2
    assert await connection.client.xlen(stream_key(PARTITION)) == 1


async def test_a_crash_before_forgetting_writes_nothing_twice(
    store: Store, connection: Connection, tmp_path: Path
) -> None:
    done = [await store.join("general") for _ in range(3)]
    streams = Streams(connection)
    archive = Archive(tmp_path, streams, Clock(await age(connection) + KEEP_MS + 1000))
    archive._write(PARTITION, [d.event for d in done[:2]])
    cut_short(tmp_path)
    assert await archive.keep([PARTITION]) == 3
    assert [event.id for event in lines(tmp_path)] == [d.event.id for d in done]
    assert [event.kind for event in lines(tmp_path)] == [Kind.JOINED] * 3


async def test_two_processes_do_not_archive_at_once(connection: Connection) -> None:
    streams = Streams(connection)
    assert await streams.claim(PARTITION)
    assert not await streams.claim(PARTITION)
