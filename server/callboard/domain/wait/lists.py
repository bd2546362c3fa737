"""Draws the present queue through desks of which each has an order of its own (wait.md 5.3.4): every desk that is free
takes who is next in the first queue of its list, or who came first, as the desks themselves do."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from callboard.domain.wait.desks import Desks
from callboard.domain.wait.dice import Array
from callboard.domain.wait.lobby import Lobby
from callboard.domain.wait.pause import Pause
from callboard.domain.wait.state import Waiting

NOBODY = 1 << 40  # the place of who is not there, or is not served here
OFTEN = 0.1  # a desk that calls so much of a queue is one of those that it is called to

Places = NDArray[np.intp]


class Load(Struct):
    """What each ticket of a line costs a desk: a row a ticket, a column a replication."""

    work: Array
    patience: Array
    missing: Array
    steps: Places  # of waiting behind each ticket, in `step_s`
    chances: Array  # of not coming, by steps of waiting
    step_s: float
    absent_s: float
    gap_s: float

    def ends(self, rows: Places, columns: Places, factors: Array, starts: Array) -> Array:
        """When those desks are done with those tickets."""
        steps = np.minimum((starts / self.step_s).astype(np.intp) + self.steps[rows], len(self.chances) - 1)
        work = self.work[rows, columns] * factors
        work = np.where(self.missing[rows, columns] < self.chances[steps], self.absent_s, work) + self.gap_s
        work[self.patience[rows, columns] < starts] = 0.0
        ends: Array = starts + work
        return ends


class Queues(Struct):
    """The rows of each service's line in calling order, and how many of them are gone in each replication."""

    services: list[str]
    rows: Places
    gone: Places
    probes: list[tuple[int, int, int]]  # row, service, how many of the same service are before

    def next(self) -> Places:
        return self.rows[np.arange(len(self.services))[:, None], self.gone]


def draw(
    lobby: Lobby,
    line: list[Waiting],
    real: list[bool],
    room: Desks,
    load: Load,
    starts: Array,
    pause: Pause,
) -> None:
    """Fills `starts` in time order: in each step each replication's next free desk calls, or has nobody more to call.
    Leaves in the room which desks call which service. `pause` is called in each step."""
    queues = _queues(line, real, room.many)
    places, listed = _places(lobby, room.names, queues.services)
    callers = np.full(starts.shape, -1, dtype=np.intp)
    columns = np.arange(room.many)
    for _ in range(sum(real) + len(room.names)):
        pause()
        desk = room.free.argmin(axis=0)
        at = room.free[desk, columns]
        is_there = np.isfinite(at)
        if not is_there.any():
            break
        first, own, by_list = queues.next(), places[:, desk], listed[desk]
        place = np.where(by_list, own, first)
        place[(own == NOBODY) | (first == len(line))] = NOBODY
        queue = place.argmin(axis=0)
        least = place[queue, columns]
        for row, service, before in queues.probes:
            gone = queues.gone[service]
            if gone.max() >= before:
                rank = np.where(by_list | (own[service] == NOBODY), own[service], row)
                comes = (rank <= least) & (rank < NOBODY) & (gone >= before) & (callers[row] < 0) & is_there
                starts[row][comes] = at[comes]
                callers[row][comes] = desk[comes]
        calls = least < NOBODY
        room.free[desk[~calls], columns[~calls]] = np.inf
        calling = columns[calls & is_there]
        _call(queues, first, queue[calling], calling, desk[calling], room, load, starts, callers)
    room.called_by = {name: _often(callers[rows], room.names) for name, rows in _rows_of(line).items()}


def _rows_of(line: list[Waiting]) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for i, ticket in enumerate(line):
        rows.setdefault(ticket.service, []).append(i)
    return rows


def _often(callers: Places, names: list[str]) -> frozenset[str]:
    calls = np.bincount(callers[callers >= 0], minlength=len(names))
    return frozenset(name for name, often in zip(names, calls, strict=True) if often > OFTEN * calls.sum())


def _call(
    queues: Queues,
    first: Places,
    queue: Places,
    columns: Places,
    desk: Places,
    room: Desks,
    load: Load,
    starts: Array,
    callers: Places,
) -> None:
    """In these replications the next of a queue goes to a desk, which is free again when it is done, or has been closed
    meanwhile and is open again."""
    rows = first[queue, columns]
    at = room.free[desk, columns]
    starts[rows, columns] = at
    callers[rows, columns] = desk
    queues.gone[queue, columns] += 1
    ends = load.ends(rows, columns, room.factors[desk], at)
    over = ends >= room.close[desk, columns]
    if over.any():
        ends[over] = np.maximum(ends, room.again[desk, columns])[over]
        room.close[desk[over], columns[over]] = np.inf
    room.free[desk, columns] = ends


def _queues(line: list[Waiting], real: list[bool], many: int) -> Queues:
    services = sorted({ticket.service for ticket in line})
    each = [[i for i, t in enumerate(line) if t.service == name and real[i]] for name in services]
    rows = np.full((len(services), max(map(len, each)) + 1), len(line), dtype=np.intp)
    for row, tickets in zip(rows, each, strict=True):
        row[: len(tickets)] = tickets
    probes = [
        (i, services.index(ticket.service), sum(other < i for other in each[services.index(ticket.service)]))
        for i, ticket in enumerate(line)
        if not real[i]
    ]
    return Queues(services, rows, np.zeros((len(services), many), dtype=np.intp), probes)


def _places(lobby: Lobby, names: list[str], services: list[str]) -> tuple[Places, NDArray[np.bool_]]:
    """Where each service stands in each desk's list, and which desks go by theirs."""
    places = np.full((len(services), len(names)), NOBODY, dtype=np.intp)
    for i, name in enumerate(names):
        for place, service in enumerate(lobby.desks[name].services):
            if service in services:
                places[services.index(service), i] = place
    return places, np.array([lobby.desks[name].listed for name in names], dtype=np.bool_)
