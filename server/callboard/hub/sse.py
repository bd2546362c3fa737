"""Server-sent events: an open answer to a plain GET, to which events are added as chunks.

The head of the answer is the application's. Last-Event-ID is not looked at: whoever comes gets the newest document,
which holds all that is still true.
"""

from starlette.types import Send

from callboard.hub.keeper import Keeper
from callboard.hub.lean import Lean
from callboard.hub.protocol import Close, Document, Version, beat_body

HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # else nginx keeps the events until they fill a page
    (b"vary", b"accept"),
    (b"connection", b"close"),  # there is no next request behind an answer without an end
]
LAST_CHUNK = b"0\r\n\r\n"


async def begin(send: Send, retry_ms: int) -> None:
    """`retry_ms` is when the client comes back after an end; each has its own, so that they do not come at once."""
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": b"retry: %d\n\n" % retry_ms, "more_body": True})


def event(document: Document) -> bytes:
    epoch, seq, _ = document.version
    return b"event: document\nid: %b.%d\ndata: %b\n\n" % (epoch.encode(), seq, document.body)


def beat_event(beat: Version) -> bytes:
    return b"event: beat\ndata: %b\n\n" % beat_body(beat)


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


class Stream(Lean):
    """One client. There are no codes here: one that may not come back is told so when it tries."""

    __slots__ = ("_heard",)

    def __init__(self, keeper: Keeper[Lean]) -> None:
        super().__init__(keeper)
        self._heard = 0  # bytes

    def ping(self) -> None:
        """Beats do for it: what is sent and not acknowledged is noticed."""

    def close(self, code: Close) -> None:
        """The answer ends in order, behind what waits; then the client comes back after `retry`."""
        if not self.is_ended:
            self._write(LAST_CHUNK)
            self._end()
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        """Clients have nothing to say here, and are not listened to for long."""
        self._heard += len(data)
        if self._heard > self.keeper.pace.frame_bytes:
            self.close(Close.TOO_BIG)
