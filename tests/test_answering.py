"""How a server that is told to stop treats those who have come: whoever has asked is answered, and then sent away."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

import pytest
import trustme
import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from callboard import answering
from callboard.answering import Told
from callboard.hub import arriving
from callboard.hub.sealed import Context
from callboard.wire import Http, uvicorn_options

CROWD = 160
ASKED = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"


async def _hello(request: Request) -> Response:
    return PlainTextResponse("hello")


class Line:
    """One client. It is not asyncio's, so that what it sends is there before the server's loop sees it."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 10)

    async def connected(self, told: Told) -> None:
        """Until the server knows it."""
        async with asyncio.timeout(10):
            while not any(  # noqa: ASYNC110 - uvicorn tells nobody
                _port(each) == self._socket.getsockname()[1] for each in told.server_state.connections
            ):
                await asyncio.sleep(0.005)

    def say(self, data: bytes) -> None:
        self._socket.sendall(data)

    async def hears(self, last: bytes) -> None:
        """Waits for the end of an answer."""
        found = b""
        while not found.endswith(last):
            more = await asyncio.to_thread(self._socket.recv, 10_000)
            assert more, found
            found += more

    async def heard_all(self) -> bytes:
        """Everything until it is hung up on."""
        found = b""
        while more := await asyncio.to_thread(self._socket.recv, 10_000):
            found += more
        return found

    def close(self) -> None:
        self._socket.close()


def _port(connection: object) -> int:
    transport = getattr(connection, "transport")  # noqa: B009 - uvicorn says nothing of its type
    return int(transport.get_extra_info("peername")[1])


@asynccontextmanager
async def told(tls: ssl.SSLContext | None = None) -> AsyncIterator[tuple[Told, int]]:
    """A server, and its port; it is stopped in the end."""
    app = Starlette(routes=[Route("/", _hello)])
    server = Told(uvicorn.Config(app, lifespan="off", **uvicorn_options(tls)), lambda: None)
    ready = asyncio.Event()
    server.when_ready = ready.set
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.serve([listening]))
            await ready.wait()
            try:
                yield server, port
            finally:
                server.stop()


def test_a_crowd_that_connects_in_one_moment_is_taken_up_in_a_few_turns_of_the_loop() -> None:
    """The kernel has room for so many to wait; whoever finds none comes back after seconds."""

    async def crowd() -> int:
        async with told() as (server, port):
            with ExitStack() as all:
                for _ in range(CROWD):
                    all.enter_context(socket.create_connection(("127.0.0.1", port), 10))
                turns = 0
                while len(server.server_state.connections) < CROWD and turns < 2 * CROWD:
                    turns += 1
                    await asyncio.sleep(0)
                return turns

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(crowd()) <= CROWD / 2


async def test_who_has_asked_is_answered_and_who_has_not_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Http, "last_s", 10.0)
    async with told() as (server, port):
        lines = idle, asked, amid, fresh = [Line(port) for _ in range(4)]
        try:
            for line in lines:
                await line.connected(server)
            for line in (idle, asked):
                line.say(ASKED)
                await line.hears(b"hello")
            amid.say(ASKED[:-2])
            await asyncio.sleep(0.05)
            server.stop()
            asked.say(ASKED)  # before the loop turns: nobody has read it when the server stops
            assert server.should_exit
            for connection in list(server.server_state.connections):
                connection.shutdown()
            assert await idle.heard_all() == b""
            amid.say(ASKED[-2:])
            fresh.say(ASKED)
            for line in (asked, amid, fresh):
                answer = await line.heard_all()
                assert answer.endswith(b"hello") and b"\r\nconnection: close\r\n" in answer
        finally:
            for line in lines:
                line.close()


async def test_where_others_go_on_who_asks_is_told_before_the_connection_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(answering, "LAST_S", 2.0)
    async with told() as (server, port):
        server.others_go_on = True
        line = Line(port)
        await line.connected(server)
        line.say(ASKED)
        await line.hears(b"hello")
        server.stop()
        async with asyncio.timeout(10):
            while server.config.timeout_keep_alive:  # noqa: ASYNC110 - uvicorn tells nobody
                await asyncio.sleep(0.005)
        line.say(ASKED)
        assert b"\r\nconnection: close\r\n" in await line.heard_all()
        line.close()


async def test_who_has_connected_and_asks_nothing_is_not_waited_for() -> None:
    async with asyncio.timeout(10), told() as (server, port):
        line = Line(port)
        await line.connected(server)
        server.stop()
        assert await line.heard_all() == b""
        line.close()


async def test_who_is_silent_amid_a_tls_handshake_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(arriving.PATIENCE_S, "ssl_handshake_timeout", 0.2)
    context = Context(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    async with told(context) as (_, port):
        line = Line(port)
        async with asyncio.timeout(10):
            assert await line.heard_all() == b""
        line.close()
