"""What the store server writes: into a file that cannot grow without bound, and its last lines in memory."""

import contextlib
import os
from collections import deque
from pathlib import Path


class Journal:
    """Keeps `path` and one older file, each up to `limit` bytes.

    A disk that is full costs lines of the file, never the last lines in memory: they tell why the server ended.
    """

    def __init__(self, path: Path, *, limit: int = 1 << 20, remembered: int = 20) -> None:
        self.path = path
        self._limit = limit
        self._lines: deque[str] = deque(maxlen=remembered)
        self._rest = b""

    @property
    def last(self) -> list[str]:
        """The newest lines since `begin`."""
        return [*self._lines, *([_text(self._rest)] if self._rest else [])]

    def begin(self) -> None:
        """A new run: its predecessor's words are not its own."""
        self._lines.clear()
        self._rest = b""

    def write(self, data: bytes) -> None:
        """Takes output as it comes, in any pieces."""
        *lines, rest = (self._rest + data).split(b"\n")
        self._lines.extend(_text(line) for line in lines if line.strip())
        self._rest = rest[-1024:]
        with contextlib.suppress(OSError):
            self._append(data)

    def _append(self, data: bytes) -> None:
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, data)
            size = os.fstat(file).st_size
        finally:
            os.close(file)
        if size > self._limit:
            os.replace(self.path, self.path.with_name(self.path.name + ".1"))


def _text(line: bytes) -> str:
    return line.decode(errors="replace").strip()[:1000]
