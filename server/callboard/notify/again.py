"""A message to a person is sent again at staff's word, if it is still true."""

from collections.abc import Callable

from msgspec.structs import replace

from callboard.delivery.again import again, schedule
from callboard.delivery.model import Delivery, decode
from callboard.domain.model import State, Ticket
from callboard.errors import Refusal, Refused
from callboard.notify.kinds import MISSED, OF_BOOKINGS
from callboard.notify.overtaken import overtaken, words
from callboard.notify.plan import untrue
from callboard.notify.situation import Situation, look
from callboard.notify.soon import is_soon
from callboard.store.outbox import Outbox
from callboard.store.reads import Reads
from callboard.store.records import Record

# Why a message does not fit a ticket any more, by how the ticket stands.
STANDS: dict[State, Refusal] = {
    State.RESERVED: Refusal.NOT_CHECKED_IN,
    State.BOOKED: Refusal.NOT_CHECKED_IN,
    State.WAITING: Refusal.STILL_WAITING,
    State.CALLED: Refusal.ALREADY_CALLED,
    State.SERVING: Refusal.ALREADY_SERVING,
    State.HELD: Refusal.ON_HOLD,
    State.DONE: Refusal.TICKET_CLOSED,
    State.NO_SHOW: Refusal.TICKET_CLOSED,
    State.CANCELLED: Refusal.TICKET_CLOSED,
}


class MessageAgain:
    """Schedules what a record of a dead message stands for, and answers its new id. What is true is looked at again
    just before it is sent, as with any other."""

    def __init__(self, reads: Reads, outbox: Outbox, clock: Callable[[], int]) -> None:
        self._reads = reads
        self._outbox = outbox
        self._clock = clock

    async def __call__(self, record: Record) -> str:
        """Raises Refused (`not_found` when the person is erased, `too_late`, `changed_since`, or how the ticket
        stands) and StoreAway."""
        standing, now = await look(self._reads, record.ticket), self._clock()
        if standing is None:
            raise Refused(Refusal.NOT_FOUND)
        delivery = _in_time(again(record, now), decode(record.again).until, standing.ticket)
        if not await self._outbox.seen(delivery.location, delivery.id):
            await self._check(delivery, standing, now)
        return await schedule(self._outbox, delivery, now)

    async def _check(self, delivery: Delivery, standing: Situation, now: int) -> None:
        ticket = standing.ticket
        if untrue(delivery, ticket, is_soon(standing.queue, ticket, standing.ahead, standing.wait)) is not None:
            raise Refused(STANDS[ticket.state])
        if delivery.until <= now:
            raise Refused(Refusal.TOO_LATE)
        asked = words(delivery)
        moments = await self._outbox.newest(delivery.location, asked)
        if overtaken(delivery, dict(zip(asked, moments, strict=True))) is not None:
            raise Refused(Refusal.CHANGED_SINCE)


def _in_time(delivery: Delivery, before: int, ticket: Ticket) -> Delivery:
    """Not after the moment that the message itself names: `before`, until when one may come back, or the slot."""
    if delivery.kind == MISSED:
        return replace(delivery, until=before)
    if delivery.kind in OF_BOOKINGS and ticket.slot_at is not None:
        return replace(delivery, until=min(delivery.until, ticket.slot_at))
    return delivery
