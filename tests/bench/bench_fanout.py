"""Our fan-out beside others', in one run on one machine: servers on one core, all their clients on another.

    PYTHONPATH=tests python tests/bench/bench_fanout.py 1000 5000 10000 --rounds 3 --without Starlette

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

The ratios are ours to nchan's and to the C loop's, each the median of the rounds' ratios, and so are the bars. Trust
them rather than figures, and no difference below a tenth: runs differ by that much. Where the clients' core is full
(told below the table) deliveries per second are a lower bound. Wants Linux and a quiet machine with two cores; without
a C compiler it cannot run, and says so. A round of 10,000 listeners takes three to four minutes.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path

import uvloop

from bench.contest import Bar, Contest, Start, against, peering, report, report_bars
from bench.fanout_parts import Plan
from bench.load import Missing, compiled, may_open
from bench.ours import callboard
from bench.peers import Peer, floor, nchan, socketify, starlette

OURS = ("board", "phones")
PEERS: dict[str, Callable[[Path], Peer]] = {
    "nchan": nchan,
    "C loop": floor,
    "uWebSockets": socketify,
    "Starlette": starlette,
}
ONE, CPU, P99, STALLED = (
    "deliveries/s, one after another",
    "CPU s per million, one after another",
    "p99 ms",
    "1 % stalled",
)
BARS = [
    Bar(ONE, "board", 1.2, "nchan", at_least=True),
    Bar("deliveries/s, 8 outstanding", "board", 1_000_000, at_least=True),
    Bar(CPU, "board", 0.85, "nchan"),
    Bar(CPU, "board", 1.15, "C loop"),
    Bar(P99, "board", 1, "nchan"),
    *(Bar(f"{P99}, {STALLED}", ours, 1.1, other=P99) for ours in OURS),
    *(Bar("KiB each, idle", ours, 3) for ours in OURS),
    *(Bar("CPU us each, handshake", ours, 200) for ours in OURS),
    Bar("max ms", "phones", 250),
]


def starts(directory: Path, without: Collection[str]) -> dict[str, Start]:
    """What can be measured here, by name; ours first, whose board's size is the others'."""
    found: dict[str, Start] = {name: callboard for name in OURS}
    for name, make in PEERS.items():
        if name in without:
            print(f"Left out: {name}: as told\n", flush=True)
            continue
        try:
            found[name] = peering(make(directory))
        except Missing as missing:
            print(f"Left out: {name}: {missing}\n", flush=True)
    return found


async def compare(directory: Path, plan: Plan, rounds: int, without: Collection[str]) -> None:
    """Prints two tables."""
    contest = Contest((compiled("load", directory), None), starts(directory, without), {"phones"})
    found, notes = await contest.run(plan, rounds)
    report(f"{plan.listeners:,} listeners, medians of {rounds}", found, against(OURS, ("nchan", "C loop")))
    report_bars(BARS, found, plan.listeners)
    for note in sorted(notes):
        print(f"  {note}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("listeners", nargs="*", type=int, default=[10_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3, help="how long each part takes at most")
    parser.add_argument("--without", nargs="*", choices=PEERS, default=[])
    given = parser.parse_args()
    if not sys.platform.startswith("linux"):
        return print("Left out: it reads /proc and wants processes kept to one core, which Linux can.")
    most = may_open()
    with tempfile.TemporaryDirectory(prefix="cb") as data, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for listeners in sorted({min(each, most) for each in given.listeners}):
            try:
                runner.run(compare(Path(data), Plan(listeners, given.seconds), given.rounds, given.without))
            except Missing as missing:
                return print(f"Left out: {missing}")


if __name__ == "__main__":
    main()
