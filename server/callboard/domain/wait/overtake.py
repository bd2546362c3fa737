"""Who comes later and is called before (wait.md 5.3.5)."""

from bisect import bisect_right
from collections.abc import Callable

import numpy as np
from msgspec import Struct

from callboard.domain.wait import dice
from callboard.domain.wait.arrivals import hourly
from callboard.domain.wait.bookings import arrives
from callboard.domain.wait.desks import Desks
from callboard.domain.wait.dice import ROWS, Array
from callboard.domain.wait.lobby import HOUR, Key, Lobby, midnight
from callboard.domain.wait.rates import service_s
from callboard.domain.wait.state import State, Waiting

FURTHEST_S = 4 * HOUR  # later arrivals are not looked at
MOST = 40  # arrivals that are drawn for one service
EVERYBODY: Key = (1 << 40, 0, 0.0)  # where desks have lists of their own, anybody may go before somebody


class Rival(Struct):
    """Comes at `at` in each replication (never: inf), and goes before keys above `key`."""

    service: str
    at: Array
    key: Key
    row: int


def overtake(state: State, lobby: Lobby, now: float, line: list[Waiting], starts: Array, room: Desks) -> None:
    """Delays every start by the work that goes before it: in time order, if one arrives before the start, the start
    moves by its work times the share of its desks among those that serve it, over these."""
    if not len(starts):
        return
    keys = [*map(lobby.order_at(now), line)]  # the line is in their order
    last = np.sort(starts.max(axis=0))
    until = float(min(last[len(last) * 9 // 10], FURTHEST_S))
    rivals = [
        *_booked(state, lobby, now, until, room),
        *_checked_in(lobby, now, line, until, room),
        *_coming(state, lobby, now, until, room, keys[-1] if lobby.has_one_order else EVERYBODY),
    ]
    means = {rival.service: service_s(state, lobby, rival.service) * room.slowness for rival in rivals}
    if lobby.has_one_order:
        shares = {service: _shares(state, lobby, service, line) for service in means}
        firsts = dict.fromkeys(means, np.zeros(len(line)))
    else:
        shares = {service: _by_arrival(lobby, room, service, line) for service in means}
        firsts = {service: _by_list(lobby, room, service, line) for service in means}
    for rival in sorted(rivals, key=lambda rival: float(rival.at.min())):
        below = firsts[rival.service].copy()
        behind = bisect_right(keys, rival.key)
        below[behind:] += shares[rival.service][behind:]
        if below.any():
            ratios = room.shapes.take(
                (dice.uniform("rival", room.many)[rival.row % ROWS] * len(room.shapes)).astype(int)
            )
            delay = below[:, None] * (ratios * means[rival.service] + state.gap_s)
            delay *= rival.at < starts
            starts += delay


def _shares(state: State, lobby: Lobby, service: str, line: list[Waiting]) -> Array:
    """By ticket: how much of a rival's work stands before it, |E_i and E_j| / |E_j| / |E_i| over the open desks."""
    present = {name for name, desk in state.desks.items() if desk.open} & lobby.desks.keys() or lobby.desks.keys()
    serving = {
        each: {name for name in present if each in lobby.desks[name].services}
        for each in {service, *(ticket.service for ticket in line)}
    }
    theirs = serving[service]
    share = {
        each: len(mine & theirs) / len(theirs) / len(mine) if mine and theirs else 0.0 for each, mine in serving.items()
    }
    return np.array([share[ticket.service] for ticket in line])


def _by_list(lobby: Lobby, room: Desks, service: str, line: list[Waiting]) -> Array:
    """By ticket: the share of its desks that one takes whom some of them list before it, whenever that one comes."""

    def share(own: str) -> float:
        desks = room.called_by.get(own, frozenset())
        firsts = [name for name in desks if own != service and _lists_first(lobby, name, service, own)]
        return 1 / len(desks) if firsts else 0.0

    return _of_each(share, line)


def _by_arrival(lobby: Lobby, room: Desks, service: str, line: list[Waiting]) -> Array:
    """The same of one who goes before it by its key: in its own queue, and at desks that go by arrival."""

    def share(own: str) -> float:
        desks = room.called_by.get(own, frozenset())
        if own == service:
            return 1 / len(desks) if desks else 0.0
        theirs = [name for name, desk in lobby.desks.items() if service in desk.services]
        common = [name for name in desks if name in theirs and not lobby.desks[name].listed]
        return len(common) / len(theirs) / len(desks) if common else 0.0

    return _of_each(share, line)


def _lists_first(lobby: Lobby, name: str, first: str, then: str) -> bool:
    desk = lobby.desks[name]
    return desk.listed and first in desk.services and desk.services.index(first) < desk.services.index(then)


def _of_each(share: Callable[[str], float], line: list[Waiting]) -> Array:
    shares = {service: share(service) for service in {ticket.service for ticket in line}}
    return np.array([shares[ticket.service] for ticket in line])


def _booked(state: State, lobby: Lobby, now: float, until: float, room: Desks) -> list[Rival]:
    """Slots whose people have not checked in; where bookings wait to be due, they do not count before."""
    rivals = []
    for row, (service, slot) in enumerate(sorted(state.bookings.values(), key=lambda booking: booking[1])):
        due = slot - lobby.due_before_s - now if lobby.order == "class" else 0.0
        if due < until and slot - now < until + HOUR:
            at = np.maximum(arrives(state, slot - now, room.many, row), due)
            key = lobby.key(Waiting(service, slot, 0, slot=slot, score=slot), slot)
            rivals.append(Rival(service, at, key, row))
    return rivals


def _checked_in(lobby: Lobby, now: float, line: list[Waiting], until: float, room: Desks) -> list[Rival]:
    """Bookings that are here, and go before others once they are due."""
    rivals = []
    for ticket in line:
        if ticket.slot is not None and lobby.order == "class" and not ticket.prio:
            due = ticket.slot - lobby.due_before_s
            if now < due < now + until:
                at = np.full(room.many, due - now)
                rivals.append(Rival(ticket.service, at, lobby.key(ticket, due), ticket.row))
    return rivals


def _coming(state: State, lobby: Lobby, now: float, until: float, room: Desks, last: Key) -> list[Rival]:
    """Poisson arrivals, of those whom priority, a head start or a desk's list puts before somebody who waits."""
    rivals = []
    closes = max((end for _, end in lobby.ranges(now)), default=now)
    for i, (service, prio) in enumerate((service, prio) for service in lobby.services for prio in (0, 1)):
        lead = state.lead_s if prio else 0.0
        at, mean = np.zeros(room.many), now
        for n in range(MOST):
            key = lobby.key(Waiting(service, mean, 0, prio, score=mean - lead), mean)
            rate = hourly(state, service, prio, int((mean - midnight(now)) // HOUR)) / HOUR
            if key >= last or rate <= 0 or mean > min(closes, now + until):
                break
            row = (37 * i + n) % ROWS
            at = at + dice.exponential("coming", room.many)[row] / rate
            mean += 1 / rate
            rivals.append(Rival(service, at, key, row))
    return rivals
