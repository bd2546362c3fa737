"""What the stream says: one flat event a transition. Never a name, a telephone number or an address."""

from enum import StrEnum

from msgspec import Struct


class Kind(StrEnum):
    RESERVED = "reserved"
    BOOKED = "booked"
    JOINED = "joined"
    CONFIRMED = "confirmed"
    CHECKED_IN = "checked_in"
    ACTIVATED = "activated"
    CALLED = "called"  # by call_next and call
    RECALLED = "recalled"
    PUT_BACK = "put_back"
    STARTED = "started"
    FINISHED = "finished"
    NO_SHOW = "no_show"
    REJOINED = "rejoined"
    POSTPONED = "postponed"
    HELD = "held"
    RELEASED = "released"
    TRANSFERRED = "transferred"
    CANCELLED = "cancelled"
    UNDONE = "undone"
    DESK_OPENED = "desk_opened"
    DESK_CLOSED = "desk_closed"
    QUEUE_OPENED = "queue_opened"
    QUEUE_CLOSED = "queue_closed"
    RESET = "reset"
    ERASED = "erased"
    PERSON_CHANGED = "person_changed"
    TICKET_CHANGED = "ticket_changed"
    RESCHEDULED = "rescheduled"
    REMINDED = "reminded"
    CORRECTED = "corrected"
    FEEDBACK = "feedback"
    NOTED = "noted"
    EXPECTED = "expected"  # what is expected of the lines has changed, and nothing else: it counts no `seq` of its own
    RESTORED = "restored"  # the store had lost the newest of what was seen, and goes on behind that


class Event(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One transition. `seq` counts the location's events from 1, with a gap only before RESTORED; `id` is the place in
    the stream."""

    id: str
    kind: Kind
    at: int  # ms
    location: str
    seq: int
    ticket: str = ""
    queue: str = ""
    desk: str = ""
    state: str = ""  # the ticket's state after
    before: str = ""  # and before
    finished: str = ""  # the ticket that calling next finished
    from_queue: str = ""  # of a transfer
    reason: str = ""  # of a closing
    undone: str = ""  # the kind that was undone
    reopened: str = ""  # the ticket that calling next had finished, and that the desk has again by an undo
    slot_at: int = 0  # ms, of a booking
    score: str = ""  # of a ticket that waits: the moment it counts as having arrived, ...
    joined_at: int = 0  # ... when it began to wait, ...
    head_start_ms: int = 0  # ... and the head start of its priority
    number: int = 0  # that the ticket drew, ...
    day: str = ""  # ... and of which business day it is
    left: str = ""  # of a new day: the desks that were open till then, each with the ticket that it had: `d1=ID d2=`
    stays: int = 0  # of a new day: who waits goes on waiting
    lost: int = 0  # how many events the store had lost


class Witnessed(Event, frozen=True, kw_only=True, omit_defaults=True):
    """An event with its tickets as the store kept them then: whoever reads it later may find them changed."""

    stood: str = ""
    finished_stood: str = ""

    def event(self) -> Event:
        return Event(**{name: getattr(self, name) for name in Event.__struct_fields__})
