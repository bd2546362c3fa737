"""The whole way from an event to a receiver on loopback, on the real store."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from callboard.delivery.attempt import Attempts
from callboard.delivery.worker import Worker
from callboard.domain.directory import Directory
from callboard.domain.events import Event, Witnessed
from callboard.domain.model import Ticket
from callboard.domain.receiver import Receiver as Told
from callboard.domain.watch import Notice, Outgoing, Shape, Watch
from callboard.outside.http import Client
from callboard.outside.reach import networks
from callboard.store.keys import partition
from callboard.store.reads import Reads
from callboard.store.records import Record
from callboard.store.signing_keys import SigningKeys
from callboard.store.stream import Group
from callboard.store.transitions import Store
from callboard.store.watches import Watches
from callboard.webhooks.planner import Planner
from callboard.webhooks.send import Teller
from callboard.webhooks.worker import LIMITS, NAME, notices
from conftest import Clock
from webhooks.receiver import Receiver

BASE = "https://queue.example.org"
HERE = partition("main")


class Plain:
    """A shape that says what it was given. `unwanted` are kinds that it does not want, `mute` those it says nothing of;
    `broken` is raised when it writes."""

    scheduled = False

    def __init__(self) -> None:
        self.unwanted: set[str] = set()
        self.mute: set[str] = set()
        self.broken: Exception | None = None

    def wants(self, event: Event, watch: Watch) -> bool:
        return event.kind not in self.unwanted

    async def render(self, watch: Watch, notice: Notice, reads: Any) -> Outgoing | None:
        if self.broken:
            raise self.broken
        if notice.event.kind in self.mute:
            return None
        standing = notice.standing
        said = {
            "kind": notice.event.kind,
            "ticket": notice.ticket.label,
            "state": notice.ticket.state,
            "queue": standing.queue.id,
            "desk": standing.desk.id if standing.desk else None,
            "staff": notice.ticket.staff,
            "who": standing.person.name if standing.person else None,
            "ahead": standing.ahead,
            "reason": notice.event.reason,
        }
        return Outgoing(msgspec.json.encode(said))


class Office:
    """Everything between a lobby and who watches it. `tell` works until nothing is due at the clock's moment."""

    def __init__(self, store: Store, reads: Reads, clock: Clock, receiver: Receiver) -> None:
        self.store = store
        self.reads = reads
        self.clock = clock
        self.receiver = receiver
        self.watches = Watches(store.connection, clock)
        self.signing = SigningKeys(store.connection, clock, lambda count: bytes(range(count)))
        self.outbox = notices(store.connection)
        self.shape = Plain()
        self.ended: list[tuple[str, str, int]] = []
        self.shapes: dict[str, Shape] = {"plain": self.shape}
        self.worker = self.another()

    def another(
        self, consumer: str = "one", *, timeout_s: float = 5, private: tuple[str, ...] = ("127.0.0.0/8",)
    ) -> Worker:
        """A worker that shares the work."""
        shapes = self.shapes
        client = Client(networks(private), timeout_s)
        teller = Teller(
            self.reads, self.watches, self.signing, shapes, client, BASE, self.clock, lambda: 0.5, self._ending
        )
        return Worker(
            {HERE: Group(self.store.connection, NAME, HERE, consumer, Witnessed)},
            self.outbox,
            Planner(self.reads, self.watches, self.outbox, shapes).plan,
            Attempts(self.outbox, teller, self.clock, lambda: 0.5),
            LIMITS,
            clock=self.clock,
            random=lambda: 0.5,
            in_order=True,
        )

    async def _ending(self, watch: Watch, why: str, since: int) -> None:
        self.ended.append((watch.id, why, since))

    async def watch(self, path: str = "/hook", **more: Any) -> Watch:
        given = {"organization": "hilltop", "shape": "plain", "address": self.receiver.base + path, **more}
        return await self.watches.add(Watch(**given))

    async def join(self, queue: str = "general", **who: Any) -> Ticket:
        ticket = (await self.store.join(queue, **who)).ticket
        assert ticket is not None
        return ticket

    async def tell(self, *, ms: int = 0) -> None:
        """Later by so much."""
        self.clock.pass_(ms=ms)
        await self.worker.run(until_idle=True)

    def said(self, *fields: str, path: str = "/hook") -> list[Any]:
        """What the receiver was told, in order: one field of each, or several."""
        all = [got.json() for got in self.receiver.at(path)]
        return [each[fields[0]] if len(fields) == 1 else tuple(each[name] for name in fields) for each in all]

    async def records(self) -> list[Record]:
        """What came of everything, oldest first."""
        return (await self.outbox.recent(["main"], 200))[::-1]

    async def ends(self) -> list[tuple[str, str]]:
        return [(record.state, record.detail) for record in await self.records()]

    def change_queue(self, queue: str, *watches: Told) -> None:
        """As if the site file was applied again with these watches at a queue."""
        site = self.reads.directory.sites[0]
        location = site.locations[0]
        queues = tuple(replace(each, watches=watches) if each.id == queue else each for each in location.queues)
        self.reads.directory = Directory([replace(site, locations=(replace(location, queues=queues),))])


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver().serve() as receiver:
        yield receiver


@pytest.fixture
async def office(store: Store, reads: Reads, clock: Clock, receiver: Receiver) -> Office:
    for desk in ("d1", "d2"):
        await store.open_desk(desk, staff="kim")
    return Office(store, reads, clock, receiver)


Words = Callable[..., list[Any]]
