"""How a lane rests when the other side is busy or away."""

import pytest

from callboard.delivery.lane import LONGEST_REST_MS, Lane
from callboard.delivery.model import Answer, Later, Moot, Never, Sent, Unknown

BUSY = Later("busy", busy=True)


def lane(limit: int = 4) -> Lane:
    return Lane("fast", limit, lambda: 0.5)


def test_so_many_may_be_under_way() -> None:
    it = lane(2)
    assert it.room(0) == 2
    it.begun()
    it.begun()
    assert it.room(0) == 0
    it.ended(Sent(), 0)
    assert it.room(0) == 1


@pytest.mark.parametrize("answer", [BUSY, Unknown("lost", busy=True)])
def test_it_rests_and_then_one_goes_ahead_alone(answer: Answer) -> None:
    it = lane()
    it.begun()
    it.ended(answer, 0)
    assert [it.room(0), it.room(999), it.room(1000)] == [0, 0, 1]
    it.begun()
    assert it.room(1000) == 0
    it.ended(Sent(), 1000)
    assert it.room(1000) == 1


def test_more_and_more_follow_who_has_got_through() -> None:
    it, rooms = lane(), []
    it.begun()
    it.ended(BUSY, 0)
    for _ in range(200):
        rooms.append(it.room(1000))
        it.begun()
        it.ended(Sent(), 1000)
    assert rooms == sorted(rooms) and set(rooms) == {1, 2, 3, 4} and 20 < rooms.count(1) < 50
    it.begun()
    it.ended(BUSY, 1000)
    assert it.room(2000) == 1


def test_rests_grow_to_a_bound_and_begin_anew_after_a_success() -> None:
    it, now, rests = lane(), 0, []
    for _ in range(8):
        it.begun()
        it.ended(BUSY, now)
        rests.append(it.rests_until - now)
        now = it.rests_until
    assert rests == [1000, 2000, 4000, 8000, 16000, LONGEST_REST_MS, LONGEST_REST_MS, LONGEST_REST_MS]
    it.begun()
    it.ended(Sent(), now)
    it.begun()
    it.ended(BUSY, now)
    assert it.rests_until - now == 1000


def test_several_that_fail_together_are_one_failure() -> None:
    it = lane()
    for _ in range(4):
        it.begun()
    for _ in range(4):
        it.ended(BUSY, 0)
    assert it.rests_until == 1000


@pytest.mark.parametrize("answer", [Later("this mailbox is full"), Never("no such number"), Sent()])
def test_what_concerns_one_delivery_alone_does_not_stop_the_others(answer: Answer) -> None:
    it = lane()
    it.begun()
    it.ended(answer, 0)
    assert it.room(0) == 4


@pytest.mark.parametrize("answer", [Moot("not true any more"), None])
def test_what_asked_nobody_says_nothing_about_the_other_side(answer: Answer | None) -> None:
    it = lane()
    it.begun()
    it.ended(BUSY, 0)
    it.begun()
    it.ended(answer, 1000)
    assert it.room(1000) == 1


def test_rests_differ_between_workers() -> None:
    early, late = Lane("fast", 1, lambda: 0.0), Lane("fast", 1, lambda: 1.0)
    for it in (early, late):
        it.begun()
        it.ended(BUSY, 0)
    assert (early.rests_until, late.rests_until) == (800, 1200)


def test_it_rests_as_long_as_the_other_side_asked_for() -> None:
    it = lane()
    it.begun()
    it.ended(Later("busy", busy=True, after_ms=7000), 0)
    assert [it.room(6999), it.room(7000)] == [0, 1]
