"""People who come, wait, are called and leave, and what each of them has to be told of it."""

import asyncio
import random
from collections.abc import Callable
from typing import Any

from callboard.domain.model import CloseReason, Ticket
from callboard.store.transitions import Store
from messages.book import MIN, Book, Due
from messages.fast import Fast
from messages.providers import AWAY, AWAY_MS

ALMOST_AHEAD = 2  # the queues' own default
PEOPLE = 6  # in a line at a time
LONGEST_MS = 3 * MIN  # what has not come by then does not: rests, leases and a notifier's start are over sooner
RECALL_MS = 31_000  # sooner a recall is not told


class Person:
    """By text, by mail or both: of one whose ticket it is."""

    def __init__(self, ticket: Ticket, to: list[str]) -> None:
        self.ticket = ticket
        self.to = to
        self.due: list[Due] = []


class Visits:
    """Each line has a desk of its own, D with its number, and leads on to another line that nobody joins.

    Patient lines go on when everybody is told, so all that is due has to arrive; hasty ones do not wait, and there
    only the last word has to.
    """

    def __init__(self, store: Store, book: Book, time: Fast, chance: random.Random, enough: Callable[[], bool]) -> None:
        self._store = store
        self._book = book
        self._time = time
        self._chance = chance
        self._enough = enough
        self._people = 0

    async def line(self, number: int) -> None:
        await self._store.open_desk(f"d{number}", staff="kim")
        await self._store.open_desk(f"e{number}", staff="kim")
        turn = number
        while not self._enough():
            turn += 1
            if turn % 8 == 0:
                await self._booking(number)
            else:
                await self._visit(number, hasty=turn % 3 == 0)

    async def away(self, number: int) -> None:
        """A line of people whose mail server puts off what they are written until their call is worth nothing."""
        await self._store.open_desk(f"d{number}", staff="kim")
        while True:
            person = await self._comes(f"q{number}", must=False, to=[f"p{self._new()}@{AWAY}"])
            await self._store.call_next(f"d{number}")
            self._owe(person, "your_turn", must=False)
            await asyncio.sleep(self._time.real_s(AWAY_MS + 3 * MIN))
            await self._store.finish(person.ticket.id, f"d{number}")

    async def _visit(self, number: int, *, hasty: bool) -> None:
        line = [await self._comes(f"q{number}", must=not hasty) for _ in range(PEOPLE)]
        if not hasty:
            await self._arrive([due for person in line for due in person.due])
        if self._chance.random() < 0.3:
            gone = line.pop()
            await self._store.cancel(gone.ticket.id, reason=CloseReason.STAFF)
            await self._told(gone, "cancelled")
        if self._chance.random() < 0.3:
            await self._sent_on(line.pop(), number)
        for place, person in enumerate(line):
            if place + ALMOST_AHEAD + 1 < len(line) and not hasty:
                await self._call(person, number, near=line[place + ALMOST_AHEAD + 1])
            elif hasty:
                for each in line[place + 1 :]:
                    self._may(each, "almost_your_turn")
                await self._call(person, number, waits=self._chance.random() < 0.5)
            else:
                await self._call(person, number)

    async def _call(self, person: Person, number: int, *, near: Person | None = None, waits: bool = True) -> None:
        """`near`: whom it brings near."""
        ticket = person.ticket.id
        await self._store.call_next(f"d{number}")
        due = self._owe(person, "your_turn", must=waits)
        if near:
            due += self._owe(near, "almost_your_turn")
        if not waits:
            await self._store.finish(ticket, f"d{number}")
            return
        await self._arrive(due)
        dice = self._chance.random()
        if dice < 0.25:
            await asyncio.sleep(self._time.real_s(RECALL_MS))
            await self._store.recall(ticket, f"d{number}")
            await self._told(person, "called_again")
        if dice > 0.85:
            await self._store.no_show(ticket, f"d{number}")
            await self._told(person, "missed")
        else:
            await self._store.finish(ticket, f"d{number}")

    async def _sent_on(self, person: Person, number: int) -> None:
        await self._store.transfer(person.ticket.id, queue=f"o{number}")
        await self._told(person, "moved")
        await self._store.call_next(f"e{number}")
        await self._told(person, "your_turn")
        await self._store.finish(person.ticket.id, f"e{number}")

    async def _booking(self, number: int) -> None:
        slot, to = self._time() + 60 * MIN, self._addresses()
        done = await self._store.book(f"q{number}", slot_at=slot, **_who(to))
        assert done.ticket
        person = Person(done.ticket, to)
        await self._told(person, "booking_confirmed")
        await self._store.reschedule(person.ticket.id, slot_at=self._time() + 20 * MIN)
        await self._told(person, "booking_moved")
        await self._store.remind(person.ticket.id)
        await self._told(person, "booking_reminder")
        await self._store.check_in(person.ticket.id)
        await self._told(person, "taken")
        await self._call(person, number)

    async def _comes(self, queue: str, *, must: bool, to: list[str] | None = None) -> Person:
        to = to or self._addresses()
        done = await self._store.join(queue, **_who(to))
        assert done.ticket
        person = Person(done.ticket, to)
        person.due = self._owe(person, "taken", must=must)
        return person

    async def _told(self, person: Person, kind: str) -> None:
        await self._arrive(self._owe(person, kind))

    async def _arrive(self, due: list[Due]) -> None:
        until = self._time() + LONGEST_MS
        for each in due:
            await self._book.arrives(each, self._time.real_s(min(each.until, until) - self._time()))

    def _may(self, person: Person, kind: str) -> None:
        for to in person.to:
            self._book.may(Due(to, kind, self._time(), must=False))

    def _owe(self, person: Person, kind: str, *, must: bool = True) -> list[Due]:
        due = [Due(to, kind, self._time(), must) for to in person.to]
        for each in due:
            self._book.owe(each)
        return due

    def _addresses(self) -> list[str]:
        new, dice = self._new(), self._chance.random()
        phone, mail = f"+4670{1_000_000 + new}", f"p{new}@d{new % 5}.example"
        return [phone] if dice < 0.6 else [mail] if dice < 0.8 else [phone, mail]

    def _new(self) -> int:
        self._people += 1
        return self._people


def _who(to: list[str]) -> dict[str, Any]:
    return {"locale": "en"} | {"email" if "@" in each else "phone": each for each in to}
