"""Locations on every node: streams, groups and deliveries are whole on one store and on three."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from typing import Any

import msgspec
import pytest
from redis.asyncio import Redis
from redis.crc import key_slot

from callboard.domain.directory import Directory
from callboard.domain.events import Event, Kind
from callboard.domain.model import CloseReason, Site
from callboard.store import keys
from callboard.store.keys import PARTITIONS, partition
from callboard.store.outbox import LEASE_MS, Item, Outbox
from callboard.store.reads import Reads
from callboard.store.records import Record
from callboard.store.redis import Connection
from callboard.store.stream import Group, newest, spans, tail
from callboard.store.transitions import Store
from conftest import START
from hub.world import until


def one_location_each() -> dict[int, str]:
    """The first id of a location that falls into each partition."""
    found: dict[int, str] = {}
    number = 0
    while len(found) < PARTITIONS:
        found.setdefault(partition(f"branch-{number}"), f"branch-{number}")
        number += 1
    return found


LOCATIONS = one_location_each()
only_three_nodes = pytest.mark.parametrize("store_url", ["three nodes"], indirect=True, scope="session")


def location(id: str) -> dict[str, Any]:
    return {
        "id": id,
        "name": id,
        "queues": [
            {"id": f"line-{id}", "tag": "A", "name": "Line"},
            {"id": f"other-{id}", "tag": "B", "name": "Other"},
        ],
        "desks": [{"id": f"desk-{id}", "tag": "1", "name": "Desk", "queues": [f"line-{id}"]}],
    }


@pytest.fixture
def directory() -> Directory:
    site = {"organization": {"id": "chain", "name": "Chain"}, "locations": [location(id) for id in LOCATIONS.values()]}
    return Directory([msgspec.convert(site, Site)])


def is_cluster(connection: Connection) -> bool:
    return connection.url.startswith("redis+cluster:")


@asynccontextmanager
async def followed(connection: Connection) -> AsyncIterator[dict[str, list[Event]]]:
    """All events from now on by location, as tails of all partitions bring them."""
    events: dict[str, list[Event]] = defaultdict(list)
    seen_enough = False

    async def follow(place: dict[int, str]) -> None:
        async with aclosing(tail(connection, place, block_ms=100)) as batches:
            async for batch in batches:
                for event in batch:
                    events[event.location].append(event)
                if seen_enough:
                    return

    async with asyncio.TaskGroup() as tasks:
        for span in spans(connection, list(range(PARTITIONS))):
            tasks.create_task(follow(await newest(connection, span)))
        yield events
        seen_enough = True


async def until_seen(events: dict[str, list[Event]], seqs: dict[str, int]) -> None:
    await until(lambda: all(events[id] and events[id][-1].seq >= seq for id, seq in seqs.items()))


@only_three_nodes
async def test_the_partitions_of_a_cluster_are_spread_over_its_nodes(connection: Connection) -> None:
    nodes = {connection.client.get_node_from_key(keys.events(number)).port for number in range(PARTITIONS)}
    assert len(nodes) == 3


async def test_one_read_covers_all_streams_of_one_store_and_one_stream_of_a_cluster(connection: Connection) -> None:
    read = spans(connection, range(PARTITIONS))
    assert sorted(number for span in read for number in span) == list(range(PARTITIONS))
    assert len(read) == (PARTITIONS if is_cluster(connection) else 1)


async def test_every_location_is_followed_in_order_and_without_a_gap(connection: Connection, store: Store) -> None:
    async def day(id: str) -> None:
        await store.open_desk(f"desk-{id}", staff="ada")
        for _ in range(5):
            await store.join(f"line-{id}")
            last = await store.call_next(f"desk-{id}")
        assert last.ticket
        await store.cancel(last.ticket.id, reason=CloseReason.STAFF)

    async with followed(connection) as events:
        await asyncio.gather(*(day(id) for id in LOCATIONS.values()))
        await until_seen(events, dict.fromkeys(LOCATIONS.values(), 12))
    kinds = [Kind.DESK_OPENED, *[Kind.JOINED, Kind.CALLED] * 5, Kind.CANCELLED]
    for id in LOCATIONS.values():
        assert [event.seq for event in events[id]] == list(range(1, 13))
        assert [event.kind for event in events[id]] == kinds


async def test_a_transition_touches_keys_of_its_own_partition_only(connection: Connection, store: Store) -> None:
    id = LOCATIONS[7]
    ticket = (await store.join(f"line-{id}", phone="+46700000001", once="k")).ticket
    assert ticket
    await store.transfer(ticket.id, queue=f"other-{id}")
    found = [key async for key in connection.client.scan_iter()]
    assert found
    assert {key.partition("}")[0] for key in found} == {"cb:{p07"}
    assert len({key_slot(key.encode()) for key in found}) == 1


async def test_a_group_gives_each_event_to_one_reader_and_again_what_was_left(
    connection: Connection, store: Store
) -> None:
    for number, id in LOCATIONS.items():
        for _ in range(4):
            await store.join(f"line-{id}")
        one, other = (Group(connection, "told", number, name) for name in ("one", "other"))
        await one.start()
        await other.start()
        mine, others = await one.read(count=3), await other.read(count=3)
        assert [event.seq for event in (*mine, *others)] == [1, 2, 3, 4]
        await one.ack(mine)
        assert await one.read() == []
        assert await one.read(idle_ms=0) == others
        await one.ack(others)
        assert await other.read(idle_ms=0) == []
        await one.close()
        await other.close()


async def test_deliveries_are_leased_kept_and_put_on_record_in_every_partition(
    connection: Connection, store: Store
) -> None:
    outbox = Outbox(connection, "told", ["fast", "slow"])
    for number, id in LOCATIONS.items():
        ticket = (await store.join(f"line-{id}", phone="+46700000001")).ticket
        assert ticket
        items = [Item(id=name, lane="fast", body="b", at=START) for name in ("a", "b")]
        assert await outbox.schedule(id, items, ["c"], START) == 2
        assert await outbox.schedule(id, items, [], START) == 0
        assert (await outbox.newest(id, ["barred:c"]))[0] is not None
        assert (await outbox.next_due([*LOCATIONS], "fast"))[number] == START
        (first, second), _ = await outbox.lease(number, "fast", START, 10)
        assert await outbox.keep(first, "again", START + 1)
        record = Record(
            id="b",
            at=START,
            medium="fast",
            kind="told",
            location=id,
            ticket=ticket.id,
            state="sent",
            detail="",
            text="Hello",
        )
        assert await outbox.close(second, record)
        (again,), _ = await outbox.lease(number, "fast", START + LEASE_MS, 10)
        assert (again.id, again.body, again.lease) == ("a", "again", 2)
        await outbox.forget(id, START, ticket.id)
    records = await outbox.recent(list(LOCATIONS.values()), 100)
    assert sorted(record.location for record in records) == sorted(LOCATIONS.values())
    assert {record.text for record in records} == {""}


@only_three_nodes
async def test_a_partition_that_moves_to_another_node_loses_nothing(
    connection: Connection, store: Store, reads: Reads
) -> None:
    """Its slot is moved, in the way of an operator, while people take tickets and somebody follows."""
    id, moved = LOCATIONS[3], asyncio.Event()
    labels: list[str] = []

    async def arrive() -> None:
        while not moved.is_set() or len(labels) < 20:
            done = await store.join(f"line-{id}")
            assert done.ticket
            labels.append(done.ticket.label)

    async with followed(connection) as events:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(4):
                tasks.create_task(arrive())
            await until(lambda: len(labels) >= 8)
            await move(connection, 3)
            moved.set()
        await until_seen(events, {id: len(labels)})
    assert sorted(labels) == [f"A{number:03}" for number in range(1, len(labels) + 1)]
    assert [event.seq for event in events[id]] == list(range(1, len(labels) + 1))
    assert (await reads.picture(id)).lines[f"line-{id}"].waiting == len(labels)


async def move(connection: Connection, number: int) -> None:
    """Gives a partition's slot with all its keys to another node."""
    slot = key_slot(keys.tag(number).encode())
    primaries = connection.client.get_primaries()
    source = connection.client.get_node_from_key(keys.events(number)).port
    target = next(node.port for node in primaries if node.port != source)
    async with AsyncExitStack() as stack:
        nodes: dict[int, Any] = {}
        for node in primaries:
            nodes[node.port] = await stack.enter_async_context(Redis(port=node.port, decode_responses=True))
        ids = {port: await node.execute_command("CLUSTER MYID") for port, node in nodes.items()}
        await nodes[target].execute_command("CLUSTER SETSLOT", slot, "IMPORTING", ids[source])
        await nodes[source].execute_command("CLUSTER SETSLOT", slot, "MIGRATING", ids[target])
        while batch := await nodes[source].execute_command("CLUSTER GETKEYSINSLOT", slot, 5):
            await nodes[source].execute_command("MIGRATE", "127.0.0.1", target, "", 0, 1000, "KEYS", *batch)
        for port in sorted(nodes, key=lambda port: port != target):  # the new owner first
            await nodes[port].execute_command("CLUSTER SETSLOT", slot, "NODE", ids[target])
