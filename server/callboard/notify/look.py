"""What becomes due because time passes: it is almost somebody's turn, or it takes longer than they were told."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial

from msgspec import Struct

from callboard.delivery.model import Delivery
from callboard.delivery.worker import item
from callboard.domain.board import booked_wait, waits
from callboard.domain.directory import Unknown
from callboard.domain.documents import Wait
from callboard.domain.model import Location, Queue, State, Ticket
from callboard.domain.picture import Picture
from callboard.endless import goes_on
from callboard.errors import StoreAway
from callboard.notify.late import BOOKED_SOON_MS, DELAYS, Promise, is_late, runs_late
from callboard.notify.plan import almost, booking_delayed, delayed
from callboard.notify.planner import lanes_of
from callboard.notify.promised import WAYS, Promised
from callboard.notify.soon import almost_ahead, is_soon, is_within
from callboard.store.outbox import Outbox
from callboard.store.reads import Reads

EVERY_S = 10
DEEPEST = 200  # so many of each line are looked at
SETTLED_MS = 60_000  # who came a moment ago is reading how long it will be

Make = Callable[..., Delivery]


class Waiting(Struct, frozen=True):
    """One ticket in its line."""

    queue: Queue
    ticket: Ticket
    ahead: int
    wait: Wait | None


class Look:
    """May run in every process at once: each location is looked at by one of them each time, and what it finds due is
    scheduled once for its id."""

    def __init__(self, reads: Reads, outbox: Outbox, promises: Promised, clock: Callable[[], int]) -> None:
        self._reads = reads
        self._outbox = outbox
        self._promises = promises
        self._clock = clock

    async def run(self) -> None:
        """Until it is cancelled, through any absence of the store."""
        while goes_on():
            await asyncio.sleep(EVERY_S)
            with suppress(StoreAway):
                for location in self._reads.directory.locations:
                    if await self._promises.turn(location.id, EVERY_S * 1000 - 500):
                        await self.look(location)

    async def look(self, location: Location) -> int:
        """Schedules what is due at a location; how many are new. Raises StoreAway."""
        try:
            picture = await self._reads.picture(location.id, first=DEEPEST)
            found = [*await self._of_the_lines(location, picture), *await self._of_bookings(location, picture)]
        except Unknown:  # the site file changed meanwhile
            return 0
        return await self._outbox.schedule(location.id, list(map(item, found)), (), self._clock()) if found else 0

    async def _of_the_lines(self, location: Location, picture: Picture) -> list[Delivery]:
        now, standing = self._clock(), _standing(location, picture)
        promises = await self._promises.of_all(location.id, [each.ticket.id for each in standing])
        due = {each.ticket.id: list(_due(each, promises, now)) for each in standing}
        people = await self._reads.people(location.id, sorted(ticket for ticket, found in due.items() if found))
        return [
            make(lane=lane)
            for ticket, person in people.items()
            for way, make in due[ticket]
            for lane in lanes_of(person)
            if way == ("mail" if lane == "mail" else "sms")
        ]

    async def _of_bookings(self, location: Location, picture: Picture) -> list[Delivery]:
        """Those that come within the hour, where it was worked out what they will wait."""
        if picture.expected is None or not picture.expected.bookings:
            return []
        now, queues = self._clock(), {queue.id: queue for queue in location.queues}
        booked = await self._reads.booked_between(location.id, now, now + BOOKED_SOON_MS)
        late = {
            ticket.id: ticket
            for ticket in booked
            if ticket.state == State.BOOKED
            and ticket.queue in queues
            and runs_late(queues[ticket.queue], booked_wait(ticket, picture))
        }
        people = await self._reads.people(location.id, sorted(late))
        return [booking_delayed(late[id], lane, now) for id, person in people.items() for lane in lanes_of(person)]


def _standing(location: Location, picture: Picture) -> list[Waiting]:
    """Who has not been called yet."""
    found: list[Waiting] = []
    for queue in location.queues:
        wait = waits(location, queue, picture)
        found += [Waiting(queue, each, ahead, wait(ahead)) for ahead, each in enumerate(picture.lines[queue.id].first)]
    return [each for each in found if each.ticket.retry_count == 0]


def _due(each: Waiting, promises: Mapping[tuple[str, str], Promise], now: int) -> Iterator[tuple[str, Make]]:
    """What to tell one person, and by which way: "almost", or else that it takes longer."""
    for way in WAYS:
        promise = promises.get((each.ticket.id, way))
        if is_soon(each.queue, each.ticket, each.ahead, each.wait):
            if not _knows(each, promise, now):
                yield way, partial(almost, each.ticket, at=now)
        elif promise and promise.delays < DELAYS and is_late(promise, each.wait, now):
            yield way, partial(delayed, each.ticket, at=now, nth=promise.delays + 1)


def _knows(each: Waiting, promise: Promise | None, now: int) -> bool:
    """Whether they came so late that the first message said it: with the same way to come, and within its minutes."""
    if each.ahead <= almost_ahead(each.ticket, each.queue):
        return False
    if now - (each.ticket.joined_at or 0) < SETTLED_MS:
        return True
    return (
        promise is not None
        and promise.travel_min == each.ticket.travel_min
        and is_within(each.queue, promise.travel_min, promise.wait)
    )
