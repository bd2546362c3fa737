"""Servers that take turns at the same tasks, round by round: a table of what they did, and whether bars were met."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from itertools import product
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench.fanout_parts import Figures, Measuring, Plan
from bench.figures import show
from bench.load import loading
from bench.peers import Peer, Served, serving_peer

STALLING = 100
AT = 10_000  # listeners that bars are for

Start = Callable[[Path, Plan, int], AbstractAsyncContextManager[Served]]  # in a directory; a document's size


def peering(peer: Peer) -> Start:
    return lambda _, plan, size: serving_peer(peer, size, plan.listeners)


class Bar(NamedTuple):
    """A figure of ours: so many times another one, of the same round, or so much; `at_least`, or at most."""

    figure: str
    of: str
    limit: float
    against: str = ""  # whose
    other: str = ""  # figure; "": the same
    at_least: bool = False

    def says(self) -> str:
        limit = f"{self.limit:,}" if self.limit > 100 else f"{self.limit:g}"
        of = f" of {self.against}'s" if self.against else f" of its {self.other}" if self.other else ""
        return f"{'at least' if self.at_least else 'at most'} {limit}{of}"

    def measured(self, rounds: "Rounds") -> float | None:
        """The median over the rounds."""
        if not (self.against or self.other):
            return rounds.median(self.of, self.figure)
        return rounds.ratio((self.of, self.figure), (self.against or self.of, self.other or self.figure))

    def row(self, rounds: "Rounds") -> list[object]:
        found = self.measured(rounds)
        if found is None:
            return [f"{self.of}: {self.figure}", self.says(), "-", "not measured"]
        met = found >= self.limit if self.at_least else found <= self.limit
        return [f"{self.of}: {self.figure}", self.says(), _text(found), "met" if met else "NOT MET"]


class Rounds:
    """The figures of each server in each round; None where it failed."""

    def __init__(self, names: Sequence[str]) -> None:
        self.all: dict[str, list[Figures | None]] = {name: [] for name in names}

    @property
    def names(self) -> list[str]:
        return [name for name, rounds in self.all.items() if any(rounds)]

    def median(self, name: str, figure: str) -> float | None:
        found = [each[figure] for each in self.all.get(name, []) if each]
        return median(found) if found else None

    def ratio(self, ours: tuple[str, str], theirs: tuple[str, str]) -> float | None:
        """The median of each round's: a machine that is slower for a while is so for both."""
        (our_name, our_figure), (their_name, their_figure) = ours, theirs
        pairs = zip(self.all.get(our_name, []), self.all.get(their_name, []), strict=False)
        found = [a[our_figure] / b[their_figure] for a, b in pairs if a and b and b[their_figure] > 0]
        return median(found) if found else None

    @property
    def size(self) -> int:
        """Of the document that the first had; 0 before there was one."""
        found = (self.median(name, "document bytes") for name in self.all)
        return round(next(filter(None, found), 0))


class Contest:
    """`contenders` by name, ours first, whose document's size is the others'; `phones` are those of which
    each listener has a page of their own. `programs` are load clients, for those without TLS and with."""

    def __init__(self, programs: tuple[Path, Path | None], contenders: Mapping[str, Start], phones: set[str]) -> None:
        self._programs, self._contenders, self._phones = programs, contenders, phones

    async def run(self, plan: Plan, rounds: int) -> tuple[Rounds, set[str]]:
        """And what keeps figures from meaning what they say."""
        results, notes = Rounds(list(self._contenders)), set[str]()
        for _ in range(rounds):
            for name, start in self._contenders.items():
                figures = None
                try:
                    its_plan = plan._replace(phones=name in self._phones)
                    measured = await self._measure(start, its_plan, results.size)
                except (AssertionError, OSError, ValueError) as error:
                    notes.add(f"{name}: left out of a round: {error!r}"[:500])
                else:
                    figures = measured.figures
                    notes |= {f"{name}: {note}" for note in measured.notes}
                results.all[name].append(figures)
        return results, notes

    async def _measure(self, start: Start, plan: Plan, size: int) -> Measuring:
        """A fresh server, with data of its own, from its start to its end."""
        with tempfile.TemporaryDirectory(prefix="cb") as directory:
            async with start(Path(directory), plan, size) as served:
                program = self._programs[served.is_tls]
                assert program
                async with loading(program, served.port, served.paths, served.request, stalling=STALLING) as load:
                    measuring = Measuring(load, served, plan)
                    await measuring.run()
                    return measuring


def report(title: str, rounds: Rounds, pairs: Sequence[tuple[str, str]]) -> None:
    """Everybody's medians, and the ratios of `pairs` that there are."""
    names = rounds.names
    if not names:
        return
    pairs = [pair for pair in pairs if {*pair} <= {*names}]
    figures = next(each for each in rounds.all[names[0]] if each)
    rows: list[list[object]] = []
    for figure in figures:
        ratios = (rounds.ratio((ours, figure), (other, figure)) for ours, other in pairs)
        rows.append([figure, *(_text(rounds.median(name, figure)) for name in names), *map(_text, ratios)])
    show(title, ["", *names, *(f"{ours}/{other}" for ours, other in pairs)], rows)


def report_bars(bars: Sequence[Bar], rounds: Rounds, listeners: int) -> None:
    """Each with its figure."""
    here = "" if listeners == AT else f"; with {listeners:,} for {AT:,} listeners"
    show(f"bars{here}", ["", "wanted", "found", ""], [bar.row(rounds) for bar in bars])


def against(ours: Sequence[str], others: Sequence[str]) -> list[tuple[str, str]]:
    return list(product(ours, others))


def _text(figure: float | None) -> str:
    if figure is None:
        return "-"
    return f"{figure:,.0f}" if abs(figure) >= 100 else f"{figure:.2f}"
