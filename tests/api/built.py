"""The services of a server, built on a store, with limits so wide that only their own tests meet them."""

from collections.abc import Callable, Iterable
from functools import partial

from callboard.compose import public_key, push_keys
from callboard.domain.directory import Directory
from callboard.hub.fanout import Fanout
from callboard.hub.hub import Hub
from callboard.hub.protocol import Document
from callboard.metrics import Metrics
from callboard.notify.again import MessageAgain
from callboard.notify.reset import ResetRequests
from callboard.notify.worker import outbox
from callboard.rates import Rate, Rates
from callboard.screens import Screens
from callboard.services import Services, buckets
from callboard.settings import Settings
from callboard.store.accounts import Accounts
from callboard.store.customers import Customers
from callboard.store.opt_outs import OptOuts
from callboard.store.reads import Reads
from callboard.store.redis import Connection
from callboard.store.transitions import Store
from callboard.store.watches import Watches
from callboard.webhooks.again import NoticeAgain
from callboard.webhooks.worker import notices


def build(connection: Connection, directory: Directory, clock: Callable[[], int], settings: Settings) -> Services:
    """Nothing of it runs: there are no live documents."""
    reads = Reads(connection, directory)
    customers = Customers(connection, clock)
    return Services(
        settings=settings,
        store=Store(connection, directory, clock),
        reads=reads,
        screens=Screens(reads, clock),
        accounts=Accounts(connection, clock, session_hours=12),
        customers=customers,
        mail_reset=ResetRequests(reads, customers, outbox(connection), clock),
        outbox=outbox(connection),
        message_again=MessageAgain(reads, outbox(connection), clock),
        notice_again=NoticeAgain(notices(connection), clock),
        opt_outs=OptOuts(connection, clock, settings.texts_from),
        watches=Watches(connection, clock),
        notices=notices(connection),
        fanout=Fanout(Hub(), streams=[], build=_nothing, ping=connection.ping, clock=clock),
        rates=Rates({bucket: Rate(100_000, 60) for bucket in buckets(settings)}, lambda: clock() / 1000),
        push_key=partial(public_key, push_keys(connection)),
        metrics=Metrics(),
        clock=clock,
    )


async def _nothing(location: str, channels: list[str]) -> Iterable[Document]:
    return ()
