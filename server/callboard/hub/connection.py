"""One client: documents as they come, a beat when there is silence, an end when it does not read or talks too much."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from callboard.hub.hub import Closed, Mailbox
from callboard.hub.protocol import Close, Document, Version


class Gone(Exception):
    """The other end is away."""


class Socket(Protocol):
    """The wire to one client. `send_text` and `receive` raise `Gone` when it is away."""

    async def send_text(self, text: str) -> None:
        """Returns when there is room for more."""

    async def receive(self) -> int:
        """Wait for a message and throw it away; answers how long it was."""

    async def close(self, code: Close) -> None:
        """Say goodbye, shortly; raises nothing."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How a connection keeps time, and what it puts up with."""

    beat_s: float = 5  # of silence before a beat
    send_s: float = 10  # a client that does not take a document for so long is hung up
    ping_s: float = 30  # between two pings; one that is not answered until the next ends the connection
    linger_s: float = 5  # for a closing handshake
    frame_bytes: int = 4096
    frames_per_s: int = 20


class Form(NamedTuple):
    """How documents and beats are written."""

    document: Callable[[Document], str]
    beat: Callable[[Version], str]


class Connection:
    """A client's write loop. `pulse` answers the beat to send, or None while there is nothing honest to say."""

    def __init__(
        self,
        socket: Socket,
        mailbox: Mailbox,
        pulse: Callable[[], Version | None],
        form: Form,
        pace: Pace = Pace(),
    ) -> None:
        self._socket = socket
        self._mailbox = mailbox
        self._pulse = pulse
        self._form = form
        self._pace = pace

    async def run(self) -> Close:
        """Talk until either side ends, and close; answers why it ended."""
        async with asyncio.TaskGroup() as group:
            reader = group.create_task(self._read())
            code = await self._write()
            reader.cancel()
        if code is not Close.GONE:
            await self._socket.close(code)
        return code

    async def _write(self) -> Close:
        try:
            while True:
                for text in await self._next():
                    async with asyncio.timeout(self._pace.send_s):
                        await self._socket.send_text(text)
        except Closed as end:
            return end.code
        except TimeoutError:
            return Close.TOO_SLOW
        except Gone:
            return Close.GONE

    async def _next(self) -> list[str]:
        try:
            async with asyncio.timeout(self._pace.beat_s):
                return [self._form.document(document) for document in await self._mailbox.take()]
        except TimeoutError:
            beat = self._pulse()
            return [self._form.beat(beat)] if beat else []

    async def _read(self) -> None:
        """Clients have nothing to say here; what they say is read so that their going is seen."""
        times: deque[float] = deque(maxlen=self._pace.frames_per_s)
        now = asyncio.get_running_loop().time
        try:
            while True:
                if await self._socket.receive() > self._pace.frame_bytes:
                    return self._mailbox.close(Close.TOO_BIG)
                if len(times) == times.maxlen and now() - times[0] < 1:
                    return self._mailbox.close(Close.TOO_OFTEN)
                times.append(now())
        except Gone:
            self._mailbox.close(Close.GONE)
