"""The marks in a file of their own: they outlive the process, and tell when the store was cut short or put back."""

import asyncio
import fcntl
import logging
import os
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct, field

from callboard.endless import goes_on
from callboard.store.marks import Mark, Marks

NAME = "high-water"
EVERY_S = 1.0

log = logging.getLogger("callboard.store")


class _Location(Struct):
    seq: int = 0
    day: str = ""
    numbers: dict[str, int] = field(default_factory=dict)


class _File(Struct):
    """`store` is whose marks these are: another store starts from nothing."""

    store: str
    locations: dict[str, _Location] = field(default_factory=dict)
    serials: dict[int, int] = field(default_factory=dict)


class HighWater:
    """In one directory, for all processes that use it: none lowers what another has written.

    What was seen in the last second before a hard stop may be missing: it guards against a store that is older than
    that, and not in place of the store's own care.
    """

    def __init__(self, directory: Path, marks: Marks, store: str = "") -> None:
        self._path = directory / NAME
        self._marks = marks
        self._store = store
        self._written = marks.changes

    def read(self) -> None:
        """What was seen in earlier lives. A file that cannot be read is said, and left for what is written next."""
        try:
            _tell(self._known(), self._marks)
        except (OSError, msgspec.MsgspecError) as error:
            log.error("store=high_water cannot be read: %s", error)
        self._written = self._marks.changes

    async def run(self) -> None:
        """Until it is cancelled; then once more."""
        try:
            while goes_on():
                await asyncio.sleep(EVERY_S)
                if self._marks.changes != self._written:
                    self._written = self._marks.changes
                    await asyncio.to_thread(self._write, self._now())
        finally:
            if self._marks.changes != self._written:
                self.keep()

    def keep(self) -> None:
        """What was seen until now."""
        self._write(self._now())

    def _now(self) -> _File:
        marks = self._marks
        locations = {name: _Location(mark.seq, mark.day, dict(mark.numbers)) for name, mark in marks.locations.items()}
        return _File(self._store, locations, dict(marks.serials))

    def _known(self) -> _File:
        try:
            found = msgspec.json.decode(self._path.read_bytes(), type=_File)
        except FileNotFoundError:
            return _File(self._store)
        return found if found.store == self._store else _File(self._store)

    def _write(self, now: _File) -> None:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            directory = os.open(self._path.parent, os.O_RDONLY)
            try:
                fcntl.flock(directory, fcntl.LOCK_EX)
                self._replace(self._highest(now))
                os.fsync(directory)
            finally:
                os.close(directory)
        except OSError as error:
            log.error("store=high_water cannot be written: %s", error.strerror)

    def _highest(self, now: _File) -> _File:
        together = Marks()
        _tell(now, together)
        with suppress(msgspec.MsgspecError):  # it was said when we started
            _tell(self._known(), together)
        return HighWater(self._path.parent, together, self._store)._now()

    def _replace(self, file: _File) -> None:
        new = self._path.with_suffix(".new")
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            stream.write(msgspec.json.encode(file))
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(self._path)


def _tell(file: _File, marks: Marks) -> None:
    for name, location in file.locations.items():
        marks.see(name, location.seq)
        mark = marks.locations.setdefault(name, Mark())
        for queue, number in location.numbers.items():
            mark.draw(location.day, queue, number)
    for number, serial in file.serials.items():
        marks.give(number, serial)
