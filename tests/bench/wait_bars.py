"""What the figures of the wait have to be (wait.md 6), beside what they are."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bench.wait_measure import OURS, Figures, Measured
from bench.wait_rules import LEAVING, PLAIN, SAME_QUEUE

WORST = 0.97
OF_KIND = {"overloaded": 0.45, "multiskill": 0.45, "lunch_drop": 0.50, "noshow_heavy": 0.55, "cold_start": 0.87}
FIRST_DAYS = "cold_start"
BIAS = {"light": 25.0, "single_desk": 25.0}
MOST_BIAS = 12.0


@dataclass(frozen=True)
class Bar:
    what: str
    figure: float
    least: float
    most: float
    stretch: str

    @property
    def met(self) -> bool:
        return self.least <= self.figure <= self.most


def of_kind(kind: str) -> float:
    """The bar of the MAE in one kind of lobby, against the plain rule."""
    return OF_KIND.get(kind, WORST)


def geometric(values: Iterable[float]) -> float:
    logs = [math.log(value) for value in values]
    return math.exp(sum(logs) / len(logs))


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def ratio(kinds: Sequence[Measured], figure: Callable[[Figures], float], than: str = PLAIN) -> float:
    """Over all kinds, to another rule: a geometric mean."""
    return geometric(
        figure(each.figures[OURS, "created"]) / figure(each.figures[than, "created"])
        for each in kinds
        if (than, "created") in each.figures
    )


def bars(kinds: Sequence[Measured]) -> list[Bar]:
    mae: dict[str, float] = {each.name: ratio([each], lambda one: one.mae) for each in kinds}
    worst = max(mae, key=lambda name: mae[name] / of_kind(name))
    covers = {at: [each.figures[OURS, at].coverage for each in kinds] for at in ("created", "tick")}
    bias = {
        each.name: 100 * abs(one.bias) / one.wait
        for each in kinds
        for one in [each.figures[OURS, "created"]]
        if one.wait
    }
    biased = max(bias, key=lambda name: bias[name] / BIAS.get(name, MOST_BIAS))
    all_bars = [
        Bar("MAE at creation", ratio(kinds, lambda one: one.mae), 0, 0.65, "0.60"),
        Bar(f"  nearest to its own bar: {worst}", mae[worst], 0, of_kind(worst), ""),
        Bar("RMSE", ratio(kinds, lambda one: one.rmse), 0, 0.62, "0.56"),
        Bar("interval score", ratio(kinds, lambda one: one.interval), 0, 0.65, "0.57"),
        Bar("width of the range", ratio(kinds, lambda one: one.width), 0, 0.85, "0.76"),
        Bar("MAE against the mean at the same queue", ratio(kinds, lambda one: one.mae, SAME_QUEUE), 0, 0.88, "0.81"),
        Bar("MAE against QLa", ratio(kinds, lambda one: one.mae, LEAVING), 0, 0.72, "0.67"),
    ]
    for at, said in (("created", "at creation"), ("tick", "live")):
        all_bars += [
            Bar(f"within the range {said}, %", mean(covers[at]), 78, 82, ""),
            Bar("  least", min(covers[at]), 75, 85, "77"),
            Bar("  most", max(covers[at]), 75, 85, "83"),
        ]
    first = [each.figures[OURS, "created"].coverage for each in kinds if each.name == FIRST_DAYS]
    return [
        *all_bars,
        *(Bar("within the range on first days, %", each, 75, 87, "78-83") for each in first),
        Bar("the promise changes by, min in 2 min", mean([each.change for each in kinds]), 0, 1.4, "1.13"),
        Bar("slips above 5 min, % of ticks", mean([each.slips for each in kinds]), 0, 1, "0.6"),
        Bar(f"bias, % of the wait: {biased}", bias[biased], 0, BIAS.get(biased, MOST_BIAS), "7"),
    ]
