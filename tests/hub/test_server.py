"""Real sockets that do not read, flood, or go: the server drops them, and nobody else notices."""

import asyncio
import base64
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvloop
from websockets.frames import Frame, Opcode

from callboard.hub.connection import Pace
from callboard.hub.handshake import WebSockets
from callboard.hub.http import Http
from callboard.hub.protocol import Close
from hub.served import TOKEN, Served, close_code, serve, text
from hub.world import World, until

LONG = "x" * 200_000
IMPATIENT = Pace(beat_s=60, send_s=0.2)


class QuickHttp(Http):
    stall_s = 0.3


class QuickWebSockets(WebSockets):
    stall_s = 0.5
    linger_s = 0.2


@contextmanager
def unread(port: int, request: str) -> Iterator[socket.socket]:
    """A connection that sends its request and then reads nothing, with room for little."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", port))
        client.sendall(request.replace("\n", "\r\n").encode() + b"\r\n\r\n")
        yield client


def handshake(path: str) -> str:
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET {path} HTTP/1.1\nHost: h\nConnection: Upgrade\nUpgrade: websocket\n"
        f"Sec-WebSocket-Version: 13\nSec-WebSocket-Key: {key}"
    )


STREAM = "GET /live/board/hall HTTP/1.1\nHost: h\nAccept: text/event-stream"


async def check_stuck_client_is_dropped(served: Served, request: str) -> None:
    """`request` opens a second listener of the hall, which never reads; the first one does."""
    world = served.world
    world.words["board:hall"] = LONG
    async with served.socket("/live/board/hall") as reader:
        await text(reader)
        with unread(served.port, request):
            await until(lambda: served.hub.listeners("board:hall") == 2)
            while served.hub.listeners("board:hall") == 2:
                world.happen("hall")
                assert f'"seq":{world.seq["hall"]},' in await text(reader)
            await until(lambda: served.connections == 1)
        world.happen("hall")
        assert f'"seq":{world.seq["hall"]},' in await text(reader)


@pytest.mark.parametrize("request_text", [handshake("/live/board/hall"), STREAM], ids=["websocket", "sse"])
async def test_a_client_that_stops_reading_disturbs_nobody_and_is_dropped(request_text: str) -> None:
    async with serve(World(), pace=IMPATIENT, http=QuickHttp, ws=QuickWebSockets) as served:
        await check_stuck_client_is_dropped(served, request_text)


def test_the_same_holds_on_uvloop() -> None:
    async def run() -> None:
        async with serve(World(), pace=IMPATIENT, http=QuickHttp, ws=QuickWebSockets) as served:
            await check_stuck_client_is_dropped(served, handshake("/live/board/hall"))
            await check_stuck_client_is_dropped(served, STREAM)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


async def test_a_client_that_leaves_pings_unanswered_is_dropped_with_what_it_has_not_read() -> None:
    async with serve(World(), ping_s=0.2) as served:
        with unread(served.port, handshake("/live/board/hall")):
            await fill(served)
            await until(lambda: not served.connections)


async def test_a_client_that_has_not_read_all_does_not_hold_up_its_end() -> None:
    async with serve(World(), ws=QuickWebSockets) as served:
        with unread(served.port, handshake("/live/board/hall")):
            await fill(served)
            served.hub.hang_up("board:hall", Close.UNKNOWN)
            await until(lambda: not served.connections)


async def test_a_client_that_has_not_read_all_does_not_hold_up_the_shutdown(caplog: pytest.LogCaptureFixture) -> None:
    async with serve(World(), ws=QuickWebSockets) as served:
        with unread(served.port, handshake("/live/board/hall")):
            await fill(served)
            served.server.should_exit = True
            await until(lambda: not served.connections)
    assert "timeout graceful shutdown exceeded" not in caplog.text


async def test_a_client_that_pings_and_never_reads_is_dropped() -> None:
    """Pongs pass by the flow control of documents, so they do not wait until a document was too slow."""
    async with serve(World()) as served:
        served.world.words["board:hall"] = LONG
        with unread(served.port, handshake("/live/board/hall")) as client:
            await until(lambda: served.hub.listeners("board:hall") == 1)
            with pytest.raises(ConnectionError):
                await flood(client, Frame(Opcode.PING, b"p" * 125).serialize(mask=True) * 100)
        await until(lambda: served.connections == 0)


async def fill(served: Served, words: str = LONG[:20_000]) -> None:
    """Publish until the one client leaves something in the server's own buffer, too little to be waited for."""
    served.world.words["board:hall"] = words
    await until(lambda: served.hub.listeners("board:hall"))
    [connection] = served.server.server_state.connections
    while not connection.transport.get_write_buffer_size():
        seen = served.hub.newest("board:hall")
        served.world.happen()
        await until(lambda: served.hub.newest("board:hall") is not seen)  # noqa: B023  asked before the next turn


async def flood(client: socket.socket, data: bytes) -> None:
    client.setblocking(False)
    async with asyncio.timeout(5):
        while True:
            await asyncio.get_running_loop().sock_sendall(client, data)


async def test_endless_empty_fragments_are_not_collected() -> None:
    async with serve(World()) as served, served.socket("/live/board/hall") as client:
        await text(client)
        start = Frame(Opcode.TEXT, b"", fin=False).serialize(mask=True)
        more = Frame(Opcode.CONT, b"", fin=False).serialize(mask=True)
        client.transport.write(start + more * 5000)
        assert await close_code(client) == 1006
        await until(lambda: served.connections == 0)


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [("GET", "POST", 405), ("Version: 13", "Version: 12", 400), ("Key: ", "Other: ", 400)],
)
async def test_a_handshake_that_is_none_is_refused(before: str, after: str, status: int) -> None:
    async with serve(World()) as served:
        with unread(served.port, handshake("/live/board/hall").replace(before, after)) as client:
            client.setblocking(False)
            async with asyncio.timeout(5):
                answer = await asyncio.get_running_loop().sock_recv(client, 4096)
        assert answer.startswith(b"HTTP/1.1 %d " % status)


async def test_a_message_over_four_kilobytes_ends_in_1009_before_it_is_read_whole() -> None:
    async with serve(World()) as served, served.socket("/live/board/hall") as client:
        await client.send("x" * 4097)
        assert await close_code(client) == 1009


async def test_more_than_twenty_messages_in_a_second_end_in_1008() -> None:
    async with serve(World()) as served, served.socket("/live/board/hall") as client:
        for _ in range(21):
            await client.send("hello")
        assert await close_code(client) == 1008


async def test_what_clients_say_is_not_compressed_and_not_answered() -> None:
    async with serve(World()) as served, served.socket("/live/board/hall") as client:
        assert client.response and "Sec-WebSocket-Extensions" not in client.response.headers
        await text(client)
        await client.send("hello")
        await client.send(b"\x00\xff")
        served.world.happen("hall")
        assert '"seq":1,' in await text(client)


async def test_shutdown_ends_sockets_with_1012_and_streams_at_once(caplog: pytest.LogCaptureFixture) -> None:
    async with serve(World()) as served, served.socket("/live/board/hall") as client, served.client() as http:
        await text(client)
        async with http.stream("GET", "/live/board/annex", headers={"Accept": "text/event-stream"}) as stream:
            polling = asyncio.create_task(http.get("/live/board/hall?after=0&wait=30"))
            await until(lambda: served.hub.listeners("board:hall") == 2 and served.hub.listeners("board:annex"))
            served.server.should_exit = True
            assert await close_code(client) == 1012
            assert "event: document" in (await stream.aread()).decode()
            answer = await polling
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        await until(lambda: not served.server.server_state.tasks)
    assert "timeout graceful shutdown exceeded" not in caplog.text


async def test_a_ticket_s_secret_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "uvicorn")
    caplog.set_level("INFO", "callboard")
    async with serve(World()) as served, served.socket(f"/live/ticket/{TOKEN}") as client:
        await text(client)
    records = [record for record in caplog.records if record.name != "uvicorn.access"]
    assert not [record for record in records if TOKEN in record.getMessage()]
