"""What happens because time passes: the day turns over, booked slots come, reservations run out, bookings come near,
and people are forgotten."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from callboard.domain.directory import Unknown
from callboard.domain.model import CloseReason, Location, Queue, State, Ticket
from callboard.domain.reminder import reminder_at
from callboard.endless import goes_on
from callboard.errors import Refused, StoreAway
from callboard.store.reads import Reads
from callboard.store.transitions import Store

EVERY_S = 2.0
SCRUB_MS = 600_000  # so long after somebody was forgotten, and whoever follows meanwhile

log = logging.getLogger(__name__)


class Housekeeping:
    """May run in every process at once: each step is a transition that acts once and is refused after that."""

    def __init__(
        self, store: Store, reads: Reads, every_s: float = EVERY_S, scrub: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """`scrub` rewrites what the store has on its disk, where it is ours: the forgotten are in its journal still."""
        self._store = store
        self._reads = reads
        self._every_s = every_s
        self._scrub = scrub
        self._forgotten_until: dict[str, int] = {}
        self._to_scrub_at: int | None = None

    async def run(self) -> None:
        """Until it is cancelled, through any absence of the store."""
        while goes_on():
            with suppress(StoreAway):
                await self.look()
            await asyncio.sleep(self._every_s)

    async def look(self) -> None:
        """Does what is due at every location."""
        await self._scrub_when_due()
        for location in self._store.directory.locations:
            if await self._store.reset(location.id):
                log.info("reset location=%s", location.id)
                self._scrub_soon()
            await self._forget(location)
            if _has_slots(location):
                soon = self._store.clock() + _longest_reminder_ms(location)
                for ticket in await self._reads.slots_until(location.id, soon):
                    with suppress(Refused, Unknown):  # somebody else was faster
                        await self._due(location, ticket)

    async def _forget(self, location: Location) -> None:
        """Who left so long ago, each once: what was looked at is not looked at again."""
        until = self._store.clock() - round(location.erase_after_h * 3_600_000)
        for ticket in await self._reads.known_of(location.id, self._forgotten_until.get(location.id, 0), until):
            with suppress(Refused, Unknown):
                await self._store.erase(ticket)
            self._scrub_soon()
        self._forgotten_until[location.id] = until

    def _scrub_soon(self) -> None:
        self._to_scrub_at = self._to_scrub_at or self._store.clock() + SCRUB_MS

    async def _scrub_when_due(self) -> None:
        if self._scrub and self._to_scrub_at is not None and self._store.clock() >= self._to_scrub_at:
            self._to_scrub_at = None
            await self._scrub()

    async def _due(self, location: Location, ticket: Ticket) -> None:
        now = self._store.clock()
        queue = next((queue for queue in location.queues if queue.id == ticket.queue), None)
        has_come = ticket.slot_at is None or ticket.slot_at <= now
        if ticket.state is State.BOOKED and queue is not None and queue.activate == "at_slot" and has_come:
            await self._store.activate(ticket.id)
        elif ticket.expires_at is not None and ticket.expires_at <= now:
            await self._store.cancel(ticket.id, reason=CloseReason.ABANDONED)
        elif queue is not None and _is_to_be_reminded(queue, ticket, now):
            await self._store.remind(ticket.id)


def _is_to_be_reminded(queue: Queue, ticket: Ticket, now: int) -> bool:
    due = reminder_at(queue, ticket)
    if due is None or ticket.slot_at is None or ticket.reminded_at:
        return False
    return due <= now < ticket.slot_at


def _longest_reminder_ms(location: Location) -> int:
    return max(_ms(queue.reminder_min or 0) for queue in location.queues)


def _ms(minutes: float) -> int:
    return round(minutes * 60_000)


def _has_slots(location: Location) -> bool:
    """Whether anything at a location can become due by itself."""
    return any(
        queue.activate == "at_slot" or queue.reserve_min is not None or queue.reminder_min is not None
        for queue in location.queues
    )
