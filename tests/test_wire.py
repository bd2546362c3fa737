"""The wire itself: bodies and heads that are too long or too slow, against a real server on loopback."""

import asyncio
import json
from asyncio.transports import BaseTransport
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from types import SimpleNamespace
from typing import ClassVar, NamedTuple

import pytest
from websockets.asyncio.client import connect

from callboard.app import create_app
from callboard.domain.directory import Directory
from callboard.services import Services
from callboard.store.redis import Connection
from callboard.wire import HEADERS, Http
from conftest import Clock
from house import make_services, served
from hub.world import until

SOON_S = 5.0  # for what comes at once on any machine


class Quick(Http):
    head_s = 0.3
    body_s = 0.6


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        return str(json.loads(self.body)["error"]["code"])


class Line:
    """One connection, byte by byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, *parts: str | bytes) -> None:
        for part in parts:
            self._writer.write(part.encode() if isinstance(part, str) else part)
        await self._writer.drain()

    async def answer(self) -> Answer:
        async with asyncio.timeout(SOON_S):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
            body = await self._reader.readexactly(int(headers["content-length"]))
        return Answer(int(head[0].split()[1]), headers, body)

    async def ended(self) -> bool:
        """Whether the server closes before long; what it still says is thrown away."""
        try:
            async with asyncio.timeout(SOON_S):
                while await self._reader.read(65536):
                    pass
        except ConnectionResetError:
            pass
        except TimeoutError:
            return False
        return True


@asynccontextmanager
async def line(port: int) -> AsyncIterator[Line]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Line(reader, writer)
    finally:
        writer.close()


@pytest.fixture
def services(connection: Connection, directory: Directory, clock: Clock) -> Services:
    return make_services(connection, directory, clock)


@pytest.fixture
async def port(services: Services) -> AsyncIterator[int]:
    async with served(create_app(services)) as port:
        yield port


@pytest.fixture
async def impatient(services: Services) -> AsyncIterator[int]:
    """The same with short deadlines."""
    async with served(create_app(services, body_s=0.2), http=Quick, timeout_keep_alive=60) as port:
        yield port


def post(path: str, *headers: str) -> str:
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: a", "Content-Type: application/json", *headers, "", ""])


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


# Bodies


async def test_a_body_that_says_it_is_too_long_is_refused_before_it_comes(port: int) -> None:
    async with line(port) as web:
        await web.send(post("/api/v1/tickets", "Content-Length: 52428800"))
        answer = await web.answer()
    assert (answer.status, answer.code) == (413, "too_large")


async def test_a_client_that_asks_first_is_not_told_to_go_on(port: int) -> None:
    async with line(port) as web:
        await web.send(post("/api/v1/tickets", "Content-Length: 52428800", "Expect: 100-continue"))
        assert (await web.answer()).status == 413


async def test_a_body_that_does_not_say_how_long_it_is_is_counted(port: int) -> None:
    async with line(port) as web:
        await web.send(post("/api/v1/tickets", "Transfer-Encoding: chunked"))
        for _ in range(5):
            await web.send(chunk(b" " * 16384))
        answer = await web.answer()
    assert (answer.status, answer.code) == (413, "too_large")


async def test_the_longest_body_that_is_allowed_is_read(port: int) -> None:
    body = b'{"queue":"general"' + b" " * (65536 - 19) + b"}"
    async with line(port) as web:
        await web.send(post("/api/v1/tickets", f"Content-Length: {len(body)}"), body)
        assert (await web.answer()).status == 201
        await web.send(post("/api/v1/tickets", "Transfer-Encoding: chunked"))
        await web.send(chunk(body[:30000]), chunk(body[30000:]), chunk(b""))
        assert (await web.answer()).status == 201


async def test_the_connection_of_a_body_that_was_too_long_goes_on_when_it_has_come(port: int) -> None:
    """To close it at once would lose the answer."""
    async with line(port) as web:
        await web.send(post("/api/v1/tickets", "Content-Length: 300000"))
        assert (await web.answer()).status == 413
        await web.send(b" " * 300000, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await web.answer()).body == b'{"alive":true}'


async def test_a_slow_body_is_answered_408(impatient: int) -> None:
    async with line(impatient) as web:
        await web.send(post("/api/v1/tickets", "Content-Length: 30"), '{"queue"')
        answer = await web.answer()
        assert (answer.status, answer.code) == (408, "too_slow")
        assert await web.ended()


async def test_a_slow_body_that_nobody_reads_ends_the_connection(impatient: int) -> None:
    async with line(impatient) as web:
        await web.send(post("/api/v1/desks/d1/open", "Content-Length: 30"), "{")
        assert (await web.answer()).status == 401
        async with dripping(web, " "):
            assert await web.ended()


@asynccontextmanager
async def dripping(web: Line, what: str) -> AsyncIterator[None]:
    """Meanwhile more is sent, slowly, until the server has heard enough."""

    async def drip() -> None:
        with suppress(ConnectionError):
            while True:
                await web.send(what)
                await asyncio.sleep(0.02)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(drip())
        yield
        task.cancel()


# Heads


async def test_a_head_with_too_many_lines_is_431(port: int) -> None:
    async with line(port) as web:
        await web.send("GET /healthz HTTP/1.1\r\nHost: a\r\n", "X-Y: 1\r\n" * (HEADERS - 1), "\r\n")
        assert (await web.answer()).status == 200
        await web.send("GET /healthz HTTP/1.1\r\nHost: a\r\n", "X-Y: 1\r\n" * HEADERS, "\r\n")
        answer = await web.answer()
        assert (answer.status, answer.code) == (431, "request_header_fields_too_large")
        assert await web.ended()


@pytest.mark.parametrize(
    "head",
    [
        "GET /healthz HTTP/1.1\r\nHost: a\r\nX-Y: " + "y" * 17000 + "\r\n\r\n",
        "GET /healthz?" + "y" * 17000 + " HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: a\r\n" + "X-Y: {}\r\n".format("y" * 400) * 50 + "\r\n",
    ],
)
async def test_a_head_that_is_too_long_is_431(port: int, head: str) -> None:
    async with line(port) as web:
        await web.send(head)
        answer = await web.answer()
    assert (answer.status, answer.headers["connection"]) == (431, "close")


@pytest.mark.parametrize("start", ["GET /", "GET / HTTP/1.1\r\nX-Y: ", "GET / HTTP/1.1\r\n"])
async def test_a_head_without_an_end_is_not_collected(port: int, start: str) -> None:
    async with line(port) as web:
        await web.send(start)
        async with dripping(web, "y" * 2000):
            assert (await web.answer()).status == 431


async def test_a_request_behind_a_long_body_is_not_taken_for_a_long_head(port: int) -> None:
    body = b'{"queue":"general"' + b" " * 60000 + b"}"
    async with line(port) as web:
        await web.send(post("/api/v1/tickets", f"Content-Length: {len(body)}").encode() + body + b"GET /healthz HT")
        assert (await web.answer()).status == 201
        await web.send("TP/1.1\r\nHost: a\r\n\r\n")
        assert (await web.answer()).status == 200


@pytest.mark.parametrize("part", ["", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX-Y: "])
async def test_a_head_that_does_not_come_ends_the_connection(impatient: int, part: str) -> None:
    async with line(impatient) as web:
        await web.send(part)
        assert await web.ended()


@pytest.mark.parametrize("what", ["X-Y: y\r\n", "\r\n"])
async def test_a_head_that_only_drips_ends_the_connection_too(impatient: int, what: str) -> None:
    """Also between two requests, where blank lines are allowed."""
    async with line(impatient) as web:
        if what == "\r\n":
            await web.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            assert (await web.answer()).status == 200
        else:
            await web.send("GET / HTTP/1.1\r\n")
        async with dripping(web, what):
            assert await web.ended()


async def test_a_connection_that_rests_between_requests_is_kept(impatient: int) -> None:
    async with line(impatient) as web:
        for _ in range(2):
            await web.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            assert (await web.answer()).status == 200
            await asyncio.sleep(2 * Quick.head_s)


async def test_a_socket_outlives_the_deadline_of_its_handshake(impatient: int) -> None:
    async with connect(f"ws://127.0.0.1:{impatient}/live/board/lobby", proxy=None) as socket:
        await asyncio.sleep(2 * Quick.head_s)
        await asyncio.wait_for(await socket.ping(), SOON_S)


async def test_what_is_no_http_is_answered_in_the_envelope(port: int) -> None:
    async with line(port) as web:
        await web.send("MUMBLE\r\n\r\n")
        answer = await web.answer()
        assert (answer.status, answer.code) == (400, "bad_request")
        assert await web.ended()


async def test_two_lengths_are_none(port: int) -> None:
    """What proxies read differently from us could hide a second request."""
    for headers in (
        ["Content-Length: 2", "Content-Length: 20"],
        ["Content-Length: 2", "Transfer-Encoding: chunked"],
        ["Content-Length: +2"],
        ["Transfer-Encoding: chunked, identity"],
    ):
        async with line(port) as web:
            await web.send(post("/api/v1/tickets", *headers), "{}")
            assert (await web.answer()).status == 400, headers


async def test_the_server_does_not_say_what_it_is(port: int) -> None:
    async with line(port) as web:
        await web.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        assert "server" not in (await web.answer()).headers


class AtTheDoor(Http):
    """Whose door opens when the test opens it."""

    knocks: ClassVar[list[Callable[[], object]]] = []

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        self.server_state.door = SimpleNamespace(add=self.knocks.append)  # type: ignore[attr-defined]


async def test_who_comes_to_listen_waits_at_the_door_and_nobody_else_does(services: Services) -> None:
    AtTheDoor.knocks.clear()
    async with served(create_app(services), http=AtTheDoor) as port, line(port) as screen, line(port) as other:
        await screen.send("GET /live/board/hall HTTP/1.1\r\nHost: a\r\n\r\n")
        await until(lambda: bool(AtTheDoor.knocks))
        await other.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await other.answer()).status == 200
        [open_door] = AtTheDoor.knocks
        answer = asyncio.ensure_future(screen.answer())
        await other.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await other.answer()).status == 200
        assert not answer.done()
        open_door()
        assert (await answer).status == 404


class LongAtTheDoor(AtTheDoor):
    head_s = 0.1


async def test_how_long_one_waits_at_the_door_is_not_held_against_them(services: Services) -> None:
    AtTheDoor.knocks.clear()
    async with served(create_app(services), http=LongAtTheDoor) as port, line(port) as screen:
        await screen.send("GET /live/board/hall HTTP/1.1\r\nHost: a\r\n\r\n")
        await until(lambda: bool(AtTheDoor.knocks))
        await asyncio.sleep(3 * LongAtTheDoor.head_s)  # the deadline for who has not said what they want
        [open_door] = AtTheDoor.knocks
        open_door()
        assert (await screen.answer()).status == 404


async def test_who_comes_to_listen_may_say_so_in_pieces(port: int) -> None:
    """The first waits at the door; the others come before and after it opens."""
    async with line(port) as web:
        await web.send("GET /live/board/hall HTTP/1.1\r\n", "Host: a\r\n")
        await asyncio.sleep(0)
        await web.send("Accept: application/json\r\n", "\r\n")
        answer = await web.answer()
        assert (answer.status, answer.code) == (404, "not_found")
        await web.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await web.answer()).status == 200
