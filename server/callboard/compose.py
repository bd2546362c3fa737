"""One server put together from its parts: what reads the store, what fans out, what sends, what answers HTTP."""

import asyncio
import os
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette

from callboard.app import create_app
from callboard.archive import Archive
from callboard.building import Builder
from callboard.delivery.worker import Worker
from callboard.domain.directory import Directory
from callboard.domain.watch import Shape, Watch
from callboard.estimating.worker import Estimating
from callboard.facades import CODES, SHAPES, VIEWS
from callboard.high_water import HighWater
from callboard.housekeeping import Housekeeping
from callboard.hub.fanout import Fanout
from callboard.hub.following import Stream
from callboard.hub.hub import Hub
from callboard.identities import IdentityCheck
from callboard.metrics import Metrics
from callboard.notify.again import MessageAgain
from callboard.notify.look import Look
from callboard.notify.owner import Ended, OwnerRequests
from callboard.notify.reach import Reach
from callboard.notify.reset import ResetRequests
from callboard.notify.worker import looking, notify_worker, outbox
from callboard.p256 import key_of, new_key, private_text, public_text
from callboard.precedence import Precedence
from callboard.rates import Rates
from callboard.screens import Screens
from callboard.services import Services, buckets
from callboard.settings import Settings
from callboard.store.accounts import Accounts
from callboard.store.address import without_password
from callboard.store.customers import Customers
from callboard.store.keys import PARTITIONS
from callboard.store.opt_outs import OptOuts
from callboard.store.push_keys import PushKeys
from callboard.store.reads import Reads
from callboard.store.redis import Connection
from callboard.store.stream import Streams, following, spans
from callboard.store.transitions import Store
from callboard.store.watches import Watches
from callboard.store.windows import Windows
from callboard.webhooks.again import NoticeAgain
from callboard.webhooks.send import Ending
from callboard.webhooks.worker import notices, webhooks_worker


def clock() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Parts:
    """What one process runs."""

    app: Starlette
    services: Services
    fanout: Fanout
    worker: Worker
    look: Look
    webhooks: Worker
    housekeeping: Housekeeping
    estimating: Estimating
    archive: Archive
    high_water: HighWater

    def apply(self, directory: Directory) -> None:
        """The site as it is from now on; who waits goes on waiting, and everybody who listens is told."""
        self.services.store.directory = directory
        self.services.reads.directory = directory
        self.fanout.read_all_again()

    async def run(self) -> None:
        """Until it is cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.fanout.run())
            tasks.create_task(self.housekeeping.run())
            tasks.create_task(self.look.run())
            tasks.create_task(self.estimating.run())
            tasks.create_task(self.archive.run(range(PARTITIONS)))
            tasks.create_task(self.high_water.run())

    async def deliver(self) -> None:
        """Until it is cancelled, or what is being sent has ended after `deliver_no_more`."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.worker.run())
            tasks.create_task(self.webhooks.run())

    def deliver_no_more(self) -> None:
        self.worker.stop()
        self.webhooks.stop()


def compose(
    settings: Settings,
    connection: Connection,
    directory: Directory,
    problem: Callable[[], str | None] = lambda: None,
    *,
    shapes: Mapping[str, Shape] = SHAPES,
    identities: Mapping[str, IdentityCheck] | None = None,
    metrics: Metrics | None = None,
) -> Parts:
    """All parts around one store connection; nothing runs yet. `problem` says what keeps the store from working.

    `shapes` write what other systems are told, by the name that their watches say. `identities` check the tokens of
    other providers, by name; without one such tokens are refused.
    """
    reads = Reads(connection, directory)
    store = Store(connection, directory, clock)
    screens = Screens(reads, clock, VIEWS)
    customers = Customers(connection, clock)
    metrics = metrics or Metrics()
    keys, precedence = push_keys(connection), Precedence()
    services = Services(
        settings=settings,
        store=store,
        reads=reads,
        screens=screens,
        accounts=Accounts(connection, clock, session_hours=settings.session_hours),
        customers=customers,
        mail_reset=ResetRequests(reads, customers, outbox(connection), clock),
        outbox=outbox(connection),
        message_again=MessageAgain(reads, outbox(connection), clock),
        notice_again=NoticeAgain(notices(connection), clock),
        opt_outs=OptOuts(connection, clock, settings.texts_from),
        watches=Watches(connection, clock),
        notices=notices(connection),
        fanout=_fanout(connection, screens, metrics, precedence),
        rates=Rates(buckets(settings), time.monotonic),
        windows=Windows(connection, clock) if settings.redis or settings.workers > 1 else None,
        metrics=metrics,
        clock=clock,
        codes=CODES,
        identities=identities or {},
        push_key=partial(public_key, keys) if settings.web_push else None,
        problem=problem,
    )
    consumer = f"{os.getpid()}-{clock()}"
    reach = Reach(store, reads, services.opt_outs)
    how = (consumer, clock, random.random, metrics.delivered)
    worker = notify_worker(reads, customers, reach, store, keys, settings, settings.url, *how)
    ending = _ending(reads, settings, metrics)
    telling = webhooks_worker(reads, services.watches, services.accounts.signing, shapes, settings, *how, ending)
    archive = Archive(Path(settings.data_dir) / "archive", Streams(connection), clock)
    high_water = HighWater(Path(settings.data_dir), connection.marks, without_password(settings.redis))
    high_water.read()
    connection.marks.lose = metrics.lose
    house = Housekeeping(store, reads, scrub=None if settings.redis else connection.rewrite_journal)
    estimating = Estimating(reads, consumer, clock, precedence)
    app, look = create_app(services), looking(reads, clock)
    return Parts(app, services, services.fanout, worker, look, telling, house, estimating, archive, high_water)


def _ending(reads: Reads, settings: Settings, metrics: Metrics) -> Ending:
    """What is done about a webhook that is told no more."""
    tell = OwnerRequests(reads, outbox(reads.connection), settings.owner_email, clock)

    async def ending(watch: Watch, why: str, since: int) -> None:
        host = urlsplit(watch.address).hostname or ""
        await tell(watch.organization, Ended(webhook=watch.id, host=host, why=why), since)
        metrics.webhook_ended()

    return ending


def _fanout(connection: Connection, screens: Screens, metrics: Metrics, precedence: Precedence) -> Fanout:
    return Fanout(
        Hub(),
        streams=streams(connection),
        build=Builder(screens),
        ping=connection.ping,
        clock=clock,
        built=metrics.built,
        published=metrics.published,
        precedence=precedence,
    )


def streams(connection: Connection) -> list[Stream]:
    """All event streams, since a site may get a location later; as few as one read each can cover."""
    return [following(connection, span) for span in spans(connection, range(PARTITIONS))]


def push_keys(connection: Connection) -> PushKeys:
    return PushKeys(connection, lambda: private_text(new_key(os.urandom)))


async def public_key(keys: PushKeys) -> str:
    """What browsers are given of the key that pushes are signed with."""
    return public_text(key_of(await keys.private()))
