"""Finished days of events, kept in files before the stream forgets them: what reports and estimates read later."""

import asyncio
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from callboard.domain.events import Event, Kind
from callboard.endless import goes_on
from callboard.errors import StoreAway
from callboard.store.stream import Streams

KEEP_MS = 48 * 3_600_000  # what is younger stays in the stream
BATCH = 1000
EVERY_S = 600
AT_A_TIME_MS = 30_000  # well below what a claim lasts: two processes must not write one file

log = logging.getLogger(__name__)

_encode = msgspec.json.Encoder().encode


class Archive:
    """One file for each day (UTC) and partition, one event a line, in order, each once.

    An event leaves the stream only when its line is on the disk; a crash between the two writes nothing twice, since
    the file's last line says how far it goes.
    """

    def __init__(self, directory: Path, streams: Streams, clock: Callable[[], int]) -> None:
        self._directory = directory
        self._streams = streams
        self._clock = clock

    async def run(self, partitions: Sequence[int]) -> None:
        """Until it is cancelled; what cannot be written now stays in the stream and is tried again."""
        while goes_on():
            try:
                await self.keep(partitions)
            except StoreAway:
                pass
            except OSError as error:
                log.error("archive cannot be written: %s", error.strerror)
            await asyncio.sleep(EVERY_S)

    async def keep(self, partitions: Sequence[int]) -> int:
        """Moves what is old enough from the streams into files; how many events. Raises StoreAway and OSError."""
        before, kept = self._clock() - KEEP_MS, 0
        for number in partitions:
            if not await self._streams.claim(number):
                continue  # another process is at it
            until = self._clock() + AT_A_TIME_MS
            while self._clock() < until and (events := await self._streams.oldest(number, before, BATCH)):
                await asyncio.to_thread(self._write, number, events)
                await self._streams.forget(number, events[-1].id)
                kept += len(events)
        return kept

    def _write(self, number: int, events: Sequence[Event]) -> None:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        days: dict[str, list[Event]] = {}
        for event in (each for each in events if each.kind is not Kind.EXPECTED):
            days.setdefault(datetime.fromtimestamp(event.at / 1000, UTC).date().isoformat(), []).append(event)
        for day, of_day in days.items():
            _append(self._directory / f"{day}-p{number:02d}.jsonl", of_day)


def kept(directory: Path, number: int) -> Iterator[Event]:
    """All of a partition that is in the files, the oldest first; nothing where there are none. Raises OSError."""
    for path in sorted(directory.glob(f"*-p{number:02d}.jsonl")):
        with path.open("rb") as lines:
            yield from (msgspec.json.decode(line, type=Event) for line in lines if line.endswith(b"\n"))


def _append(path: Path, events: Sequence[Event]) -> None:
    whole = path.read_bytes() if path.exists() else b""
    whole = whole[: whole.rfind(b"\n") + 1]  # a line that a crash cut short is written again
    last = _place(msgspec.json.decode(whole.splitlines()[-1], type=Event).id) if whole else (0, 0)
    with path.open("r+b" if path.exists() else "x+b") as file:
        file.seek(len(whole))
        file.truncate()
        file.write(b"".join(_encode(event) + b"\n" for event in events if _place(event.id) > last))
        file.flush()
        os.fsync(file.fileno())


def _place(id: str) -> tuple[int, int]:
    ms, _, count = id.partition("-")
    return int(ms), int(count)
