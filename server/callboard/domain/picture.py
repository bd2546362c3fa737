"""One instant of a location, as the store read it: what all documents are made from."""

from msgspec import Struct

from callboard.domain.expected import Expected
from callboard.domain.model import Person, Ticket


class DeskState(Struct, frozen=True):
    """A desk now: who sits there and which ticket it has."""

    open: bool = False
    staff: str = ""
    ticket: str = ""
    since: int | None = None


class Day(Struct, frozen=True):
    """What a queue's day has been so far. `in_time`: called within the queue's target; `left`: gave up."""

    came: int = 0
    called: int = 0
    called_ms: int = 0  # the waits of those who were called, together
    in_time: int = 0
    left: int = 0


class Line(Struct, frozen=True):
    """A queue now: how many wait, whether it takes people, today's services, and its first tickets in order."""

    waiting: int
    open: bool
    served: int
    served_ms: int
    first: list[Ticket]
    day: Day = Day()


class PhoneState(Struct, frozen=True):
    """One ticket and how many of its queue are before it; None for the ticket when it is gone. The person is only
    there when people were asked for, and None when erased."""

    ticket: Ticket | None
    rank: int | None
    person: Person | None = None


class UndoState(Struct, frozen=True):
    """What a desk could take back: the kind of transition, the label, and when it was (ms)."""

    kind: str
    label: str
    at: int


class Picture(Struct, frozen=True, kw_only=True):
    location: str
    seq: int  # of the newest event that this picture contains
    epoch: str  # changes when a store starts from nothing: then a smaller seq is not older
    day: str
    desks: dict[str, DeskState]
    lines: dict[str, Line]
    calls: list[Ticket]  # newest call first
    at_desks: dict[str, Ticket]  # by desk
    phones: dict[str, PhoneState]
    held: list[Ticket]
    booked: list[Ticket]
    closed: list[Ticket]  # newest first
    undo: dict[str, UndoState]
    expected: Expected | None = None  # None while nobody works it out
