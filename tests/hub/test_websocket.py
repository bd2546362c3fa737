"""The WebSocket as the hub sees it: whatever way it ends, it is gone."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest
from starlette.websockets import WebSocket

from callboard.hub.connection import Gone
from callboard.hub.protocol import Close
from callboard.hub.websocket import Frames


class Asgi:
    """The server's side. `failure` is what sending raises; `stuck` never takes anything."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.stuck = False
        self.says: list[dict[str, Any]] = [{"type": "websocket.connect"}]
        self.sent: list[MutableMapping[str, Any]] = []

    async def receive(self) -> MutableMapping[str, Any]:
        return self.says.pop(0)

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if self.failure:
            raise self.failure
        if self.stuck:
            await asyncio.Event().wait()
        self.sent.append(message)

    async def frames(self) -> Frames:
        websocket = WebSocket({"type": "websocket", "headers": []}, self.receive, self.send)
        await websocket.accept()
        return Frames(websocket, goodbye_s=0.02)


@pytest.mark.parametrize("failure", [OSError("lost"), RuntimeError("a close was sent already")])
async def test_sending_to_one_who_is_gone_says_so(failure: Exception) -> None:
    asgi = Asgi()
    frames = await asgi.frames()
    asgi.failure = failure
    with pytest.raises(Gone):
        await frames.send_text("{}")
    await frames.close(Close.RESTARTING)


async def test_receiving_measures_and_then_says_who_is_gone() -> None:
    asgi = Asgi()
    frames = await asgi.frames()
    asgi.says = [
        {"type": "websocket.receive", "text": "Kö"},
        {"type": "websocket.receive", "bytes": b"1234", "text": None},
        {"type": "websocket.disconnect", "code": 1001},
    ]
    assert [await frames.receive(), await frames.receive()] == [3, 4]
    for _ in range(2):
        with pytest.raises(Gone):
            await frames.receive()


async def test_a_goodbye_is_not_waited_for() -> None:
    asgi = Asgi()
    frames = await asgi.frames()
    asgi.stuck = True
    await frames.close(Close.TOO_SLOW)
