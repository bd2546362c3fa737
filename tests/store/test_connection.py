"""A call of the store ends when it is cancelled, at whatever moment that comes."""

import asyncio
from contextlib import suppress

from callboard.store.redis import Connection


async def test_a_cancellation_that_was_swallowed_is_heeded(connection: Connection) -> None:
    """As by redis-py, which sends inside `asyncio.wait_for`."""

    async def swallowing() -> str:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        return "answer"

    task = asyncio.create_task(connection.call(swallowing))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


async def test_who_calls_again_and_again_ends_when_cancelled_at_any_moment(connection: Connection) -> None:
    async def calling() -> None:
        while True:
            await connection.call(lambda: connection.client.hgetall("k"))
            await connection.ping()

    for turns in range(60):
        task = asyncio.create_task(calling())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        done, _ = await asyncio.wait([task], timeout=5)
        assert done, f"still at work after a cancellation in turn {turns}"
