"""Who is expected at a time and has not checked in yet (wait.md 5.3.5)."""

from callboard.domain.wait.facts import Booked, Created
from callboard.domain.wait.state import State


def expect(state: State, fact: Booked) -> None:
    state.bookings[fact.booking] = (fact.service, fact.slot)


def bring(state: State, fact: Created) -> None:
    if fact.booking is not None:
        state.bookings.pop(fact.booking, None)


def forget_bookings(state: State) -> None:
    """Those of the days before: a booking may be made for a day to come."""
    midnight = state.day * 86_400
    state.bookings = {name: booking for name, booking in state.bookings.items() if booking[1] >= midnight}
