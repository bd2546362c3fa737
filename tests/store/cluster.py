"""A cluster of three primaries on loopback, with or without a replica each, from the program of the private store."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis.crc import key_slot
from redis.exceptions import RedisError

from callboard.store import keys
from store.nodes import OPTIONS, PATIENCE_S, Node, ended

PRIMARIES = 3
SLOTS = 16384
PLAIN = {"appendonly": "no", "cluster-node-timeout": "5000"}
REPLICATED = {"appendonly": "yes", "cluster-node-timeout": "1000", "cluster-replica-validity-factor": "0"}


@dataclass(frozen=True)
class Cluster:
    """Any of its nodes may be away. Which are primaries changes."""

    nodes: list[Node]

    @property
    def url(self) -> str:
        return f"redis+cluster://{','.join(f'127.0.0.1:{node.port}' for node in self.nodes)}"

    async def replicas_of(self, primary: Node) -> list[Node]:
        return [node for node in self.nodes if (await node.replication()).get("master_port") == primary.port]

    async def primary_of(self, partition: int, but: Node | None = None) -> Node:
        """Who serves it, as soon as it is another node than `but` and takes writes."""
        slot = key_slot(keys.tag(partition).encode())
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for node in self.nodes:
                    with suppress(RedisError, OSError):
                        if node is not but and await _serves(node, slot):
                            return node
                await asyncio.sleep(0.05)

    async def move(self, partition: int) -> None:
        """Gives a partition's slot with all its keys to another primary, in the way of an operator."""
        slot = key_slot(keys.tag(partition).encode())
        source = await self.primary_of(partition)
        primaries = [node for node in self.nodes if (await node.replication())["role"] == "master"]
        target = next(node for node in primaries if node is not source)
        ids = {node: await node.ask("CLUSTER", "MYID") for node in (source, target)}
        await target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[source])
        await source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[target])
        while batch := await source.ask("CLUSTER", "GETKEYSINSLOT", slot, 50):
            await source.ask("MIGRATE", "127.0.0.1", target.port, "", 0, 1000, "KEYS", *batch)
        for node in (target, *(each for each in primaries if each is not target)):  # the new owner first
            await node.ask("CLUSTER", "SETSLOT", slot, "NODE", ids[target])

    async def whole(self) -> None:
        """Waits until every node is there and sees every other, every slot is served, and replicas have caught up."""
        async with asyncio.timeout(PATIENCE_S):
            while not await self._is_whole():  # noqa: ASYNC110 - other processes
                await asyncio.sleep(0.05)

    async def _is_whole(self) -> bool:
        with suppress(RedisError, OSError):
            return all([await _agrees(node, len(self.nodes)) for node in self.nodes])
        return False


@asynccontextmanager
async def cluster(tmp_path: Path) -> AsyncIterator[str]:
    """Yields the address of one without replicas, in which every slot is served; ends its nodes on the way out."""
    async with _started(tmp_path, PRIMARIES, PLAIN) as nodes:
        await _divide(nodes)
        await Cluster(nodes).whole()
        yield f"redis+cluster://127.0.0.1:{nodes[0].port}"


@asynccontextmanager
async def replicated(tmp_path: Path, **options: str) -> AsyncIterator[Cluster]:
    """Yields one in which every primary has a replica."""
    async with _started(tmp_path, 2 * PRIMARIES, REPLICATED | options) as nodes:
        primaries, replicas = nodes[:PRIMARIES], nodes[PRIMARIES:]
        await _divide(primaries)
        for node in replicas:
            await primaries[0].ask("CLUSTER", "MEET", "127.0.0.1", node.port)
        for primary, replica in zip(primaries, replicas, strict=True):
            await _follow(replica, str(await primary.ask("CLUSTER", "MYID")))
        found = Cluster(nodes)
        await found.whole()
        yield found


@asynccontextmanager
async def _started(tmp_path: Path, count: int, options: dict[str, str]) -> AsyncIterator[list[Node]]:
    nodes = [Node(tmp_path / f"node-{i}", **OPTIONS, **options, cluster_enabled="yes") for i in range(count)]
    async with ended(*nodes):
        for node in nodes:
            await node.start()
        yield nodes


async def _divide(nodes: Sequence[Node]) -> None:
    """Each gets its part of the slots, and they meet."""
    for number, node in enumerate(nodes):
        first, last = SLOTS * number // len(nodes), SLOTS * (number + 1) // len(nodes) - 1
        await node.ask("CLUSTER", "ADDSLOTSRANGE", first, last)
        await node.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
    for node in nodes[1:]:
        await nodes[0].ask("CLUSTER", "MEET", "127.0.0.1", node.port)


async def _follow(replica: Node, primary: str) -> None:
    """As soon as it has heard of the primary."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            with suppress(RedisError):
                await replica.ask("CLUSTER", "REPLICATE", primary)
                return
            await asyncio.sleep(0.02)


async def _serves(node: Node, slot: int) -> bool:
    if (await _info(node))["cluster_state"] != "ok" or (await node.replication())["role"] != "master":
        return False
    port = next(each[2][1] for each in await node.ask("CLUSTER", "SLOTS") if each[0] <= slot <= each[1])
    return bool(port == node.port)


async def _agrees(node: Node, count: int) -> bool:
    """This node sees all of the others and every slot served; a replica has caught up."""
    info, replication = await _info(node), await node.replication()
    told = (info["cluster_state"], info["cluster_known_nodes"], info["cluster_slots_ok"])
    is_fine = replication["role"] == "master" or replication["master_link_status"] == "up"
    has_all = count == PRIMARIES or replication["role"] == "slave" or replication["connected_slaves"] > 0
    return told == ("ok", str(count), str(SLOTS)) and is_fine and has_all


async def _info(node: Node) -> dict[str, Any]:
    found: dict[str, Any] = await node.ask("CLUSTER INFO")
    return found
