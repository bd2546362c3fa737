"""A WebSocket as the hub's socket: one text frame a document."""

import asyncio
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

from callboard.hub.connection import Gone
from callboard.hub.protocol import Close


class Frames:
    """An accepted WebSocket."""

    def __init__(self, websocket: WebSocket, goodbye_s: float = 1) -> None:
        self._websocket = websocket
        self._goodbye_s = goodbye_s

    async def send_text(self, text: str) -> None:
        try:
            await self._websocket.send_text(text)
        except (WebSocketDisconnect, RuntimeError) as error:  # RuntimeError: a close was sent already, by the server
            raise Gone from error

    async def receive(self) -> int:
        try:
            message = await self._websocket.receive()
        except RuntimeError as error:
            raise Gone from error
        if message["type"] == "websocket.disconnect":
            raise Gone
        return len(message.get("bytes") or (message.get("text") or "").encode())

    async def close(self, code: Close) -> None:
        """A client that does not read gets no goodbye: its buffer is full. The server then drops it (see `server`)."""
        with suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
            async with asyncio.timeout(self._goodbye_s):
                await self._websocket.close(code)
