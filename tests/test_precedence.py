"""Who computes in a thread waits while screens are told, and not for ever."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

from callboard.compose import compose
from callboard.domain.directory import Directory
from callboard.hub.audiences import Audiences
from callboard.hub.connection import Pace
from callboard.hub.seats import Seats
from callboard.hub.sweep import Sweep
from callboard.precedence import Precedence
from callboard.settings import Settings
from callboard.store.redis import Connection
from hub.desk import HALL, running
from hub.world import World, until


def test_nobody_waits_while_nobody_has_taken_it() -> None:
    precedence = Precedence()
    precedence.giving_way(patience_s=60)()
    with precedence.taken():
        pass
    precedence.giving_way(patience_s=60)()


async def test_a_thread_waits_until_all_have_let_go() -> None:
    precedence, came, went = Precedence(), threading.Event(), threading.Event()
    give_way = precedence.giving_way(patience_s=60)

    def work() -> None:
        came.set()
        give_way()
        went.set()

    precedence.take()
    precedence.take()
    working = asyncio.create_task(asyncio.to_thread(work))
    await until(came.is_set)
    precedence.let_go()
    assert not went.wait(0.05)
    precedence.let_go()
    await working
    assert went.is_set()


def test_patience_is_for_all_of_a_work_together() -> None:
    precedence, now = Precedence(), [0.0]

    def clock() -> float:
        now[0] += 0.4
        return now[0]

    give_way, waits = precedence.giving_way(patience_s=1.0, clock=clock), list[float | None]()
    precedence._free.wait = waits.append  # type: ignore[method-assign, assignment]
    with precedence.taken():
        for _ in range(9):
            give_way()
    assert [round(wait or 0, 1) for wait in waits] == [1.0, 0.6, 0.2]


async def test_a_sweep_has_precedence_until_its_last_job_is_done() -> None:
    precedence = Precedence()
    sweep, seen = Sweep(precedence=precedence), list[int]()

    def job() -> Iterator[None]:
        for _ in range(3):
            seen.append(precedence._takers)
            yield

    for _ in range(2):
        sweep.add(job())
        sweep.add(job())
        await until(lambda: not sweep._is_going)
        assert precedence._takers == 0
    assert seen == [1] * 12


async def test_who_reads_and_tells_has_precedence() -> None:
    world = World()
    async with running(world) as desk, desk.hearing(HALL) as board:
        await board.reaches(0)
        await until(lambda: desk.fanout.precedence._takers == 0)
        world.pause = asyncio.Event()
        world.happen("hall")
        await until(lambda: world.reads[-1:] and desk.fanout.precedence._takers == 1)
        world.pause.set()
        await board.reaches(1)
        await until(lambda: desk.fanout.precedence._takers == 0)
        world.mistake = ValueError("no document")
        world.happen("hall")
        await until(lambda: desk.fanout.precedence._takers == 0)


async def test_a_server_works_out_waits_behind_those_whom_it_tells(
    connection: Connection, directory: Directory, tmp_path: Path
) -> None:
    parts = compose(Settings(data_dir=str(tmp_path)), connection, directory)
    audiences = Audiences(parts.fanout, Pace(), Seats())
    assert parts.estimating._precedence is parts.fanout.precedence is audiences.sweep._precedence
