"""Draws the present queue through the desks, many times at once (wait.md 5.3)."""

import numpy as np
from numpy.typing import NDArray

from callboard.domain.wait import dice
from callboard.domain.wait.absence import WAITS_S, no_show
from callboard.domain.wait.desks import Desks, desks
from callboard.domain.wait.dice import ROWS, Array
from callboard.domain.wait.lists import Load, draw
from callboard.domain.wait.lobby import Lobby
from callboard.domain.wait.pause import Pause, at_once
from callboard.domain.wait.rates import service_s
from callboard.domain.wait.state import State, Waiting

STEP_S = 600  # the bounds of the no-show buckets are multiples of it


def drain(
    state: State,
    lobby: Lobby,
    now: float,
    line: list[Waiting],
    real: list[bool],
    many: int,
    pause: Pause = at_once,
) -> tuple[Array, Desks]:
    """Seconds from now to the call, a row a ticket in calling order, a column a replication; who is not `real` takes no
    time of a desk. `pause` is called for each ticket."""
    room = desks(state, lobby, now, [ticket for ticket, takes in zip(line, real, strict=True) if takes], many)
    starts = np.full((len(line), many), np.inf)
    with np.errstate(invalid="ignore"):  # where a desk never opens
        if lobby.has_one_order:
            _list(state, lobby, now, line, real, room, starts, pause)
        elif line:
            draw(lobby, line, real, room, _load(state, lobby, now, line, room), starts, pause)
    return starts, room


def works(state: State, lobby: Lobby, line: list[Waiting], room: Desks) -> Array:
    """5.3.1 and 4: c_{k,r} G_r ratio for every ticket and replication; the desk's factor comes when it is known."""
    many = room.many
    rows = np.array([ticket.row % ROWS for ticket in line])
    ratios = room.shapes.take((dice.uniform("work", many)[rows] * len(room.shapes)).astype(np.intp))
    means: dict[str, Array] = {ticket.service: None for ticket in line}  # type: ignore[misc]
    for i, service in enumerate(sorted(means)):
        learned = state.services.get(service)
        doubt = room.cv / np.sqrt(4 + (learned.n if learned else 0))
        means[service] = service_s(state, lobby, service) * np.exp(doubt * dice.normal("service", many)[i % ROWS])
    work: Array = ratios * np.stack([means[ticket.service] for ticket in line]) * room.slowness
    return work


def _list(
    state: State,
    lobby: Lobby,
    now: float,
    line: list[Waiting],
    real: list[bool],
    room: Desks,
    starts: Array,
    pause: Pause,
) -> None:
    """5.3.4: in calling order each ticket takes the eligible desk that is free first. Every step is one operation on a
    row of replications, into the same few rows: this loop is what a forecast costs."""
    many, free = room.many, room.free
    if not line:
        return
    rows = np.array([ticket.row % ROWS for ticket in line])
    base = works(state, lobby, line, room)
    patience = _patience(state, rows, many)
    missing = dice.uniform("no_show", many)[rows]
    chances = np.array(_by_step(no_show(state)))
    column, flat, close, again = np.arange(many), free.ravel(), room.close.ravel(), room.again.ravel()
    closes = bool(np.isfinite(close).any())
    place, step = np.empty(many, dtype=np.intp), np.empty(many, dtype=np.intp)
    absent = np.empty(many, dtype=np.bool_)
    everywhere, gap = len(room.names), state.gap_s
    for i, ticket in enumerate(line):
        pause()
        eligible, start, work = room.serving(ticket.service), starts[i], base[i]
        if not len(eligible):
            continue
        desk = free.argmin(axis=0) if len(eligible) == everywhere else eligible.take(free[eligible].argmin(axis=0))
        np.multiply(desk, many, out=place)
        np.add(place, column, out=place)
        flat.take(place, out=start, mode="clip")
        if not real[i]:
            continue
        work *= room.factors.take(desk)
        np.multiply(start, 1 / STEP_S, out=step, casting="unsafe")
        step += int((now - ticket.since) / STEP_S)
        np.less(missing[i], chances.take(step, mode="clip"), out=absent)
        np.copyto(work, state.absent.time_s, where=absent)
        work += gap
        np.less(patience[i], start, out=absent)
        np.copyto(work, 0.0, where=absent)
        work += start
        if closes:
            np.greater_equal(work, close.take(place), out=absent)
            if absent.any():
                at = place[absent]
                work[absent] = np.maximum(work[absent], again[at])
                close[at] = np.inf
        flat[place] = work


def _load(state: State, lobby: Lobby, now: float, line: list[Waiting], room: Desks) -> Load:
    rows = np.array([ticket.row % ROWS for ticket in line])
    return Load(
        work=works(state, lobby, line, room),
        patience=_patience(state, rows, room.many),
        missing=dice.uniform("no_show", room.many)[rows],
        steps=np.array([int((now - ticket.since) / STEP_S) for ticket in line]),
        chances=np.array(_by_step(no_show(state))),
        step_s=STEP_S,
        absent_s=state.absent.time_s,
        gap_s=state.gap_s,
    )


def _patience(state: State, rows: NDArray[np.intp], many: int) -> Array:
    patience: Array = dice.exponential("patience", many)[rows] * (state.waited_min * 60 / max(state.gave_up, 1e-9))
    return patience


def _by_step(chances: list[float]) -> list[float]:
    """The buckets' chances for every step of ten minutes of waiting."""
    return [chances[sum(step * STEP_S >= bound for bound in WAITS_S)] for step in range(WAITS_S[-1] // STEP_S + 1)]
