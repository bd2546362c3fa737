"""States, moments, numbers and placeholders in the words of the document; pure tables. Each row names its source:
the document itself, or guessed, where it is silent (see the README)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from callboard.domain.model import Location, State, Ticket

# A ticket's state. The document shows 0 alone, with both call dates null; the others follow the maker's other product,
# counted from 0. Whoever knows better changes the numbers here. Reserved and booked: there are no bookings in this API.
STATES: Mapping[State, int | None] = {
    State.RESERVED: None,  # guessed: not shown
    State.BOOKED: None,  # guessed: not shown
    State.WAITING: 0,  # document
    State.CALLED: 1,  # guessed
    State.SERVING: 1,  # guessed
    State.HELD: 2,  # guessed: paused
    State.DONE: 4,  # guessed: ended
    State.NO_SHOW: 3,  # guessed: cancelled, told apart by its startcall_date
    State.CANCELLED: 3,  # guessed: cancelled
}

# From which of a ticket's moments startcall_date is taken, the first that there is; guessed but for waiting (document).
STARTS: Mapping[State, tuple[str, ...]] = {
    State.RESERVED: (),
    State.BOOKED: (),
    State.WAITING: (),
    State.CALLED: ("called_at", "last_called_at", "changed_at"),
    State.SERVING: ("called_at", "last_called_at", "started_at", "changed_at"),
    State.HELD: ("called_at", "last_called_at"),  # null where it was parked from the line
    State.DONE: ("called_at", "last_called_at", "started_at", "closed_at"),
    State.NO_SHOW: ("called_at", "last_called_at", "closed_at"),
    State.CANCELLED: (),
}

TIME = "%Y-%m-%d %H:%M:%S"

# A service's state: 0 in every sample; 1 is guessed.
OPEN, CLOSED = 0, 1

# Placeholders of our own that a text of the site file may have, in the document's words. Where there is no such word a
# client could fill nothing in: what is not here stays as it is.
PLACEHOLDERS: Mapping[str, str] = {
    "%{ticket.label}": "%{ticket.tag}%{ticket.number}",  # document
    "%{desk.tag}": "%{ticket.desk.tag}",  # document
    "%{people.ahead}": "%{ticket.customers_ahead}",  # document
    "%{desk.name}": "%{ticket.desk.name}",  # guessed
    "%{queue.name}": "%{ticket.service.name}",  # guessed
}


def is_shown(ticket: Ticket) -> bool:
    return STATES[ticket.state] is not None


def state(ticket: Ticket) -> int:
    """Of one that is shown."""
    return STATES[ticket.state] or 0


def starts_at(ticket: Ticket) -> int | None:
    """The moment (ms) at which the call began that its state speaks of."""
    moments = (getattr(ticket, name) for name in STARTS[ticket.state])
    return next((at for at in moments if at), None)


def tag(label: str) -> str:
    """The letters of a label: they stay when the ticket goes to a queue of another tag."""
    return label.rstrip("0123456789")


def ticket_number(ticket: Ticket) -> str:
    """`A 006`: the tag, a blank, three digits."""
    return f"{tag(ticket.label)} {ticket.number:03d}"


def when(time_zone: str, at: int | None) -> str | None:
    """The local time, `yyyy-MM-dd HH:mm:ss`."""
    return None if at is None else f"{datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(time_zone)):{TIME}}"


def hours_minutes(wait_min: int | None) -> tuple[str, str]:
    """Two digits each; zeros where nothing can be said."""
    hours, minutes = divmod(wait_min or 0, 60)
    return f"{hours:02d}", f"{minutes:02d}"


def average(wait_min: int | None) -> str:
    """`hh:mm`."""
    return ":".join(hours_minutes(wait_min))


def coordinates(location: Location) -> str:
    """`41.572408,-8.426258`; empty where nobody has said."""
    return "" if location.coordinates is None else ",".join(f"{part:.10g}" for part in location.coordinates)


def placeholders(text: str) -> str:
    """A text of the site file as clients fill it in."""
    for ours, theirs in PLACEHOLDERS.items():
        text = text.replace(ours, theirs)
    return text
