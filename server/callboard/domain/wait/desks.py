"""When each desk is free, in every replication (wait.md 5.3.1 to 3): by what it does now, and by its past days."""

from collections.abc import Mapping

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from callboard.domain.wait import dice
from callboard.domain.wait.absence import no_show, wait_bucket
from callboard.domain.wait.dice import ROWS, Array
from callboard.domain.wait.lobby import Lobby, midnight, of_day
from callboard.domain.wait.rates import expected_s, factor, prior_weight, shape_variance, slowness
from callboard.domain.wait.state import DeskState, State, Waiting
from callboard.domain.wait.timeline import window

IDLE_S = 3.0
GHOST_S = 120.0  # a desk idle for so long beside somebody who waited as long is nobody's
BACK_S = 720.0  # a desk that should be open comes back after this, on average
WALKING_S = 25.0
TAIL = 6  # fewer shapes than this beyond an age: an exponential tail
LATE_S = 1800  # after opening time a desk may still be about to open for the day
SAME = 2  # weight of "no change" against the past days


class Desks(Struct):
    """A row a desk: when it is free; when it closes, and is free again. `factors` f_d, `slowness` G_r."""

    names: list[str]
    many: int
    free: Array
    close: Array
    again: Array
    factors: Array
    slowness: Array
    shapes: Array
    cv: float
    serves: dict[str, NDArray[np.intp]]
    called_by: Mapping[str, frozenset[str]] = {}  # where each desk has an order of its own: who calls a service

    def serving(self, service: str) -> NDArray[np.intp]:
        return self.serves.get(service, _NONE)


_NONE = np.empty(0, dtype=np.intp)


def desks(state: State, lobby: Lobby, now: float, line: list[Waiting], many: int) -> Desks:
    names = list(lobby.desks)
    variance = shape_variance(state)
    weight = prior_weight(state, variance)
    doubt = np.sqrt(variance / (weight + state.speed.n))
    room = Desks(
        names=names,
        many=many,
        free=np.empty((len(names), many)),
        close=np.full((len(names), many), np.inf),
        again=np.full((len(names), many), np.inf),
        factors=np.array([factor(state, name) for name in names]),
        slowness=slowness(state, weight) * np.exp(doubt * dice.normal("speed", many)[0]),
        shapes=np.sort(np.array(state.shapes)) / 1000,
        cv=float(np.sqrt(variance)),
        serves=_serves(lobby, names),
    )
    days = _days(state, now, many)
    for i, name in enumerate(names):
        desk = state.desks.get(name) or DeskState()
        _timeline(state, lobby, now, room, i, desk, days)
        if desk.ticket:
            room.free[i] = _busy(state, lobby, now, room, i, desk)
        elif desk.open:
            room.free[i] = _idle(state, now, room, i, desk, line)
        else:
            room.free[i] = room.again[i]
            room.close[i] = np.inf
            continue
        past = room.free[i] >= room.close[i]
        room.free[i][past] = np.maximum(room.free[i], room.again[i])[past]
        room.close[i][past] = np.inf
    return room


def _serves(lobby: Lobby, names: list[str]) -> dict[str, NDArray[np.intp]]:
    services = {service for desk in lobby.desks.values() for service in desk.services}
    return {
        service: np.array([i for i, name in enumerate(names) if service in lobby.desks[name].services], dtype=np.intp)
        for service in services
    }


def _busy(state: State, lobby: Lobby, now: float, room: Desks, i: int, desk: DeskState) -> Array:
    """5.3.2: the rest of a service as old as this one; or of a no-show, while nobody has started it."""
    age = now - desk.called_at
    expected = expected_s(state, lobby, desk.service, room.names[i]) * room.slowness
    rest = _beyond(room.shapes, age / expected, dice.uniform("rest", room.many)[i % ROWS]) * expected - age
    rest = np.asarray(rest, dtype=np.float64)
    if not desk.started:
        p = no_show(state)[wait_bucket(desk.waited_s)]
        presses = state.absent.presses
        present = (1 - p) * (1 - presses + presses * float(np.exp(-age / WALKING_S)))
        missing = dice.uniform("rest missing", room.many)[i % ROWS] < p / (p + present)
        rest[missing] = max(10.0, state.absent.time_s - age)
    return np.maximum(rest, 1.0) + state.gap_s


def _beyond(shapes: Array, ages: Array, chance: Array) -> Array:
    """A shape drawn from those above an age, by binary search in the sorted ones; beyond them an exponential tail."""
    first = np.searchsorted(shapes, ages, side="right")
    left = len(shapes) - first
    drawn = shapes.take(np.minimum(first + (chance * left).astype(np.intp), len(shapes) - 1))
    few = left < TAIL
    if few.any():
        drawn[few] = (ages - np.log1p(-chance) * 0.7)[few]
    return np.maximum(drawn, ages)


def _idle(state: State, now: float, room: Desks, i: int, desk: DeskState, line: list[Waiting]) -> Array:
    """5.2.7: a ghost desk comes back in its own time."""
    idle = now - desk.freed_at
    if idle >= GHOST_S and any(now - ticket.since >= GHOST_S and i in room.serving(ticket.service) for ticket in line):
        ghost: Array = IDLE_S + dice.exponential("ghost", room.many)[i % ROWS] * state.away_s
        return ghost
    return np.full(room.many, IDLE_S if idle > state.gap_s else max(IDLE_S, state.gap_s - idle))


def _days(state: State, now: float, many: int) -> NDArray[np.intp]:
    """5.3.3: a past day for each replication, -1 for "no change"."""
    count = len(state.past)
    drawn = (dice.uniform("day", many)[0] * (count + SAME)).astype(np.intp)
    return np.where(drawn < count, drawn, -1)


def _timeline(
    state: State, lobby: Lobby, now: float, room: Desks, i: int, desk: DeskState, days: NDArray[np.intp]
) -> None:
    """Fills in when the desk closes, and when it is free again; of a closed desk the latter is when it opens."""
    name, at = room.names[i], now - midnight(now)
    back = dice.exponential("back", room.many)[i % ROWS] * BACK_S
    if name in lobby.calendar:
        planned = [(round(a - midnight(now)), round(b - midnight(now))) for a, b in of_day(lobby.calendar[name], now)]
        plans = {0: window(planned, desk.open, at)}
        days = np.zeros_like(days)
    else:
        plans = {n: window(day.spans.get(name, []), desk.open, at) for n, day in enumerate(state.past)}
    for n in {*days.tolist()}:
        where = days == n
        if n < 0:
            room.again[i][where] = np.inf if desk.open else _unplanned(state, lobby, now, desk, back)[where]
        elif (plan := plans[n]) is not None:
            room.close[i][where] = plan[0] - at
            room.again[i][where] = plan[1] - at
        else:
            room.again[i][where] = np.inf if desk.open else back[where]


def _unplanned(state: State, lobby: Lobby, now: float, desk: DeskState, back: Array) -> Array:
    """When a closed desk opens, if nothing but the opening hours tells: with them; after a break, if nobody else is
    there; else not today."""
    opens = lobby.opens_at(now)
    if opens is None:
        return np.full_like(back, np.inf)
    if not desk.spans and now - lobby.began(now) < LATE_S:
        return opens - now + back * 0.2
    if any(other.open for other in state.desks.values()):
        return np.full_like(back, np.inf)
    return opens - now + back
