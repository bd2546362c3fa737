"""The private store's file cut short at many places: whatever is left of it, nothing that was given is given again."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest

from callboard.domain.directory import Directory
from callboard.high_water import HighWater
from callboard.store.embedded import Embedded
from callboard.store.redis import Connection
from callboard.store.transitions import Store
from conftest import Clock

pytestmark = [pytest.mark.proof, pytest.mark.timeout(900)]

CUTS = 200
GIVEN = 60


@asynccontextmanager
async def life(data: Path, directory: Directory, clock: Clock) -> AsyncIterator[Store]:
    """One life of a store, which begins with what was seen in earlier ones."""
    embedded = Embedded(data)
    connection = Connection.open(await embedded.start())
    try:
        HighWater(data, connection.marks).read()
        yield Store(connection, directory, clock)
    finally:
        await connection.close()
        await embedded.stop()


async def test_no_number_and_no_serial_comes_twice_wherever_the_file_is_cut(
    tmp_path: Path, directory: Directory, clock: Clock
) -> None:
    chance, whole, data = Random(31), tmp_path / "whole", tmp_path / "data"
    async with life(whole, directory, clock) as store:
        tickets = [(await store.join(chance.choice(["general", "lab"]))).ticket for _ in range(GIVEN)]
        seen = store.connection.marks
    HighWater(whole, seen).keep()
    given = {ticket.label for ticket in tickets if ticket} | {str(ticket.serial) for ticket in tickets if ticket}
    assert len(given) == 2 * GIVEN
    noticed = 0
    for _ in range(CUTS):
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(whole, data)
        (log,) = (data / "appendonlydir").glob("*.incr.aof")
        log.write_bytes(log.read_bytes()[: chance.randrange(log.stat().st_size)])
        async with life(data, directory, clock) as store:
            for queue in ("general", "lab"):
                ticket = (await store.join(queue)).ticket
                assert ticket
                assert {ticket.label, str(ticket.serial)}.isdisjoint(given)
            noticed += store.connection.marks.lost > 0
    print(f"{CUTS} cuts, of which {noticed} had lost something")
    assert noticed > CUTS // 2
