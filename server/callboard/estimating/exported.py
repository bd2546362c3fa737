"""A location's events as a log: from the files of finished days and the stream behind them."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from callboard.archive import kept
from callboard.domain.events import Event, Kind
from callboard.domain.model import Location
from callboard.domain.wait.facts import AnyFact
from callboard.domain.wait.heard import heard
from callboard.domain.wait.log import write
from callboard.estimating.lobby import lobby_of
from callboard.store.keys import partition
from callboard.store.stream import BEGINNING, Streams

BATCH = 1000


async def events_of(location: Location, directory: Path, streams: Streams) -> AsyncIterator[Event]:
    """Everything that is known to have happened there, in order, each once: the two may overlap after a crash. Raises
    StoreAway and OSError."""
    number, last = partition(location.id), BEGINNING
    for event in kept(directory, number):
        last = event.id
        if event.location == location.id:
            yield event
    while events := await streams.after(number, last, BATCH):
        last = events[-1].id
        for event in events:
            if event.location == location.id and event.kind is not Kind.EXPECTED:
                yield event


def missing(events: Sequence[Event]) -> int:
    """How many there were between them: another machine has archived those, or the store has lost them."""
    return sum(max(0, after.seq - before.seq - 1) for before, after in pairwise(events))


def log_of(location: Location, events: Iterable[Event]) -> Iterator[bytes]:
    """The lines of its log."""
    zone = ZoneInfo(location.time_zone)
    facts: Iterator[AnyFact] = (fact for event in events for fact in heard(event, zone))
    return write(lobby_of(location), facts)
