"""A primary with two replicas, and three Sentinels that watch them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from redis.exceptions import RedisError

from store.nodes import OPTIONS, PATIENCE_S, Node, ended

SERVICE = "hall"
WATCHING = """
sentinel monitor {service} 127.0.0.1 {port} 2
sentinel down-after-milliseconds {service} 600
sentinel failover-timeout {service} 1500
sentinel parallel-syncs {service} 2
"""


@dataclass(frozen=True)
class Watched:
    """The service. Which of `servers` is the primary changes."""

    servers: list[Node]
    sentinels: list[Node]

    @property
    def url(self) -> str:
        return f"redis+sentinel://{','.join(f'127.0.0.1:{node.port}' for node in self.sentinels)}/{SERVICE}"

    async def primary(self) -> Node:
        """Whom the first Sentinel names."""
        _, port = await self.sentinels[0].ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE)
        return next(node for node in self.servers if node.port == int(port))

    async def replicas(self) -> list[Node]:
        primary = await self.primary()
        return [node for node in self.servers if node is not primary]

    async def whole(self, but: Node | None = None) -> Node:
        """Waits until there is a primary other than `but` that has a replica, and all Sentinels know; the primary."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                with suppress(RedisError, OSError):
                    primary = await self.primary()
                    if primary is not but and await self._agreed(primary, 1 if but else len(self.servers) - 1):
                        return primary
                await asyncio.sleep(0.05)

    async def _agreed(self, primary: Node, replicas: int) -> bool:
        info = await primary.replication()
        online = [info[f"slave{i}"]["state"] == "online" for i in range(info["connected_slaves"])]
        for sentinel in self.sentinels:
            _, port = await sentinel.ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE)
            state = await sentinel.ask("SENTINEL", "CKQUORUM", SERVICE)
            known = await sentinel.ask("SENTINEL", "REPLICAS", SERVICE)
            if int(port) != primary.port or not str(state).startswith("OK 3") or len(known) < len(self.servers) - 1:
                return False
        return bool(info["role"] == "master" and sum(online) >= replicas)


@asynccontextmanager
async def watched(tmp_path: Path, **options: str) -> AsyncIterator[Watched]:
    """Yields it when everybody knows everybody; ends all processes on the way out."""
    servers = [Node(tmp_path / f"server-{i}", **OPTIONS, appendonly="yes", **options) for i in range(3)]
    sentinels = [_sentinel(tmp_path / f"sentinel-{i}") for i in range(3)]
    async with ended(*servers, *sentinels):
        await servers[0].start()
        for server in servers[1:]:
            await server.start()
            await server.ask("REPLICAOF", "127.0.0.1", servers[0].port)
        for sentinel in sentinels:
            (sentinel.directory / "conf").write_text(WATCHING.format(service=SERVICE, port=servers[0].port))
            await sentinel.start()
        service = Watched(servers, sentinels)
        await service.whole()
        yield service


def _sentinel(directory: Path) -> Node:
    directory.mkdir()
    return Node(directory, str(directory / "conf"), "--sentinel", bind="127.0.0.1")
