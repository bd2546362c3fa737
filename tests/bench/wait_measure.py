"""One log through the estimator and through the rules of others: errors, coverage, and how calm the promise is."""

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from bench.wait_parts import without
from bench.wait_rules import NAMES, Rules
from callboard.domain.wait.facts import Called, Created
from callboard.domain.wait.follow import follow, keep_due
from callboard.domain.wait.log import read
from callboard.domain.wait.outlook import Outlook, forecast
from callboard.domain.wait.promise import bucket_of
from callboard.domain.wait.state import State

TICK = 120
FIRST_DAY = 3
ERRORS = 200  # of its own last ones a plain rule makes its range
SLIP_MIN = 5
OURS = "callboard"


class Row(NamedTuple):
    """What one way said to one ticket at a moment, in minutes, and what came."""

    way: str
    at: str
    t: float
    ticket: str
    ahead: int
    low: float
    likely: float
    high: float
    wait: float


@dataclass
class Figures:
    n: int = 0
    mae: float = 0.0
    rmse: float = 0.0
    bias: float = 0.0
    coverage: float = 0.0
    width: float = 0.0
    interval: float = 0.0
    wait: float = 0.0


@dataclass
class Measured:
    name: str
    figures: dict[tuple[str, str], Figures] = field(default_factory=dict)  # by way, and created or tick
    buckets: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)
    change: float = 0.0
    slips: float = 0.0


def rows(path: Path, part: str = "all") -> list[Row]:
    """Everything that was told to walk-ins who found no free desk and were called, from day 3 on (of one day: all)."""
    with path.open("rb") as lines, without(part):
        lobby, facts = read(lines)
        state, rules, moment = State(), Rules(lobby), 0.0
        told: list[Row] = []
        calls: dict[str, float] = {}
        for fact in facts:
            while moment <= fact.t:
                if state.waiting:
                    keep_due(state, lobby, moment)
                    _tell(told, state, forecast(state, lobby, moment), "tick")
                elif fact.t - moment > 3600:
                    moment = fact.t // TICK * TICK
                moment += TICK
            follow(state, lobby, fact)
            rules.take(fact)
            if isinstance(fact, Called):
                calls[fact.ticket] = fact.t
            elif isinstance(fact, Created):
                said = forecast(state, lobby, fact.t)
                who, ahead = state.waiting[fact.ticket], said.tickets[fact.ticket].ahead
                theirs = rules.told(state, fact.ticket, who, ahead, fact.t)
                if who.slot is None and not who.found_free:
                    _tell(told, state, said, "created", {fact.ticket})
                    told += [
                        Row(way, "created", fact.t, fact.ticket, ahead, 0, s / 60, 0, 0) for way, s in theirs.items()
                    ]
    told = [row._replace(wait=(calls[row.ticket] - row.t) / 60) for row in told if row.ticket in calls]
    first = FIRST_DAY * 86_400 if state.days > 1 else 0
    return [row for row in _with_ranges(told) if row.t >= first]


def _tell(told: list[Row], state: State, said: Outlook, at: str, only: set[str] | None = None) -> None:
    for name, one in said.tickets.items():
        who = state.waiting[name]
        if (only is None or name in only) and who.slot is None and not who.found_free and one.likely_s is not None:
            low, likely, high = (one.low_s or 0) / 60, one.likely_s / 60, (one.high_s or 0) / 60
            told.append(Row(OURS, at, said.at, name, one.ahead, low, likely, high, 0))


def _with_ranges(told: list[Row]) -> Iterable[Row]:
    """Rules that know no range get the best simple one: the middle 80% of their own last errors, shown in minutes."""
    for way in {row.way for row in told}:
        mine = [row for row in told if row.way == way]
        if way == OURS:
            yield from mine
            continue
        known: list[float] = []
        coming: list[tuple[float, float]] = []
        for row in mine:
            while coming and coming[0][0] <= row.t:
                known.append(heapq.heappop(coming)[1])
            last = sorted(known[-ERRORS:]) or [-5.0, 5.0]
            low, high = row.likely + last[len(last) // 10], row.likely + last[len(last) * 9 // 10]
            yield row._replace(low=max(0, math.floor(low)), high=max(1, math.ceil(high)))
            heapq.heappush(coming, (row.t + row.wait * 60, row.wait - row.likely))


def measured(name: str, told: Sequence[Row]) -> Measured:
    result = Measured(name)
    for way, at in {(row.way, row.at) for row in told}:
        result.figures[way, at] = _figures([row for row in told if (row.way, row.at) == (way, at)])
    counts: defaultdict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
    for row in told:
        if row.way == OURS:
            each = counts[row.at, bucket_of(row.ahead)]
            each[0], each[1] = each[0] + 1, each[1] + (row.low <= row.wait <= row.high)
    result.buckets = {key: (n, within) for key, (n, within) in counts.items()}
    moves = _moves([row for row in told if (row.way, row.at) == (OURS, "tick")])
    if moves:
        result.change = sum(map(abs, moves)) / len(moves)
        result.slips = 100 * sum(move > SLIP_MIN for move in moves) / len(moves)
    return result


def _figures(told: Sequence[Row]) -> Figures:
    n = len(told)
    errors = [row.likely - row.wait for row in told]
    missed = [max(row.low - row.wait, row.wait - row.high, 0.0) for row in told]
    width = sum(row.high - row.low for row in told) / n
    return Figures(
        n=n,
        mae=sum(map(abs, errors)) / n,
        rmse=math.sqrt(sum(error * error for error in errors) / n),
        bias=sum(errors) / n,
        coverage=100 * sum(row.low <= row.wait <= row.high for row in told) / n,
        width=width,
        interval=width + 10 * sum(missed) / n,
        wait=sum(row.wait for row in told) / n,
    )


def _moves(told: Sequence[Row]) -> list[float]:
    """By how many minutes the promised moment moved from one tick to the next."""
    last: dict[str, float] = {}
    moves = []
    for row in told:
        promised = row.t / 60 + row.likely
        if row.ticket in last:
            moves.append(promised - last[row.ticket])
        last[row.ticket] = promised
    return moves


assert OURS not in NAMES
