"""A log through the estimator, as if live: what everybody would have been told, and how well that was kept."""

from collections.abc import Iterable, Iterator
from math import ceil
from typing import Literal

from msgspec import Struct

from callboard.domain.wait.facts import AnyFact, Called, Created
from callboard.domain.wait.follow import keep_due, take
from callboard.domain.wait.lobby import Lobby
from callboard.domain.wait.outlook import Outlook, forecast
from callboard.domain.wait.state import State

IDLE_S = 3600  # while nobody waits for so long, no moment is stepped through


class Told(Struct, frozen=True):
    """What was shown at `t`: seconds from then to the call; None where no number was."""

    t: float
    ticket: str
    at: Literal["created", "tick"]
    ahead: int
    low_s: int | None
    likely_s: int | None
    high_s: int | None


def replay(lobby: Lobby, facts: Iterable[AnyFact], tick: float) -> Iterator[tuple[Told, bool] | Called]:
    """Everything told in time order, with whether it counts (no desk was free when the ticket came, and it has no
    slot), and every call. At a moment of the grid only what happened before it is known."""
    state, moment = State(), 0.0
    for fact in facts:
        while moment <= fact.t:
            if state.waiting:
                yield from _tick(state, lobby, moment)
            elif fact.t - moment > IDLE_S:
                moment = (ceil(fact.t / tick) - 1) * tick
            moment += tick
        keep_due(state, lobby, fact.t)
        said = take(state, lobby, fact)
        if isinstance(fact, Created):
            yield from _told(state, said or forecast(state, lobby, fact.t), "created", [fact.ticket])
        elif isinstance(fact, Called):
            yield fact


def _tick(state: State, lobby: Lobby, now: float) -> Iterator[tuple[Told, bool]]:
    walk_ins = [name for name, who in state.waiting.items() if who.slot is None]
    said = keep_due(state, lobby, now)
    if said is None or said.at < now:
        said = forecast(state, lobby, now)
    return _told(state, said, "tick", walk_ins)


def _told(
    state: State, said: Outlook, at: Literal["created", "tick"], tickets: list[str]
) -> Iterator[tuple[Told, bool]]:
    for name in tickets:
        one, who = said.tickets[name], state.waiting[name]
        seconds = [None if value is None else round(value) for value in (one.low_s, one.likely_s, one.high_s)]
        yield Told(said.at, name, at, one.ahead, *seconds), who.slot is None and not who.found_free


class Kept(Struct):
    """How well the word was kept, over all that was told at creation, or live. Seconds; errors are told minus true."""

    tickets: int = 0
    told: int = 0
    mae_s: float = 0.0
    bias_s: float = 0.0
    coverage: float = 0.0
    width_s: float = 0.0


FIRST_DAY = 3  # a location is known by then
DAY = 86_400


def score(said: Iterable[tuple[Told, bool] | Called]) -> dict[str, Kept]:
    """Over those who found no free desk, had no slot and were called; from day 3 on, unless there is one day only."""
    told, calls = [], {}
    for each in said:
        if isinstance(each, Called):
            calls[each.ticket] = each.t
        elif each[1] and each[0].likely_s is not None:
            told.append(each[0])
    days = {int(t // DAY) for t in calls.values()}
    first = (min(days) + FIRST_DAY) * DAY if len(days) > 1 else 0
    return {
        at: _kept(
            [
                (one, calls[one.ticket] - one.t)
                for one in told
                if one.at == at and one.t >= first and one.ticket in calls
            ]
        )
        for at in ("created", "tick")
    }


def _kept(pairs: list[tuple[Told, float]]) -> Kept:
    if not pairs:
        return Kept()
    n = len(pairs)
    errors = [(one.likely_s or 0) - wait for one, wait in pairs]
    return Kept(
        tickets=len({one.ticket for one, _ in pairs}),
        told=n,
        mae_s=round(sum(map(abs, errors)) / n, 1),
        bias_s=round(sum(errors) / n, 1),
        coverage=round(sum((one.low_s or 0) <= wait <= (one.high_s or 0) for one, wait in pairs) / n, 4),
        width_s=round(sum((one.high_s or 0) - (one.low_s or 0) for one, _ in pairs) / n, 1),
    )
