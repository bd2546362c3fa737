"""What one running server is made of, and how an endpoint gets at it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from starlette.requests import HTTPConnection

from callboard.domain.directory import Directory
from callboard.hub.fanout import Fanout
from callboard.hub.hub import Hub
from callboard.identities import IdentityCheck
from callboard.metrics import Metrics
from callboard.rates import Rate, Rates, network
from callboard.screens import Screens
from callboard.settings import Settings
from callboard.store.accounts import Accounts
from callboard.store.customers import Customers
from callboard.store.outbox import Outbox
from callboard.store.reads import Reads
from callboard.store.transitions import Store
from callboard.store.watches import Watches


@dataclass(frozen=True, kw_only=True)
class Services:
    """Built once at start. `clock` says the time in ms since 1970."""

    settings: Settings
    store: Store
    reads: Reads
    screens: Screens
    accounts: Accounts
    customers: Customers
    mail_reset: Callable[[str, str], Awaitable[None]]  # organization, address: mails a secret for a new password there
    outbox: Outbox
    watches: Watches
    notices: Outbox  # what is to be told to them
    fanout: Fanout
    rates: Rates
    metrics: Metrics
    clock: Callable[[], int]
    codes: Sequence[Callable[[str], str | None]] = ()  # each reads what others' codes say: a ticket's id, or None
    identities: Mapping[str, IdentityCheck] = field(default_factory=dict)  # by provider, in small letters
    problem: Callable[[], str | None] = lambda: None  # what keeps the store from taking writes, in words

    @property
    def directory(self) -> Directory:
        """The site as it is now: it may be applied again while we run."""
        return self.store.directory

    @property
    def hub(self) -> Hub:
        return self.fanout.hub

    def count(self, request: HTTPConnection, bucket: str) -> None:
        """One more from this address; raises TooMany."""
        self.rates.take(bucket, network(address(request)))

    async def limit(self, request: HTTPConnection, bucket: str) -> None:
        """As `count`. May be waited for, since one day the windows may be in the store."""
        self.count(request, bucket)


def services_of(connection: HTTPConnection) -> Services:
    return cast(Services, connection.app.state.services)


def address(connection: HTTPConnection) -> str:
    """Who is at the other end; empty on a unix socket. Where a trusted proxy is, the middleware has seen to it."""
    return connection.client.host if connection.client else ""


def buckets(settings: Settings) -> Mapping[str, Rate]:
    """Everybody in a lobby may share one address, so what phones do all the time is limited widely, and what is done
    once a visit, or is worth guessing, closely."""
    return {
        "account": Rate(5, 60),  # passwords tried for one account
        "login": Rate(20, 60),  # and from one address
        "join": Rate(settings.join_per_minute, 60),
        "miss": Rate(30, 60),  # secrets that open nothing
        "own": Rate(600, 60),  # a person's own ticket
        "look": Rate(600, 60),  # what a location shows to everybody
    }
