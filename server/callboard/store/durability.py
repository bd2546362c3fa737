"""How well a store that is not ours keeps what it has acknowledged, in sentences for the operator."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from redis.asyncio import Redis, RedisCluster
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as StoreTimeout

from callboard.store.binary import OLDEST
from callboard.store.sentinel import Primary, replicas_of

SENTINELS = 3  # with fewer nobody is promoted when a machine is lost
LAG_S = 10  # a replica that has been silent for longer is none

SENTENCES = {
    "appendonly": "It keeps no append-only file (appendonly {}): a hard stop loses all since its last snapshot.",
    "appendfsync": "It answers before a change is on the disk (appendfsync {}): a power cut loses tickets that "
    "people hold, and their numbers are given out again.",
    "maxmemory-policy": "It throws data away when its memory is full (maxmemory-policy {}).",
    "version": f"It is version {{}}: {'.'.join(map(str, OLDEST))} or later is needed.",
    "min-replicas-to-write": "Cut off from its replicas it goes on taking changes, which screens show and which are "
    "lost when one of them is promoted (min-replicas-to-write {}): CONFIG SET min-replicas-to-write 1.",
    "min-replicas-max-lag": f"It counts replicas that may be long gone (min-replicas-max-lag {{}}): "
    f"CONFIG SET min-replicas-max-lag {LAG_S}.",
}
ALONE = ("appendonly", "appendfsync", "maxmemory-policy", "version")


async def weaknesses(client: Redis | RedisCluster) -> list[str]:
    """One sentence for each way in which this store may lose what it has said is stored; empty when there is none.

    Every server is asked, replicas too, since each of them may become a primary; where there are several, a sentence
    begins with those that it is about. What may not be asked is said to be unknown. Raises as any command does when a
    primary does not answer.
    """
    if isinstance(client, RedisCluster):
        return await _of_cluster(client)
    if isinstance(client, Primary):
        return await _of_service(client)
    return _sentences(await _settings(client))


async def _of_cluster(client: RedisCluster) -> list[str]:
    await client.initialize()
    told, replicas = _Told(), client.get_replicas()
    for node in client.get_primaries():
        told.hear(node.name, _sentences(await _settings(client, target_nodes=node), replicated=bool(replicas)))
    for node in replicas:
        try:
            told.hear(node.name, _sentences(await _settings(client, target_nodes=node), replicated=True))
        except (LostConnection, StoreTimeout):
            told.hear(node.name, ["It does not answer: there is one replica less."])
    return told.sentences


async def _of_service(client: Primary) -> list[str]:
    told = _Told()
    told.hear("the primary", _sentences(await _settings(client), replicated=True))
    replicas = await replicas_of(client)
    for name, replica in replicas.items():
        async with replica:
            try:
                told.hear(name, _sentences(await _settings(replica), replicated=True))
            except (LostConnection, StoreTimeout):
                told.hear(name, ["It does not answer: there is one replica less."])
    if not replicas:
        told.hear("the primary", ["It has no replica: nobody can be promoted, and nothing is acknowledged."])
    told.hear("the Sentinels", await _of_sentinels(client))
    return told.sentences


async def _of_sentinels(client: Primary) -> list[str]:
    asked: Any = client.watchers.sentinels[0]  # that one answered last
    count = (await asked.sentinel_masters())[client.service]["num-other-sentinels"] + 1
    found = (
        [] if count >= SENTINELS else [f"They are {count}: with fewer than {SENTINELS} one lost machine is too much."]
    )
    try:
        await asked.execute_command("SENTINEL CKQUORUM", client.service)
    except ResponseError as error:
        found.append(f"They could promote nobody now: {error}")
    return found


class _Told:
    """What was heard of each server; what is the same of several is said once."""

    def __init__(self) -> None:
        self._by_sentence: defaultdict[str, list[str]] = defaultdict(list)

    def hear(self, name: str, sentences: list[str]) -> None:
        for sentence in sentences:
            self._by_sentence[sentence].append(name)

    @property
    def sentences(self) -> list[str]:
        return [f"{', '.join(names)}: {sentence}" for sentence, names in self._by_sentence.items()]


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
    if int(info.get("connected_slaves", 0)):
        told["replicas"] = info["connected_slaves"]
    return {name: str(value) for name, value in told.items() if value is not None}


async def _from_config(client: Any, **where: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in ("appendfsync", "min-replicas-*"):
        found.update(await client.config_get(name, **where))
    return found


def _sentences(settings: Mapping[str, str], *, replicated: bool = False) -> list[str]:
    replicated = replicated or "replicas" in settings
    found = []
    for name in SENTENCES if replicated else ALONE:
        value = settings.get(name)
        if value is None:
            found.append(f"Its {name} could not be checked: it does not let us ask.")
        elif not _is_good(name, value):
            found.append(SENTENCES[name].format(value))
    return found


def _is_good(name: str, value: str) -> bool:
    match name:
        case "version":
            return tuple(int(part) if part.isdigit() else 0 for part in value.split(".")) >= OLDEST
        case "min-replicas-to-write":
            return int(value) >= 1
        case "min-replicas-max-lag":
            return 1 <= int(value) <= LAG_S
        case _:
            return value == {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}[name]
