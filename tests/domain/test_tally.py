"""Kept score: what is counted of a call, and of which hours."""

from msgspec import Struct

from callboard.domain.tally import CALLS, DAY_H, WEEK_H, Call, Score, Tally, count, score

HOUR = 3600.0
NOW = 5000 * HOUR


class One(Struct, frozen=True):
    wait_s: float
    low_s: float = 300
    likely_s: float = 500
    high_s: float = 600
    plain_s: float = 900
    within_last: bool = True

    @property
    def within(self) -> bool:
        return self.low_s <= self.wait_s <= self.high_s


def test_a_call_counts_within_its_range_ends_included_and_by_how_far_it_was_off() -> None:
    tally = Tally()
    for wait in (300, 600, 601, 100):
        count(tally, NOW, One(wait))
    count(tally, NOW, One(500, within_last=False))
    assert score(tally, NOW, DAY_H) == Score(
        called=5, within=3, within_last=4, error_s=160.2, plain_error_s=479.8, bias_s=79.8, width_s=300.0
    )
    assert tally.calls[0] == Call(300, 500, 600, 300)
    assert [call.wait_s for call in tally.calls] == [300, 600, 601, 100, 500]


def test_a_day_and_a_week_go_by() -> None:
    tally = Tally()
    for hours_ago in (WEEK_H + 1, WEEK_H - 1, DAY_H, DAY_H - 1, 0):
        count(tally, NOW - hours_ago * HOUR, One(400))
    assert score(tally, NOW, DAY_H).called == 2
    assert score(tally, NOW, WEEK_H).called == 4
    assert score(tally, NOW + DAY_H * HOUR, DAY_H) == Score()


def test_it_stays_small() -> None:
    tally = Tally()
    for n in range(WEEK_H * 3):
        count(tally, NOW + n * HOUR, One(n))
    assert len(tally.hours) == WEEK_H
    assert len(tally.calls) == CALLS and tally.calls[-1].wait_s == WEEK_H * 3 - 1
