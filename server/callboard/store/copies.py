"""A change is acknowledged when other machines have it too: how many have to, and how they are waited for.

A primary answers before its replicas know. If it dies then, one of them is promoted, and what people were told is gone.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.exceptions import AskError, MovedError, ResponseError, TryAgainError
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import TimeoutError as StoreTimeout

from callboard.store.redis import Connection, NotCopied
from callboard.store.sentinel import Primary

LEAST_MS, MOST_MS = 100, 1000  # how long one try may take: in more than that no copy comes, and the caller has waited


async def wanted(client: Any) -> int:
    """How many copies a store can be asked for: one where it has replicas at all, be they there just now or not, as a
    service that Sentinels watch always has."""
    if isinstance(client, Primary):
        return 1
    if isinstance(client, RedisCluster):
        nodes = await client.execute_command("CLUSTER NODES")
        return int(any("slave" in node["flags"] for node in nodes.values()))
    return int((await client.info("replication")).get("connected_slaves", 0) > 0)


async def acknowledged(connection: Connection, copies: int, keys: Sequence[str], *command: Any) -> Any:
    """What a command answers that acts on `keys`, once so many machines beside the primary have what it did and found.
    Raises NotCopied, and as any command.

    One round trip on one connection: the command, a write, and the wait for both. The write is for commands that only
    find what was done before: their wait would be over at once.
    """
    mark = f"{keys[0].partition('}')[0]}}}:copied"
    patience_ms = min(MOST_MS, max(LEAST_MS, round(connection.wait_s * 1000)))
    together = [command, ("SET", mark, "1"), ("WAIT", copies, patience_ms)]
    if isinstance(connection.client, RedisCluster):
        answer, _, found = await _on_its_node(connection.client, keys[0], together)
    else:
        answer, _, found = await _on_the_primary(connection.client, together)
    if found < copies:
        raise NotCopied
    return answer


async def _on_the_primary(client: Any, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
    pool = client.connection_pool
    wire = await pool.get_connection()
    try:
        return _without_errors(await _exchange(wire, commands))
    finally:
        await pool.release(wire)


async def _on_its_node(client: RedisCluster, key: str, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
    """The client learns from its own failures where a slot is now, and so has to meet those that we meet."""
    await client.initialize()
    node = client.get_node_from_key(key)
    assert node is not None  # or it would have raised
    try:
        answers = await _on_node(node, commands)
    except (LostConnection, StoreTimeout):
        await client.execute_command(*commands[0])
        raise TryAgainError("the client knows more now") from None
    match answers[0]:
        case MovedError() as moved:
            await client.nodes_manager.move_slot(moved)
        case AskError() as ask if (importing := client.get_node(ask.host, ask.port)) is not None:
            command, _, wait = commands  # the write might make a key there that has yet to be moved, and stop the move
            return _without_errors(await _on_node(importing, [("ASKING",), command, ("PING",), wait]))[1:]
        case _ if not isinstance(answers[1], AskError | MovedError):
            return _without_errors(answers)
    raise TryAgainError("the slot is on the move")


async def _on_node(node: ClusterNode, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
    async with _connection(node) as wire:
        return await _exchange(wire, commands)


@asynccontextmanager
async def _connection(node: ClusterNode) -> AsyncIterator[Any]:
    wire = node.acquire_connection()
    try:
        await node.disconnect_if_needed(wire)
        yield wire
    finally:
        node.release(wire)


async def _exchange(wire: Any, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Whoever is interrupted leaves no answers behind for the next."""
    try:
        await wire.send_packed_command(wire.pack_commands(commands))
        return [await _reply(wire) for _ in commands]
    except BaseException:
        await wire.disconnect(nowait=True)
        raise


async def _reply(wire: Any) -> Any:
    try:
        return await wire.read_response()
    except ResponseError as error:
        return error


def _without_errors(answers: list[Any]) -> list[Any]:
    for answer in answers:
        if isinstance(answer, ResponseError):
            raise answer
    return answers
