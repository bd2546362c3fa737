"""A group of readers outlives a store that refuses it."""

import asyncio

import pytest
from redis.exceptions import ConnectionError as LostConnection

from callboard.errors import StoreAway
from callboard.store.keys import events, partition, reading
from callboard.store.redis import Connection
from callboard.store.stream import SURE_S, Group
from callboard.store.transitions import Store

PARTITION = partition("main")


async def test_a_store_that_came_back_empty_is_away_until_the_group_is_started_again(
    store: Store, connection: Connection
) -> None:
    group = Group(connection, "g", PARTITION, "one")
    await group.start()
    await connection.client.delete(events(PARTITION))
    with pytest.raises(StoreAway):
        await group.read()
    await group.start()
    done = await store.join("general")
    assert await group.read() == [done.event]
    await group.close()


async def test_what_one_reader_left_another_takes(store: Store, connection: Connection) -> None:
    first, second = (Group(connection, "g", PARTITION, name) for name in ("one", "two"))
    await first.start()
    done = await store.join("general")
    assert await first.read() == [done.event]
    assert await second.read(idle_ms=60_000) == []
    assert await second.read(idle_ms=0) == [done.event]
    await second.ack([done.event])
    assert await second.read(idle_ms=0) == []
    await first.close()
    await second.close()


async def test_what_is_done_is_acknowledged_with_the_next_read(store: Store, connection: Connection) -> None:
    group = Group(connection, "g", PARTITION, "one")
    await group.start()
    first = (await store.join("general")).event
    assert await group.read() == [first]
    second = (await store.join("general")).event
    assert await group.read(done=[first]) == [second]
    assert await group.read(idle_ms=0, done=[]) == [second]
    assert await group.read(idle_ms=0, done=[second]) == []
    await group.close()


async def test_what_is_done_is_acknowledged_at_once_however_long_the_read_then_waits(
    store: Store, connection: Connection
) -> None:
    group = Group(connection, "g", PARTITION, "one")
    await group.start()
    first = (await store.join("general")).event
    assert await group.read() == [first]
    waits = asyncio.ensure_future(group.read(block_ms=60_000, done=[first]))
    async with asyncio.timeout(2):
        while (await connection.client.xpending(events(PARTITION), "g"))["pending"]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert not waits.done()
    second = (await store.join("general")).event
    assert await waits == [second]
    await group.close()


async def test_a_read_does_not_go_on_without_its_acknowledgement(
    store: Store, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would take events that nobody gets."""
    group = Group(connection, "g", PARTITION, "one")
    await group.start()
    first = (await store.join("general")).event
    assert await group.read() == [first]

    async def fails(*given: object) -> None:
        raise LostConnection("the other one")

    monkeypatch.setattr(group._client, "xack", fails)
    with pytest.raises(StoreAway):
        await group.read(block_ms=60_000, done=[first])
    second = (await store.join("general")).event
    assert await group.read() == [second]
    await group.close()


async def test_who_is_alone_is_sure_of_it_for_a_second_and_lets_go_at_once(connection: Connection) -> None:
    one, other = (Group(connection, "g", PARTITION, name) for name in ("one", "other"))
    assert await one.alone(6000)
    await connection.client.delete(reading(PARTITION, "g"))
    assert await one.alone(6000)
    assert not await connection.client.exists(reading(PARTITION, "g")), "it was asked again"
    assert await other.alone(6000)
    await asyncio.sleep(SURE_S)
    assert not await one.alone(6000)
    assert not await one.alone(6000), "nobody is sure of what was refused"
    await other.alone(0)
    assert await one.alone(6000)
