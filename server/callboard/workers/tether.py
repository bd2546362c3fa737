"""What ties a worker to its parent: what it is told at the beginning and later, and that it ends with it."""

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import msgspec
from msgspec import Struct

from callboard.domain.model import Site
from callboard.settings import Settings

LAST_S = 15.0  # for a worker to stop in order when its parent has gone

READY = b"\n"


class Given(Struct, frozen=True, kw_only=True):
    """All that a worker has to know. It goes through a socket pair: command lines can be read by everybody. The site
    comes as it was read: all workers serve the same one, whatever has become of the files since."""

    settings: Settings
    sites: list[Site]
    store: str  # its address
    problem: str | None  # what keeps the store from taking writes
    name: str  # which no other worker has that runs now
    counting: str  # the directory that the workers count in


class ParentGone(Exception):
    """There is nobody to work for."""


class Tether:
    """The worker's end. A thread holds it, so that not even a worker whose loop stands still outlives its parent."""

    def __init__(self, line: socket.socket) -> None:
        """Waits for what is given. Raises ParentGone."""
        self._line = line
        self._left = b""
        self.given = msgspec.json.decode(self._read(), type=Given)
        self._problem = self.given.problem
        self.is_cut = False  # the parent has gone

    def problem(self) -> str | None:
        return self._problem

    def ready(self) -> None:
        """Tells the parent that this worker answers."""
        with suppress(ConnectionError):  # it has gone, and that is heard elsewhere
            self._line.sendall(READY)

    def follow(self, stop: Callable[[], object]) -> None:
        """From now on `stop` is called in this loop when the parent has gone."""
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._follow, args=(loop, stop), daemon=True).start()

    def _follow(self, loop: asyncio.AbstractEventLoop, stop: Callable[[], object]) -> None:
        try:
            while True:
                self._problem = msgspec.json.decode(self._read(), type=str | None)
        except ParentGone:
            self.is_cut = True
            loop.call_soon_threadsafe(stop)
        time.sleep(LAST_S)
        os.kill(os.getpid(), signal.SIGKILL)

    def _read(self) -> bytes:
        """The next line."""
        while (end := self._left.find(b"\n")) < 0:
            try:
                more = self._line.recv(65536)
            except ConnectionResetError:
                more = b""
            if not more:
                raise ParentGone
            self._left += more
        line, self._left = self._left[:end], self._left[end + 1 :]
        return line
