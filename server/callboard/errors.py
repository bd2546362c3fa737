"""What a command may answer instead of doing it: the closed list of refusals, and the few other ways to say no."""

from dataclasses import dataclass
from enum import StrEnum


class Refusal(StrEnum):
    """Every word a transition may refuse with. Nothing has changed when one is given."""

    NOT_FOUND = "not_found"  # no such ticket
    NOT_CHECKED_IN = "not_checked_in"  # the ticket is reserved or booked
    ALREADY_BOOKED = "already_booked"  # a reservation that is confirmed a second time
    STILL_WAITING = "still_waiting"  # the ticket waits, and the command wants one that is called
    ALREADY_CALLED = "already_called"  # the ticket is called
    ALREADY_SERVING = "already_serving"  # the ticket is being served
    ON_HOLD = "on_hold"  # the ticket is parked
    TICKET_CLOSED = "ticket_closed"  # done, missed or cancelled
    QUEUE_EMPTY = "queue_empty"  # nobody waits in any queue the desk serves
    QUEUE_CLOSED = "queue_closed"
    QUEUE_FULL = "queue_full"
    LOCATION_CLOSED = "location_closed"  # outside opening hours
    DESK_CLOSED = "desk_closed"
    DESK_BUSY = "desk_busy"  # the desk has a ticket, and its queue does not finish it by itself
    WRONG_DESK = "wrong_desk"  # the ticket is at another desk
    SAME_QUEUE = "same_queue"  # transfer to where the ticket already is
    TOO_EARLY = "too_early"  # before the check-in window
    TOO_LATE = "too_late"  # after the check-in or rejoin window
    SLOT_FULL = "slot_full"
    HAS_TICKET = "has_ticket"  # the customer has an open ticket here already
    STAFF_ONLY = "staff_only"  # checking in takes somebody's leave
    NOT_SERVED = "not_served"  # feedback on a visit that has not ended
    LIMIT_REACHED = "limit_reached"  # more time was asked for as often as the queue allows
    NOTHING_TO_UNDO = "nothing_to_undo"  # no transition of this desk, or it is too old
    CHANGED_SINCE = "changed_since"  # somebody else has moved the ticket since; undoing would lose that
    KEY_REUSED = "key_reused"  # the idempotency key was used for another command


class Refused(Exception):
    """A transition said no; nothing changed."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


class StoreAway(Exception):
    """The store does not answer. The command may be sent again: it acts at most once. `advice` is for who sent it."""

    advice = "The store does not answer just now; the same request may be sent again."


class Unconfirmed(StoreAway):
    """The change is made, but too few machines have it yet: it may be lost. Sent again with its idempotency key the
    command gives the first answer, once they have it."""

    advice = "The change is made, but it may be lost yet: no other machine has confirmed it. Send the same again."


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong with what somebody typed or sent: where (`locations.0.time_zone`) and what, in words."""

    where: str
    what: str


class Invalid(Exception):
    """Input that does not fit; names every field that is wrong."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("; ".join(f"{m.where}: {m.what}" if m.where else m.what for m in mistakes))
        self.mistakes = mistakes
