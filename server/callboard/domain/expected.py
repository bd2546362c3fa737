"""What is expected of a location's lines: by how many are ahead, what somebody there would be told."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from math import ceil, floor

from msgspec import Struct

from callboard.domain.documents import Wait


class Told(Struct, frozen=True, array_like=True):
    """Whole minutes as they are shown, and the likeliest in seconds. `low` below 0: nothing honest can be said."""

    low: int
    high: int
    likely_s: int

    @property
    def wait(self) -> Wait | None:
        return None if self.low < 0 else Wait(self.low, self.high)


class Line(Struct, frozen=True, array_like=True):
    """`told` by rank, and last somebody who came now. Of a long line some `ranks` stand for those behind them."""

    ranks: Sequence[int]
    told: Sequence[Told]

    def at(self, ahead: int) -> Told:
        return self.told[max(0, bisect_right(self.ranks, ahead) - 1)]


class Expected(Struct, frozen=True, kw_only=True):
    """`at` is when it was worked out (ms), `seq` the newest event that it knows of. `bookings` by queue: what is to be
    waited from a slot on that is still far away."""

    at: int
    seq: int
    lines: Mapping[str, Line] = {}
    bookings: Mapping[str, Told] = {}

    def from_slot(self, queue: str, slot_at: int) -> Wait | None:
        """What a booking waits from its time on; who comes first by then has the present line before them, so it is no
        less than what is left of that line at that time. None where nothing honest can be said."""
        booked, line = self.bookings.get(queue), self.lines.get(queue)
        if booked is None or booked.wait is None:
            return None
        newcomer = line.told[-1].wait if line else None
        if newcomer is None:
            return booked.wait
        until = max(0, slot_at - self.at) / 60_000
        low, high = floor(newcomer.low - until), ceil(newcomer.high - until)
        return Wait(max(booked.low, low), max(booked.high, high))


EVERY = 100  # ranks that each have their own; behind them one in a hundredth of the line


def line_of(told: Sequence[Told]) -> Line:
    """Of everybody in order, and who would come now."""
    step = max(1, len(told) // EVERY)
    ranks = [rank for rank in range(len(told)) if rank < EVERY or rank % step == 0 or rank == len(told) - 1]
    return Line(ranks, [told[rank] for rank in ranks])


def looked_up(line: Line, free: int) -> Callable[[int], Wait | None]:
    """By how many are ahead. A desk that has nobody now calls at once, whatever was worked out a moment ago."""
    ranks, waits, at_once = line.ranks, [told.wait for told in line.told], Wait(0, 0)
    return lambda ahead: at_once if ahead < free else waits[max(0, bisect_right(ranks, ahead) - 1)]
