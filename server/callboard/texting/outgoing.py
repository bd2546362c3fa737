"""A reply is a text like any other: it counts in the budget, and what came of it is on record."""

from collections.abc import Callable
from typing import NamedTuple

from callboard.contact import masked
from callboard.delivery.model import Delivery
from callboard.domain.model import Ticket
from callboard.notify.kinds import delivery_id
from callboard.notify.segments import segments
from callboard.notify.spending import Spending
from callboard.store.outbox import Outbox
from callboard.store.reads import Reads
from callboard.store.records import Record
from callboard.texting.replies import KIND

LANE = "sms"


class Reply(NamedTuple):
    """No text: nothing is answered. No ticket: it is about none."""

    text: str = ""
    ticket: Ticket | None = None


class Outgoing:
    """Replies go out in the answer to the carrier, which is never asked about them: what is answered counts as sent.
    `count` is told how each ended. Raises StoreAway."""

    def __init__(
        self,
        reads: Reads,
        spending: Spending,
        outbox: Outbox,
        clock: Callable[[], int],
        count: Callable[[str, str], None] = lambda lane, state: None,
    ) -> None:
        self._reads = reads
        self._spending = spending
        self._outbox = outbox
        self._clock = clock
        self._count = count

    async def send(self, reply: Reply, number: str, text: str) -> str:
        """What goes out of the reply to the text of that id; "" where it must not be paid for. However often it is
        asked for one text, that counts and is on record once."""
        if not reply.text:
            return ""
        delivery = self._delivery(reply.ticket, text)
        withheld = await self._spending.withheld(delivery, number, replies=True)
        state, said = ("failed", "") if withheld else ("sent", reply.text)
        record = Record(
            id=delivery.id,
            at=delivery.at,
            medium=LANE,
            kind=KIND,
            location=delivery.location,
            ticket=delivery.ticket,
            state=state,
            detail=withheld.why if withheld else "",
            ticket_label=reply.ticket.label if reply.ticket else "",
            recipient=masked(number) if reply.ticket else "",  # who holds no ticket is nobody of ours
            text=said,
            segments=segments(said) if said else 0,
        )
        if await self._outbox.put_on_record(record):
            self._count(LANE, state)
        return said

    def _delivery(self, ticket: Ticket | None, text: str) -> Delivery:
        """What is about no ticket is the first location's, in whose words it is said."""
        now, about = self._clock(), ticket.id if ticket else ""
        location = ticket.location if ticket else next(iter(self._reads.directory.locations)).id
        id = f"{delivery_id(KIND, about, LANE)}:{text}"
        return Delivery(id=id, kind=KIND, lane=LANE, location=location, ticket=about, at=now, until=now)
