"""The marks outlive the process: a store that was cut short or put back is noticed, and repeats nothing."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from callboard.high_water import NAME, HighWater
from callboard.store.marks import Marks
from running import administrator, serving, visitor


def marked(seq: int, number: int = 0, serial: int = 0) -> Marks:
    marks = Marks()
    marks.see("hall", seq)
    marks.locations["hall"].draw("2026-11-20", "a", number)
    marks.give(3, serial)
    return marks


@asynccontextmanager
async def at_work(directory: Path, marks: Marks, store: str = "") -> AsyncIterator[None]:
    """What was seen before is read, and what has changed is written when the block ends."""
    high_water = HighWater(directory, marks, store)
    high_water.read()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(high_water.run())
        await asyncio.sleep(0)
        yield
        running.cancel()


async def known(directory: Path, store: str = "") -> tuple[int, dict[str, int], int]:
    marks = Marks()
    HighWater(directory, marks, store).read()
    return marks.seq("hall"), marks.of("hall")["numbers"], marks.serial(3)


async def write(directory: Path, seq: int, number: int, serial: int, store: str = "") -> None:
    marks = Marks()
    async with at_work(directory, marks, store):
        marks.see("hall", seq)
        marks.locations["hall"].draw("2026-11-20", "a", number)
        marks.give(3, serial)


async def test_what_was_seen_is_known_in_the_next_life(tmp_path: Path) -> None:
    assert await known(tmp_path) == (0, {}, 0)
    await write(tmp_path, 12, 5, 40)
    assert await known(tmp_path) == (12, {"a": 5}, 40)
    assert (tmp_path / NAME).stat().st_mode & 0o077 == 0


async def test_no_process_lowers_what_another_has_written(tmp_path: Path) -> None:
    async with at_work(tmp_path, marks := Marks()):
        await write(tmp_path, 12, 5, 40)
        marks.see("hall", 3)
        marks.give(3, 50)
    assert await known(tmp_path) == (12, {"a": 5}, 50)


async def test_the_marks_of_another_store_do_not_count(tmp_path: Path) -> None:
    await write(tmp_path, 12, 5, 40, "redis://one")
    assert await known(tmp_path, "redis://other") == (0, {}, 0)
    assert await known(tmp_path, "redis://one") == (12, {"a": 5}, 40)


async def test_a_file_that_cannot_be_read_is_said_and_replaced(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / NAME).write_bytes(b'{"store":')
    await write(tmp_path, 12, 5, 40)
    assert "store=high_water cannot be read" in caplog.text
    assert await known(tmp_path) == (12, {"a": 5}, 40)


async def test_a_directory_that_cannot_be_written_stops_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    await write(tmp_path / "file", 12, 5, 40)
    assert "store=high_water cannot be written" in caplog.text


@pytest.mark.timeout(90)
@pytest.mark.parametrize("damage", ["cut short", "put back"])
async def test_a_private_store_that_has_lost_its_newest_changes_repeats_no_number(tmp_path: Path, damage: str) -> None:
    data = tmp_path / "data"
    given: list[dict[str, Any]] = []

    async def take(server: Any, count: int) -> None:
        async with visitor(server) as somebody:
            for _ in range(count):
                answer = await somebody.post("/api/v1/tickets", json={"queue": "service"})
                assert answer.status_code == 201, answer.text
                given.append(answer.json()["ticket"])

    async with serving(tmp_path) as server, administrator(server):
        await take(server, 2)
    shutil.copytree(data / "appendonlydir", tmp_path / "older")
    async with serving(tmp_path) as server:
        await take(server, 4)
    if damage == "put back":
        shutil.rmtree(data / "appendonlydir")
        shutil.move(tmp_path / "older", data / "appendonlydir")
    else:
        (log,) = (data / "appendonlydir").glob("*.incr.aof")
        log.write_bytes(log.read_bytes()[: -log.stat().st_size // 3])
    async with serving(tmp_path) as server:
        await server.log.find(r"store=behind location=main lost=\d+")
        await take(server, 2)
        async with visitor(server) as somebody:
            assert (await somebody.get("/readyz")).json()["lost_transitions"] > 0
            assert "callboard_store_lost_transitions_total 0.0" not in (await somebody.get("/metrics")).text
    assert [ticket["label"] for ticket in given] == [f"A{number:03}" for number in (*range(1, 7), 17, 18)]
    assert len({ticket["id"][:13] for ticket in given}) == len(given)  # the serial
