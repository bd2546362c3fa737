"""Reads what the plan of an event needs: who is near now, and how each of them can be told."""

from collections.abc import Sequence

from callboard.delivery.model import Plan
from callboard.domain.directory import Unknown
from callboard.domain.events import Event, Kind
from callboard.domain.model import Person, Queue, Ticket
from callboard.notify.plan import moved_queues, plan
from callboard.notify.soon import FARTHEST, almost_ahead
from callboard.store.outbox import Outbox
from callboard.store.reads import Reads


class Planner:
    """From an event to its plan. Raises StoreAway, and then the event has to be planned again."""

    def __init__(self, reads: Reads, outbox: Outbox) -> None:
        self._reads = reads
        self._outbox = outbox

    async def plan(self, event: Event) -> Plan:
        """Nothing for what the site files do not name any more. An erased person leaves the records as well."""
        if event.kind in (Kind.ERASED, Kind.RESET):
            await self._outbox.forget(event.location, event.at, event.ticket)
        try:
            _, queue = self._reads.directory.queue(event.queue)
            near = [ticket for name in moved_queues(event) for ticket in await self._near(name)]
        except Unknown:
            return Plan()
        tickets = {event.ticket, *(ticket.id for ticket in near)} - {""}
        people = await self._reads.people(event.location, sorted(tickets))
        return plan(event, queue, near, {ticket: lanes_of(person) for ticket, person in people.items()})

    async def _near(self, name: str) -> Sequence[Ticket]:
        """Those with few enough ahead, each by their own wish or the queue's."""
        queue: Queue = self._reads.directory.queue(name)[1]
        first = await self._reads.order(name, max(queue.almost_ahead, FARTHEST) + 1)
        return [ticket for ahead, ticket in enumerate(first) if ahead <= almost_ahead(ticket, queue)]


def lanes_of(person: Person) -> list[str]:
    """A push costs nothing and so goes first: a text goes where there is none, or where it comes to nothing."""
    to_phone = "push" if person.pushes else "sms" if person.phone else ""
    return [lane for lane in (to_phone, "mail" if person.email else "") if lane]
