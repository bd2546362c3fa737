"""The whole way from an event to a message, on the real store, with a carrier and a mail server on loopback."""

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any

import pytest
from msgspec.structs import replace

from callboard.assets import TEMPLATES
from callboard.delivery.attempt import Attempts
from callboard.delivery.worker import Worker
from callboard.domain.directory import Directory
from callboard.domain.model import Ticket
from callboard.notify.look import Look
from callboard.notify.mail import Mail
from callboard.notify.mail import MailServer as MailAccount
from callboard.notify.media import LIMITS, Medium
from callboard.notify.notification import Notifications
from callboard.notify.planner import Planner
from callboard.notify.promised import Promised
from callboard.notify.push import Push
from callboard.notify.reach import Reach
from callboard.notify.render import Renderer
from callboard.notify.send import Notifier
from callboard.notify.shown import Shown
from callboard.notify.sms import Account, Sms
from callboard.notify.spending import Spending
from callboard.notify.worker import groups_of, outbox
from callboard.outside.http import Client
from callboard.outside.reach import networks
from callboard.p256 import key_of, new_key, private_text, public_text
from callboard.store.customers import Customers
from callboard.store.keys import partition
from callboard.store.opt_outs import OptOuts
from callboard.store.outbox import Outbox
from callboard.store.passwords import Passwords
from callboard.store.promises import Promises
from callboard.store.push_keys import PushKeys
from callboard.store.reads import Reads
from callboard.store.records import Record
from callboard.store.text_budget import TextBudget
from callboard.store.transitions import Store
from conftest import Clock
from house import CHEAP
from notify.carrier import OURS, SID, TOKEN, Carrier
from notify.mailserver import MailServer
from notify.push_service import PushService

ANNA = "+46701740605"
SENDER = OURS
BASE = "https://queue.example.org"
OWNER = "owner@hilltop.example"


class Office:
    """A lobby and everything that leaves it. `tell` works until nothing is due at the clock's moment."""

    def __init__(
        self, store: Store, reads: Reads, clock: Clock, media: Mapping[str, Medium], push: Push | None = None
    ) -> None:
        self.store = store
        self.clock = clock
        self.outbox: Outbox = outbox(store.connection)
        self.customers = Customers(store.connection, clock, passwords=Passwords(CHEAP))
        self.opt_outs = OptOuts(store.connection, clock, SENDER)
        renderer = Renderer([TEMPLATES])
        promised = Promised(Promises(store.connection, "notify"))
        reach = Reach(store, reads, self.opt_outs)
        spending = Spending(reads, TextBudget(store.connection, clock))
        sends_texts = not isinstance(media["sms"], Shown)
        pushes = Notifications(push, renderer, store.unsubscribe, clock, sends_texts=sends_texts) if push else None
        self.notifier = Notifier(
            reads, self.customers, reach, spending, self.outbox, promised, renderer, media, BASE, clock, pushes, OWNER
        )
        self.planner = Planner(reads, self.outbox)
        self.again = Look(reads, self.outbox, promised, clock)
        self._reads = reads
        self.worker = self.another()

    def another(self, consumer: str = "one") -> Worker:
        """A worker that shares the work; of the partitions it knows those of the site, to be quick."""
        attempts = Attempts(self.outbox, self.notifier, self.clock, lambda: 0.5)
        groups = groups_of(self._reads, consumer)
        here = {partition(location.id) for location in self._reads.directory.locations}
        return Worker(
            {number: groups[number] for number in here},
            self.outbox,
            self.planner.plan,
            attempts,
            LIMITS,
            clock=self.clock,
            random=lambda: 0.5,
        )

    async def tell(self) -> None:
        await self.worker.run(until_idle=True)

    async def look(self) -> None:
        """Looks again as time passes, and tells what is due."""
        await self.again.look(self._reads.directory.location("main"))
        await self.tell()

    async def join(self, queue: str = "general", **who: Any) -> Ticket:
        ticket = (await self.store.join(queue, locale=who.pop("locale", "en"), **who)).ticket
        assert ticket is not None
        return ticket

    async def call_next(self, desk: str = "d1") -> Ticket:
        ticket = (await self.store.call_next(desk)).ticket
        assert ticket is not None
        return ticket

    def change_site(self, **changes: Any) -> None:
        """As if the site file was applied again with these changes to its location."""
        site = self._reads.directory.sites[0]
        self._reads.directory = Directory([replace(site, locations=(replace(site.locations[0], **changes),))])

    async def records(self) -> list[Record]:
        """What came of everything, oldest first."""
        return (await self.outbox.recent(["main"], 100))[::-1]

    async def told(self, ticket: Ticket | None = None) -> list[tuple[str, str]]:
        return [(r.kind, r.state) for r in await self.records() if ticket is None or r.ticket == ticket.id]


@pytest.fixture
async def open_desks(store: Store) -> None:
    for desk in ("d1", "d2", "d3"):
        await store.open_desk(desk, staff="kim")


@pytest.fixture
def office(store: Store, reads: Reads, clock: Clock, open_desks: None) -> Office:
    """Without credentials: messages are shown."""
    return Office(store, reads, clock, {"sms": Shown(), "mail": Shown()})


@pytest.fixture
async def carrier(clock: Clock) -> AsyncIterator[Carrier]:
    async with Carrier(clock).serve() as carrier:
        yield carrier


@pytest.fixture
async def make_sms(carrier: Carrier, clock: Clock) -> AsyncIterator[Callable[..., Sms]]:
    async with AsyncExitStack() as stack:

        def make(timeout_s: float = 5, **account: str) -> Sms:
            given = {"sid": SID, "token": TOKEN, "sender": SENDER, "api_base": carrier.base, **account}
            sms = Sms(Account(**given), clock, timeout_s)
            stack.push_async_callback(sms.close)
            return sms

        yield make


@pytest.fixture
def texting(store: Store, reads: Reads, clock: Clock, make_sms: Callable[..., Sms], open_desks: None) -> Office:
    """With a carrier that sends texts; mail is shown."""
    return Office(store, reads, clock, {"sms": make_sms(), "mail": Shown()})


@pytest.fixture
def push_keys(store: Store) -> PushKeys:
    return PushKeys(store.connection, lambda: private_text(new_key(os.urandom)))


@pytest.fixture
async def push_service(push_keys: PushKeys) -> AsyncIterator[PushService]:
    async with PushService(public_text(key_of(await push_keys.private()))).serve() as service:
        yield service


@pytest.fixture
async def push(push_keys: PushKeys, clock: Clock) -> AsyncIterator[Push]:
    client = Client(networks(["127.0.0.0/8"]), timeout_s=0.3)
    made = Push(push_keys, "mailto:desk@example.org", client, clock, lambda: 0.5, os.urandom)
    yield made
    await made.close()


@pytest.fixture
def pushing(
    store: Store, reads: Reads, clock: Clock, make_sms: Callable[..., Sms], push: Push, open_desks: None
) -> Office:
    """With push services, and a carrier that sends texts; mail is shown."""
    return Office(store, reads, clock, {"sms": make_sms(), "mail": Shown()}, push)


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with MailServer().serve() as server:
        yield server


@pytest.fixture
async def mailing(store: Store, reads: Reads, clock: Clock, server: MailServer) -> AsyncIterator[Office]:
    account = MailAccount(host="127.0.0.1", port=server.port, sender="desk@hilltop.example", tls="none")
    mail = Mail(account, clock, timeout_s=2)
    yield Office(store, reads, clock, {"sms": Shown(), "mail": mail})
    await mail.close()
