"""Our words for theirs and back. Tables are total; a row says where it is from, as README.md lists the sources.

"guess": no source says it; README.md has the reason.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType as Fixed
from zoneinfo import ZoneInfo

from callboard.domain.events import Kind
from callboard.domain.model import State
from callboard.errors import Invalid, Mistake, Refusal
from callboard.facades.agendize.models import Moment

NEW, OLD = "2.3", "2.0"
TO_THE_SECOND = len("2026-11-20T09:30:00")

# What a ticket is shown as. There is no word for a booking, so it is no registration before it waits.
STATUSES: Mapping[State, str | None] = Fixed(
    {
        State.RESERVED: None,  # guess
        State.BOOKED: None,  # guess
        State.WAITING: "registered",  # R23
        State.CALLED: "inProgress",  # guess: they have no word between waiting and being served
        State.SERVING: "inProgress",  # R23
        State.HELD: "registered",  # guess: the nearest
        State.DONE: "finished",  # R23
        State.NO_SHOW: "noShow",  # R23
        State.CANCELLED: "deleted",  # R23; that it stands for cancelling is a guess
    }
)

# What version 2.0 calls the same.
OLD_STATUSES: Mapping[str, str] = Fixed(
    {
        "registered": "registered",  # R20
        "inProgress": "onGoing",  # R20
        "finished": "finished",  # R20
        "noShow": "noShow",  # R20
        "deleted": "deleted",  # guess: R20 has no word for it
    }
)

# What a status that is written asks for. "deleted" cannot be written (R23).
WRITTEN: Mapping[str, State] = Fixed(
    {
        "registered": State.WAITING,  # R23
        "inProgress": State.SERVING,  # R23
        "onGoing": State.SERVING,  # R20
        "finished": State.DONE,  # R23
        "noShow": State.NO_SHOW,  # R23
    }
)

# What a list can be asked for, and the words of the answer that this means.
LISTED: Mapping[str, str] = Fixed(
    {
        "registered": "registered",  # R23
        "inProgress": "inProgress",  # R23
        "onGoing": "inProgress",  # R20
        "finished": "finished",  # R23
        "noShow": "noShow",  # R23
        "deleted": "deleted",  # guess: a registration may have it, so it can be asked for
    }
)
LISTED_BY_DEFAULT = "registered,inProgress"  # R23

# What a watch is told of, as the words that it may choose among (W23: created, updated, deleted, merged).
EVENTS: Mapping[Kind, str | None] = Fixed(
    {
        Kind.RESERVED: None,  # no registration yet, as are the bookings below
        Kind.BOOKED: None,
        Kind.CONFIRMED: None,
        Kind.RESCHEDULED: None,
        Kind.REMINDED: None,
        Kind.JOINED: "created",
        Kind.CHECKED_IN: "created",
        Kind.ACTIVATED: "created",
        Kind.CALLED: "updated",
        Kind.RECALLED: None,  # nothing of the resource has changed, as with those below
        Kind.TICKET_CHANGED: None,
        Kind.FEEDBACK: None,
        Kind.NOTED: None,
        Kind.PUT_BACK: "updated",
        Kind.STARTED: "updated",
        Kind.FINISHED: "updated",
        Kind.NO_SHOW: "updated",
        Kind.REJOINED: "updated",
        Kind.POSTPONED: "updated",
        Kind.HELD: "updated",
        Kind.RELEASED: "updated",
        Kind.TRANSFERRED: "updated",
        Kind.CANCELLED: "deleted",
        Kind.UNDONE: "updated",
        Kind.CORRECTED: "updated",
        Kind.PERSON_CHANGED: "updated",
        Kind.DESK_OPENED: None,  # about no ticket, as those below
        Kind.DESK_CLOSED: None,
        Kind.QUEUE_OPENED: None,
        Kind.QUEUE_CLOSED: None,
        Kind.RESET: None,
        Kind.RESTORED: None,
        Kind.EXPECTED: None,
        Kind.ERASED: None,  # what is forgotten is not sent once more
    }
)

# The status of an error; everything about the state of a registration or queue is 409 (guess).
REFUSED: Mapping[Refusal, int] = Fixed(
    dict.fromkeys(Refusal, 409)
    | {
        Refusal.NOT_FOUND: 404,
        Refusal.QUEUE_EMPTY: 404,  # `next` of a queue in which nobody waits
        Refusal.KEY_REUSED: 400,
    }
)


def status_of(state: State, version: str = NEW) -> str | None:
    """The word for it; None where it is no registration."""
    word = STATUSES[state]
    return OLD_STATUSES[word] if word and version == OLD else word


def state_of(word: str) -> State:
    """What a written status asks for. Raises Invalid."""
    if word not in WRITTEN:
        raise Invalid([Mistake("status", "must be registered, inProgress, finished or noShow")])
    return WRITTEN[word]


def states_of(words: str | None) -> frozenset[State]:
    """The states that a comma list asks for; none is as if it were not there. Raises Invalid."""
    given = [word.strip() for word in (words or "").split(",") if word.strip()]
    unknown = [word for word in given if word not in LISTED]
    if unknown:
        raise Invalid([Mistake("status", "must be of registered, inProgress, finished, noShow and deleted")])
    wanted = {LISTED[word] for word in given or LISTED_BY_DEFAULT.split(",")}
    return frozenset(state for state, word in STATUSES.items() if word in wanted)


def moment(at: int, time_zone: str) -> Moment:
    """The local time there, to the second."""
    there = datetime.fromtimestamp(at // 1000, ZoneInfo(time_zone))
    return Moment(date_time=there.isoformat()[:TO_THE_SECOND], time_zone=time_zone)


def zoned(text: str, time_zone: str) -> Moment | None:
    """A date as somebody typed it into a form, as a local time there; None for what is not written as ISO 8601."""
    try:
        given = datetime.fromisoformat(text)
        there = given.astimezone(ZoneInfo(time_zone)) if given.tzinfo else given
    except (ValueError, OverflowError):
        return None
    return Moment(date_time=there.replace(tzinfo=None, microsecond=0).isoformat(), time_zone=time_zone)
