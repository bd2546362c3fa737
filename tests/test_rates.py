"""How often somebody may do something."""

import pytest

from callboard.rates import Rate, Rates, TooMany, network
from conftest import Clock


@pytest.fixture
def rates(clock: Clock) -> Rates:
    return Rates({"try": Rate(3, 60), "look": Rate(1, 1)}, lambda: clock.now / 1000, most=4)


def test_a_window_moves(rates: Rates, clock: Clock) -> None:
    for _ in range(3):
        rates.take("try", "a")
        clock.pass_(s=10)
    with pytest.raises(TooMany) as caught:
        rates.take("try", "a")
    assert caught.value.retry_after_s == pytest.approx(30)
    clock.pass_(s=30)
    rates.take("try", "a")
    with pytest.raises(TooMany) as caught:
        rates.take("try", "a")
    assert caught.value.retry_after_s == pytest.approx(10)


def test_what_was_refused_does_not_count(rates: Rates, clock: Clock) -> None:
    """Whoever goes on knocking is let in as soon as whoever waits."""
    for _ in range(3):
        rates.take("try", "a")
    for _ in range(59):
        clock.pass_(s=1)
        with pytest.raises(TooMany):
            rates.take("try", "a")
    clock.pass_(s=1)
    rates.take("try", "a")


def test_windows_are_kept_apart_by_key_and_by_bucket(rates: Rates) -> None:
    for key in ("a", "b"):
        for _ in range(3):
            rates.take("try", key)
        rates.take("look", key)


def test_one_that_is_given_back_may_be_taken_again(rates: Rates) -> None:
    for _ in range(10):
        rates.take("try", "a")
        rates.give_back("try", "a")
    rates.give_back("try", "never seen")


def test_there_are_never_more_windows_than_there_may_be_and_the_busy_ones_stay(rates: Rates) -> None:
    for _ in range(3):
        rates.take("try", "busy")
    for number in range(100):
        rates.take("try", f"passer-by {number}")
        with pytest.raises(TooMany):
            rates.take("try", "busy")
    assert len(rates._windows["try"]) == 4


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_an_address_counts_by_its_network(address: str, counted: str) -> None:
    assert network(address) == counted
