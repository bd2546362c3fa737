"""How true the wait is that we tell, beside what others tell, and what it costs.

    PYTHONPATH=tests python tests/bench/bench_wait.py [DIRECTORY] [--parts]

DIRECTORY (or CALLBOARD_WAIT_LOGS) holds logs as `callboard replay` reads them; files that differ in `-NN` alone count
as one kind. Without one, twelve kinds are simulated. Ratios are to people ahead times the mean of the last services,
over the open desks for it; its range is the middle 80% of its own last 200 errors. Means over the kinds are geometric.
Scored are walk-ins who found no free desk and were called, from day 3 on; live: every two minutes. --parts also shows
each part switched off, which takes long.
"""

import math
import os
import re
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from bench.figures import percentile, show
from bench.lobby import write
from bench.wait_measure import OURS, Figures, Measured, Row, measured, rows
from bench.wait_parts import PARTS
from bench.wait_rules import NAMES
from callboard.domain.wait import Desk, Lobby, State, follow, forecast
from callboard.domain.wait.facts import Called, Created, DayStart, DeskOpened
from callboard.domain.wait.learn import advance

PLAIN = NAMES[0]
BUCKETS = ("0", "1-2", "3-5", "6-10", "11+")
COST = ((10, 4), (30, 4), (50, 5), (500, 20))


def kinds(logs: Path, part: str, pool: ProcessPoolExecutor) -> list[Measured]:
    paths = sorted(logs.glob("*.jsonl"))
    told: defaultdict[str, list[Row]] = defaultdict(list)
    for path, some in zip(paths, pool.map(rows, paths, [part] * len(paths)), strict=True):
        told[re.sub(r"-\d+$", "", path.stem)] += [row._replace(ticket=f"{path.stem}/{row.ticket}") for row in some]
    return [measured(kind, some) for kind, some in told.items()]


def geometric(values: Iterable[float]) -> float:
    logs = [math.log(value) for value in values]
    return math.exp(sum(logs) / len(logs))


def table(all_kinds: Sequence[Measured]) -> None:
    head = [
        "",
        "n",
        "wait",
        "MAE",
        "ratio",
        "RMSE",
        "interval",
        "bias",
        "covers",
        "width",
        "live MAE",
        "covers",
        "moves",
        "slips %",
    ]
    lines: list[list[object]] = []
    for each in all_kinds:
        ours, plain, live = each.figures[OURS, "created"], each.figures[PLAIN, "created"], each.figures[OURS, "tick"]
        lines.append([each.name, ours.n, ours.wait, ours.mae, ours.mae / plain.mae, ours.rmse / plain.rmse,
                      ours.interval / plain.interval, f"{ours.bias:+.2f}", f"{ours.coverage:.1f}", ours.width,
                      live.mae, f"{live.coverage:.1f}", each.change, each.slips])  # fmt: skip
    means = [geometric(float(str(line[i])) for line in lines) for i in (4, 5, 6)]
    covers = [sum(float(str(line[i])) for line in lines) / len(lines) for i in (8, 11)]
    moves = [sum(float(str(line[i])) for line in lines) / len(lines) for i in (12, 13)]
    lines.append(["all kinds", "", "", "", *means, "", f"{covers[0]:.1f}", "", "", f"{covers[1]:.1f}", *moves])
    show("What is told, in minutes; MAE, RMSE and interval score as ratios", head, lines)
    show(
        "Within the range, % by people ahead",
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
        lines.append([way, *ratios, f"{sum(covers) / len(covers):.1f}", f"{min(covers):.0f}-{max(covers):.0f}", best])
    show("Beside others", ["", "MAE", "RMSE", "interval", "width", "covers", "from-to", "best in"], lines)


def _least(kind: Measured) -> float:
    return min(kind.figures[way, "created"].mae for way in (OURS, *NAMES))


def parts(logs: Path, pool: ProcessPoolExecutor) -> None:
    whole: list[Figures] = []
    lines: list[list[object]] = []
    for part in PARTS:
        some = kinds(logs, part, pool)
        mine = [each.figures[OURS, "created"] for each in some]
        whole = whole or mine
        worse = [a.mae / b.mae for a, b in zip(mine, whole, strict=True)]
        interval = geometric(a.interval / b.interval for a, b in zip(mine, whole, strict=True))
        covers, moves = sum(a.coverage for a in mine) / len(mine), sum(each.change for each in some) / len(some)
        hurts = f"{some[worse.index(max(worse))].name} {max(worse):.2f}"
        lines.append([part, f"{geometric(worse):.3f}", f"{interval:.3f}", f"{covers:.1f}", moves, hurts])
    show("Each part switched off, against all of it", ["", "MAE", "interval", "covers", "moves", "hurts most"], lines)


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
        lines.append(
            [waiting, desks, min(took), percentile(took, 0.5), percentile(took, 0.95), time.perf_counter() - began]
        )
    show("Cost, ms", ["waiting", "desks", "least", "p50", "p95", "a fact"], lines)


def main(arguments: list[str]) -> None:
    named = [each for each in arguments if not each.startswith("--")]
    chosen = named[0] if named else os.environ.get("CALLBOARD_WAIT_LOGS")
    cost()
    with tempfile.TemporaryDirectory() as own, ProcessPoolExecutor(2) as pool:
        logs = Path(chosen or own)
        if not chosen:
            write(logs, 11)
        all_kinds = kinds(logs, "all", pool)
        table(all_kinds)
        rules(all_kinds)
        if "--parts" in arguments:
            parts(logs, pool)


if __name__ == "__main__":
    main(sys.argv[1:])
