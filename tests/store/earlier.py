"""A store that is put back to what it was: as a replica that was promoted too early, or a file cut short."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import Redis, RedisCluster

from callboard.store.redis import Connection


@asynccontextmanager
async def remembered(connection: Connection) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Everything as it is now; what is yielded puts the store back to it."""
    async with _raw(connection.url) as client:
        dumps = {key: await client.dump(key) async for key in client.scan_iter(count=1000)}

        async def put_back() -> None:
            await client.flushall()
            for key, dump in dumps.items():
                await client.restore(key, 0, dump)

        yield put_back


def _raw(url: str) -> Any:
    if url.startswith("redis+cluster:"):
        return RedisCluster.from_url(url.replace("redis+cluster:", "redis:"))
    return Redis.from_url(url)
