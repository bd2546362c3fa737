"""Fields that are asked for at the same moment."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest

from callboard.errors import StoreAway
from callboard.store.redis import Connection
from callboard.store.together import AT_ONCE, IN_A_TURN, Together

KEY = "{p00}:together"


class Held:
    """A client whose reads wait until they are let go; what each was for."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.reads: list[list[str]] = []
        self.free = asyncio.Event()
        self.fails: list[Exception] = []

    async def hmget(self, key: str, fields: Sequence[str]) -> Any:
        self.reads.append(list(fields))
        await self.free.wait()
        if self.fails:
            raise self.fails.pop()
        return await self._inner.hmget(key, fields)


@pytest.fixture
async def held(connection: Connection) -> Held:
    await connection.client.hset(KEY, mapping={str(n): f"value {n}" for n in range(2 * AT_ONCE)})
    return Held(connection.client)


@pytest.fixture
def together(connection: Connection, held: Held) -> Together:
    return Together(Connection(connection.url, held, wait_s=0))  # type: ignore[arg-type]


async def begun(count: int, together: Together) -> list[asyncio.Task[str | None]]:
    tasks = [asyncio.ensure_future(together.hget(KEY, str(n))) for n in range(count)]
    await asyncio.sleep(0)
    return tasks


async def test_those_who_ask_while_a_read_is_under_way_share_the_next(together: Together, held: Held) -> None:
    tasks = await begun(100, together)
    held.free.set()
    assert await asyncio.gather(*tasks) == [f"value {n}" for n in range(100)]
    assert held.reads == [["0"], [str(n) for n in range(1, 100)]]


async def test_who_shares_a_read_goes_on_a_few_in_a_turn_of_the_loop_and_in_order(
    together: Together, held: Held
) -> None:
    """Else all who come back at once would shake hands in one turn, and hold everybody else up."""
    went: list[int] = []
    tasks = await begun(100, together)
    for number, task in enumerate(tasks):
        task.add_done_callback(lambda _, number=number: went.append(number))  # type: ignore[misc]
    held.free.set()
    seen = [0]
    while seen[-1] < 100:
        await asyncio.sleep(0)
        seen.append(len(went))
    assert max(after - before for before, after in pairwise(seen)) == IN_A_TURN
    assert went == [*range(100)]


async def test_what_there_is_not_is_none(together: Together, held: Held) -> None:
    held.free.set()
    assert await together.hget(KEY, "nothing") is None


async def test_one_read_is_not_for_too_many(together: Together, held: Held) -> None:
    tasks = await begun(2 * AT_ONCE, together)
    held.free.set()
    assert await asyncio.gather(*tasks) == [f"value {n}" for n in range(2 * AT_ONCE)]
    assert [len(fields) for fields in held.reads] == [1, AT_ONCE, AT_ONCE - 1]


async def test_when_the_first_goes_away_the_others_are_answered(together: Together, held: Held) -> None:
    for gone in (0, 1):  # the one whose read is under way, and the one whose read is the next
        held.free.clear()
        tasks = await begun(5, together)
        tasks[gone].cancel()
        await asyncio.sleep(0)
        held.free.set()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(answers.pop(gone), asyncio.CancelledError)
        assert answers == [f"value {n}" for n in range(5) if n != gone]


async def test_one_who_waits_may_go_away(together: Together, held: Held) -> None:
    tasks = await begun(5, together)
    tasks[3].cancel()
    await asyncio.sleep(0)
    held.free.set()
    assert await asyncio.gather(*tasks[:3], tasks[4]) == [f"value {n}" for n in (0, 1, 2, 4)]


async def test_all_who_share_a_read_that_fails_are_told(together: Together, held: Held) -> None:
    tasks = await begun(4, together)
    held.fails = [ConnectionError("away"), ConnectionError("away")]
    held.free.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(answer) for answer in answers] == [StoreAway] * 4
    assert await together.hget(KEY, "7") == "value 7"
