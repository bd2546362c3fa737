"""A cluster of three primaries on loopback, from the same server program as the private store."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.maint_notifications import MaintNotificationsConfig

from callboard.store.binary import candidates, find_binary
from callboard.store.child import Child, command
from callboard.store.journal import Journal

NODES = 3
SLOTS = 16384
BUS = 10_000  # a node's second port is its first plus this, and both must be below the ephemeral range


@asynccontextmanager
async def cluster(tmp_path: Path) -> AsyncIterator[str]:
    """Yields the address of a cluster in which every slot is served; ends its nodes, by process, on the way out."""
    async with AsyncExitStack() as stack:
        ports = [await _node(stack, tmp_path) for _ in range(NODES)]
        nodes = [await stack.enter_async_context(_client(port)) for port in ports]
        for number, node in enumerate(nodes):
            first, last = SLOTS * number // NODES, SLOTS * (number + 1) // NODES - 1
            await node.execute_command("CLUSTER ADDSLOTSRANGE", first, last)
            await node.execute_command("CLUSTER SET-CONFIG-EPOCH", number + 1)
        for port in ports[1:]:
            await nodes[0].execute_command("CLUSTER MEET", "127.0.0.1", port)
        async with asyncio.timeout(30):
            while not all([await _agrees(node) for node in nodes]):  # noqa: ASYNC110 - other processes
                await asyncio.sleep(0.02)
        yield f"redis+cluster://127.0.0.1:{ports[0]}"


async def _node(stack: AsyncExitStack, tmp_path: Path) -> int:
    """Starts one node and returns its port; somebody else may take a free port before it does, so it tries again."""
    binary = await asyncio.to_thread(lambda: find_binary(candidates()))
    for _ in range(10):
        port = _free_port()
        directory = tmp_path / f"node-{port}"
        directory.mkdir()
        journal = Journal(directory / "node.log")
        child = await Child.run(command(binary.path, _options(port, directory)), journal)
        if await _answers(port, child):
            stack.push_async_callback(child.stop)
            return port
    raise RuntimeError(f"no node started: {journal.last}")


def _options(port: int, directory: Path) -> dict[str, str]:
    return {
        "bind": "127.0.0.1",
        "port": str(port),
        "dir": str(directory),
        "save": "",
        "appendonly": "no",
        "cluster-enabled": "yes",
        "cluster-node-timeout": "5000",
    }


def _free_port() -> int:
    while True:
        port = random.randrange(11_000, 22_768)
        try:
            for number in (port, port + BUS):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", number))
        except OSError:
            continue
        return port


def _client(port: int) -> Any:
    return Redis(
        host="127.0.0.1",
        port=port,
        retry=Retry(NoBackoff(), 0),
        maint_notifications_config=MaintNotificationsConfig(enabled=False),
    )


async def _answers(port: int, child: Child) -> bool:
    async with _client(port) as client:
        while not child.gone.is_set():
            try:
                # Another node may have taken the port a moment before ours tried to.
                return bool((await client.info("server"))["process_id"] == child.pid)
            except (RedisError, OSError):
                await asyncio.sleep(0.005)
    return False


async def _agrees(node: Any) -> bool:
    """This node sees all of the others and every slot served."""
    info = await node.execute_command("CLUSTER INFO")
    return (info["cluster_state"], info["cluster_known_nodes"], info["cluster_slots_ok"]) == ("ok", "3", str(SLOTS))
