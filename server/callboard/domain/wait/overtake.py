"""Who comes later and is called before (wait.md 5.3.5)."""

import numpy as np
from msgspec import Struct

from callboard.domain.wait import dice
from callboard.domain.wait.desks import Desks
from callboard.domain.wait.dice import ROWS, Array
from callboard.domain.wait.lobby import Key, Lobby, midnight
from callboard.domain.wait.rates import service_s
from callboard.domain.wait.state import State, Waiting

COMES = 0.85  # of those who have booked
EARLY_S = 300.0  # so long before the slot
AHEAD_S = 9000.0  # how far ahead slots are looked at
HOUR_S = 3600
MOST = 24  # priority arrivals that are drawn for a service


class Rival(Struct):
    """Comes at `at` in each replication (never: inf), and goes before keys above `key`."""

    service: str
    at: Array
    key: Key


def overtake(state: State, lobby: Lobby, now: float, line: list[Waiting], starts: Array, room: Desks) -> None:
    """Delays every start by the work that goes before it: in time order, if one arrives before the start, the start
    moves by its work times the share of the desks that serve it, over the open desks."""
    if not len(starts):
        return
    rivals = [
        *_booked(state, lobby, now, room),
        *_checked_in(lobby, now, line, room),
        *_priority(state, lobby, now, float(np.median(starts.max(axis=0))), room),
    ]
    if not rivals:
        return
    keys = [lobby.key(ticket, now) for ticket in line]
    present = {name for name, desk in state.desks.items() if desk.open}
    rivals.sort(key=lambda rival: float(rival.at.min()))
    works = {service: _work(state, lobby, service, i, room) for i, service in enumerate(lobby.services)}
    for n, rival in enumerate(rivals):
        below = np.array([key > rival.key for key in keys])
        if not below.any() or rival.service not in works:
            continue
        share = _share(lobby, rival.service, line, present)
        delay = np.roll(works[rival.service], 7 * n) * share
        starts += np.where((rival.at < starts) & below[:, None], delay, 0.0)


def _work(state: State, lobby: Lobby, service: str, i: int, room: Desks) -> Array:
    ratios = room.shapes.take((dice.uniform("rival", room.many)[i % ROWS] * len(room.shapes)).astype(np.intp))
    work: Array = ratios * room.slowness * service_s(state, lobby, service) + state.gap_s
    return work


def _share(lobby: Lobby, service: str, line: list[Waiting], present: set[str]) -> float:
    """One over the open desks: that much of the work stands before each."""
    return 1 / max(1, len(present))


def _booked(state: State, lobby: Lobby, now: float, room: Desks) -> list[Rival]:
    """Slots whose people have not checked in: with probability .85 at the slot - 5 min."""
    rivals = []
    for i, (service, slot) in enumerate(sorted(state.bookings.values(), key=lambda booking: booking[1])):
        arrives = slot - EARLY_S - now
        if 0 < arrives < AHEAD_S:
            comes = dice.uniform("comes", room.many)[i % ROWS] < COMES
            key = lobby.key(Waiting(service, slot - EARLY_S, 0, slot=slot, score=slot), slot)
            rivals.append(Rival(service, np.where(comes, arrives, np.inf), key))
    return rivals


def _checked_in(lobby: Lobby, now: float, line: list[Waiting], room: Desks) -> list[Rival]:
    """Bookings that are here, and go before others once they are due."""
    rivals = []
    for ticket in line:
        if ticket.slot is not None and lobby.order == "class" and ticket.slot - lobby.due_before_s > now:
            due = ticket.slot - lobby.due_before_s
            rivals.append(Rival(ticket.service, np.full(room.many, due - now), lobby.key(ticket, due)))
    return rivals


def _priority(state: State, lobby: Lobby, now: float, until: float, room: Desks) -> list[Rival]:
    """Poisson arrivals at lambda_k(hour) = (count + 2 mean) / (days + 2)."""
    rivals = []
    for i, (service, hours) in enumerate(sorted(state.overtaking.items())):
        mean = sum(hours.values()) / max(1, len(hours))
        at = np.zeros(room.many)
        for n in range(MOST):
            hour = int((now + float(np.median(at)) - midnight(now)) // HOUR_S)
            rate = (hours.get(hour, 0.0) + 2 * mean / max(1, state.days)) / (state.days + 2) / HOUR_S
            at = at + dice.exponential("priority", room.many)[(37 * i + n) % ROWS] / max(rate, 1e-9)
            if at.min() > until:
                break
            key = (0, 0.0) if lobby.order == "class" else (0, now + float(np.median(at)) - state.lead_s)
            rivals.append(Rival(service, at, key))
    return rivals
