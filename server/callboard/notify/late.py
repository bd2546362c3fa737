"""What somebody was told of their wait, and whether it has become clearly longer since."""

from msgspec import Struct

from callboard.domain.documents import Wait
from callboard.domain.model import Queue

MINUTE_MS = 60_000
LATE_MIN = 10  # later than this is clearly later
DELAYS = 2  # as often is somebody told so of one ticket
BOOKED_SOON_MS = 60 * MINUTE_MS  # people with a booking are told so within its last hour


class Promise(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The last message that said how long it would be. No range: it said that nobody knows."""

    at: int  # ms
    wait: Wait | None = None
    travel_min: int = 0  # that the person had chosen then
    delays: int = 0  # which notice of a delay it was


def is_late(promise: Promise | None, wait: Wait | None, now: int) -> bool:
    """Even the low end comes after all that was said, and the middle ten minutes after it. While no desk is open, as
    soon as all that was said is over."""
    if promise is None or promise.wait is None:
        return False
    said_until = promise.at + promise.wait.high * MINUTE_MS
    if wait is None:
        return now >= said_until
    likely_ms = round((wait.low + wait.high) / 2 * MINUTE_MS)
    return now + wait.low * MINUTE_MS >= said_until and now + likely_ms >= said_until + LATE_MIN * MINUTE_MS


def runs_late(queue: Queue, wait: Wait | None) -> bool:
    """Whether a booking waits clearly longer from its time on than its queue finds good."""
    return wait is not None and (wait.low + wait.high) / 2 >= max(LATE_MIN, queue.target_min) and wait.low > 0
