"""Where one ticket stands, as every other system is told it."""

from msgspec import Struct

from callboard.domain.model import Desk, Location, Person, Queue, Ticket


class Standing(Struct, frozen=True, kw_only=True):
    """Numbers are of one instant, `seq` and `epoch` saying which. Minutes are whole."""

    ticket: Ticket
    person: Person | None  # None when erased
    location: Location
    queue: Queue
    desk: Desk | None
    ahead: int | None  # people before it; only while it waits
    wait_min: int | None  # estimated, from now; only while it waits
    average_min: int  # the queue's average wait now
    queue_waiting: int
    seq: int
    epoch: str
