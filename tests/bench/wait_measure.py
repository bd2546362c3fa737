"""A kind of log through the estimator and through the rules of others: errors, coverage, how calm the promise is."""

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from bench.wait_parts import without
from bench.wait_rules import Rules
from callboard.domain.wait.facts import AnyFact, Called, Created, DayStart
from callboard.domain.wait.lobby import Lobby
from callboard.domain.wait.log import read
from callboard.domain.wait.promise import bucket_of
from callboard.domain.wait.replay import replay

TICK = 120
DAY = 86_400
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
    wait: float = 0.0


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


def kind(name: str, paths: Sequence[Path], part: str = "all") -> Measured:
    """Of all its logs. The rules of others need no drain, and are asked only beside the whole estimator."""
    told: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for path in paths:
        with path.open("rb") as lines:
            lobby, facts = read(lines)
            known = [*facts]
        calls = {fact.ticket: fact.t for fact in known if isinstance(fact, Called)}
        days = sum(isinstance(fact, DayStart) for fact in known)
        first = FIRST_DAY * DAY if days > 1 else 0
        said = [*_ours(lobby, known, part), *(_theirs(lobby, known) if part == "all" else ())]
        true = [row._replace(wait=(calls[row.ticket] - row.t) / 60) for row in said if row.ticket in calls]
        for row in _with_ranges(true):
            if row.t >= first:
                told[row.way, row.at].append(row._replace(ticket=f"{path.stem}/{row.ticket}"))
    return _measured(name, told)


def _ours(lobby: Lobby, facts: Iterable[AnyFact], part: str) -> Iterator[Row]:
    """As `callboard replay` prints it: walk-ins who found no free desk."""
    with without(part):
        for each in replay(lobby, facts, TICK):
            if isinstance(each, tuple) and each[1] and each[0].likely_s is not None:
                one = each[0]
                low, likely, high = ((value or 0) / 60 for value in (one.low_s, one.likely_s, one.high_s))
                yield Row(OURS, one.at, one.t, one.ticket, one.ahead, low, likely, high)


def _theirs(lobby: Lobby, facts: Iterable[AnyFact]) -> Iterator[Row]:
    rules = Rules(lobby)
    for fact in facts:
        rules.take(fact)
        if isinstance(fact, Created):
            ahead, said = rules.told(fact.ticket, fact.t)
            who = rules.state.waiting[fact.ticket]
            if who.slot is None and not who.found_free:
                for way, seconds in said.items():
                    yield Row(way, "created", fact.t, fact.ticket, ahead, 0, seconds / 60, 0)


def _with_ranges(told: Sequence[Row]) -> Iterator[Row]:
    """Rules that know no range get the best simple one: the middle 80% of their own last errors, shown in minutes."""
    ways: defaultdict[str, list[Row]] = defaultdict(list)
    for row in told:
        ways[row.way].append(row)
    yield from ways.pop(OURS, [])
    for mine in ways.values():
        known: list[float] = []
        coming: list[tuple[float, float]] = []
        for row in mine:
            while coming and coming[0][0] <= row.t:
                known.append(heapq.heappop(coming)[1])
            last = sorted(known[-ERRORS:]) or [-5.0, 5.0]
            low, high = row.likely + last[len(last) // 10], row.likely + last[len(last) * 9 // 10]
            yield row._replace(low=max(0, math.floor(low)), high=max(1, math.ceil(high)))
            heapq.heappush(coming, (row.t + row.wait * 60, row.wait - row.likely))


def _measured(name: str, told: dict[tuple[str, str], list[Row]]) -> Measured:
    result = Measured(name, {key: _figures(rows) for key, rows in told.items()})
    counts: defaultdict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
    for at in ("created", "tick"):
        for row in told[OURS, at]:
            each = counts[at, bucket_of(row.ahead)]
            each[0], each[1] = each[0] + 1, each[1] + (row.low <= row.wait <= row.high)
    result.buckets = {key: (n, within) for key, (n, within) in counts.items()}
    moves = _moves(told[OURS, "tick"])
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
