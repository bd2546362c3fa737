"""How the cost of a call grows: with listeners, with people in line, with locations active at once, with workers.

    PYTHONPATH=tests python tests/bench/bench_growth.py --most 10000

The server is the real one, on its whole path. *CPU* is of all its processes, the store among them, per delivery (a call
that has reached a listener), with the calls one after the other as fast as that goes; *deliveries/s* are of the same.
Latency is from the request to call, as it is sent, until the last listener has it, at a fixed rate of calls; of few
calls the p99 is the worst. *KiB* are for each connection, above what the server had with the first tenth of them.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import uvloop

from bench.child import resident_kib
from bench.fanout_parts import DELIVERIES_PER_S, Answer
from bench.figures import show
from bench.load import SERVER, Load, Missing, compiled, loading, may_open
from bench.locations import locations
from bench.ours import BOARD, line
from bench.peers import Served, spent_s
from callboard.settings import Settings

LISTENERS = (1, 10, 100, 1_000, 10_000)
WAITING = (10, 100, 1_000, 10_000)
FEW = 10  # phones
LOCATIONS = (1, 4, 16)
BOARDS, PHONES = 20, 80  # of each location
WORKERS = (1, 2)
SPREAD = 1_000  # listeners of what is spread over workers
CALLS = 600  # at most, of a desk, for each figure
CALLS_IN_LINE = 20  # where the line is what counts: a call makes it shorter
CALLS_PER_S = 20  # of all desks, at most
WARM = 3
ENOUGH = 100  # connections, for their memory to be seen
ADDRESSES = 20  # for the clients of a location
HEAD = ("CPU us per delivery", "CPU ms per call", "deliveries/s", "call to last p50 ms", "p99", "max", "KiB each")

Start = Callable[[Path], AbstractAsyncContextManager[list[Served]]]


class Case(NamedTuple):
    """A row. A server, with one desk that calls or several, each of which has so many listeners."""

    name: str
    listeners: int
    start: Start
    calls: int = CALLS
    desks: int = 1


def in_front(calls: int) -> int:
    return 2 * calls + WARM + 1


def by_listeners(most: int) -> Iterator[Case]:
    for count in _up_to(LISTENERS, most):
        yield Case(f"{count:,}", count, _boards(count))


def _boards(count: int, *, on: int | None = SERVER, **settings: int) -> Start:
    return lambda data: _alone(line(data, in_front(CALLS), 0, lambda _: [BOARD] * count, on=on, **settings))


def by_waiting(most: int) -> Iterator[Case]:
    for count in _up_to(WAITING, most):
        for pages in sorted({FEW, count}):
            yield Case(f"{count:,}, {pages:,} open", pages, _phones(count, pages), CALLS_IN_LINE)


def _phones(waiting: int, pages: int) -> Start:
    return lambda data: _alone(line(data, in_front(CALLS_IN_LINE), waiting, lambda all: all[:: waiting // pages]))


def by_locations(most: int) -> Iterator[Case]:
    each = BOARDS + PHONES
    for count in [count // each for count in _up_to([count * each for count in LOCATIONS], most)]:
        yield Case(f"{count}", each, _locations(count), CALLS // 4, count)


def _locations(count: int) -> Start:
    return lambda data: locations(data, count, in_front(CALLS // 4), BOARDS, PHONES)


def by_workers(most: int) -> Iterator[Case]:
    if "workers" not in Settings.__struct_fields__:
        return print("Left out: workers: this server has no setting of that name")
    for count in WORKERS:
        yield Case(f"{count}", min(SPREAD, most), _boards(min(SPREAD, most), on=None, workers=count))


def _up_to(counts: Sequence[int], most: int) -> list[int]:
    if left_out := [f"{count:,}" for count in counts if count > most]:
        print(f"Left out: {' and '.join(left_out)} clients: more than --most, or than files may be open")
    return [count for count in counts if count <= most]


@asynccontextmanager
async def _alone(start: AbstractAsyncContextManager[Served]) -> AsyncIterator[list[Served]]:
    async with start as served:
        yield [served]


class Row:
    """One server with its clients: a load for each desk."""

    def __init__(self, case: Case, served: list[Served], loads: list[Load], seconds: float) -> None:
        self._case, self._served, self._loads, self._seconds = case, served, loads, seconds
        self.notes: set[str] = set()

    async def figures(self) -> list[object]:
        kib = await self._open()
        await asyncio.gather(*(load.tell(f"warm {WARM}") for load in self._loads))
        rated, _ = await self._run(0, min(CALLS_PER_S, DELIVERIES_PER_S / self._case.listeners))
        flat, spent = await self._run(1, 0)
        reached = max(1, sum(each["reached"] for each in flat))
        return [
            *(spent / reached * 1e6, spent / max(1, sum(each["published"] for each in flat)) * 1e3),
            f"{reached / max(0.001, *(each['seconds'] for each in flat)):,.0f}",
            *(median(each["last_p50_ms"] for each in rated), max(each["last_p99_ms"] for each in rated)),
            *(max(each["max_ms"] for each in rated), kib),
        ]

    async def _open(self) -> object:
        first = self._case.listeners // 10
        await self._tell_all(f"open {first}")
        before = self._kib()
        await self._tell_all(f"open {self._case.listeners - first}")
        await asyncio.sleep(1)
        more = (self._case.listeners - first) * self._case.desks
        return (self._kib() - before) / more if more >= ENOUGH else "-"

    def _kib(self) -> int:
        return sum(map(resident_kib, self._served[0].processes()))

    async def _run(self, ahead: int, rate: float) -> tuple[list[Answer], float]:
        """What each load says, and the processor time. At a rate they take turns."""
        each = rate / self._case.desks
        count = min(self._case.calls, max(5, round(each * self._seconds))) if rate else self._case.calls
        command = f"run {count} {ahead} {each} {self._seconds + 1 if rate else self._seconds}"
        pids = self._served[0].processes()
        before = spent_s(pids)
        answers = await self._tell_all(command, 1 / rate if rate else 0)
        return answers, spent_s(pids) - before

    async def _tell_all(self, command: str, apart_s: float = 0) -> list[Answer]:
        async def tell(number: int, load: Load) -> Answer:
            await asyncio.sleep(number * apart_s)
            return await load.tell(command)

        answers = await asyncio.gather(*(tell(number, load) for number, load in enumerate(self._loads)))
        for answer in answers:
            for what in ("missing", "dead", "refused", "failure"):
                if answer.get(what):
                    self.notes.add(f"{self._case.name}: {command}: {answer[what]} {what}")
        return answers


async def measure(program: Path, data: Path, case: Case, seconds: float) -> tuple[list[object], set[str]]:
    async with AsyncExitStack() as stack:
        served = await stack.enter_async_context(case.start(data))
        loads = [
            await stack.enter_async_context(
                loading(program, each.port, each.paths, each.request, first=ADDRESSES * number)
            )
            for number, each in enumerate(served)
        ]
        row = Row(case, served, loads, seconds)
        return [case.name, *await row.figures()], row.notes


async def series(program: Path, title: str, name: str, cases: Iterator[Case], seconds: float) -> None:
    """Prints a table."""
    rows, notes = list[list[object]](), set[str]()
    for case in cases:
        with tempfile.TemporaryDirectory(prefix="cb") as data:
            try:
                row, said = await measure(program, Path(data), case, seconds)
            except (AssertionError, OSError, ValueError) as error:
                notes.add(f"left out: {case.name}: {error!r}"[:500])
            else:
                rows.append(row)
                notes |= said
    show(title, [name, *HEAD], rows)
    for note in sorted(notes):
        print(f"  {note}")


async def run(data: Path, most: int, seconds: float) -> None:
    program = compiled("load", data)
    for title, name, cases in (
        ("listeners of one board", "listeners", by_listeners(most)),
        ("people in one line, phones open", "waiting", by_waiting(most)),
        (f"active locations, each with {BOARDS} screens and {PHONES} phones", "locations", by_locations(most)),
        ("workers, with all cores for server, store and clients", "workers", by_workers(most)),
    ):
        await series(program, title, name, cases, seconds)
    print("With two cores a second worker has none to itself: of it is told what it costs, not what it gains.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=10_000, help="listeners")
    parser.add_argument("--seconds", type=float, default=4, help="how long each part takes at most")
    given = parser.parse_args()
    if not sys.platform.startswith("linux"):
        return print("Left out: it reads /proc and wants processes kept to one core, which Linux can.")
    most = min(given.most, may_open())
    with tempfile.TemporaryDirectory(prefix="cb") as data, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(run(Path(data), most, given.seconds))
        except Missing as missing:
            print(f"Left out: {missing}")


if __name__ == "__main__":
    main()
