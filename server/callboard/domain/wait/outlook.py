"""What can be said to everyone who waits, in one pass."""

from collections.abc import Mapping
from itertools import accumulate

import numpy as np
from msgspec import Struct

from callboard.domain.wait.desks import GHOST_S
from callboard.domain.wait.dice import Array
from callboard.domain.wait.drain import drain
from callboard.domain.wait.lobby import NOT_DUE, Lobby
from callboard.domain.wait.overtake import overtake
from callboard.domain.wait.pause import Pause, at_once
from callboard.domain.wait.promise import bounds, bucket_of, promised_s
from callboard.domain.wait.rates import service_s
from callboard.domain.wait.state import DeskState, State, Waiting

_NEW = "+"  # before a service: somebody who would come now
REPLICATIONS = ((200, 100), (400, 48))  # up to so many waiting: R
FEW = 32  # and beyond
ENOUGH = 8  # bookings that were called tell what is waited from a slot; one service is made of as many before
FAR_S = 12 * 3600.0  # an end that no replication knows: nothing is said


class Forecast(Struct, frozen=True):
    """Seconds from now (of a booking that has not checked in: from its slot) to the call: the shown range in whole
    minutes and the likeliest. All None where no desk is open and nothing says when one will. `drained` are
    q10, q50, q90 before calibration."""

    ahead: int
    low_s: float | None = None
    likely_s: float | None = None
    high_s: float | None = None
    free: bool = False
    drained: tuple[float, float, float] = (0.0, 0.0, 0.0)


class Outlook(Struct, frozen=True):
    """`newcomers` by service: what somebody would be told who came now; `bookings` by service: what is waited from a
    slot that is still far away."""

    at: float
    tickets: Mapping[str, Forecast] = {}
    newcomers: Mapping[str, Forecast] = {}
    bookings: Mapping[str, Forecast] = {}


def replications(waiting: int) -> int:
    return next((many for most, many in REPLICATIONS if waiting <= most), FEW)


def forecast(state: State, lobby: Lobby, now: float, pause: Pause = at_once) -> Outlook:
    """Pure: the same state and moment give the same, to the last bit."""
    services = [*lobby.services]
    come = [(f"{_NEW}{name}", Waiting(name, now, state.tickets + i)) for i, name in enumerate(services)]
    order = lobby.order_at(now)
    line = sorted([*state.waiting.items(), *come], key=lambda item: order(item[1]))
    real = [not name.startswith(_NEW) for name, _ in line]
    tickets = [ticket for _, ticket in line]
    many = replications(len(state.waiting))
    starts, room = drain(state, lobby, now, tickets, real, many, pause)
    overtake(state, lobby, now, tickets, starts, room)
    free = _free(state, lobby, now, tickets, real)
    ahead = _ahead(lobby, starts, real)
    said: dict[str, Forecast] = {}
    for i, q in enumerate(quantiles(starts)):
        pause()
        said[line[i][0]] = _say(state, lobby, tickets[i], now, ahead[i], q, free[i])
    return Outlook(
        at=now,
        tickets={name: told for name, told in said.items() if not name.startswith(_NEW)},
        newcomers={name: said[f"{_NEW}{name}"] for name in services},
        bookings=_booked(state, lobby),
    )


def _ahead(lobby: Lobby, starts: Array, real: list[bool]) -> list[int]:
    """How many are called before each: by the line, or where desks have orders of their own, by time."""
    if lobby.has_one_order:
        return [before - takes for before, takes in zip(accumulate(real), real, strict=True)]
    middle = np.median(starts, axis=1)
    ahead: list[int] = np.searchsorted(np.sort(middle[real]), middle).tolist()
    return ahead


def _free(state: State, lobby: Lobby, now: float, line: list[Waiting], real: list[bool]) -> list[bool]:
    """For whom a desk is idle: each of the first takes one. Desks that nobody seems to sit at are not counted."""
    idle = [
        (lobby.desks[name], desk)
        for name, desk in state.desks.items()
        if desk.open and not desk.ticket and name in lobby.desks
    ]
    free = []
    for ticket, takes in zip(line, real, strict=True):
        mine = next(
            (each for each in idle if ticket.service in each[0].services and not _ghost(each[1], ticket, now)), None
        )
        free.append(mine is not None)
        if mine and takes:
            idle.remove(mine)
    return free


def _ghost(desk: DeskState, ticket: Waiting, now: float) -> bool:
    return now - desk.freed_at >= GHOST_S and now - ticket.since >= GHOST_S


def quantiles(starts: Array) -> list[tuple[float, float, float]]:
    """5.3.6: q10, q50, q90 of each row."""
    if not len(starts):
        return []
    many = starts.shape[1]
    ordered = np.sort(starts, axis=1)
    columns = [ordered[:, max(0, min(many - 1, round(q * many - 0.5)))] for q in (0.1, 0.5, 0.9)]
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _say(
    state: State,
    lobby: Lobby,
    ticket: Waiting,
    now: float,
    ahead: int,
    q: tuple[float, float, float],
    free: bool,
) -> Forecast:
    if ticket.slot is not None and len(state.booked_waits) >= ENOUGH and lobby.key(ticket, now)[1] == NOT_DUE:
        q = _from_slot(state, ticket.slot - now)
    if not q[1] < FAR_S:
        return Forecast(ahead)
    low, high = bounds(state, bucket_of(ahead), (q[0], q[1], min(q[2], FAR_S)))
    likely = promised_s(state, ticket, now, q[1], low, high)
    return Forecast(ahead, low, likely, high, free, q)


def _booked(state: State, lobby: Lobby) -> dict[str, Forecast]:
    """From the slot on, of every service for which somebody is booked: what the last who had booked waited; while
    these are few, also the rest of a service that a desk is at."""
    said = {}
    for service in sorted({service for service, _ in state.bookings.values()} & lobby.services.keys()):
        few = max(0, ENOUGH - len(state.booked_waits))
        one = service_s(state, lobby, service)
        q = _middle([*state.booked_waits, *((i + 0.5) / few * one for i in range(few))])
        low, high = bounds(state, 0, q)
        said[service] = Forecast(0, low, min(max(q[1], low), high), high, drained=q)
    return said


def _from_slot(state: State, until_slot: float) -> tuple[float, float, float]:
    return _middle([wait + until_slot for wait in state.booked_waits])


def _middle(waits: list[float]) -> tuple[float, float, float]:
    waits = sorted(max(0.0, wait) for wait in waits)
    return waits[len(waits) // 10], waits[len(waits) // 2], waits[len(waits) * 9 // 10]
