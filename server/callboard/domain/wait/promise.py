"""Keeping the word that was given (wait.md 5.4): ranges are calibrated on what is shown, and promises move calmly."""

from bisect import bisect_left
from math import ceil, exp, floor, sqrt

from callboard.domain.wait.state import Promised, State, Waiting

MISSED = 0.1  # of those who are called may be before the range, and as many after it;
MISSED_FROM_0 = 0.15  # but nobody can be called before a range that begins now: then some more may be after it
GLOBAL_MOST, BUCKET_MOST = 1.2, 0.8
HALF_S = 120.0  # in this time a promise goes half of its way
AHEAD = (0, 2, 5, 10)  # upper ends of the buckets


def bucket_of(ahead: int) -> int:
    return bisect_left(AHEAD, ahead)


def bounds(state: State, bucket: int, q: tuple[float, float, float]) -> tuple[float, float]:
    """The range as shown: whole minutes, outwards."""
    own = state.by_ahead[bucket]
    low = q[1] - exp(state.calibrator.low + own.low) * (q[1] - q[0])
    high = q[1] + exp(state.calibrator.high + own.high) * (q[2] - q[1])
    low_s = 60.0 * max(0, floor(low / 60))
    return low_s, max(60.0 * ceil(high / 60), low_s + 60)


def promised_s(state: State, ticket: Waiting, now: float, q50: float, low: float, high: float) -> float:
    """The damped promise, from now: P + (1 - 2^(-since / 2 min)) (now + q50 - P), inside the range; not damped if a
    desk opened or closed since."""
    target = now + q50
    if ticket.call_at is None or state.staffed_at >= state.kept_at:
        at = target
    else:
        at = ticket.call_at + (1 - 2 ** (-(now - state.kept_at) / HALF_S)) * (target - ticket.call_at)
    return min(max(at - now, low), high)


def score(state: State, said: Promised, waited: float, called: bool = True) -> None:
    """Moves the range after a call; after somebody gave up only the high end, and only if that was missed."""
    own = state.by_ahead[said.bucket]
    low_missed, high_missed = waited < said.low_s, waited > said.high_s
    may_miss = MISSED if said.low_s > 0 else MISSED_FROM_0
    for calibrator, share, most in ((state.calibrator, 1.0, GLOBAL_MOST), (own, 0.5, BUCKET_MOST)):
        step = share * max(0.005, 0.1 / sqrt(1 + calibrator.n / 10))
        if called:
            calibrator.low = _within(calibrator.low + step * (low_missed - MISSED), most)
        calibrator.high = _within(calibrator.high + step * (high_missed - may_miss), most)
        calibrator.n += 1


def settle_promises(state: State, ticket: Waiting, now: float, called: bool) -> None:
    """At the call every promise of the ticket is scored; who gave up counts only if the range was past. Bookings,
    and those whom a desk was waiting for, say nothing about the line."""
    if ticket.found_free or ticket.slot is not None:
        return
    for said in ticket.promised:
        waited = now - said.at
        if called or waited > said.high_s:
            score(state, said, waited, called)


def _within(value: float, most: float) -> float:
    return min(most, max(-most, value))
