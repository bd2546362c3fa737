"""Our fan-out beside others', in one run on one machine: servers on one core, all their clients on another.

    PYTHONPATH=tests python tests/bench/bench_fanout.py 1000 5000 10000 --rounds 3

*board* and *phones* are `callboard serve` on its real path: call_next through the API, the store, the document, the
socket; every listener has the same board, or each waits in one queue with a page of their own. The others hand a text
of the board's size, given by POST, to every listener: nchan (nginx, C), uWebSockets (C++, through socketify), a bare
loop of send() in C, and the loop that Starlette's tutorials show. Each greets a newcomer with the newest text. What
this machine has not is left out, with a word. The servers take turns, round by round; figures are medians of them.

A *delivery* is one event brought to one listener: a document that stands for several events, since only the newest
matters, counts for each of them; *documents per delivery* tells how many were really sent. *One after another*: the
next event is published when everybody has the last, so nothing can be joined. *8 outstanding*: as soon as fewer than 8
are not yet at everybody. More of deliveries is better, of everything else less. Latency is from the request that
publishes, as it is sent, to the document, at 20,000 deliveries a second: one listener after the other is sent to, so
p50 is about half a sweep. *Stalled*: one client in a hundred has stopped reading, and its buffers are full where there
was time to fill them; only the others count. *CPU* is of all server processes, the store among them. *Storm*: all hang
up and come back at once, until each has the newest document.

The ratios are ours to nchan's and to the C loop's. Trust them rather than figures, and no difference below a tenth:
runs differ by that much. Where the clients' core is full (told below the table) deliveries per second are a lower
bound. Wants Linux and a quiet machine with two cores; without a C compiler it cannot run, and says so.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from itertools import product
from pathlib import Path
from statistics import median

import uvloop

from bench.fanout_parts import Figures, Measuring, Plan
from bench.figures import show
from bench.load import Missing, compiled, loading, may_open
from bench.ours import callboard
from bench.peers import Peer, Served, floor, nchan, serving_peer, socketify, starlette

STALLING = 100
PEERS: dict[str, Callable[[Path], Peer]] = {
    "nchan": nchan,
    "C loop": floor,
    "uWebSockets": socketify,
    "Starlette": starlette,
}
BARS = {
    "KiB each, idle": "3 or less",
    "CPU us each, handshake": "200 or less",
    "deliveries/s, one after another": "1.2 nchan or more",
    "CPU s per million, one after another": "0.85 nchan, 1.15 C or less",
    "deliveries/s, 8 outstanding": "1,000,000 or more",
    "p99 ms": "nchan or less",
    "p99 ms, 1 % stalled": "1.1 of without or less",
    "max ms": "phones: 250 or less",
}


Start = Callable[[Path, Plan, int], AbstractAsyncContextManager[Served]]


def starts(directory: Path) -> dict[str, Start]:
    """What can be measured here, by name; ours first, whose board's size is the others'."""
    found: dict[str, Start] = {"board": callboard, "phones": callboard}
    for name, make in PEERS.items():
        try:
            found[name] = _peer(make(directory))
        except Missing as missing:
            print(f"Left out: {name}: {missing}\n", flush=True)
    return found


def _peer(peer: Peer) -> Start:
    return lambda directory, plan, size: serving_peer(peer, size, plan.listeners)


async def compare(directory: Path, plan: Plan, rounds: int) -> None:
    """Prints one table."""
    program, contenders = compiled("load", directory), starts(directory)
    results: dict[str, list[Figures]] = {name: [] for name in contenders}
    notes: set[str] = set()
    for _ in range(rounds):
        for name, start in contenders.items():
            size = round(results["board"][0]["document bytes"]) if results["board"] else 0
            try:
                measured = await measure(program, start, plan._replace(phones=name == "phones"), size)
            except (AssertionError, OSError, ValueError) as error:
                notes.add(f"{name}: {error!r}")
            else:
                results[name].append(measured.figures)
                notes |= {f"{name}: {note}" for note in measured.notes}
    report(plan, rounds, {name: _medians(each) for name, each in results.items() if each})
    for note in sorted(notes):
        print(f"  {note}")


async def measure(program: Path, start: Start, plan: Plan, size: int) -> Measuring:
    """A fresh server, with data of its own, from its start to its end."""
    with tempfile.TemporaryDirectory(prefix="cb") as directory:
        async with (
            start(Path(directory), plan, size) as served,
            loading(program, served.port, served.paths, served.request, stalling=STALLING) as load,
        ):
            measuring = Measuring(load, served, plan)
            await measuring.run()
            return measuring


def _medians(rounds: list[Figures]) -> Figures:
    return {name: median(each[name] for each in rounds) for name in rounds[0]}


def report(plan: Plan, rounds: int, found: dict[str, Figures]) -> None:
    pairs = [pair for pair in product(("board", "phones"), ("nchan", "C loop")) if {*pair} <= {*found}]
    rows: list[list[object]] = []
    for name in next(iter(found.values())):
        row: list[object] = [name, *(_text(figures[name]) for figures in found.values())]
        row += [_ratio(found[ours][name], found[other][name]) for ours, other in pairs]
        rows.append([*row, BARS.get(name, "")])
    head = ["", *found, *(f"{ours}/{other}" for ours, other in pairs), "wanted of a board at 10,000"]
    show(f"{plan.listeners:,} listeners, medians of {rounds}", head, rows)


def _text(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.2f}"


def _ratio(ours: float, theirs: float) -> str:
    return f"{ours / theirs:.2f}" if theirs > 0 else "-"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("listeners", nargs="*", type=int, default=[1_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3, help="how long each part takes at most")
    given = parser.parse_args()
    if not sys.platform.startswith("linux"):
        return print("Left out: it reads /proc and wants processes kept to one core, which Linux can.")
    most = may_open()
    with tempfile.TemporaryDirectory(prefix="cb") as data, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for listeners in sorted({min(each, most) for each in given.listeners}):
            try:
                runner.run(compare(Path(data), Plan(listeners, given.seconds), given.rounds))
            except Missing as missing:
                return print(f"Left out: {missing}")


if __name__ == "__main__":
    main()
