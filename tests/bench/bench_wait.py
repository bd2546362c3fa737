"""How true the wait is that we tell, beside what others tell, and what it costs.

    PYTHONPATH=tests python tests/bench/bench_wait.py [DIRECTORY] [--seed N] [--parts] [--cost]

DIRECTORY (or CALLBOARD_WAIT_LOGS) holds logs as `callboard replay` reads them; files that differ in `-NN` alone count
as one kind. Without one, or with --seed, twelve kinds are simulated. Ratios are to people ahead times the mean of the
last services, over the open desks for it (`domain/wait/plain.py` has why); "of all" takes the mean of all services so
far instead. A rule's range is the middle 80% of its own last 200 errors. Means of ratios are geometric. Scored are
walk-ins who found no free desk and were called, from day 3 on; live: every two minutes. --parts also shows each part
switched off, which takes several times as long; --cost shows what a pass costs and nothing else.
"""

import argparse
import os
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from bench.figures import percentile, show
from bench.lobby import write
from bench.wait_bars import bars, geometric, mean, of_kind
from bench.wait_measure import OURS, Measured, kind
from bench.wait_parts import PARTS
from bench.wait_rules import ALL_SO_FAR, NAMES, PLAIN
from callboard.domain.wait import Desk, Lobby, State, follow, forecast
from callboard.domain.wait.facts import Called, Created, DayStart, DeskOpened
from callboard.domain.wait.learn import advance

BUCKETS = ("0", "1-2", "3-5", "6-10", "11+")
COST = ((10, 4), (30, 4), (50, 5), (500, 20))
COST_BAR_MS = {50: 2.0}


def kinds(logs: Path, part: str, pool: ProcessPoolExecutor) -> list[Measured]:
    """Each kind in a process, those with the most to read first."""
    paths: defaultdict[str, list[Path]] = defaultdict(list)
    for path in sorted(logs.glob("*.jsonl")):
        paths[re.sub(r"-\d+$", "", path.stem)].append(path)
    names = sorted(paths, key=lambda name: -sum(path.stat().st_size for path in paths[name]))
    done = pool.map(kind, names, [paths[name] for name in names], [part] * len(names))
    return sorted(done, key=lambda each: each.name)


def table(all_kinds: Sequence[Measured]) -> None:
    head = [
        *("", "n", "wait", "MAE", "ratio", "bar", "of all", "RMSE", "interval", "bias", "covers", "width"),
        *("live MAE", "covers", "moves", "slips %"),
    ]
    figures = []
    for each in all_kinds:
        ours, plain, live = (each.figures[key] for key in ((OURS, "created"), (PLAIN, "created"), (OURS, "tick")))
        so_far = ours.mae / each.figures[ALL_SO_FAR, "created"].mae
        ratios = (ours.mae / plain.mae, so_far, ours.rmse / plain.rmse, ours.interval / plain.interval)
        figures.append((each, ours, live, ratios))
    lines: list[list[object]] = [
        [each.name, ours.n, ours.wait, ours.mae, f"{r[0]:.3f}", f"{of_kind(each.name):.2f}",
         *(f"{x:.3f}" for x in r[1:]), f"{ours.bias:+.2f}", f"{ours.coverage:.1f}", ours.width,
         live.mae, f"{live.coverage:.1f}", each.change, each.slips]
        for each, ours, live, r in figures
    ]  # fmt: skip
    means = [f"{geometric(r[i] for *_, r in figures):.3f}" for i in range(4)]
    covers = [f"{mean([each.figures[OURS, at].coverage for each in all_kinds]):.1f}" for at in ("created", "tick")]
    calm = [mean([each.change for each in all_kinds]), mean([each.slips for each in all_kinds])]
    lines.append(
        ["all kinds", "", "", "", means[0], "0.65", *means[1:], "", covers[0], "", "", covers[1], *calm],
    )
    lines.append(["bar", "", "", "", "", "", "", "0.62", "0.65", "", "75-85", "", "", "75-85", "1.4", "1"])
    show("What is told, in minutes; MAE, RMSE and interval score as ratios", head, lines)
    show(
        "Bars",
        ["", "is", "bar", "", "stretch"],
        [
            [bar.what, f"{bar.figure:.3f}", f"{bar.least:g}-{bar.most:g}", "met" if bar.met else "MISSED", bar.stretch]
            for bar in bars(all_kinds)
        ],
    )
    show(
        "Within the range, % by people ahead (bar 72-88)",
        ["", *BUCKETS],
        [[at, *_covers(all_kinds, at)] for at in ("created", "tick")],
    )


def _covers(all_kinds: Sequence[Measured], at: str) -> list[str]:
    counts = [[each.buckets.get((at, b), (0, 0)) for each in all_kinds] for b in range(len(BUCKETS))]
    return [f"{100 * sum(within for _, within in some) / max(1, sum(n for n, _ in some)):.1f}" for some in counts]


def rules(all_kinds: Sequence[Measured]) -> None:
    lines: list[list[object]] = []
    for way in (OURS, *NAMES):
        mine = [each.figures[way, "created"] for each in all_kinds]
        plain = [each.figures[PLAIN, "created"] for each in all_kinds]
        ratios = [
            geometric(getattr(a, what) / getattr(b, what) for a, b in zip(mine, plain, strict=True))
            for what in ("mae", "rmse", "interval", "width")
        ]
        covers = [each.coverage for each in mine]
        best = sum(each.figures[way, "created"].mae <= _least(each) for each in all_kinds)
        bias = f"{mean([each.bias for each in mine]):+.1f}"
        spread = f"{min(covers):.0f}-{max(covers):.0f}"
        lines.append([way, *ratios, bias, f"{mean(covers):.1f}", spread, best])
    show("Beside others", ["", "MAE", "RMSE", "interval", "width", "bias", "covers", "from-to", "best in"], lines)
    lines = [[way, *(each.figures[way, "created"].mae for each in all_kinds)] for way in (OURS, *NAMES)]
    show("MAE, minutes", ["", *(each.name.partition("_")[0] for each in all_kinds)], lines)


def _least(each: Measured) -> float:
    return min(each.figures[way, "created"].mae for way in (OURS, *NAMES))


def parts(logs: Path, whole: Sequence[Measured], pool: ProcessPoolExecutor) -> None:
    lines: list[list[object]] = []
    all_of_it = [each.figures[OURS, "created"] for each in whole]
    for part in PARTS:
        some = kinds(logs, part, pool) if part != "all" else whole
        mine = [each.figures[OURS, "created"] for each in some]
        worse = [a.mae / b.mae for a, b in zip(mine, all_of_it, strict=True)]
        interval = geometric(a.interval / b.interval for a, b in zip(mine, all_of_it, strict=True))
        hurts = f"{some[worse.index(max(worse))].name} {max(worse):.2f}"
        lines.append(
            [part, f"{geometric(worse):.3f}", f"{interval:.3f}", f"{mean([a.coverage for a in mine]):.1f}",
             mean([each.change for each in some]), mean([each.slips for each in some]), hurts]
        )  # fmt: skip
    show(
        "Each part switched off, against all of it",
        ["", "MAE", "interval", "covers", "moves", "slips %", "hurts most"],
        lines,
    )


def cost() -> None:
    """One pass for everybody who waits, services of two kinds, every desk busy; and one fact."""
    lines: list[list[object]] = []
    for waiting, desks in COST:
        lobby = Lobby(services={"a": 300.0, "b": 600.0}, desks={f"d{i}": Desk(("a", "b")) for i in range(desks)})
        state = State()
        follow(state, lobby, DayStart(t=30_000))
        for i in range(desks):
            follow(state, lobby, DeskOpened(t=32_400, desk=f"d{i}"))
        for i in range(waiting + desks):
            advance(state, lobby, Created(t=32_500 + i / 10, ticket=f"t{i}", service="ab"[i % 2]))
        for i in range(desks):
            advance(state, lobby, Called(t=32_600 + i, ticket=f"t{i}", desk=f"d{i}"))
        took = []
        for i in range(120):
            began = time.perf_counter()
            forecast(state, lobby, 32_700 + i)
            took.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        for _ in range(1000):
            advance(state, lobby, Created(t=32_900, ticket="again", service="a"))
        a_fact = time.perf_counter() - began
        bar = COST_BAR_MS.get(waiting, "")
        lines.append([waiting, desks, min(took), percentile(took, 0.5), bar, percentile(took, 0.95), a_fact])
    show("Cost, ms", ["waiting", "desks", "least", "p50", "bar", "p95", "a fact"], lines)


def main() -> None:
    arguments = argparse.ArgumentParser(description="How true the wait is that we tell.")
    arguments.add_argument("directory", nargs="?", type=Path, default=os.environ.get("CALLBOARD_WAIT_LOGS"))
    arguments.add_argument("--seed", type=int)
    arguments.add_argument("--parts", action="store_true")
    arguments.add_argument("--cost", action="store_true")
    chosen = arguments.parse_args()
    cost()
    if chosen.cost:
        return
    with tempfile.TemporaryDirectory() as own, ProcessPoolExecutor(2) as pool:
        logs = Path(own)
        if chosen.seed is None and chosen.directory:
            logs = Path(chosen.directory)
        else:
            write(logs, 11 if chosen.seed is None else chosen.seed)
        began = time.monotonic()
        all_kinds = kinds(logs, "all", pool)
        table(all_kinds)
        rules(all_kinds)
        print(f"{time.monotonic() - began:.0f} s\n", flush=True)
        if chosen.parts:
            parts(logs, all_kinds, pool)


if __name__ == "__main__":
    main()
