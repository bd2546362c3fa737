"""What a booking is told: what bookings wait from their time on, or what will be left of the present line by then."""

from callboard.domain.documents import Wait
from callboard.domain.expected import Expected, Told, line_of

AT = 1_790_000_000_000
MIN = 60_000
LONG = line_of([Told(0, 2, 60), Told(30, 52, 2460)])
EXPECTED = Expected(at=AT, seq=1, lines={"a": LONG, "b": line_of([Told(-1, -1, 0)])}, bookings={
    "a": Told(1, 6, 200), "b": Told(2, 9, 300), "c": Told(-1, -1, 0)
})  # fmt: skip


def test_a_booking_that_is_far_away_waits_what_bookings_wait() -> None:
    assert EXPECTED.from_slot("a", AT + 60 * MIN) == Wait(1, 6)


def test_the_line_that_is_left_by_then_comes_first() -> None:
    assert EXPECTED.from_slot("a", AT + 20 * MIN) == Wait(10, 32)
    assert EXPECTED.from_slot("a", AT + 48 * MIN) == Wait(1, 6)
    assert EXPECTED.from_slot("a", AT - 5 * MIN) == Wait(30, 52)


def test_a_line_that_nobody_serves_yet_says_nothing_of_a_later_time() -> None:
    assert EXPECTED.from_slot("b", AT + 20 * MIN) == Wait(2, 9)


def test_where_nothing_is_known_nothing_is_said() -> None:
    assert EXPECTED.from_slot("c", AT + 20 * MIN) is None
    assert EXPECTED.from_slot("gone", AT + 20 * MIN) is None
