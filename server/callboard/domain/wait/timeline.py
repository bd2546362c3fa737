"""When desks open and close (wait.md 5.2.6, 5.3.3): today's spans, those of the days before, and what they tell.

Spans are whole seconds since the midnight of their day; the last is open-ended (-1) while the desk is open.
"""

from callboard.domain.wait.lobby import DAY, Lobby, of_day
from callboard.domain.wait.state import Day, DeskState, State

DAYS = 10
UNTIL_END_S = 1800  # a close so near to closing time counts as "until the end"
STILL_OPEN = -1
NEVER = float("inf")


def open_span(state: State, desk: DeskState, now: float) -> None:
    desk.spans.append((round(now - state.day * DAY), STILL_OPEN))


def close_span(state: State, desk: DeskState, now: float) -> None:
    if desk.spans and desk.spans[-1][1] == STILL_OPEN:
        desk.spans[-1] = (desk.spans[-1][0], round(now - state.day * DAY))


def keep_day(state: State, lobby: Lobby) -> None:
    """The day is over: a day on which a desk was open is one to learn from."""
    spans = {name: _until_end(desk.spans, _closing(state, lobby)) for name, desk in state.desks.items() if desk.spans}
    if spans:
        state.past = [*state.past, Day(state.day, spans)][-DAYS:]
    for desk in state.desks.values():
        desk.spans = [(0, STILL_OPEN)] if desk.open else []


def _closing(state: State, lobby: Lobby) -> float:
    ends = [end for _, end in (of_day(lobby.hours, state.day * DAY) if lobby.hours else ())]
    return max(ends) - state.day * DAY if ends else NEVER


def _until_end(spans: list[tuple[int, int]], closing: float) -> list[tuple[int, int]]:
    return [(start, STILL_OPEN if end == STILL_OPEN or end >= closing - UNTIL_END_S else end) for start, end in spans]


def window(spans: list[tuple[int, int]], open_now: bool, at: float) -> tuple[float, float] | None:
    """What a day's spans say of a desk at a time of day: (closes, opens again), or None if it was in the other state.

    Of a desk that is closed, `closes` is -inf: it is closed until it opens.
    """
    for start, end in spans:
        last = NEVER if end == STILL_OPEN else end
        if start <= at < last:
            return (last, _next_start(spans, last)) if open_now else None
    return None if open_now else (-NEVER, _next_start(spans, at))


def _next_start(spans: list[tuple[int, int]], at: float) -> float:
    return min((start for start, _ in spans if start >= at), default=NEVER)
