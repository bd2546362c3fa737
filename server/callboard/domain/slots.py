"""A queue's time slots: its opening hours cut into pieces, and how many bookings each still takes."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from callboard.domain.hours import open_ranges
from callboard.domain.model import Location, Queue


class Slot(Struct, frozen=True):
    """Moments in ms. `available` is None when a slot takes any number."""

    start_at: int
    end_at: int
    available: int | None


def slots(location: Location, queue: Queue, from_at: int, until_at: int, taken: Mapping[int, int]) -> list[Slot]:
    """Those that begin in that time, in order, full ones too. `taken` says how many bookings begin at a moment."""
    return [
        Slot(start, start + _length_ms(queue), _left(queue, taken.get(start, 0)))
        for start in starts(location, queue, from_at, until_at)
    ]


def starts(location: Location, queue: Queue, from_at: int, until_at: int) -> Iterator[int]:
    """When slots begin: from each opening on, as long as a whole one fits in."""
    step = _length_ms(queue)
    for opens, closes in open_ranges(location, from_at, until_at):
        for start in range(opens, closes - step + 1, step):
            if from_at <= start < until_at:
                yield start


def slot_end(queue: Queue, start_at: int) -> int:
    """When a slot ends that begins then."""
    return start_at + _length_ms(queue)


def _left(queue: Queue, taken: int) -> int | None:
    return None if queue.slot_places is None else max(0, queue.slot_places - taken)


def _length_ms(queue: Queue) -> int:
    return round(queue.slot_min * 60_000)
