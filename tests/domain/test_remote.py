"""Tickets from afar: which rule lets whom take one, and how far apart two places are."""

import pytest

from callboard.domain.model import Remote
from callboard.domain.remote import distance_km, may_take

BRAGA, PORTO, SUVA, APIA = (41.5454, -8.4265), (41.1496, -8.6110), (-18.1416, 178.4419), (-13.8333, -171.7667)


@pytest.mark.parametrize(
    ("rules", "distance", "waiting", "wait", "allowed"),
    [
        ({}, None, 0, None, True),  # no rule, so everybody
        ({"radius_km": 50}, 50.0, 0, 0, True),
        ({"radius_km": 50}, 50.1, 0, 0, False),
        ({"radius_km": 50}, None, 0, 0, True),  # nobody knows where they are
        ({"radius_km": 50, "min_waiting": 3}, None, 2, 0, False),  # but the other rule still stands
        ({"min_waiting": 3}, None, 2, 60, False),
        ({"min_waiting": 3}, None, 3, 0, True),
        ({"min_wait_min": 20}, None, 9, 19.9, False),
        ({"min_wait_min": 20}, None, 0, 20, True),
        ({"min_wait_min": 20}, None, 0, None, True),  # nothing honest can be said of the wait
        ({"radius_km": 5, "min_waiting": 3}, 80.0, 3, 0, True),  # far, but the line is long
        ({"radius_km": 5, "min_waiting": 3}, 2.0, 0, 0, True),  # the line is short, but near
        ({"radius_km": 5, "min_waiting": 3, "min_wait_min": 20}, 80.0, 2, 19, False),
    ],
)
def test_one_rule_that_is_fulfilled_is_enough(
    rules: dict[str, float], distance: float | None, waiting: int, wait: float | None, allowed: bool
) -> None:
    remote = Remote(enforced=True, **rules)  # type: ignore[arg-type]
    assert may_take(remote, distance_km=distance, waiting=waiting, wait_min=wait) is allowed


def test_rules_that_are_only_told_keep_nobody_out() -> None:
    assert may_take(Remote(radius_km=1, min_waiting=9000), distance_km=4000, waiting=0, wait_min=0)


@pytest.mark.parametrize(
    ("one", "other", "km"),
    [(BRAGA, PORTO, 46.6), (BRAGA, BRAGA, 0), (SUVA, APIA, 1145), ((90, 0), (-90, 0), 20015)],
)
def test_distances_hold_also_over_the_date_line_and_the_poles(
    one: tuple[float, float], other: tuple[float, float], km: float
) -> None:
    assert distance_km(one, other) == pytest.approx(km, rel=0.01, abs=0.001)
    assert distance_km(one, other) == pytest.approx(distance_km(other, one))
