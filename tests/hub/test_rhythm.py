"""When the fan-out rests."""

import pytest

from callboard.hub.rhythm import Rhythm


@pytest.mark.parametrize(
    ("events", "newcomers", "rest_ms"), [(0, 0, 0), (1, 1, 0), (3, 0, 4), (0, 3, 4), (900, 5, 50), (2, 900, 10)]
)
def test_the_more_there_is_the_longer_the_next_read_waits_for_more(events: int, newcomers: int, rest_ms: int) -> None:
    assert Rhythm().rest_after_s(events, newcomers) == pytest.approx(rest_ms / 1000)
