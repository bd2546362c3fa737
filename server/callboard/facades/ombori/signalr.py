"""SignalR's JSON hub protocol, as much of it as a server needs that only tells: handshake, ping, invocation, close."""

import asyncio
from contextlib import suppress
from typing import Any

import msgspec
from msgspec import Struct
from starlette.websockets import WebSocket, WebSocketDisconnect

from callboard.hub.connection import Form, Gone
from callboard.hub.protocol import Close, Document
from callboard.hub.websocket import Frames

END = "\x1e"  # after every message; one frame may hold several
TARGET = "position-update"
NEWEST = 1  # version of the negotiation
HANDSHAKE_S = 10.0
COME_BACK = frozenset({Close.RESTARTING, Close.TOO_SLOW})

_encode = msgspec.json.encode


class Handshake(Struct):
    protocol: str
    version: int


class _Told(Struct):
    position: msgspec.Raw


class Refusing(Exception):
    """A handshake that cannot be; the message says why, to the client."""


def negotiated(version: int, connection: str) -> dict[str, Any]:
    """The answer of the negotiation: WebSockets, and text on them. One who has no version yet gets no token."""
    answer: dict[str, Any] = {
        "connectionId": connection,
        "availableTransports": [{"transport": "WebSockets", "transferFormats": ["Text"]}],
    }
    if version < NEWEST:
        return answer
    return {"negotiateVersion": NEWEST, "connectionToken": connection, **answer}


def read_handshake(frame: str) -> None:
    """The first message of a client. What else the frame holds is not looked at: clients have nothing to say here.
    Raises Refusing."""
    text, end, _ = frame.partition(END)
    try:
        asked = msgspec.json.decode(text, type=Handshake)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise Refusing("The handshake cannot be read.") from None
    if not end:
        raise Refusing("The handshake has no end.")
    if asked.protocol != "json":
        raise Refusing("Only the protocol 'json' is spoken here.")
    if asked.version != 1:
        raise Refusing("Only version 1 of the protocol is spoken here.")


def welcome(why: str = "") -> str:
    """The answer to a handshake: empty, or why not."""
    return _message({"error": why} if why else {})


def _message(value: dict[str, Any]) -> str:
    return _encode(value).decode() + END


class _Teller:
    """What one client was told last. Anything that happens at the location makes a new document, and one that says
    nothing new of the position is no more than a sign of life."""

    def __init__(self) -> None:
        self._last = b""

    def update(self, document: Document) -> str:
        """An invocation whose one argument is a JSON document inside a string; `_ts` is the second it was true at."""
        position = bytes(msgspec.json.decode(document.body, type=_Told).position)
        if position == self._last:
            return PING
        self._last = position
        argument = b'{"position":{"_ts":%d,%b}' % (document.version.at // 1000, position[1:])
        return _message({"type": 1, "target": TARGET, "arguments": [argument.decode()]})


def form() -> Form:
    """How one client is told, from the start."""
    return Form(_Teller().update, lambda beat: PING)


PING = _message({"type": 6})


class Talk:
    """An accepted WebSocket whose client has shaken hands, as the hub's socket."""

    def __init__(self, websocket: WebSocket, goodbye_s: float = 1) -> None:
        self._frames = Frames(websocket, goodbye_s)
        self._goodbye_s = goodbye_s

    async def send_text(self, text: str) -> None:
        await self._frames.send_text(text)

    async def receive(self) -> int:
        return await self._frames.receive()

    async def close(self, code: Close) -> None:
        """Says first, in the protocol's own words, whether it is worth coming back."""
        goodbye: dict[str, Any] = {"type": 7, "allowReconnect": code in COME_BACK}
        if code not in COME_BACK:
            goodbye["error"] = f"The connection is closed: {code.name.lower().replace('_', ' ')}."
        with suppress(Gone, TimeoutError):
            async with asyncio.timeout(self._goodbye_s):
                await self._frames.send_text(_message(goodbye))
            await self._frames.close(code)


async def shake_hands(websocket: WebSocket, patience_s: float) -> bool:
    """Of an accepted WebSocket. False when it came to nothing, which the client is told, and closed."""
    why = ""
    try:
        async with asyncio.timeout(patience_s):
            message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return False
        read_handshake(message.get("text") or "")
    except TimeoutError:
        why = "The handshake took too long."
    except Refusing as refusing:
        why = str(refusing)
    with suppress(WebSocketDisconnect, RuntimeError):  # gone meanwhile: that is seen by whoever listens next
        await websocket.send_text(welcome(why))
        if why:
            await websocket.close(1002)
    return not why
