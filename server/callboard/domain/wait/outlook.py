"""What can be said to everyone who waits, in one pass."""

from collections.abc import Mapping

import numpy as np
from msgspec import Struct

from callboard.domain.wait.dice import Array
from callboard.domain.wait.drain import drain
from callboard.domain.wait.lobby import Lobby
from callboard.domain.wait.overtake import overtake
from callboard.domain.wait.promise import bounds, bucket_of, promised_s
from callboard.domain.wait.state import State, Waiting

REPLICATIONS = ((200, 100), (400, 48))  # up to so many waiting: R
FEW = 32  # and beyond
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
    """`newcomers` by service: what somebody would be told who came now."""

    at: float
    tickets: Mapping[str, Forecast] = {}
    newcomers: Mapping[str, Forecast] = {}
    bookings: Mapping[str, Forecast] = {}


def replications(waiting: int) -> int:
    return next((many for most, many in REPLICATIONS if waiting <= most), FEW)


def calling_order(state: State, lobby: Lobby, now: float) -> list[tuple[str, Waiting]]:
    return sorted(state.waiting.items(), key=lambda item: lobby.key(item[1], now))


def forecast(state: State, lobby: Lobby, now: float, newcomers: bool = True) -> Outlook:
    """Pure: the same state and moment give the same, to the last bit."""
    line = calling_order(state, lobby, now)
    services = [*lobby.services] if newcomers else []
    many = replications(len(line))
    tickets = [ticket for _, ticket in line]
    drained = drain(state, lobby, now, tickets, services, many)
    fresh = [Waiting(service, now, state.tickets + i) for i, service in enumerate(services)]
    starts = np.concatenate([drained.starts, drained.newcomers])
    overtake(state, lobby, now, [*tickets, *fresh], starts, drained.room)
    spread = quantiles(starts)
    said = [_say(state, ticket, now, min(i, len(line)), spread[i]) for i, ticket in enumerate([*tickets, *fresh])]
    return Outlook(
        at=now,
        tickets={name: said[i] for i, (name, _) in enumerate(line)},
        newcomers=dict(zip(services, said[len(line) :], strict=True)),
    )


def quantiles(starts: Array) -> list[tuple[float, float, float]]:
    """5.3.6: q10, q50, q90 of each row."""
    if not len(starts):
        return []
    many = starts.shape[1]
    ordered = np.sort(starts, axis=1)
    columns = [ordered[:, max(0, min(many - 1, round(q * many - 0.5)))] for q in (0.1, 0.5, 0.9)]
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _say(state: State, ticket: Waiting, now: float, ahead: int, q: tuple[float, float, float]) -> Forecast:
    if not q[1] < FAR_S:
        return Forecast(ahead)
    low, high = bounds(state, bucket_of(ahead), (q[0], q[1], min(q[2], FAR_S)))
    likely = promised_s(state, ticket, now, q[1], low, high)
    return Forecast(ahead, low, likely, high, drained=q)
