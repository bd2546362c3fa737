"""What an estimate learns from: a location's facts, in time order; as JSON they are the lines of an event log."""

from msgspec import Struct


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


class Fact(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="ev", tag=_snake):
    """`t` is local time in seconds since some midnight; `seq` grows, and is 0 where a log does not count."""

    t: float
    seq: int = 0


class DayStart(Fact, frozen=True, kw_only=True):
    """A new day: who still waits is gone, unless they stay, and bookings of the day before are void."""

    day: int = 0
    stays: bool = False


class Booked(Fact, frozen=True, kw_only=True):
    """Somebody is expected at `slot`. Said again: the slot has changed."""

    booking: str
    service: str
    slot: float


class Unbooked(Fact, frozen=True, kw_only=True):
    booking: str


class Created(Fact, frozen=True, kw_only=True):
    """Waits from now on. Said again of a ticket that waits: its place or its service has changed.

    `score` is the moment that it counts as having arrived, where the lobby orders by that; `since` when it began to
    wait, if that was before (put back, transferred).
    """

    ticket: str
    service: str
    prio: int = 0
    slot: float | None = None
    booking: str | None = None
    score: float | None = None
    since: float | None = None


class Called(Fact, frozen=True, kw_only=True):
    ticket: str
    desk: str


class Started(Fact, frozen=True, kw_only=True):
    ticket: str
    desk: str


class Finished(Fact, frozen=True, kw_only=True):
    ticket: str
    desk: str


class NoShow(Fact, frozen=True, kw_only=True):
    ticket: str
    desk: str


class Released(Fact, frozen=True, kw_only=True):
    """The desk has the ticket no longer, and nothing is known of a service: put back, transferred, held, undone."""

    ticket: str
    desk: str


class Cancelled(Fact, frozen=True, kw_only=True):
    """Gave up waiting."""

    ticket: str


class Withdrawn(Fact, frozen=True, kw_only=True):
    """Waits no longer, for a reason that says nothing of patience: staff cleared it, parked it, moved it away."""

    ticket: str


class DeskOpened(Fact, frozen=True, kw_only=True):
    desk: str


class DeskClosed(Fact, frozen=True, kw_only=True):
    desk: str


AnyFact = (
    DayStart
    | Booked
    | Unbooked
    | Created
    | Called
    | Started
    | Finished
    | NoShow
    | Released
    | Cancelled
    | Withdrawn
    | DeskOpened
    | DeskClosed
)
