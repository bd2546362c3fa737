"""The one place that makes redis-py clients: bounded pools, and patience with a store that restarts."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Self, TypeVar

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

from callboard.errors import StoreAway, Unconfirmed
from callboard.store.address import Address, parse
from callboard.store.marks import Marks
from callboard.store.pipe import Piped
from callboard.store.sentinel import Primary, primary

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
# Answers of a store that is there but does not take writes now: disk full, memory full, no primary, or one no longer.
REFUSES_WRITES = ("MISCONF", "OOM", "READONLY", "NOREPLICAS", "CLUSTERDOWN", "MASTERDOWN", "LOADING", "UNBLOCKED")


class NotCopied(Exception):
    """A change is made, and too few other machines have confirmed in time that they have it."""


class Connection:
    """A store that may be away for a moment. `wait_s` is how long a call is repeated before it gives up.

    `copies` is how many other machines have to have a change before it is acknowledged; None until it is known. `marks`
    is what was seen of the store, and `restore` what brings a location of it up to them.
    """

    def __init__(self, url: str, client: Redis | RedisCluster, wait_s: float, copies: int | None = 0) -> None:
        self.url = url
        self.client: Any = client
        self.wait_s = wait_s
        self.copies = copies
        self.marks = Marks()
        self.restore: Callable[[str], Awaitable[object]] = _nobody_restores

    @classmethod
    def open(cls, url: str, *, wait_s: float = 3.0, copies: int | None = None) -> Self:
        """For all that `address` knows. Nothing is sent yet. Raises ValueError, which tells no password."""
        return cls(url, _client(parse(url), socket_timeout=5), wait_s, copies)

    @property
    def is_cluster(self) -> bool:
        return isinstance(self.client, RedisCluster)

    def tail_client(self, silent_s: float) -> Any:
        """A client of its own for a blocking read, which may be silent for so long: a store that says nothing for
        longer has gone without a word."""
        return _client(parse(self.url), socket_timeout=silent_s, alone=True)

    async def call(self, ask: Callable[[], Awaitable[T]]) -> T:
        """The answer of `ask`, which is repeated while the store is away and so must act at most once.

        Raises StoreAway when the store does not answer within `wait_s`, or takes no writes, and Unconfirmed when the
        change is made and not copied.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.wait_s
        pause = 0.02
        while True:
            try:
                with heeding_cancellation():
                    return await ask()
            except NotCopied as error:
                if loop.time() + pause > deadline:
                    raise Unconfirmed("too few other machines have confirmed a change") from error
                await self._look_again()
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
                await self._look_again()
            await asyncio.sleep(pause)
            pause = min(pause * 2, 0.25)

    async def whole(self, location: str, read: Callable[[], Awaitable[T]], seq: Callable[[T], int]) -> T:
        """What `read` answers of a location, of a store that has lost nothing of it; one that has is restored first."""
        for _ in range(3):
            seen = self.marks.seq(location)
            answer = await read()
            if seq(answer) >= seen:
                self.marks.see(location, seq(answer))
                return answer
            await self.restore(location)
        raise StoreAway("the store loses what it has said")

    async def rewrite_journal(self, *, until_done: bool = False) -> None:
        """What was deleted leaves the disk too, in the background. Raises StoreAway."""
        try:
            await self.call(self.client.bgrewriteaof)
        except ResponseError as error:  # one is under way
            if "in progress" not in str(error):
                raise
        while until_done and await self.call(self._is_rewriting):  # noqa: ASYNC110  the store tells nobody
            await asyncio.sleep(0.05)

    async def _is_rewriting(self) -> bool:
        found = await self.client.info("persistence")
        return bool(found["aof_rewrite_in_progress"] or found["aof_rewrite_scheduled"])

    async def ping(self) -> None:
        """Raises StoreAway at once when the store does not answer."""
        try:
            with heeding_cancellation():
                await self._look_again()
                await self.client.ping()
        except (*LOST, *ESCAPED, ResponseError) as error:
            if isinstance(error, ESCAPED) and not _from_redis(error):
                raise
            raise StoreAway(f"the store does not answer: {type(error).__name__}") from error

    async def _look_again(self) -> None:
        """Another server may be the primary by now, while the one before goes on answering."""
        if isinstance(self.client, Primary):
            with suppress(*LOST, *ESCAPED):
                await self.client.pool.look_again()

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
    """Or from what that calls: the end of the trace may be in asyncio or in uvloop. It never calls us."""
    frames = traceback.walk_tb(error.__traceback__)
    return any(str(frame.f_globals.get("__name__", "")).split(".")[0] == "redis" for frame, _ in frames)


async def _nobody_restores(location: str) -> object:
    raise StoreAway("the store has lost what was seen of it")


def _client(address: Address, socket_timeout: float, *, alone: bool = False) -> Redis | RedisCluster:
    """Nothing is sent twice, and nothing waits but as long as we say. `alone`: for one command at a time."""
    once: dict[str, Any] = {"retry": Retry(NoBackoff(), 0)}
    patience: dict[str, Any] = {"socket_timeout": socket_timeout, "socket_connect_timeout": 5, "decode_responses": True}
    if address.kind == "cluster":
        return RedisCluster(
            startup_nodes=[ClusterNode(*host) for host in address.hosts],
            password=address.password,
            username=address.username,
            **patience,
            **once,
        )
    once["maint_notifications_config"] = MaintNotificationsConfig(enabled=False)
    bounds = {"max_connections": 32, "timeout": 5}
    if address.kind == "sentinel":
        return primary(address, once, **once, **patience, **bounds)
    if address.url.startswith("unix"):
        del once["maint_notifications_config"]
    pool = BlockingConnectionPool.from_url(address.url, **once, **patience, **bounds)
    return Piped(pool, socket_timeout, alone=alone)
