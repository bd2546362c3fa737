"""How long the event loop was held at a stretch, so that nobody else had a turn: connecting, idle, calls, a storm.

    PYTHONPATH=tests python tests/bench/bench_holds.py --listeners 10000 --what board phones both

The server is the real one, with a probe in its loop (probed.py): a timer of a millisecond that notices how late it
comes. *Longest* is by the clock. Of it, *CPU* is what the loop's own thread worked, *GC* what the garbage collector did
of that, *waited* how long the kernel had others run, and *core still* for how long the core itself ran nobody, as those
of virtual machines do. *Most own* is the most of any one hold, less what was waited and stood still: what a server can
do something about. The store is on the clients' core. Below the table is told what the loop had called when it was
looked at, a millisecond apart from the fourth on, and the innermost functions. Several places with few looks each are
many short steps in one turn of the loop; one with many is one long step.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import uvloop

from bench.fanout_parts import Plan
from bench.figures import show
from bench.load import CLIENT, SERVER, Load, Missing, compiled, loading, may_open
from bench.ours import callboard
from bench.probed import FILE
from bench.standstill import standstills, watching

BAR_MS = 10
STOOD = "stood"
IDLE_S = 23  # among which is a ping of everybody
PROBED = 0.15  # of a core; the probe itself takes half of that
KINDS = ("board", "phones", "both")
HEAD = ("s", "longest ms", "CPU", "GC", "waited", "core still", f"over {BAR_MS} ms", "most own ms", "bar")


class Hold(NamedTuple):
    """As the probe writes it."""

    ended: float
    held_ms: float
    cpu_ms: float
    gc_ms: float
    waited_ms: float
    at: list[tuple[str, str, int]]  # what the loop had called, the innermost functions, and how many looks
    still_ms: float = 0.0  # the core itself

    @property
    def own_ms(self) -> float:
        return max(0.0, self.held_ms - self.waited_ms - self.still_ms)


NONE = Hold(0, 0, 0, 0, 0, [])


class Phase(NamedTuple):
    name: str
    seconds: float
    holds: list[Hold]
    answer: dict[str, Any]

    @property
    def longest(self) -> Hold:
        return max(self.holds, key=lambda hold: hold.held_ms, default=NONE)

    @property
    def busiest(self) -> Hold:
        return max(self.holds, key=lambda hold: hold.own_ms, default=NONE)

    def row(self) -> list[object]:
        longest, over = self.longest, sum(hold.held_ms > BAR_MS for hold in self.holds)
        figures = [longest.held_ms, longest.cpu_ms, longest.gc_ms, longest.waited_ms, longest.still_ms]
        return [self.name, self.seconds, *figures, over, self.busiest.own_ms, self._verdict()]

    def _verdict(self) -> str:
        if self.longest.held_ms <= BAR_MS:
            return "met"
        return "met but for the machine" if self.busiest.own_ms <= BAR_MS else "not met"


async def phases(load: Load, plan: Plan, directory: Path) -> list[Phase]:
    """All of them, one after the other, on one server."""

    async def phase(name: str, command: str) -> Phase:
        began = time.monotonic()
        answer = await load.tell(command)
        ended = time.monotonic()
        await asyncio.sleep(0.2)  # until a hold that lasts has ended too
        return Phase(name, ended - began, list(_holds(directory, began)), answer)

    run = f"run {plan.flat_out} {{}} 0 {plan.seconds}"
    done = [await phase("connecting", f"open {plan.listeners}"), await phase("idle", f"idle {IDLE_S}")]
    await load.tell("warm 4")
    done.append(await phase("calls, one after another", run.format(1)))
    done.append(await phase("calls, 8 outstanding", run.format(8)))
    done.append(await phase("storm", "storm"))
    return done


def _holds(directory: Path, since: float) -> Iterator[Hold]:
    stood = standstills(directory / STOOD)
    for line in (directory / FILE).read_text("ascii").splitlines():
        hold = Hold(**json.loads(line))
        if hold.ended >= since:
            began = hold.ended - hold.held_ms / 1000
            overlaps = (min(end, hold.ended) - max(start, began) for start, end in stood)
            yield hold._replace(still_ms=1000 * sum(overlap for overlap in overlaps if overlap > 0))


async def measure(program: Path, directory: Path, what: str, plan: Plan) -> list[Phase]:
    plan = plan._replace(phones=what != "board")
    async with (
        callboard(directory, plan, store_on=CLIENT, idle=PROBED, module="bench.probed") as served,
        watching(SERVER, directory / STOOD),
    ):
        paths = served.paths
        if what == "both":
            paths = [path if number % 2 else "/live/board/hall" for number, path in enumerate(paths)]
        async with loading(program, served.port, paths, served.request, stalling=0) as load:
            return await phases(load, plan, directory)


def report(what: str, listeners: int, done: list[Phase]) -> None:
    show(f"{what}: {listeners:,} listeners, the loop held", ["", *HEAD], [phase.row() for phase in done])
    for phase in done:
        _explain(phase)
    worst = max(done, key=lambda phase: phase.busiest.own_ms)
    hold = worst.busiest
    by = "garbage collection" if hold.gc_ms > hold.own_ms / 2 else "work"
    print(f"  By its own doing held longest while {worst.name}: {hold.own_ms:.1f} ms, mostly {by}.\n", flush=True)


def _explain(phase: Phase) -> None:
    if said := [f"{phase.answer[what]} {what}" for what in ("missing", "dead", "refused") if phase.answer.get(what)]:
        print(f"  {phase.name}: the clients say: {', '.join(said)}; {phase.answer.get('failure')}")
    long = [hold for hold in phase.holds if hold.held_ms > BAR_MS]
    if phase.longest.held_ms > BAR_MS / 2:
        print(f"  {phase.name}, in the longest hold:")
        _name([phase.longest], 3)
    if phase.busiest.own_ms > BAR_MS and phase.busiest is not phase.longest:
        hold = phase.busiest
        print(f"  {phase.name}, in the one that was most its own (CPU {hold.cpu_ms:.1f} ms, GC {hold.gc_ms:.1f}):")
        _name([phase.busiest], 3)
    if len(long) > 1:
        print(f"  {phase.name}, in all {len(long)} over {BAR_MS} ms:")
        _name(long, 5)


def _name(holds: list[Hold], most: int) -> None:
    """What the loop had called most often, each with the commonest places inside it."""
    called, inside = Counter[str](), dict[str, Counter[str]]()
    for hold in holds:
        for name, place, looks in hold.at:
            called[name] += looks
            inside.setdefault(name, Counter())[place] += looks
    if not called:
        print("      nothing was seen: one call into C or the kernel")
    for name, looks in called.most_common(most):
        places = "; ".join(f"{place} ({times})" for place, times in inside[name].most_common(3))
        print(f"    {looks:>4} x {name}: {places}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--listeners", type=int, default=10_000)
    parser.add_argument("--what", nargs="+", choices=KINDS, default=["board", "phones"])
    parser.add_argument("--seconds", type=float, default=3, help="how long each kind of calls takes at most")
    given = parser.parse_args()
    if not sys.platform.startswith("linux"):
        return print("Left out: it reads /proc and wants processes kept to one core, which Linux can.")
    if (listeners := min(given.listeners, may_open())) < given.listeners:
        print(f"Left out: more than {listeners:,} listeners: more files may not be open here.")
    with tempfile.TemporaryDirectory(prefix="cb") as data, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            program = compiled("load", Path(data))
        except Missing as missing:
            return print(f"Left out: {missing}")
        for what in given.what:
            (directory := Path(data) / what).mkdir()
            try:
                done = runner.run(measure(program, directory, what, Plan(listeners, given.seconds)))
            except (AssertionError, OSError, ValueError) as error:
                print(f"Left out: {what}: {error!r}"[:500])
            else:
                report(what, listeners, done)


if __name__ == "__main__":
    main()
