"""What is true now, read in one script each."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial

import msgspec

from callboard.domain.directory import BySerial, Directory, Named, Unknown
from callboard.domain.model import Location, Person, State, Ticket
from callboard.domain.picture import Picture
from callboard.store import scripts
from callboard.store.keys import PARTITIONS, location_key, partition, script_keys, serials
from callboard.store.pictures import picture as as_picture
from callboard.store.pictures import tickets as as_tickets
from callboard.store.redis import Connection
from callboard.store.together import Together

_ticket = msgspec.json.Decoder(Ticket).decode
_person = msgspec.json.Decoder(Person).decode


class Reads:
    """All raise StoreAway when the store does not answer, and Unknown for what was never there or is erased."""

    def __init__(self, connection: Connection, directory: Directory) -> None:
        self.connection = connection
        self.directory = directory
        self._together = Together(connection)

    async def ticket(self, ticket: str) -> Ticket:
        location = self.directory.location_of_ticket(ticket)
        raw = await self._hget(location, "tickets", ticket)
        if raw is None:
            raise Unknown("ticket", ticket)
        return _ticket(raw)

    async def person(self, ticket: str) -> Person | None:
        """Who holds a ticket; None when erased."""
        raw = await self._hget(self.directory.location_of_ticket(ticket), "people", ticket)
        return None if raw is None else _person(raw)

    async def people(self, location: str, tickets: Sequence[str]) -> dict[str, Person]:
        """Those of several tickets of one location who are known."""
        if not tickets:
            return {}
        key = location_key(location, "people")
        raws = await self.connection.call(lambda: self.connection.client.hmget(key, list(tickets)))
        return {ticket: _person(raw) for ticket, raw in zip(tickets, raws, strict=True) if raw is not None}

    async def ticket_of_token(self, token: str) -> str:
        """The ticket whose page a secret opens. The error does not repeat the secret."""
        key = location_key(self.directory.location_of_token(token).id, "tokens")
        ticket = await self._together.hget(key, token)
        if ticket is None:
            raise Unknown("token", "")
        return ticket

    async def attachments(self, ticket: str) -> str:
        """What is kept with the person of a ticket besides; empty when nothing is, or they are erased."""
        return await self._hget(self.directory.location_of_ticket(ticket), "attachments", ticket) or ""

    async def ticket_of_serial(self, serial: int) -> str:
        """The id of the ticket with that serial."""
        key = serials(serial % PARTITIONS)
        ticket: str | None = await self.connection.call(lambda: self.connection.client.hget(key, str(serial)))
        if ticket is None:
            raise Unknown("ticket", str(serial))
        return ticket

    async def named(self, serial: int, locations: Iterable[str]) -> Named:
        """How to name the ticket with that serial, which is of one of these locations. Raises Unknown, but does not
        look unless it has to: there may be none."""
        here = [location for location in locations if partition(location) == serial % PARTITIONS]
        if not here:
            raise Unknown("ticket", str(serial))
        if len(here) == 1:
            return BySerial(here[0], serial)
        ticket = await self.ticket_of_serial(serial)
        if self.directory.location_of_ticket(ticket).id not in here:
            raise Unknown("ticket", str(serial))
        return ticket

    async def ticket_known_as(self, serial: int) -> str:
        """The id of the ticket that took the place of the one with that serial, and of what followed it; of that one
        itself where none did."""
        key = serials(serial % PARTITIONS)
        names = [f"as:{serial}", str(serial)]
        newest, own = await self.connection.call(lambda: self.connection.client.hmget(key, names))
        if newest is None and own is None:
            raise Unknown("ticket", str(serial))
        return str(newest or own)

    async def booked_between(self, location: str, from_at: int, until_at: int) -> list[Ticket]:
        """Those whose slot starts in that time and who are not cancelled, whether they have come or not."""
        key = location_key(location, "diary")
        ids = await self.connection.call(lambda: self.connection.client.zrangebyscore(key, from_at, f"({until_at}"))
        return await self.tickets(location, ids)

    async def tickets_of_customer(self, customer: str, locations: Iterable[str]) -> list[Ticket]:
        """Those of these locations that are not forgotten, open and closed, the oldest first of each location."""
        found: list[Ticket] = []
        for location in locations:
            key = location_key(location, "theirs")
            ask = partial(self.connection.client.zrangebylex, key, f"[{customer} ", f"({customer}!")
            found += await self.tickets(location, [each.rpartition(" ")[2] for each in await self.connection.call(ask)])
        return found

    async def tickets_of_number(self, phone: str, locations: Sequence[str]) -> dict[str, list[str]]:
        """By location the tickets, open and closed, whose people can be written to at that number, the oldest first;
        locations without any are left out. One trip; who is erased meanwhile is seen when the ticket is read."""
        mark = f"number:{hashlib.sha1(phone.encode(), usedforsecurity=False).hexdigest()}"

        async def ask() -> list[list[str]]:
            pipeline = self.connection.client.pipeline(transaction=False)
            for location in locations:
                pipeline.zrangebylex(location_key(location, "theirs"), f"[{mark} ", f"({mark}!")
            found: list[list[str]] = await pipeline.execute()
            return found

        found = await self.connection.call(ask)
        return {
            location: [each.rpartition(" ")[2] for each in each_of]
            for location, each_of in zip(locations, found, strict=True)
            if each_of
        }

    async def closed_at(self, location: str, moment: int) -> list[Ticket]:
        """Those that ended at that moment, to the millisecond."""
        key = location_key(location, "closed")
        ids = await self.connection.call(lambda: self.connection.client.zrangebyscore(key, moment, moment))
        return await self.tickets(location, ids)

    async def known_of(self, location: str, after: int, until: int) -> list[str]:
        """The tickets that ended in that time, the first moment left out, and whose people are not forgotten."""
        closed, people = location_key(location, "closed"), location_key(location, "people")
        client = self.connection.client
        ids = await self.connection.call(lambda: client.zrangebyscore(closed, f"({after}", until))
        if not ids:
            return []

        async def ask() -> list[bool]:
            pipeline = client.pipeline(transaction=False)
            for id in ids:
                pipeline.hexists(people, id)
            found: list[bool] = await pipeline.execute()
            return found

        return [id for id, is_known in zip(ids, await self.connection.call(ask), strict=True) if is_known]

    async def tickets_reached_at(self, location: str, address: str) -> list[str]:
        """The tickets, open and closed, whose people can be written to at a number or an e-mail address. Looks at
        everybody of the location."""
        key, wanted, cursor = location_key(location, "people"), address.casefold(), 0
        found: list[str] = []
        while True:
            ask = partial(self.connection.client.hscan, key, cursor, count=500)
            cursor, some = await self.connection.call(ask)
            for id, raw in some.items():
                person = msgspec.json.decode(raw, type=Person)
                if wanted in (person.phone, person.email.casefold()):
                    found.append(id)
            if not cursor:
                return sorted(set(found))

    async def tickets(self, location: str, ids: Sequence[str]) -> list[Ticket]:
        """Several of one location; those that are forgotten are left out."""
        if not ids:
            return []
        key = location_key(location, "tickets")
        return as_tickets(await self.connection.call(lambda: self.connection.client.hmget(key, list(ids))))

    async def diary(self, queue: str, from_at: int, until_at: int) -> dict[int, int]:
        """How many bookings of a queue each slot has that starts in that time; those without any are left out."""
        location, _ = self.directory.queue(queue)
        key = location_key(location.id, "diary")
        ids = await self.connection.call(lambda: self.connection.client.zrangebyscore(key, from_at, f"({until_at}"))
        booked = [ticket for ticket in await self.tickets(location.id, ids) if ticket.queue == queue]
        return Counter(ticket.slot_at for ticket in booked if ticket.slot_at is not None)

    async def order(self, queue: str, first: int) -> list[Ticket]:
        """The first tickets of a queue, in the order in which they will be called."""
        location, _ = self.directory.queue(queue)
        picture = await self.picture(location.id, first=first)
        return picture.lines[queue].first

    async def slots_until(self, location: str, moment: int) -> list[Ticket]:
        """Reserved and booked tickets whose slot, or whose time to be confirmed, has come."""
        slots, tickets = location_key(location, "slots"), location_key(location, "tickets")
        ids = await self.connection.call(lambda: self.connection.client.zrange(slots, 0, -1))
        found: list[Ticket] = []
        for start in range(0, len(ids), 500):
            ask = partial(self.connection.client.hmget, tickets, ids[start : start + 500])
            found += as_tickets(await self.connection.call(ask))
        return [ticket for ticket in found if min(ticket.slot_at or moment, ticket.expires_at or moment) <= moment]

    async def picture(
        self,
        location: str,
        *,
        phones: Sequence[str | int] = (),
        first: int = 0,
        calls: int = 0,
        staff: bool = False,
        people: bool = False,
        of_queue: tuple[str, Sequence[State]] | None = None,
        of_customer: tuple[str, Sequence[State]] | None = None,
    ) -> Picture:
        """One instant of a location: counts, the `first` of each line, the newest `calls`, and the given phones, by
        tickets' ids or serials.

        With `people`, phones come with who holds them. `of_queue`: instead of the given phones all tickets of a queue
        in some states, those who wait first and in order. `of_customer`: all tickets of a customer in some states, the
        oldest first.
        """
        where = self.directory.location(location)
        arg = {"at": 0, "phones": list(phones), "first": first, "calls": calls, "staff": staff, "people": people}
        if of_queue is not None:
            arg |= {"queue": of_queue[0], "states": list(of_queue[1])}
        if of_customer is not None:
            arg |= {"customer": of_customer[0], "states": list(of_customer[1])}
        argv = [msgspec.json.encode(arg).decode(), *(queue.id for queue in where.queues)]
        script_and_keys = scripts.picture(), script_keys(where, "none")

        async def read() -> Picture:
            return as_picture(where, await scripts.look(self.connection, *script_and_keys, argv))

        return await self.connection.whole(location, read, lambda picture: picture.seq)

    async def _hget(self, location: Location, name: str, field: str) -> str | None:
        key = location_key(location.id, name)
        answer: str | None = await self.connection.call(lambda: self.connection.client.hget(key, field))
        return answer
