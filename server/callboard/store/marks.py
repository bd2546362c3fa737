"""What this process has seen of the store: a store that is behind it has lost something, and must not go on from there.

A replica that was promoted too early, a file that was cut short or restored: all of them look like a store at work.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from callboard.domain.events import Event, Kind
from callboard.store.keys import PARTITIONS, partition

log = logging.getLogger("callboard.store")


@dataclass(slots=True)
class Mark:
    """Of one location: its newest event, and the last number of each queue on the newest day that drew any."""

    seq: int = 0
    day: str = ""
    numbers: dict[str, int] = field(default_factory=dict)
    restored: str = ""  # the newest event that told of a loss

    def draw(self, day: str, queue: str, number: int) -> None:
        if day > self.day:
            self.day, self.numbers = day, {}
        if day == self.day and number > self.numbers.get(queue, 0):
            self.numbers[queue] = number


class Marks:
    """The highest that was seen of each location and partition. `lost` counts events that the store has lost, as far as
    this process has heard, and `lose` hears of each loss; `changes` tells whether anything has grown."""

    def __init__(self) -> None:
        self.lost = 0
        self.lose: Callable[[int], object] = lambda lost: None
        self.changes = 0
        self.locations: dict[str, Mark] = {}
        self.serials: dict[int, int] = {}  # how many each partition has given

    def seq(self, location: str) -> int:
        mark = self.locations.get(location)
        return mark.seq if mark else 0

    def serial(self, number: int) -> int:
        return self.serials.get(number, 0)

    def of(self, location: str) -> dict[str, Any]:
        """What the store is to be brought up to, as the script `restore` is told it."""
        mark = self.locations.get(location, Mark())
        return {"day": mark.day, "numbers": dict(mark.numbers)}

    def see(self, location: str, seq: int) -> None:
        """It has been there that many events long."""
        mark = self.locations.setdefault(location, Mark())
        if seq > mark.seq:
            mark.seq = seq
            self.changes += 1

    def hear(self, events: Iterable[Event]) -> None:
        """These have happened. May be told more than once of each."""
        for event in events:
            self.see(event.location, event.seq)
            if event.ticket and not event.before:
                self.give(partition(event.location), serial_of(event.ticket) // PARTITIONS)
            if event.number:
                self.locations[event.location].draw(event.day, event.queue, event.number)
            if event.kind is Kind.RESTORED:
                self._restored(event)

    def give(self, number: int, serial: int) -> None:
        """A partition has given so many serials."""
        if serial > self.serial(number):
            self.serials[number] = serial
            self.changes += 1

    def _restored(self, event: Event) -> None:
        mark = self.locations[event.location]
        if mark.restored == event.id:
            return
        mark.restored = event.id
        self.lost += event.lost
        self.lose(event.lost)
        log.warning(
            "store=behind location=%s lost=%d: the store had lost its newest changes, as when a replica is promoted "
            "that did not have them, or from an older file; numbers and serials go on behind the last that were given",
            event.location,
            event.lost,
        )


def serial_of(ticket: str) -> int:
    """The serial that a ticket's id begins with."""
    return int(ticket[:8], 16) << 16 | int(ticket[9:13], 16)
