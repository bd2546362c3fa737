"""The one place that makes redis-py clients: bounded pools, and patience with a store that restarts."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    BusyLoadingError,
    ClusterError,
    ReadOnlyError,
    RedisClusterException,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import (
    ConnectionError as LostConnection,
)
from redis.exceptions import (
    TimeoutError as StoreTimeout,
)
from redis.maint_notifications import MaintNotificationsConfig

from callboard.errors import StoreAway

T = TypeVar("T")

# A lost connection in the forms in which redis-py lets it through.
LOST = (
    LostConnection,
    StoreTimeout,
    BusyLoadingError,
    ClusterError,
    RedisClusterException,
    TryAgainError,
    ReadOnlyError,
    OSError,
)
# And what escapes from inside redis-py when a peer resets a TCP connection, on uvloop and on some versions of asyncio.
ESCAPED = (RuntimeError, AttributeError, TypeError)
# Answers of a store that is there but does not take writes now: disk full, memory full, no primary.
REFUSES_WRITES = ("MISCONF", "OOM", "READONLY", "NOREPLICAS", "CLUSTERDOWN", "MASTERDOWN", "LOADING")


class Connection:
    """A store that may be away for a moment. `wait_s` is how long a call is repeated before it gives up."""

    def __init__(self, url: str, client: Redis | RedisCluster, wait_s: float) -> None:
        self.url = url
        self.client: Any = client
        self.wait_s = wait_s

    @classmethod
    def open(cls, url: str, *, wait_s: float = 3.0) -> Self:
        """For `redis://`, `rediss://`, `unix://`, and `redis+cluster://HOST:PORT`. Nothing is sent yet."""
        return cls(url, _client(url, socket_timeout=5), wait_s)

    def tail_client(self) -> Any:
        """A client of its own for a blocking read: it may be silent for as long as the stream is."""
        return _client(self.url, socket_timeout=None)

    async def call(self, ask: Callable[[], Awaitable[T]]) -> T:
        """The answer of `ask`, which is repeated while the store is away and so must act at most once.

        Raises StoreAway when the store does not answer within `wait_s`, or takes no writes.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.wait_s
        pause = 0.02
        while True:
            try:
                with heeding_cancellation():
                    return await ask()
            except (*LOST, *ESCAPED) as error:
                if isinstance(error, ESCAPED) and not _from_redis(error):
                    raise
                if loop.time() + pause > deadline:
                    raise StoreAway(f"the store does not answer: {type(error).__name__}") from error
            except ResponseError as error:
                if not str(error).startswith(REFUSES_WRITES):
                    raise
                if loop.time() + pause > deadline:
                    raise StoreAway(f"the store takes no writes: {str(error).split()[0]}") from error
            await asyncio.sleep(pause)
            pause = min(pause * 2, 0.25)

    async def ping(self) -> None:
        """Raises StoreAway at once when the store does not answer."""
        try:
            with heeding_cancellation():
                await self.client.ping()
        except (*LOST, ResponseError) as error:
            raise StoreAway(f"the store does not answer: {type(error).__name__}") from error

    async def close(self) -> None:
        await self.client.aclose()


@contextmanager
def heeding_cancellation() -> Iterator[None]:
    """redis-py sends inside `asyncio.wait_for`, which on Python 3.11 swallows a cancellation that comes just as it
    ends; then nobody would ever be told to stop again."""
    task = asyncio.current_task()
    before = task.cancelling() if task else 0
    try:
        yield
    finally:
        if task and task.cancelling() > before:
            raise asyncio.CancelledError


def _from_redis(error: BaseException) -> bool:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and str(trace.tb_frame.f_globals.get("__name__", "")).split(".")[0] == "redis"


def _client(url: str, socket_timeout: float | None) -> Redis | RedisCluster:
    once = Retry(NoBackoff(), 0)
    if url.startswith("redis+cluster://"):
        where = urlsplit(url)
        return RedisCluster(
            startup_nodes=[ClusterNode(where.hostname or "127.0.0.1", where.port or 6379)],
            password=where.password,
            username=where.username,
            decode_responses=True,
            socket_timeout=socket_timeout,
            retry=once,
        )
    pool: BlockingConnectionPool = BlockingConnectionPool.from_url(
        url,
        max_connections=32,
        timeout=5,
        decode_responses=True,
        socket_timeout=socket_timeout,
        socket_connect_timeout=5,
        retry=once,
        **({} if url.startswith("unix") else {"maint_notifications_config": MaintNotificationsConfig(enabled=False)}),
    )
    return Redis.from_pool(pool)
