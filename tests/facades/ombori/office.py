"""A queue that a receiver of webhooks watches: everything between the two, and what it was told."""

from typing import Any

import msgspec

from callboard.delivery.attempt import Attempts
from callboard.delivery.worker import Worker
from callboard.domain.directory import Directory
from callboard.domain.events import Witnessed
from callboard.domain.model import Site, Ticket
from callboard.facades import SHAPES
from callboard.outside.http import Client as Sender
from callboard.outside.reach import networks
from callboard.services import Services
from callboard.store.keys import partition
from callboard.store.stream import Group
from callboard.webhooks.planner import Planner
from callboard.webhooks.send import Teller
from callboard.webhooks.worker import LIMITS, NAME, notices
from conftest import START, Clock
from webhooks.receiver import Receiver

BASE = "https://tickets.example.org"
SLOT: dict[str, Any] = {"slot_at": START + 600_000, "slot_end": START + 1_500_000}


def watched(here: dict[str, Any], receiver: Receiver, **queue: Any) -> Directory:
    """Set up by the operator in the site file, at the queue, as the vendor does it."""
    main, *more = here["locations"]
    watch = {"shape": "ombori", "address": f"{receiver.base}/hook", "headers": {"X-Auth": "s3cret"}}
    general, *others = main["queues"]
    queues = [general | {"watches": [watch], "finish_on_next": True} | queue, *others]
    return Directory([msgspec.convert(here | {"locations": [main | {"queues": queues}, *more]}, Site)])


class Office:
    """The queue, and what its receiver was told."""

    def __init__(self, services: Services, receiver: Receiver, clock: Clock) -> None:
        self.store = services.store
        self.clock = clock
        self.receiver = receiver
        reads, box, here = services.reads, notices(services.reads.connection), partition("main")
        sender = Sender(networks(("127.0.0.0/8",)), 5)
        signing, watches = services.accounts.signing, services.watches
        teller = Teller(reads, watches, signing, SHAPES, sender, BASE, clock, random=lambda: 0.5)
        self._worker = Worker(
            {here: Group(reads.connection, NAME, here, "one", Witnessed)},
            box,
            Planner(reads, watches, box, SHAPES).plan,
            Attempts(box, teller, clock, lambda: 0.5),
            LIMITS,
            clock=clock,
            random=lambda: 0.5,
        )

    async def told(self) -> list[dict[str, Any]]:
        """All that it has been told so far."""
        await self._worker.run(until_idle=True)
        return [got.json() for got in self.receiver.at("/hook")]

    async def types(self) -> list[str]:
        return [each["type"] for each in await self.told()]

    async def join(self, **who: Any) -> Ticket:
        ticket = (await self.store.join("general", **who)).ticket
        assert ticket
        return ticket

    async def book(self, **who: Any) -> Ticket:
        ticket = (await self.store.book("general", **SLOT, **who)).ticket
        assert ticket
        return ticket
