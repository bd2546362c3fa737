"""Simulated visitors and desks, at a speed that can be watched: what the demo shows."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress

from callboard.domain.model import CloseReason, Desk, Location, State
from callboard.errors import Refused, StoreAway
from callboard.services import Services
from callboard.store.transitions import Who

STAFF = "simulated"  # a desk that somebody else has opened is left to them
NAMES = ("Ada", "Björn", "Cleo", "Daoud", "Elsa", "Farah", "Gösta", "Hanna", "Idris", "Jonna", "Karim", "Leila", "Måns")
CROWD = 14  # more than this many waiting, and fewer come


class Simulation:
    """One location's day. It acts through the same commands as everybody, and gives up a command that is refused."""

    def __init__(self, services: Services, location: Location, chance: random.Random) -> None:
        self._services = services
        self._store = services.store
        self._location = location
        self._chance = chance

    async def fill(self, people: int) -> None:
        """People who came before we looked, and some who have booked."""
        for _ in range(people):
            await self.arrive()
        for minutes in (4, 9, 14):
            await self._store.book("tests", slot_at=self._services.clock() + minutes * 60_000, **self._who())

    async def run(self, desks: Sequence[Desk]) -> None:
        """Until it is cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._visitors())
            for desk in desks:
                tasks.create_task(self._serve(desk))

    async def arrive(self) -> str:
        """Somebody takes a ticket; its page's secret."""
        queue = self._chance.choices(["reception", "tests", "pharmacy"], [5, 2, 4])[0]
        who = self._who()
        if queue == "reception" and self._chance.random() < 0.15:
            who["priority"] = "elderly"
        done = await self._store.join(queue, **who)
        return done.token

    def _who(self) -> Who:
        """A name and addresses that belong to nobody: numbers kept for fiction, and the domain for examples."""
        name = self._chance.choice(NAMES)
        who: Who = {"locale": self._chance.choice(self._location.languages), "source": "kiosk"}
        if self._chance.random() < 0.7:
            who |= {"name": name, "phone": f"+467017406{self._chance.randrange(5, 100):02d}"}
        elif self._chance.random() < 0.5:
            who |= {"name": name, "email": f"visitor{self._chance.randrange(1000)}@example.org"}
        return who

    async def _visitors(self) -> None:
        crowded = False
        while True:
            await asyncio.sleep(self._chance.uniform(15, 30) if crowded else self._chance.uniform(4, 10))
            with suppress(Refused, StoreAway):
                picture = await self._services.reads.picture(self._location.id, staff=True)
                crowded = sum(line.waiting for line in picture.lines.values()) >= CROWD
                early = [ticket for ticket in picture.booked if ticket.state is State.BOOKED]
                if early and self._chance.random() < 0.15:
                    await self._store.check_in(early[0].id, force=True)
                    continue
                await self.arrive()

    async def _serve(self, desk: Desk) -> None:
        with suppress(Refused, StoreAway):
            await self._store.open_desk(desk.id, staff=STAFF)
        while True:
            await asyncio.sleep(self._chance.uniform(1, 5))
            with suppress(Refused, StoreAway):
                picture = await self._services.reads.picture(self._location.id)
                if desk.id in picture.desks and picture.desks[desk.id].staff == STAFF:
                    await self._visit(desk)

    async def _visit(self, desk: Desk) -> None:
        """One ticket from its call to its end: most come, some are called twice, a few never come."""
        called = await self._store.call_next(desk.id)
        assert called.ticket is not None
        ticket = called.ticket.id
        await asyncio.sleep(self._chance.uniform(5, 9))
        if self._chance.random() < 0.15:
            await self._store.recall(ticket, desk.id)
            await asyncio.sleep(self._chance.uniform(5, 9))
        if self._chance.random() < 0.07:
            await self._store.no_show(ticket, desk.id)
            return
        await self._store.start(ticket, desk.id)
        await asyncio.sleep(self._chance.uniform(12, 40))
        if self._chance.random() < 0.05:
            await self._store.cancel(ticket, desk.id, reason=CloseReason.STAFF)
            return
        await self._store.finish(ticket, desk.id)
