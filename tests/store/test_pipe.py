"""Commands of many callers on one connection."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, suppress
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import ReadOnlyError, ResponseError
from redis.exceptions import TimeoutError as StoreTimeout

from callboard.store import pipe
from callboard.store.pipe import transport_of
from callboard.store.redis import Connection
from servers import start_server

PATIENCE_S = 0.2


@pytest.fixture(scope="module")
def store_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A store of its own, since some of these make it silent; a cluster has no pipes."""
    with start_server(tmp_path_factory.mktemp("pipe")) as url:
        yield url


@pytest.fixture
async def client(connection: Connection) -> Any:
    return connection.client


@pytest.fixture
async def hasty(connection: Connection) -> AsyncIterator[Any]:
    """As a blocking read has it: alone, and with little patience."""
    client = connection.tail_client(PATIENCE_S)
    yield client
    await client.aclose()


async def clients(url: str) -> int:
    """How many the store has, beside the one who asks."""
    async with Redis.from_url(url) as asking:
        return len(await asking.client_list()) - 1


async def test_any_number_at_once_go_through_one_connection_and_each_gets_its_own_answer(
    client: Any, store_url: str
) -> None:
    await client.mset({str(n): f"value {n}" for n in range(500)})
    asked = [client.get(str(n)) if n % 5 else client.lpush(str(n), "no list") for n in range(500)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    for n, answer in enumerate(answers):
        assert answer == f"value {n}" if n % 5 else isinstance(answer, ResponseError)
    assert await clients(store_url) == 1


async def test_who_gives_up_leaves_nobody_with_the_answer_of_another(client: Any) -> None:
    await client.mset({str(n): f"value {n}" for n in range(30)})
    tasks = [asyncio.ensure_future(client.get(str(n))) for n in range(30)]
    await asyncio.sleep(0)
    for task in tasks[::3]:
        task.cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [n for n, answer in enumerate(answers) if answer == f"value {n}"] == [n for n in range(30) if n % 3]
    assert await client.get("7") == "value 7"


async def blocked(client: Any, count: int) -> None:
    """Until so many wait in the store."""
    async with asyncio.timeout(2):
        while (await client.info("clients"))["blocked_clients"] != count:  # noqa: ASYNC110  the store tells nobody
            await asyncio.sleep(0.01)


async def test_a_blocking_read_that_was_given_up_takes_nothing_that_comes_later(connection: Connection) -> None:
    """What the store would hand to a read that nobody waits for any more would be missed by the next."""
    await connection.client.xgroup_create("stream", "group", mkstream=True)
    reader = connection.tail_client(5)
    read = asyncio.ensure_future(reader.xreadgroup("group", "me", {"stream": ">"}, block=5000))
    await blocked(connection.client, 1)
    read.cancel()
    await blocked(connection.client, 0)
    await connection.client.xadd("stream", {"n": "1"})
    answer = await reader.xreadgroup("group", "me", {"stream": ">"}, block=5000)
    assert [fields for _, fields in answer[0][1]] == [{"n": "1"}]
    await reader.aclose()


async def test_a_store_that_is_silent_is_told_to_all_and_asked_anew(hasty: Any, client: Any) -> None:
    await client.set("k", "value")
    await hasty.ping()
    await client.execute_command("CLIENT PAUSE", 1000, "ALL")
    began = asyncio.get_running_loop().time()
    answers = await asyncio.gather(*(hasty.get("k") for _ in range(5)), return_exceptions=True)
    assert PATIENCE_S <= asyncio.get_running_loop().time() - began < 1
    assert [type(answer) for answer in answers] == [StoreTimeout] * 5
    assert await client.get("k") == "value"  # that one has waited
    assert await hasty.get("k") == "value"


async def test_a_store_that_answers_is_not_silent_however_long_ago_it_was_first_asked(hasty: Any) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + 3 * PATIENCE_S
    while loop.time() < until:
        await hasty.ping()
    await asyncio.sleep(2 * PATIENCE_S)  # nothing is due
    assert await hasty.ping()


async def test_a_connection_that_the_store_ends_is_told_to_all_who_wait_and_opened_anew(
    client: Any, store_url: str
) -> None:
    await client.set("k", "value")
    waits = [asyncio.ensure_future(client.blpop("nothing")), asyncio.ensure_future(client.get("k"))]
    async with Redis.from_url(store_url) as other:
        await blocked(other, 1)
        await other.client_kill_filter(_type="normal")
        answers = await asyncio.gather(*waits, return_exceptions=True)
    assert [type(answer) for answer in answers] == [LostConnection] * 2
    assert await asyncio.gather(*(client.get("k") for _ in range(20))) == ["value"] * 20
    assert await clients(store_url) == 1


async def test_too_many_who_wait_are_refused_and_the_others_get_their_answers(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipe, "MOST", 10)
    await client.ping()
    answers = await asyncio.gather(*(client.ping() for _ in range(15)), return_exceptions=True)
    assert answers[:10] == [True] * 10
    assert [type(answer) for answer in answers[10:]] == [LostConnection] * 5
    assert await client.ping()


async def test_a_value_that_is_no_text_troubles_only_whoever_reads_it(client: Any) -> None:
    await client.mset({"bad": b"\xff\xfe", "good": "value"})
    bad, good = await asyncio.gather(client.get("bad"), client.get("good"))
    with pytest.raises(UnicodeEncodeError):
        bad.encode()
    assert good == "value"


async def test_a_store_that_does_not_even_refuse_holds_nobody_up_for_longer_than_one_try_takes() -> None:
    tries = 0

    async def says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal tries
        tries += 1
        with closing(writer):
            while await reader.read(1000):
                pass

    async with await asyncio.start_server(says_nothing, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        client = Connection.open(f"redis://127.0.0.1:{port}").tail_client(PATIENCE_S)
        async with asyncio.timeout(10 * PATIENCE_S):
            answers = await asyncio.gather(*(client.ping() for _ in range(50)), return_exceptions=True)
        assert {type(answer) for answer in answers} <= {LostConnection, StoreTimeout}
        before = tries
        with pytest.raises((LostConnection, StoreTimeout)):
            await client.ping()
        assert tries > before, "who comes later tries anew"
        await client.aclose()


async def test_a_connection_that_was_reset_while_nobody_used_it_is_not_taken_for_a_pipe(store_url: str) -> None:
    """As the pool keeps those of pipelines; it sees one that was closed, and not one that was reset."""
    wires: list[asyncio.StreamWriter] = []

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError), closing(writer):
            while data := await reader.read(1 << 16):
                writer.write(data)

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wires.append(writer)
        with suppress(ConnectionError):
            store_reader, store_writer = await asyncio.open_unix_connection(store_url.removeprefix("unix://"))
            await asyncio.gather(pump(reader, store_writer), pump(store_reader, writer))

    async with await asyncio.start_server(relay, "127.0.0.1", 0) as server:
        connection = Connection.open(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        pool = connection.client.connection_pool
        wire = await pool.get_connection()
        await pool.release(wire)
        wires[0].get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        wires[0].transport.abort()
        async with asyncio.timeout(2):
            while not transport_of(wire).is_closing():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            assert await connection.client.ping()
        await connection.close()


async def test_a_pipe_that_is_closing_is_not_asked(client: Any) -> None:
    await client.ping()
    transport_of(client.connection_pool._in_use_connections.copy().pop()).abort()
    with pytest.raises(LostConnection):
        await client.ping()
    assert await client.ping()


async def test_a_store_that_takes_no_writes_any_more_is_looked_for_again(client: Any, store_url: str) -> None:
    """It has become a replica, and its address may lead to the new primary."""
    await client.ping()
    async with Redis.from_url(store_url) as other:
        before = {each["id"] for each in await other.client_list()}
        await other.replicaof("127.0.0.1", 1)
        with pytest.raises(ReadOnlyError):
            await client.set("k", "1")
        await other.replicaof("NO", "ONE")
        assert await client.set("k", "2")
        assert {each["id"] for each in await other.client_list()} != before


async def test_connections_that_are_lost_again_and_again_use_up_none(client: Any) -> None:
    for _ in range(100):
        with suppress(LostConnection):
            await client.client_kill_filter(_type="normal", skipme=False)
    assert await client.ping()


async def test_what_the_store_says_unasked_is_nobody_s_answer(client: Any, store_url: str) -> None:
    await client.execute_command("CLIENT TRACKING", "ON")
    await client.get("k")
    waits = asyncio.ensure_future(client.blpop("list"))
    async with Redis.from_url(store_url) as other:
        await blocked(other, 1)
        await other.set("k", "2")
        await other.lpush("list", "mine")
    assert list(await waits) == ["list", "mine"]


async def test_a_client_that_was_closed_leaves_no_connection_and_can_be_used_again(
    connection: Connection, store_url: str
) -> None:
    await connection.client.ping()
    await connection.close()
    while await clients(store_url):  # noqa: ASYNC110  the store tells nobody
        await asyncio.sleep(0.01)
    assert await connection.client.ping()
