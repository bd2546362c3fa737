"""A location as it is configured: services, desks, hours, and the order in which tickets are called."""

from collections.abc import Callable, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Literal

from msgspec import Struct

from callboard.domain.wait.state import Waiting

DAY = 86_400
HOUR = 3600
NOT_DUE = 3  # the class of bookings that are here too early
Range = tuple[float, float]
Week = tuple[tuple[Range, ...], ...]  # seven days from Monday: ranges in seconds of the day
Key = tuple[int, int, float]  # rank of the queue, class, moment


class Desk(Struct, frozen=True):
    """`services` in order; `listed` says whether that order or the calling order of the tickets decides."""

    services: tuple[str, ...]
    listed: bool = False


class Lobby(Struct, frozen=True, kw_only=True):
    """`services` have the configured seconds each takes. Day 0 is a Thursday, as 1 January 1970 was.

    `hours` empty: always open. `calendar` has the hours that a desk is planned to be open, and stands before what past
    days teach. `order`: "score", the lowest first; "class", priority, due bookings, walk-ins, bookings not yet due.
    """

    services: Mapping[str, float]
    desks: Mapping[str, Desk]
    order: Literal["score", "class"] = "score"
    due_before_s: float = 300
    hours: Week = ()
    calendar: Mapping[str, Week] = {}

    @property
    def has_one_order(self) -> bool:
        """Whether one order of tickets is that of all desks."""
        return not self._lists or bool(self._ranks)

    @property
    def _lists(self) -> tuple[tuple[str, ...], ...]:
        return tuple(desk.services for desk in self.desks.values() if desk.listed and len(desk.services) > 1)

    @property
    def _ranks(self) -> Mapping[str, int]:
        by_arrival = any(len(desk.services) > 1 for desk in self.desks.values() if not desk.listed)
        return {} if by_arrival else _ranks(self._lists)

    def order_at(self, now: float) -> Callable[[Waiting], Key]:
        """What orders tickets: the same comparator as the desks' (wait.md 5.1), or where they have several, within each
        service."""
        ranks = self._ranks
        if self.order == "score":
            return lambda ticket: (ranks.get(ticket.service, 0), 0, _score(ticket))
        return lambda ticket: (ranks.get(ticket.service, 0), *self._class(ticket, now))

    def key(self, ticket: Waiting, now: float) -> Key:
        return self.order_at(now)(ticket)

    def _class(self, ticket: Waiting, now: float) -> tuple[int, float]:
        if ticket.prio:
            return 0, ticket.since
        if ticket.slot is None:
            return 2, ticket.since
        return (1 if ticket.slot - self.due_before_s <= now else NOT_DUE), ticket.slot

    def ranges(self, now: float) -> tuple[Range, ...]:
        """Today's opening hours as moments; all day where none are known."""
        return of_day(self.hours, now) if self.hours else ((midnight(now), midnight(now) + DAY),)

    def opens_at(self, now: float) -> float | None:
        """When it opens next, within a week; `now` if it is open."""
        for n in range(8):
            for start, end in self.ranges(midnight(now) + n * DAY):
                if end > now:
                    return max(start, now)
        return None

    def began(self, now: float) -> float:
        """When the present opening hours began; `now` while it is closed."""
        return next((start for start, end in self.ranges(now) if start <= now < end), now)


def _score(ticket: Waiting) -> float:
    return ticket.since if ticket.score is None else ticket.score


def midnight(now: float) -> float:
    return now // DAY * DAY


def of_day(week: Week, now: float) -> tuple[Range, ...]:
    """A week's ranges on the day of `now`, as moments."""
    began = midnight(now)
    day = week[int(now // DAY + 3) % 7]
    return tuple((began + start, began + end) for start, end in day)


@cache
def _ranks(lists: tuple[tuple[str, ...], ...]) -> Mapping[str, int]:
    """A rank for each service that every desk's list agrees with: then one order serves all desks. Empty where lists
    contradict each other."""
    graph: dict[str, set[str]] = {}
    for services in lists:
        for before, after in pairwise(services):
            graph.setdefault(after, set()).add(before)
    try:
        return {service: rank for rank, service in enumerate(TopologicalSorter(graph).static_order())}
    except CycleError:
        return {}
