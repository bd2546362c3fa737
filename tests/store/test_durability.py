"""A store that keeps less than it acknowledges is told apart from one that keeps everything."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from redis.asyncio import Redis, RedisCluster

from callboard.store.binary import candidates, find_binary
from callboard.store.child import Child, command
from callboard.store.durability import weaknesses
from callboard.store.embedded import Embedded
from callboard.store.journal import Journal
from callboard.store.redis import Connection
from store.cluster import cluster, replicated
from store.sentinels import watched


@asynccontextmanager
async def foreign(directory: Path, **options: str) -> AsyncIterator[Redis]:
    """A server as somebody else might run it, and an administrator's connection to it."""
    socket = str(directory / "s")
    fixed = {"port": "0", "unixsocket": socket, "dir": str(directory)}
    named = {name.replace("_", "-"): value for name, value in options.items()}
    child = await Child.run(command(find_binary(candidates()).path, fixed | named), Journal(directory / "log"))
    try:
        async with Redis(unix_socket_path=socket, decode_responses=True) as client:
            await client.ping()  # redis-py's own retries wait until it listens
            yield client
    finally:
        await child.stop()


async def test_our_own_store_has_no_weakness(tmp_path: Path) -> None:
    embedded = Embedded(tmp_path)
    async with Redis.from_url(await embedded.start()) as client:
        assert await weaknesses(client) == []
    await embedded.stop()


async def test_the_defaults_of_a_server_are_named(tmp_path: Path) -> None:
    async with foreign(tmp_path) as client:
        kept, synced = await weaknesses(client)
    assert "(appendonly no)" in kept
    assert "(appendfsync everysec)" in synced


async def test_a_server_that_throws_away_is_named(tmp_path: Path) -> None:
    async with foreign(tmp_path, appendonly="yes", appendfsync="always", maxmemory_policy="allkeys-lru") as client:
        (only,) = await weaknesses(client)
    assert "throws data away when its memory is full (maxmemory-policy allkeys-lru)" in only


async def test_what_may_not_be_asked_is_said_to_be_unknown(tmp_path: Path) -> None:
    """Managed servers forbid CONFIG; the rest they tell in INFO."""
    async with foreign(tmp_path, appendonly="yes") as admin:
        await admin.execute_command("ACL SETUSER app on nopass ~* &* +@all -config")  # type: ignore[no-untyped-call]
        await admin.execute_command("ACL SETUSER closed on nopass ~* &* +@all -config -info")  # type: ignore[no-untyped-call]
        path = str(tmp_path / "s")
        async with Redis(unix_socket_path=path, username="app", password="x", decode_responses=True) as client:
            (only,) = await weaknesses(client)
            assert only == "Its appendfsync could not be checked: it does not let us ask."
        async with Redis(unix_socket_path=path, username="closed", password="x", decode_responses=True) as client:
            assert len(await weaknesses(client)) == 4


class OldServer:
    """Answers as Redis 6.2 does; none can be started here."""

    async def info(self) -> dict[str, object]:
        return {"redis_version": "6.2.14", "aof_enabled": 1, "maxmemory_policy": "noeviction"}

    async def config_get(self, name: str) -> dict[str, str]:
        return {name: "always"}


async def test_a_server_that_is_too_old_is_named() -> None:
    assert await weaknesses(OldServer()) == ["It is version 6.2.14: 7.0 or later is needed."]  # type: ignore[arg-type]


async def test_every_primary_of_a_cluster_is_asked_and_the_cluster_serves_keys_by_their_tag(tmp_path: Path) -> None:
    async with cluster(tmp_path) as url, RedisCluster.from_url(url.replace("redis+cluster:", "redis:")) as client:
        for partition in range(16):
            await client.set(f"{{p{partition:02}}}a", partition)
            assert await client.mget(f"{{p{partition:02}}}a", f"{{p{partition:02}}}b") == [b"%d" % partition, None]
        sizes = [await client.dbsize(target_nodes=node) for node in client.get_primaries()]
        found = await weaknesses(client)
    assert sum(sizes) == 16
    assert all(sizes)
    assert [len(sentence.split(": ")[0].split(", ")) for sentence in found] == [3, 3]


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Any]:
    connection = Connection.open(url)
    try:
        yield connection.client
    finally:
        await connection.close()


GOOD = {"appendfsync": "always", "min_replicas_to_write": "1"}


async def test_a_service_is_asked_with_its_replicas_and_its_sentinels(tmp_path: Path) -> None:
    async with watched(tmp_path, **GOOD) as service, opened(service.url) as client:
        assert await weaknesses(client) == []
        first, second = await service.replicas()
        await first.ask("CONFIG", "SET", "appendfsync", "everysec")
        await second.ask("CONFIG", "SET", "min-replicas-max-lag", "60")
        await (await service.primary()).ask("CONFIG", "SET", "min-replicas-to-write", "0")
        found = await weaknesses(client)
    told = {sentence.partition(": ")[0]: sentence for sentence in found}
    assert len(found) == len(told) == 3
    assert told["the primary"].endswith("(min-replicas-to-write 0): CONFIG SET min-replicas-to-write 1.")
    assert "(appendfsync everysec)" in told[f"127.0.0.1:{first.port}"]
    assert "CONFIG SET min-replicas-max-lag 10" in told[f"127.0.0.1:{second.port}"]


async def test_sentinels_that_cannot_agree_are_named(tmp_path: Path) -> None:
    async with watched(tmp_path, **GOOD) as service, opened(service.url) as client:
        for sentinel in service.sentinels[1:]:
            await sentinel.kill()
        async with asyncio.timeout(20):
            while not (found := await weaknesses(client)):  # noqa: ASYNC110 - other processes
                await asyncio.sleep(0.1)
    (only,) = found
    assert only.startswith("the Sentinels: They could promote nobody now: NOQUORUM")


async def test_the_replicas_of_a_cluster_are_asked_too(tmp_path: Path) -> None:
    async with replicated(tmp_path, **GOOD) as nodes, opened(nodes.url) as client:
        assert await weaknesses(client) == []
        (replica,) = await nodes.replicas_of(nodes.nodes[0])
        await replica.ask("CONFIG", "SET", "min-replicas-to-write", "0")
        (only,) = await weaknesses(client)
    assert only.startswith(f"127.0.0.1:{replica.port}: Cut off from its replicas")
