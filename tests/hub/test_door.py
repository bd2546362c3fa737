"""Letting in those who come at once."""

import asyncio
import time

import pytest

from callboard.hub.door import Door
from hub.world import until


async def test_all_come_in_in_their_order_and_others_have_turns_in_between() -> None:
    door, order = Door(slice_s=0.001), list[int]()

    def come_in(number: int) -> None:
        time.sleep(0.0004)  # the work that a handshake is
        order.append(number)

    for number in range(20):
        door.knock(lambda number=number: come_in(number))  # type: ignore[misc]
    assert order == []
    turns = 0
    while len(order) < 20:
        await asyncio.sleep(0)
        turns += 1
    assert order == list(range(20))
    assert turns >= 5
    door.knock(lambda: order.append(20))
    await until(lambda: order[-1] == 20)


async def test_one_who_cannot_be_let_in_does_not_keep_the_others_out(caplog: pytest.LogCaptureFixture) -> None:
    door, order = Door(), list[int]()

    def fails() -> None:
        raise ValueError("broken")

    door.knock(fails)
    door.knock(lambda: order.append(1))
    await until(lambda: order == [1])
    assert "could not be let in" in caplog.text
