"""Ranges widen and narrow by how often they held, on each side by itself."""

from callboard.domain.wait.promise import score
from callboard.domain.wait.state import Promised, State


def after(low_s: float, *waits: float) -> State:
    state = State()
    for waited in waits:
        score(state, Promised(0.0, 1, low_s, 600.0), waited)
    return state


def test_a_range_that_held_eight_times_in_ten_stays_and_one_that_did_not_widens() -> None:
    held = [300.0] * 4
    kept = after(240, *([100.0, *held, 700.0, *held] * 40)).calibrator
    assert abs(kept.low) < 0.1 and abs(kept.high) < 0.1
    late = after(240, *([700.0, *held] * 80)).calibrator
    assert late.high > 0.3 and late.low < -0.3


def test_a_range_that_begins_now_cannot_be_missed_before_and_may_be_more_often_after() -> None:
    waits = ([300.0] * 17 + [700.0] * 3) * 20
    from_now, later = after(0, *waits).calibrator, after(60, *waits).calibrator
    assert abs(from_now.high) < 0.1 < later.high


def test_who_gives_up_behind_the_range_says_something_of_its_high_end_alone() -> None:
    state = State()
    score(state, Promised(0.0, 1, 240.0, 600.0), 900.0, called=False)
    assert state.calibrator.low == 0 < state.calibrator.high
