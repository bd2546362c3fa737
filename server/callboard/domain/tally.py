"""Kept score of a location's waits: how often people were called within what they were shown, and how far off it was.

Numbers alone: nothing here says who they were.
"""

from typing import Protocol

from msgspec import Struct

HOUR_S = 3600
DAY_H, WEEK_H = 24, 168
CALLS = 200  # that are kept one by one


class Scored(Protocol):
    """One call against what was told; seconds. `within` what was shown at first, `within_last` what was shown last;
    `plain_s` is what people ahead times the average over the desks would have told."""

    @property
    def wait_s(self) -> float: ...
    @property
    def low_s(self) -> float: ...
    @property
    def likely_s(self) -> float: ...
    @property
    def high_s(self) -> float: ...
    @property
    def plain_s(self) -> float: ...
    @property
    def within(self) -> bool: ...
    @property
    def within_last(self) -> bool: ...


class Call(Struct, frozen=True, array_like=True):
    """Seconds: the range and the likeliest that were told when somebody came, and how long it then was."""

    low_s: int
    likely_s: int
    high_s: int
    wait_s: int

    @property
    def within(self) -> bool:
        return self.low_s <= self.wait_s <= self.high_s


class Hour(Struct, array_like=True):
    """Of one hour, by its number: sums over its calls, in seconds. `bias_s`: told minus true."""

    hour: int
    called: int = 0
    within: int = 0
    within_last: int = 0
    error_s: int = 0
    plain_error_s: int = 0
    bias_s: int = 0
    width_s: int = 0


class Score(Struct, frozen=True, kw_only=True):
    """Over some hours, of all who were called after they had to wait without a booking: how many were called within the
    range they were shown when they came, and within the one they were shown last, at most two minutes before. Means in
    seconds, none while nobody was called: how far the likeliest was off, how far people ahead times the average over
    the desks would have been, the likeliest minus the truth, and how wide the range was.

    Ranges are calibrated for who comes and who moves up. The last one is the hardest to keep: it is asked just when the
    call comes, and so it holds less often where a call can come at any moment, as at a single desk."""

    called: int = 0
    within: int = 0
    within_last: int = 0
    error_s: float | None = None
    plain_error_s: float | None = None
    bias_s: float | None = None
    width_s: float | None = None


class Tally(Struct):
    """`hours` of the last week that had calls, and the last `calls`; the oldest first."""

    hours: list[Hour] = []
    calls: list[Call] = []


def count(tally: Tally, at_s: float, one: Scored) -> None:
    """A call at that moment. Moments may not go back."""
    number = int(at_s // HOUR_S)
    if not tally.hours or tally.hours[-1].hour < number:
        tally.hours = [*(hour for hour in tally.hours if hour.hour > number - WEEK_H), Hour(number)]
    hour = tally.hours[-1]
    hour.called += 1
    hour.within += one.within
    hour.within_last += one.within_last
    hour.error_s += round(abs(one.likely_s - one.wait_s))
    hour.plain_error_s += round(abs(one.plain_s - one.wait_s))
    hour.bias_s += round(one.likely_s - one.wait_s)
    hour.width_s += round(one.high_s - one.low_s)
    call = Call(round(one.low_s), round(one.likely_s), round(one.high_s), round(one.wait_s))
    tally.calls = [*tally.calls, call][-CALLS:]


def score(tally: Tally, now_s: float, hours: int) -> Score:
    """Of the last hours, the present one among them."""
    recent = [hour for hour in tally.hours if hour.hour > int(now_s // HOUR_S) - hours]
    called = sum(hour.called for hour in recent)
    if not called:
        return Score()
    return Score(
        called=called,
        within=sum(hour.within for hour in recent),
        within_last=sum(hour.within_last for hour in recent),
        error_s=round(sum(hour.error_s for hour in recent) / called, 1),
        plain_error_s=round(sum(hour.plain_error_s for hour in recent) / called, 1),
        bias_s=round(sum(hour.bias_s for hour in recent) / called, 1),
        width_s=round(sum(hour.width_s for hour in recent) / called, 1),
    )
