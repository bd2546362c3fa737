"""A group of readers outlives a store that refuses it."""

import pytest

from callboard.errors import StoreAway
from callboard.store.keys import events, partition
from callboard.store.redis import Connection
from callboard.store.stream import Group
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
