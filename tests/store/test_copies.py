"""What is acknowledged is on another machine: on a primary with a replica, by Sentinels and in a cluster."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from callboard.domain.directory import Directory
from callboard.errors import StoreAway, Unconfirmed
from callboard.store.copies import wanted
from callboard.store.keys import partition
from callboard.store.redis import Connection
from callboard.store.transitions import Store
from conftest import Clock
from store.cluster import replicated
from store.nodes import OPTIONS, Node, cut_off, ended
from store.sentinels import watched


@asynccontextmanager
async def pair(tmp_path: Path) -> AsyncIterator[tuple[Node, Node]]:
    primary, replica = (Node(tmp_path / name, **OPTIONS) for name in ("primary", "replica"))
    async with ended(primary, replica):
        await primary.start()
        await replica.start()
        await replica.ask("REPLICAOF", "127.0.0.1", primary.port)
        await online(primary)
        yield primary, replica


async def online(primary: Node) -> None:
    async with asyncio.timeout(30):
        while not await _is_online(primary):  # noqa: ASYNC110 - other processes
            await asyncio.sleep(0.02)


async def _is_online(primary: Node) -> bool:
    found = await primary.replication()
    return bool(found["connected_slaves"] and found["slave0"]["state"] == "online")


@asynccontextmanager
async def opened(
    url: str, directory: Directory, clock: Clock, copies: int | None = None, wait_s: float = 1.2
) -> AsyncIterator[Store]:
    connection = Connection.open(url, wait_s=wait_s, copies=copies)
    try:
        yield Store(connection, directory, clock)
    finally:
        await connection.close()


def address(node: Node) -> str:
    return f"redis://127.0.0.1:{node.port}"


@pytest.mark.parametrize("store_url", ["one store"], indirect=True, scope="session")
async def test_without_replicas_nobody_waits_for_any(connection: Connection, store: Store) -> None:
    assert await wanted(connection.client) == 0
    await store.join("general")
    assert connection.copies == 0


async def test_what_was_answered_is_in_the_replica_and_what_is_not_is_said_to_be_unconfirmed(
    tmp_path: Path, directory: Directory, clock: Clock
) -> None:
    async with pair(tmp_path) as (primary, replica), opened(address(primary), directory, clock) as store:
        await store.join("general")
        assert store.connection.copies == 1
        state = f"cb:{{p{partition('main'):02}}}:main:state"
        assert await replica.ask("HGET", state, "seq") == "1"
        replica.freeze()  # and for the primary it is still there
        with pytest.raises(Unconfirmed):
            await store.join("general", once="key")
        async with opened(address(primary), directory, clock, copies=1) as other:
            with pytest.raises(Unconfirmed):  # found, and still on one machine
                await other.join("general", once="key")
        replica.thaw()
        done = await store.join("general", once="key")
        assert done.ticket and done.ticket.label == "A002"
        assert await replica.ask("HGET", state, "seq") == "2"


async def test_a_refusal_is_acknowledged_by_the_same_rule(tmp_path: Path, directory: Directory, clock: Clock) -> None:
    """What it was refused for may be lost as well."""
    async with pair(tmp_path) as (primary, replica), opened(address(primary), directory, clock, copies=1) as store:
        await store.open_desk("d1", staff="ada")
        replica.freeze()
        with pytest.raises(Unconfirmed):
            await store.call_next("d1")


async def test_a_primary_that_becomes_a_replica_while_somebody_waits_is_as_one_that_is_away(
    tmp_path: Path, directory: Directory, clock: Clock
) -> None:
    async with pair(tmp_path) as (primary, replica), opened(address(primary), directory, clock, wait_s=5) as store:
        await store.open_desk("d1", staff="ada")
        replica.freeze()
        async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
            joining = tasks.create_task(answer_of(store))
            while not await blocked(primary):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.01)
            await primary.ask("REPLICAOF", "127.0.0.1", replica.port)
        assert isinstance(joining.result(), StoreAway)


async def answer_of(store: Store) -> object:
    try:
        return await store.join("general")
    except Exception as error:
        return error


async def blocked(node: Node) -> int:
    async with node.client() as client:
        return int((await client.info("clients"))["blocked_clients"])


async def test_who_asks_for_no_copies_waits_for_none(tmp_path: Path, directory: Directory, clock: Clock) -> None:
    async with pair(tmp_path) as (primary, replica), opened(address(primary), directory, clock, copies=0) as store:
        await cut_off(primary, [replica])
        await store.join("general")


async def test_a_service_is_followed_to_its_new_primary_with_all_that_was_acknowledged(
    tmp_path: Path, directory: Directory, clock: Clock
) -> None:
    async with watched(tmp_path) as service, opened(service.url, directory, clock, wait_s=20) as store:
        given = [await store.join("general") for _ in range(20)]
        await (await service.primary()).kill()
        given += [await store.join("general") for _ in range(5)]
        assert store.connection.marks.lost == 0
    assert [done.ticket.label for done in given if done.ticket] == [f"A{number:03}" for number in range(1, 26)]


async def test_a_cluster_is_followed_through_a_failover_and_a_moved_slot(
    tmp_path: Path, directory: Directory, clock: Clock
) -> None:
    async with replicated(tmp_path) as nodes, opened(nodes.url, directory, clock, wait_s=20) as store:
        given = [await store.join("general") for _ in range(20)]
        primary = await nodes.primary_of(partition("main"))
        await primary.kill()
        await nodes.primary_of(partition("main"), but=primary)
        await primary.start()
        given += [await store.join("general") for _ in range(5)]
        await nodes.whole()
        async with asyncio.TaskGroup() as tasks:
            moving = tasks.create_task(nodes.move(partition("main")))
            while not moving.done():
                given.append(await store.join("general"))
        given += [await store.join("general") for _ in range(5)]
        assert (store.connection.copies, store.connection.marks.lost) == (1, 0)
    labels = [done.ticket.label for done in given if done.ticket]
    assert labels == [f"A{number:03}" for number in range(1, len(given) + 1)]


async def test_nobody_is_at_home_where_no_sentinel_answers(directory: Directory, clock: Clock) -> None:
    async with opened("redis+sentinel://127.0.0.1:1,127.0.0.1:2/hall", directory, clock, wait_s=0.1) as store:
        with pytest.raises(StoreAway):
            await store.join("general")
        with pytest.raises(StoreAway):
            await store.connection.ping()
