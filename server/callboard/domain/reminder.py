"""When the person behind a booking is reminded of it."""

from callboard.domain.model import Queue, State, Ticket

TELLING = frozenset({"book", "confirm", "reschedule"})  # after these a person is told when their booking is


def reminder_at(queue: Queue, ticket: Ticket) -> int | None:
    """In ms; None for who is not. Nobody is of what was booked or moved so late that its confirmation says as much."""
    if queue.reminder_min is None or ticket.state is not State.BOOKED or ticket.slot_at is None:
        return None
    due = ticket.slot_at - round(queue.reminder_min * 60_000)
    said_at = ticket.changed_at if ticket.last in TELLING else ticket.created_at
    return due if said_at < due else None
