"""Store servers on loopback ports that can be killed, frozen and started again: each by its process."""

import asyncio
import os
import random
import signal
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.maint_notifications import MaintNotificationsConfig

from callboard.store.binary import candidates, find_binary
from callboard.store.child import Child
from callboard.store.journal import Journal

BUS = 10_000  # a node's second port is its first plus this, and both must be below the ephemeral range
PATIENCE_S = 40.0
OPTIONS = {"bind": "127.0.0.1", "save": "", "repl-diskless-sync-delay": "0", "repl-ping-replica-period": "1"}


class Node:
    """One server program with a directory of its own. `first` are what comes before its options: a file, say."""

    def __init__(self, directory: Path, *first: str, **options: str) -> None:
        self.port = 0
        self.directory = directory
        self._first = first
        self._options = {name.replace("_", "-"): value for name, value in options.items()}
        self._child: Child | None = None
        self._journal = Journal(directory / "node.log")

    async def start(self) -> None:
        """On the port that it had, or a free one; another server may take that a moment before it does."""
        self.directory.mkdir(exist_ok=True)
        for _ in range(10):
            port = self.port or free_port()
            self._child = await Child.run(await self._argv(port), self._journal)
            if await self._answers(port):
                self.port = port
                return
        raise RuntimeError(f"no node started: {self._journal.last}")

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    async def kill(self) -> None:
        assert self._child
        self._signal(signal.SIGKILL)
        await self._child.gone.wait()

    async def end(self) -> None:
        if self._child:
            self.thaw()
            await self._child.stop()

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Any]:
        async with Redis(
            port=self.port,
            decode_responses=True,
            socket_timeout=5,
            retry=Retry(NoBackoff(), 0),
            maint_notifications_config=MaintNotificationsConfig(enabled=False),
        ) as client:
            yield client

    async def ask(self, *command: Any) -> Any:
        async with self.client() as client:
            return await client.execute_command(*command)

    async def replication(self) -> dict[str, Any]:
        async with self.client() as client:
            return dict(await client.info("replication"))

    async def _argv(self, port: int) -> list[str]:
        binary = await asyncio.to_thread(lambda: find_binary(candidates()))
        options = {"port": str(port), "dir": str(self.directory), **self._options}
        return [str(binary.path), *self._first, *(part for name in options for part in (f"--{name}", options[name]))]

    async def _answers(self, port: int) -> bool:
        assert self._child
        self.port, before = port, self.port
        while not self._child.gone.is_set():
            with suppress(RedisError, OSError):
                async with self.client() as client:
                    if (await client.info("server"))["process_id"] == self._child.pid:
                        return True
            await asyncio.sleep(0.01)
        self.port = before
        return False

    def _signal(self, number: signal.Signals) -> None:
        if self._child and not self._child.gone.is_set():
            with suppress(ProcessLookupError):
                os.kill(self._child.pid, number)


def free_port() -> int:
    while True:
        port = random.randrange(11_000, 22_768)
        try:
            for number in (port, port + BUS):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", number))
        except OSError:
            continue
        return port


@asynccontextmanager
async def ended(*nodes: Node) -> AsyncIterator[None]:
    """All of them, whatever happens."""
    try:
        yield
    finally:
        await asyncio.gather(*(node.end() for node in nodes))


async def cut_off(primary: Node, replicas: Sequence[Node]) -> None:
    """They stand still and get nothing more: nothing lies on its way to them either."""
    for replica in replicas:
        replica.freeze()
    await primary.ask("CLIENT", "KILL", "TYPE", "replica")
