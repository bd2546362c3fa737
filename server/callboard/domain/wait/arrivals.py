"""How many come in an hour of the day, by service, with priority and without (wait.md 5.3.5)."""

from callboard.domain.wait.facts import Created
from callboard.domain.wait.lobby import HOUR, midnight
from callboard.domain.wait.state import State

HEAD_START_S = 60  # a score so much before the arrival is a head start
PRIOR_DAYS = 2
FADE = 0.95  # what a day counts for when the next begins


def arrive(state: State, fact: Created) -> None:
    """Bookings are known beforehand and not counted here."""
    if fact.slot is not None:
        return
    lead = fact.t - fact.score if fact.score is not None else 0.0
    first = bool(fact.prio) or lead > HEAD_START_S
    hours = (state.overtaking if first else state.arriving).setdefault(fact.service, {})
    hour = int((fact.t - midnight(fact.t)) // HOUR)
    hours[hour] = hours.get(hour, 0.0) + 1
    if lead > HEAD_START_S:
        state.lead_s += (lead - state.lead_s) * (0.1 if state.lead_s else 1)


def hourly(state: State, service: str, prio: int, hour: int) -> float:
    """lambda_k(hour) = (count + 2 mean) / (days + 2), of the days before and what today has brought so far."""
    hours = (state.overtaking if prio else state.arriving).get(service)
    if not hours or state.open_s < HOUR / 4:
        return 0.0
    mean = sum(hours.values()) / (state.open_s / HOUR)
    return (hours.get(hour, 0.0) + PRIOR_DAYS * mean) / (state.past_days + PRIOR_DAYS)


def fade(state: State) -> None:
    """A day is over."""
    for counts in (state.overtaking, state.arriving):
        for hours in counts.values():
            for hour in hours:
                hours[hour] *= FADE
    state.open_s *= FADE
    state.past_days = (state.past_days + 1) * FADE
