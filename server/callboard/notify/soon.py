"""When it is almost somebody's turn: by people ahead, by minutes, or by the time that they take to come."""

from callboard.domain.documents import Wait
from callboard.domain.model import Queue, Ticket

FARTHEST = 10  # nobody hears "almost" with more people ahead than this, unless the queue says so


def almost_ahead(ticket: Ticket, queue: Queue) -> int:
    """With how many people ahead a ticket's person is told that it is almost their turn."""
    return min(ticket.almost_ahead, FARTHEST) if ticket.almost_ahead else queue.almost_ahead


def is_soon(queue: Queue, ticket: Ticket, ahead: int | None, wait: Wait | None) -> bool:
    """Whatever comes first: few enough ahead, few enough minutes, or no more than it takes to come."""
    if ahead is None:
        return False
    return ahead <= almost_ahead(ticket, queue) or is_within(queue, ticket.travel_min, wait)


def is_within(queue: Queue, travel_min: int, wait: Wait | None) -> bool:
    """The middle of the range is within the queue's minutes, or its low end within the minutes of the way: so nine in
    ten who set off then are there in time."""
    if wait is None:
        return False
    return (wait.low + wait.high) / 2 <= queue.almost_min > 0 or 0 < travel_min >= wait.low
