"""A handshake that needs no library is answered as the library answers it, and so is whatever comes after it."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode

from callboard.hub import http
from callboard.hub.greeting import key_of
from callboard.hub.handshake import WebSockets
from house import served
from hub.test_server import handshake

PLAIN = [
    (b"host", b"h"),
    (b"connection", b"keep-alive, Upgrade"),
    (b"upgrade", b"WebSocket"),
    (b"sec-websocket-version", b"13"),
    (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ=="),
]
ACCEPT = {"type": "websocket.accept"}
CLOSE = {"type": "websocket.close", "code": 4404, "reason": "nothing here"}
HI = Frame(Opcode.TEXT, b"hi").serialize(mask=True)
BYE = Frame(Opcode.CLOSE, b"\x03\xe8").serialize(mask=True)

Part = Callable[[Receive, Send], Awaitable[None]]


def says(*messages: dict[str, Any]) -> Part:
    async def part(receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    return part


async def answers(receive: Receive, send: Send) -> None:
    await send(ACCEPT)
    while (heard := await receive())["type"] != "websocket.disconnect":
        await send({"type": "websocket.send", "text": heard.get("text", "connect")})


async def waits_first(receive: Receive, send: Send) -> None:
    await receive()
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.send", "text": "heard"})


async def breaks(receive: Receive, send: Send) -> None:
    raise ArithmeticError


PARTS = {
    "talks": (answers, HI + BYE),
    "talks with one who breaks the protocol": (answers, b"\xff" * 20),
    "hears before it has accepted": (waits_first, HI),
    "says something and goodbye": (says(ACCEPT, {"type": "websocket.send", "bytes": b"data"}, CLOSE), BYE),
    "accepts and says goodbye": (says(ACCEPT, CLOSE), BYE),
    "accepts and does nothing": (says(ACCEPT), b""),
    "accepts twice": (says(ACCEPT, ACCEPT), b""),
    "accepts with headers": (says({**ACCEPT, "headers": [(b"x-answer", b"a"), (b"x-answer", b"b")]}), b""),
    "accepts with what is no header": (says({**ACCEPT, "headers": [(b"x-answer", b"a\r\nx-other: b")]}), b""),
    "agrees on a protocol": (says({**ACCEPT, "subprotocol": "spoken"}, CLOSE), BYE),
    "refuses": (says(CLOSE), b""),
    "refuses in words": (
        says(
            {"type": "websocket.http.response.start", "status": 403, "headers": [(b"x-why", b"so")]},
            {"type": "websocket.http.response.body", "body": b"no"},
        ),
        b"",
    ),
    "does nothing": (says(), b""),
    "breaks": (breaks, b""),
}


@pytest.mark.parametrize("name", PARTS)
async def test_whoever_stays_is_told_what_the_library_tells(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    part, heard = PARTS[name]
    asked = handshake("/live/caf%C3%A9?a=b%20c?d") + "\nOrigin: https://h\nX-Word: \xe9"
    ours = await told(part, asked, heard)
    monkeypatch.setattr(http, "key_of", lambda headers: None)
    assert ours == await told(part, asked, heard)
    scope, answer = ours
    assert scope["path"] == "/live/café"
    assert answer.startswith(b"HTTP/1.1 ")


async def told(part: Part, asked: str, heard: bytes) -> tuple[Scope, bytes]:
    """What the application is told of the request, and all that the client is, but for the moment."""
    scopes: list[Scope] = []
    begins = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scopes.append({name: value for name, value in scope.items() if name not in ("extensions", "client")})
        begins.set()
        await part(receive, send)

    async with served(app, http=http.Http, ws=WebSockets) as port, asyncio.timeout(5):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(asked.replace("\n", "\r\n").encode("latin-1") + b"\r\n\r\n")
        await begins.wait()
        begun = b"" if part is waits_first else await reader.readuntil(b"\r\n\r\n")
        writer.write(heard)
        answer = begun + await reader.read()
        writer.close()
        await writer.wait_closed()
    (scope,) = scopes
    scope["server"] = scope["server"][0]
    return scope, re.sub(rb"(?i)date: [^\r]+", b"date", answer)


def test_all_that_uvicorn_s_own_connection_has_is_there() -> None:
    """A newer uvicorn that fails here needs a look at `WebSockets.__init__`."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        pass

    config = uvicorn.Config(app, log_config=None, ws_max_size=4096)
    config.load()

    async def made() -> tuple[dict[str, Any], dict[str, Any]]:
        state = ServerState()
        return vars(WebSocketsSansIOProtocol(config, state, {})), vars(WebSockets(config, state, {}))

    theirs, ours = asyncio.run(made())
    assert theirs.keys() - ours.keys() == {"conn"}
    assert ours.keys() - theirs.keys() == {"_conn", "_greeted"}
    own = {"conn", "logger", "queue", "writable"}  # one each
    assert {name: ours[name] for name in theirs.keys() - own} == {name: theirs[name] for name in theirs.keys() - own}
    assert ours["queue"].empty()
    assert ours["writable"].is_set()


def test_a_plain_handshake_has_its_key() -> None:
    assert key_of(PLAIN) == "dGhlIHNhbXBsZSBub25jZQ=="


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (b"connection", b"close"),
        (b"connection", b""),
        (b"upgrade", b"h2c"),
        (b"upgrade", b"websocket, h2c"),
        (b"sec-websocket-version", b"12"),
        (b"sec-websocket-version", b"13 "),
        (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ"),
        (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZR=="),  # bits that no sixteen bytes have
        (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ==\n"),
        (b"sec-websocket-protocol", b"spoken"),
    ],
)
def test_any_other_is_the_library_s_to_judge(name: bytes, value: bytes) -> None:
    assert key_of([*((one, said) for one, said in PLAIN if one != name), (name, value)]) is None


@pytest.mark.parametrize("left_out", range(1, 5))
def test_so_is_one_that_lacks_something_or_says_it_twice(left_out: int) -> None:
    assert key_of([pair for number, pair in enumerate(PLAIN) if number != left_out]) is None
    assert key_of([*PLAIN, PLAIN[left_out]]) is None
