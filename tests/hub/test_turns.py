"""Turns: a burst is one turn, and what comes during a turn is not lost."""

import asyncio

from callboard.hub.turns import Turns


async def test_a_burst_of_one_name_is_one_turn() -> None:
    turns = Turns()
    for _ in range(1000):
        turns.add("hall")
    turns.add("annex")
    assert [await turns.take(), await turns.take()] == ["hall", "annex"]
    waiting = asyncio.create_task(turns.take())
    await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()


async def test_a_name_that_comes_during_its_turn_waits_for_the_next_one() -> None:
    turns = Turns()
    turns.add("hall")
    name = await turns.take()
    turns.add("hall")
    turns.add("hall")
    taking = asyncio.create_task(turns.take())
    await asyncio.sleep(0)
    assert not taking.done()
    turns.done(name)
    assert await taking == "hall"
    turns.done("hall")
    assert not turns._waiting


async def test_several_takers_share_the_names() -> None:
    turns = Turns()
    takers = [asyncio.create_task(turns.take()) for _ in range(3)]
    await asyncio.sleep(0)
    for name in ("a", "b", "c"):
        turns.add(name)
    assert sorted(await asyncio.gather(*takers)) == ["a", "b", "c"]
