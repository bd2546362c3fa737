"""Who is expected at a time and has not checked in yet (wait.md 5.3.5): whether they come, and how early."""

from math import sqrt
from statistics import NormalDist

import numpy as np

from callboard.domain.wait import dice
from callboard.domain.wait.dice import ROWS, Array
from callboard.domain.wait.facts import Booked, Created
from callboard.domain.wait.state import State

PRIOR = 10  # bookings that weigh as much as what is assumed: these come, so early, with this deviation
COMES = 0.85
EARLY_S, SPREAD_S = 300.0, 300.0
MEMORY = 200
WAITS = 60
GIVEN_UP_S = 3600.0  # after its slot a booking is counted as missed

_normal = NormalDist()


def expect(state: State, fact: Booked) -> None:
    state.bookings[fact.booking] = (fact.service, fact.slot)


def bring(state: State, fact: Created) -> None:
    """Who checks in tells how early people do."""
    if fact.booking is None or state.bookings.pop(fact.booking, None) is None or fact.slot is None:
        return
    early = fact.slot - fact.t
    state.came.add(1.0, MEMORY)
    state.early.add(early, MEMORY)
    state.early_square.add(early * early, MEMORY)


def missed(state: State) -> None:
    """The day is over: who was booked for it and did not come does not come any more."""
    midnight = state.day * 86_400
    for name, (_, slot) in list(state.bookings.items()):
        if slot < midnight:
            del state.bookings[name]
            state.came.add(0.0, MEMORY)


def arrives(state: State, until_slot: float, many: int, row: int) -> Array:
    """Seconds from now in each replication, given that they have not come yet; inf: not at all."""
    n = state.early.n + PRIOR
    mean = (state.early.s + PRIOR * EARLY_S) / n
    square = (state.early_square.s + PRIOR * (EARLY_S**2 + SPREAD_S**2)) / n
    spread = sqrt(max(square - mean * mean, 60.0**2))
    comes = (state.came.s + PRIOR * COMES) / (state.came.n + PRIOR)
    later = _normal.cdf((until_slot - mean) / spread)
    still = comes * later / (comes * later + 1 - comes) if later < 1 else comes
    deviation = np.interp(dice.uniform("early", many)[row % ROWS] * later, _CHANCES, _DEVIATIONS)
    at = np.maximum(until_slot - (mean + spread * deviation), 0.0)
    return np.where(dice.uniform("comes", many)[row % ROWS] < still, at, np.inf)


_CHANCES = np.arange(1, 1000) / 1000
_DEVIATIONS = np.array([_normal.inv_cdf(float(chance)) for chance in _CHANCES])


def served(state: State, slot: float, now: float) -> None:
    """What those who had booked waited from their slot on."""
    state.booked_waits = [*state.booked_waits, round(now - slot)][-WAITS:]
