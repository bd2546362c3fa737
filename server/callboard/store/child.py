"""One run of a server program: it ends when we end, however we end, and its output goes to a journal."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from callboard.store.journal import Journal

# On Linux the kernel ends the server with us, even when we are killed (PR_SET_PDEATHSIG, SIGTERM). The parent is
# asked after that, for it may have gone before. The mask keeps what people told us to ourselves.
SHIM = (
    "import ctypes,os,sys\n"
    "if sys.platform == 'linux': ctypes.CDLL(None).prctl(1, 15)\n"
    "if os.getppid() != int(sys.argv[1]): sys.exit('the parent has gone')\n"
    "os.umask(0o077)\n"
    "os.execv(sys.argv[2], sys.argv[2:])\n"
)


def command(binary: Path, options: Mapping[str, str]) -> list[str]:
    """The server's command line. Options go there and not into a file, so that a full disk does not hinder a start."""
    return [os.fspath(binary), *(part for name, value in options.items() for part in (f"--{name}", value))]


class Child(asyncio.SubprocessProtocol):
    """A running server. `gone` is set when it has ended and its last words are in the journal."""

    def __init__(self, journal: Journal) -> None:
        self.gone = asyncio.Event()
        self.pid = 0
        self.status = "did not start"
        self._journal = journal
        self._transport: asyncio.SubprocessTransport | None = None

    @classmethod
    async def run(cls, argv: Sequence[str], journal: Journal, *, keep_open: Sequence[int] = ()) -> "Child":
        """Starts it in a session of its own (Ctrl-C is for us: the store must outlive our last write).

        `keep_open` are files that stay open for as long as it lives, and so do locks on them. Call it in the thread
        that lives longest: the kernel counts the thread that started the server as its parent.
        """
        journal.begin()
        _, child = await asyncio.get_running_loop().subprocess_exec(
            lambda: cls(journal),
            *(sys.executable, "-S", "-E", "-c", SHIM, str(os.getpid()), *argv),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            pass_fds=keep_open,
        )
        return child

    async def stop(self, patience_s: float = 10.0) -> None:
        """Asks it to end, and ends it when it does not."""
        self._signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(patience_s):
                await self.gone.wait()
        except TimeoutError:
            self._signal(signal.SIGKILL)
            await self.gone.wait()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.SubprocessTransport, transport)
        self.pid = self._transport.get_pid()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self._journal.write(data)

    def process_exited(self) -> None:
        code = self._transport.get_returncode() if self._transport else None
        self.status = f"was ended by signal {-code}" if code is not None and code < 0 else f"ended with status {code}"
        if self.pid:
            # What it had forked to rewrite its file would go on writing beside its successor.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._transport.close()
        self.gone.set()

    def _signal(self, number: signal.Signals) -> None:
        if self._transport is not None and not self.gone.is_set():
            with contextlib.suppress(ProcessLookupError):
                self._transport.send_signal(number)
