"""Reads what the plan of an event needs: the watches of its queues, and the tickets as they stood."""

from collections.abc import Mapping

import msgspec

from callboard.delivery.model import Plan
from callboard.domain.directory import Unknown
from callboard.domain.events import Event, Kind, Witnessed
from callboard.domain.model import Ticket
from callboard.domain.watch import Shape, by_queue
from callboard.store.outbox import Outbox
from callboard.store.reads import Reads
from callboard.store.watches import Watches
from callboard.webhooks.plan import Happened, cleared, happened, plan


class Planner:
    """From an event to its plan. Raises StoreAway, and then the event has to be planned again."""

    def __init__(self, reads: Reads, watches: Watches, outbox: Outbox, shapes: Mapping[str, Shape]) -> None:
        self._reads = reads
        self._watches = watches
        self._outbox = outbox
        self._shapes = shapes

    async def plan(self, event: Event) -> Plan:
        """Nothing for what the site files do not name any more, nor where nobody watches."""
        if event.kind in (Kind.ERASED, Kind.RESET):
            await self._outbox.forget(event.location, event.at, event.ticket)
        if not event.ticket and event.kind != Kind.RESET:
            return Plan()
        try:
            organization = self._reads.directory.organization(event.location).id
        except Unknown:
            return Plan()
        stored = await self._watches.all(organization)
        watches = by_queue(organization, self._reads.directory.location(event.location), stored)
        return plan(await self._happened(event), watches, self._shapes) if any(watches.values()) else Plan()

    async def _happened(self, event: Event) -> list[Happened]:
        if event.kind == Kind.RESET:
            return list(cleared(event, await self._reads.closed_at(event.location, event.at)))
        if isinstance(event, Witnessed):
            ticket, finished = _as_it_stood(event.stood), _as_it_stood(event.finished_stood)
            return list(happened(event.event(), ticket, finished))
        return list(happened(event, await self._now(event.ticket), None))

    async def _now(self, ticket: str) -> Ticket | None:
        try:
            return await self._reads.ticket(ticket)
        except Unknown:
            return None


def _as_it_stood(raw: str) -> Ticket | None:
    return msgspec.json.decode(raw, type=Ticket) if raw else None
