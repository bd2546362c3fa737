"""Server-sent events as the hub's socket: an endless answer to a plain GET."""

import asyncio
from contextlib import suppress

from starlette.types import Receive, Send

from callboard.hub.connection import Gone
from callboard.hub.protocol import Close

HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # else nginx keeps the events until they fill a page
    (b"vary", b"accept"),
]


class EventStream:
    """Last-Event-ID is not looked at: whoever comes gets the newest document, which holds all that is still true."""

    def __init__(self, receive: Receive, send: Send, goodbye_s: float = 1) -> None:
        self._receive = receive
        self._send = send
        self._goodbye_s = goodbye_s

    async def open(self, retry_ms: int) -> None:
        """`retry_ms` is when the client comes back after an end; each has its own, so that they do not come at once."""
        await self._send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await self.send_text(f"retry: {retry_ms}\n\n")

    async def send_text(self, text: str) -> None:
        try:
            await self._send({"type": "http.response.body", "body": text.encode(), "more_body": True})
        except OSError as error:
            raise Gone from error

    async def receive(self) -> int:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise Gone
        return len(message.get("body", b""))

    async def close(self, code: Close) -> None:
        """There are no codes here: a client that may not come back is told so when it tries."""
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(self._goodbye_s):
                await self._send({"type": "http.response.body", "body": b"", "more_body": False})
