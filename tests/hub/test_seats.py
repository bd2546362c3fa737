"""Seats: a limit in all and for each address, given back in every case."""

from contextlib import ExitStack

import pytest

from callboard.hub.seats import Full, Seats


def test_an_address_has_its_own_limit_and_gives_seats_back() -> None:
    seats = Seats(total=10, per_address=2)
    with ExitStack() as taken:
        taken.enter_context(seats.take("one"))
        taken.enter_context(seats.take("one"))
        with pytest.raises(Full, match="this address"):
            taken.enter_context(seats.take("one"))
        taken.enter_context(seats.take("other"))
        assert seats.taken == 3
    assert seats.taken == 0
    with seats.take("one"):
        assert seats.taken == 1


def test_all_addresses_together_have_a_limit() -> None:
    seats = Seats(total=1)
    with seats.take("one"), pytest.raises(Full), seats.take("other"):
        pass
    assert seats.taken == 0


def test_a_seat_comes_back_when_its_owner_fails() -> None:
    seats = Seats(total=1)
    with pytest.raises(ZeroDivisionError), seats.take("one"):
        _ = 1 / 0
    assert seats.taken == 0


def test_a_seat_that_is_kept_outlasts_its_block_and_comes_back_when_it_is_given_back() -> None:
    seats = Seats(total=1)
    with seats.take("one") as seat:
        address = seat.keep()
    with pytest.raises(Full):
        seats.take("one")
    seats.free(address)
    with seats.take("one"):
        assert seats.taken == 1
