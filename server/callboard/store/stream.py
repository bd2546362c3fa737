"""Reading the event streams: a tail that keeps its own place, and a group that shares one."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import msgspec
from redis.exceptions import ResponseError

from callboard.domain.events import Event
from callboard.errors import StoreAway
from callboard.store import keys, scripts
from callboard.store.redis import ESCAPED, LOST, Connection

Place = dict[int, str]  # the id of the last event seen, by partition
BEGINNING = "0-0"  # before any event
SURE_S = 1.0  # how long a reader that is alone does not ask whether it still is
LATE_S = 5.0  # how much longer than it was asked to a store may be silent


def to_event(id: str, fields: dict[str, str], kind: type[Event] = Event) -> Event:
    return msgspec.convert({"id": id, **fields}, kind, strict=False)


def spans(connection: Connection, partitions: Sequence[int]) -> list[list[int]]:
    """The partitions that one blocking read may cover: all of them, or each alone in a cluster."""
    if connection.is_cluster:
        return [[number] for number in partitions]
    return [list(partitions)]


async def newest(connection: Connection, partitions: Sequence[int]) -> Place:
    """The place behind everything that has happened: where a tail starts before a first look at the state."""
    place: Place = {}
    for number in partitions:
        ask = partial(connection.client.xrevrange, keys.events(number), count=1)
        last = await connection.call(ask)
        place[number] = last[0][0] if last else BEGINNING
    return place


def following(
    connection: Connection, partitions: Sequence[int]
) -> Callable[[], Awaitable[AsyncGenerator[list[Event], None]]]:
    """What starts a tail of these partitions. Each time again it goes on where the last one ended, as far as the store
    still knows that place: what was missed then comes late."""
    place: Place = {}

    async def start() -> AsyncGenerator[list[Event], None]:
        for number, last in (await newest(connection, partitions)).items():
            place[number] = min(place.get(number, last), last, key=_moment)
        return tail(connection, place)

    return start


def _moment(id: str) -> tuple[int, int]:
    ms, _, count = id.partition("-")
    return int(ms), int(count)


async def tail(
    connection: Connection, place: Place, *, block_ms: int = 5000, count: int = 500
) -> AsyncGenerator[list[Event], None]:
    """Every event after `place`, which it moves on, in batches as they come; an empty batch when `block_ms` was silent.

    In order within a partition, each once, over any number of lost connections. Raises StoreAway when the store is
    away, and may be started again with the same place.
    """
    client = connection.tail_client(block_ms / 1000 + LATE_S)
    try:
        while True:
            streams = {keys.events(number): last for number, last in place.items()}
            try:
                answer = await client.xread(streams, count=count, block=block_ms)
            except (*LOST, *ESCAPED, ResponseError) as error:
                raise StoreAway(f"the event stream is away: {type(error).__name__}") from error
            events: list[Event] = []
            for name, entries in answer or []:
                number = int(name.split("{p", 1)[1][:2])
                place[number] = entries[-1][0]
                events.extend(to_event(id, fields) for id, fields in entries)
            connection.marks.hear(events)
            yield events
    finally:
        await client.aclose()


class Group:
    """A place in one partition's stream that several workers share: an event is read until somebody acknowledges it.
    With the kind Witnessed it brings its tickets along."""

    def __init__(
        self, connection: Connection, name: str, partition: int, consumer: str, kind: type[Event] = Event
    ) -> None:
        self._connection = connection
        self._name = name
        self.key = keys.events(partition)
        self._consumer = consumer
        self._kind = kind
        self._reading = keys.reading(partition, name)
        self._client: Any = None
        self._look_at = 0.0  # for what others have left, by the loop's clock
        self._sure_until = 0.0  # that it is alone, by the same

    async def start(self) -> None:
        """Makes the group at the beginning of the stream, unless it is there."""
        try:
            await self._connection.call(
                lambda: self._connection.client.xgroup_create(self.key, self._name, id="0", mkstream=True)
            )
        except ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise

    async def read(
        self, *, count: int = 100, block_ms: int | None = None, idle_ms: int = 60_000, done: Sequence[Event] = ()
    ) -> list[Event]:
        """Events not read yet; first those that another reader took and left for `idle_ms`, or a sixth longer, since
        they are not looked for each time. May be empty. `done` are acknowledged before, in the same trip.

        Raises StoreAway also when the store takes no writes, or has lost the group: then start again.
        """
        try:
            if self._is_due(idle_ms):
                await self.ack(done)
                if left := await self._left(count, idle_ms):
                    return left
                done = ()
            return await self._new(count, block_ms, done)
        except (*LOST, *ESCAPED, ResponseError) as error:
            raise StoreAway(f"the event stream is away: {type(error).__name__}") from error

    def _is_due(self, idle_ms: int) -> bool:
        """Whether it is time to look for what others have left."""
        return not idle_ms or asyncio.get_running_loop().time() >= self._look_at

    async def _left(self, count: int, idle_ms: int) -> list[Event]:
        client, now = self._connection.client, asyncio.get_running_loop().time()
        ask = partial(client.xautoclaim, self.key, self._name, self._consumer, idle_ms, "0-0", count=count)
        found = (await self._connection.call(ask))[1]
        self._look_at = now if found else now + idle_ms / 6000
        return [to_event(id, fields, self._kind) for id, fields in found]

    async def _new(self, count: int, block_ms: int | None, done: Sequence[Event]) -> list[Event]:
        if self._client is None:
            self._client = self._connection.tail_client((block_ms or 0) / 1000 + LATE_S)
        client = self._client
        read = client.xreadgroup(self._name, self._consumer, {self.key: ">"}, count=count, block=block_ms)
        if done:
            ack = client.xack(self.key, self._name, *(event.id for event in done))
            answer = await _behind(ack, read)
        else:
            answer = await read
        return [to_event(id, fields, self._kind) for _, entries in answer or [] for id, fields in entries]

    async def alone(self, for_ms: int) -> bool:
        """Whether this reader may go on for a while as the only one; 0 lets go. Who may is not asked again within
        `SURE_S`, so a read has to block for less than the rest. Raises StoreAway."""
        now = asyncio.get_running_loop().time()
        if for_ms and now < self._sure_until:
            return True
        arg = msgspec.json.encode({"reader": self._consumer, "for_ms": for_ms}).decode()
        is_alone = bool(await scripts.run(self._connection, scripts.text("read_alone"), [self._reading], [arg]))
        self._sure_until = now + SURE_S if is_alone and for_ms else 0.0
        return is_alone

    async def ack(self, events: Sequence[Event]) -> None:
        """These need not be read again."""
        if events:
            ids = [event.id for event in events]
            await self._connection.call(lambda: self._connection.client.xack(self.key, self._name, *ids))

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()


async def _behind(ack: Awaitable[Any], read: Awaitable[Any]) -> Any:
    """What is read; both at once, and neither goes on without the other, or it would take what nobody gets."""
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_awaited(ack))
            found = tasks.create_task(_awaited(read))
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from failed
    return found.result()


async def _awaited(answer: Awaitable[Any]) -> Any:
    return await answer


class Streams:
    """The old end of the streams, for whoever archives them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def claim(self, partition: int, for_ms: int = 60_000) -> bool:
        """Whether this caller may archive a partition now; nobody else may for a while."""
        key = keys.archiving(partition)
        ask = partial(self._connection.client.set, key, "1", nx=True, px=for_ms)
        return bool(await self._connection.call(ask))

    async def oldest(self, partition: int, before_ms: int, count: int) -> list[Event]:
        """The first events of a partition, as far as they happened before a moment; by the store's clock."""
        ask = partial(self._connection.client.xrange, keys.events(partition), "-", f"({before_ms}-0", count)
        return [to_event(id, fields) for id, fields in await self._connection.call(ask)]

    async def after(self, partition: int, last: str, count: int) -> list[Event]:
        """The first events of a partition behind the one of that id."""
        ask = partial(self._connection.client.xrange, keys.events(partition), f"({last}", "+", count)
        return [to_event(id, fields) for id, fields in await self._connection.call(ask)]

    async def forget(self, partition: int, last: str) -> None:
        """Everything up to the event of that id, which goes too."""
        ms, _, number = last.partition("-")
        following = f"{ms}-{int(number) + 1}"
        await self._connection.call(
            lambda: self._connection.client.xtrim(keys.events(partition), minid=following, approximate=False)
        )
