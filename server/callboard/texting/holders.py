"""The tickets of a number."""

from collections.abc import Sequence

from callboard.domain.model import State, Ticket
from callboard.domain.phone import rejoin_until
from callboard.store.reads import Reads

MOST = 5  # of the newest


async def tickets_of(reads: Reads, number: str, now: int) -> Sequence[Ticket]:
    """Those whose person is reached at that number at this moment, the oldest first: open ones, and missed ones that
    may come back. Where there are none, the one that was closed last."""
    locations = [location.id for location in reads.directory.locations]
    found: list[Ticket] = []
    for location, ids in (await reads.tickets_of_number(number, locations)).items():
        people = await reads.people(location, ids)
        held = [id for id in ids if id in people and people[id].phone == number]
        found += await reads.tickets(location, held)
    found.sort(key=lambda ticket: (ticket.created_at, ticket.id))
    is_open = [ticket for ticket in found if ticket.closed_at is None or _may_rejoin(reads, ticket, now)]
    return is_open[-MOST:] or sorted(found, key=lambda ticket: ticket.closed_at or 0)[-1:]


def _may_rejoin(reads: Reads, ticket: Ticket, now: int) -> bool:
    if ticket.state is not State.NO_SHOW:
        return False
    until = rejoin_until(reads.directory.queue(ticket.queue)[1], ticket)
    return until is not None and now <= until
