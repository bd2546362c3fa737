"""The maps between our words and the vendor's: literal, total, each row with its source (README tells the marks)."""

from collections.abc import Mapping
from types import MappingProxyType

from callboard.domain.events import Event, Kind
from callboard.domain.model import CloseReason, State
from callboard.errors import Refusal
from callboard.facades.ombori.options import Options

STATUS: Mapping[State, str] = MappingProxyType(
    {
        State.RESERVED: "reserved",  # S2: an unconfirmed slot; O5
        State.BOOKED: "draft",  # S0: booked, and not active yet
        State.WAITING: "pending",  # S0: in the queue
        State.CALLED: "notified",  # S0: called by staff
        State.SERVING: "fulfilled",  # S0: checked in by staff
        State.HELD: "pending",  # guess: a retry also goes back to pending (O11)
        State.DONE: "completed",  # S0: served
        State.NO_SHOW: "rejected",  # guess: there is no other word for it
        State.CANCELLED: "rejected",  # S0: cancelled, by whomever; O7, O13
    }
)


def status_of(state: State, options: Options) -> str:
    """Without a serving tab nobody is checked out, and who has been served stays checked in (O23, O24)."""
    return STATUS[State.SERVING if state is State.DONE and not options.serving_tab else state]


# S0: anonymous walked in, manual was given by staff; a booking stays one when it waits.
BY_STAFF = "staff"


def type_of(source: str, slot_at: int | None) -> str:
    if slot_at is not None:
        return "booking"
    return "manual" if source == BY_STAFF else "anonymous"


PRIORITY: Mapping[str, int] = MappingProxyType(
    {
        "booking": 100,  # S0, S2
        "anonymous": 0,  # O2
        "manual": 0,  # guess
    }
)

# Which webhook an event is (O10). None: nothing that the vendor has a word for.
WEBHOOK: Mapping[Kind, str | None] = MappingProxyType(
    {
        Kind.JOINED: "positionCreated",  # O10: a walk-in or manual ticket was made
        Kind.RESERVED: None,  # a reservation is no booking yet
        Kind.BOOKED: "bookingConfirmation",  # O10: a customer made a booking
        Kind.CONFIRMED: "bookingConfirmation",  # guess: only now it is a booking
        Kind.CHECKED_IN: "bookingActivated",  # O12: the position is in the queue, with its label
        Kind.ACTIVATED: "bookingActivated",  # O10: its slot has come
        Kind.CALLED: "positionCalled",  # O10, O11
        Kind.RECALLED: None,  # it is called already, and stays so
        Kind.PUT_BACK: "positionRetry",  # O11: pending again, retryCount grows, calledAt stays
        Kind.STARTED: "positionFulfilled",  # O10: staff checked it in
        Kind.FINISHED: "positionCompleted",  # O10: staff checked it out
        Kind.NO_SHOW: "positionRemoved",  # guess: staff rejected it (O10)
        Kind.REJOINED: "positionRetry",  # guess: rejected before, and pending again
        Kind.POSTPONED: None,
        Kind.HELD: None,  # stays pending
        Kind.RELEASED: None,
        Kind.TRANSFERRED: None,
        Kind.CANCELLED: "positionCancelled",  # O13; by staff see below
        Kind.UNDONE: None,  # by where it leads, see below
        Kind.CORRECTED: None,  # likewise
        Kind.DESK_OPENED: None,
        Kind.DESK_CLOSED: None,
        Kind.QUEUE_OPENED: None,
        Kind.QUEUE_CLOSED: None,
        Kind.RESET: None,
        Kind.RESTORED: None,
        Kind.EXPECTED: None,
        Kind.ERASED: None,
        Kind.PERSON_CHANGED: None,
        Kind.TICKET_CHANGED: None,
        Kind.RESCHEDULED: "bookingUpdated",  # O10
        Kind.REMINDED: None,  # O21 has a mail of that name, O10 no webhook
        Kind.FEEDBACK: "feedbackReceived",  # O10
        Kind.NOTED: None,
    }
)

# What staff took back or corrected is told as what the position is now (guess): else a receiver keeps what is untrue.
RESTATED: Mapping[State, str | None] = MappingProxyType(
    {
        State.RESERVED: None,
        State.BOOKED: None,
        State.WAITING: "positionRetry",
        State.CALLED: "positionCalled",
        State.SERVING: "positionFulfilled",
        State.HELD: None,
        State.DONE: "positionCompleted",
        State.NO_SHOW: "positionRemoved",
        State.CANCELLED: "positionRemoved",
    }
)

TYPES = frozenset({type for type in (*WEBHOOK.values(), *RESTATED.values()) if type} | {"positionCancelledByStaff"})


UPCOMING = frozenset({State.RESERVED, State.BOOKED})


def webhook_of(event: Event) -> str | None:
    """The type that tells of an event; None for those that nobody is told of."""
    is_corrected = event.kind is Kind.CORRECTED
    if event.state == State.CANCELLED and (is_corrected or event.kind is Kind.CANCELLED):
        return _gone(event)
    if is_corrected and event.state == State.WAITING and event.before in UPCOMING:
        return WEBHOOK[Kind.ACTIVATED]
    if event.kind in (Kind.UNDONE, Kind.CORRECTED):
        return RESTATED[State(event.state)] if event.state else None
    if event.kind is Kind.RESCHEDULED and event.state == State.RESERVED:
        return None
    return WEBHOOK[event.kind]


def _gone(event: Event) -> str | None:
    """O10: by whom it was, and of staff whether it was yet to come, or a live ticket."""
    if event.reason == CloseReason.CUSTOMER:
        return WEBHOOK[Kind.CANCELLED]
    return "positionCancelledByStaff" if event.before in UPCOMING else "positionRemoved"


# The samples of these two have no `message` key at all (O12, O13).
WITHOUT_MESSAGE = frozenset({"bookingUpdated", "feedbackReceived"})

# Errors are documented nowhere: all of this is a guess, on what hosts of this kind answer (README).
CONFLICT = 409
REFUSED: Mapping[Refusal, int] = MappingProxyType(
    dict.fromkeys(Refusal, CONFLICT) | {Refusal.NOT_FOUND: 404, Refusal.KEY_REUSED: 400}
)


def label_of(label: str, number: int) -> str:
    """S0: a letter and a number without zeros before it. Ours has three digits at least."""
    digits = f"{number:03d}"
    return label.removesuffix(digits) + str(number) if number and label.endswith(digits) else label
