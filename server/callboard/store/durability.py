"""How well a store that is not ours keeps what it has acknowledged, in sentences for the operator."""

from collections.abc import Mapping
from typing import Any

from redis.asyncio import Redis, RedisCluster
from redis.exceptions import ResponseError

from callboard.store.binary import OLDEST


async def weaknesses(client: Redis | RedisCluster) -> list[str]:
    """One sentence for each way in which this store may lose what it has said is stored; empty when there is none.

    Every primary of a cluster is asked. What may not be asked is said to be unknown. Raises as any command does when
    the store does not answer.
    """
    if not isinstance(client, RedisCluster):
        return _sentences(await _settings(client))
    await client.initialize()
    found: list[str] = []
    for node in client.get_primaries():
        settings = await _settings(client, target_nodes=node)
        found += [f"{node.host}:{node.port}: {sentence}" for sentence in _sentences(settings)]
    return found


async def _settings(client: Any, **where: Any) -> dict[str, str]:
    """What the store tells of itself; a managed one often forbids CONFIG, and INFO tells most of it as well."""
    settings: dict[str, str] = {}
    for ask in (_from_info, _from_config):
        try:
            settings.update(await ask(client, **where))
        except ResponseError:  # no such command here, or not for us
            continue
    return settings


async def _from_info(client: Any, **where: Any) -> dict[str, str]:
    info: Mapping[str, Any] = await client.info(**where)
    told = {"version": info.get("redis_version"), "maxmemory-policy": info.get("maxmemory_policy")}
    if "aof_enabled" in info:
        told["appendonly"] = "yes" if int(info["aof_enabled"]) else "no"
    return {name: str(value) for name, value in told.items() if value is not None}


async def _from_config(client: Any, **where: Any) -> dict[str, str]:
    return dict(await client.config_get("appendfsync", **where))


def _sentences(settings: Mapping[str, str]) -> list[str]:
    oldest = ".".join(map(str, OLDEST))
    weak = {
        "appendonly": "It keeps no append-only file (appendonly {}): a hard stop loses all since its last snapshot.",
        "appendfsync": "It answers before a change is on the disk (appendfsync {}): a power cut loses tickets that "
        "people hold, and their numbers are given out again.",
        "maxmemory-policy": "It throws data away when its memory is full (maxmemory-policy {}).",
        "version": f"It is version {{}}: {oldest} or later is needed.",
    }
    good = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}
    found = []
    for name, sentence in weak.items():
        value = settings.get(name)
        if value is None:
            found.append(f"Its {name} could not be checked: it does not let us ask.")
        elif not (_new_enough(value) if name == "version" else value == good[name]):
            found.append(sentence.format(value))
    return found


def _new_enough(version: str) -> bool:
    return tuple(int(part) if part.isdigit() else 0 for part in version.split(".")) >= OLDEST
