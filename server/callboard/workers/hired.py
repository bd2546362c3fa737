"""One worker process, as its parent sees it."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from typing import cast

import msgspec

from callboard.workers.tether import Given

PATIENCE_S = 15.0  # for a worker that was told to stop


class Hired(asyncio.SubprocessProtocol):
    """`begun` is set when it answers, or has ended before; `gone` when it has ended."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.gone = asyncio.Event()
        self.answers = False
        self.pid = 0
        self.status = "did not start"
        self._transport: asyncio.SubprocessTransport | None = None
        self._line: asyncio.Transport | None = None
        self._is_told = False

    @classmethod
    async def hire(cls, given: Given, listening: socket.socket) -> "Hired":
        """A fresh process, of the program as it is on the disk now. In a session of its own: Ctrl-C is for the
        parent."""
        loop, hired = asyncio.get_running_loop(), cls()
        ours, theirs = socket.socketpair()
        with theirs:
            line, _ = await loop.create_connection(lambda: _Line(hired), sock=ours)
            hired._line = line
            try:
                line.write(msgspec.json.encode(given) + b"\n")
                kept = (listening.fileno(), theirs.fileno())
                await loop.subprocess_exec(
                    lambda: hired,
                    *(sys.executable, "-m", "callboard.workers.child", *map(str, kept)),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=None,
                    stderr=None,
                    start_new_session=True,
                    pass_fds=kept,
                )
            except BaseException:
                line.close()
                raise
        return hired

    def tell(self, problem: str | None) -> None:
        """What keeps the store from taking writes now."""
        if self._line and not self._line.is_closing():
            self._line.write(msgspec.json.encode(problem) + b"\n")

    def leave(self) -> None:
        """Asks it to stop in good order. Asked twice it would stop at once, so it is asked once."""
        if not self._is_told:
            self.hurry()

    def hurry(self) -> None:
        """Asks it to stop; if it was asked before, at once."""
        self._is_told = True
        self._signal(signal.SIGTERM)

    async def left(self, patience_s: float = PATIENCE_S) -> None:
        """Waits for it to end, and ends it when it does not."""
        try:
            async with asyncio.timeout(patience_s):
                await self.gone.wait()
        except TimeoutError:
            self._signal(signal.SIGKILL)
            await self.gone.wait()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.SubprocessTransport, transport)
        self.pid = self._transport.get_pid()

    def process_exited(self) -> None:
        code = self._transport.get_returncode() if self._transport else None
        self.status = f"was ended by signal {-code}" if code is not None and code < 0 else f"ended with status {code}"
        self.answers = False
        if self._line:
            self._line.close()
        if self._transport:
            self._transport.close()
        self.gone.set()
        self.begun.set()

    def _signal(self, number: signal.Signals) -> None:
        if self.pid and not self.gone.is_set():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


class _Line(asyncio.Protocol):
    """Our end of the tether. The first that the worker says is that it answers."""

    def __init__(self, hired: Hired) -> None:
        self._hired = hired

    def data_received(self, data: bytes) -> None:
        if not self._hired.gone.is_set():
            self._hired.answers = True
            self._hired.begun.set()
