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
from callboard.rates import Rate, Rates, TooMany, network
from callboard.screens import Screens
from callboard.settings import Settings
from callboard.store.accounts import Accounts
from callboard.store.customers import Customers
from callboard.store.opt_outs import OptOuts
from callboard.store.outbox import Outbox
from callboard.store.reads import Reads
from callboard.store.records import Record
from callboard.store.transitions import Store
from callboard.store.watches import Watches
from callboard.store.windows import Windows

# A round trip each, and seldom; the others are too many for that.
TOGETHER = frozenset({"account", "login", "join", "numbers"})


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
    message_again: Callable[[Record], Awaitable[str]]  # a dead message goes out again, under the id that is answered
    notice_again: Callable[[Record], Awaitable[str]]  # and so does what another system did not take
    opt_outs: OptOuts
    watches: Watches
    notices: Outbox  # what is to be told to them
    fanout: Fanout
    rates: Rates
    push_key: Callable[[], Awaitable[str]] | None = None  # what browsers subscribe with; None: no notifications
    windows: Windows | None = None  # where other processes count as well
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
        """One more from this address, in this process; raises TooMany."""
        self.rates.take(bucket, network(address(request)))

    async def limit(self, request: HTTPConnection, bucket: str) -> None:
        """One more from this address; raises TooMany, and StoreAway."""
        await self.take(bucket, network(address(request)))

    async def take(self, bucket: str, key: str) -> None:
        """One more, in all processes for what is counted `TOGETHER`; raises TooMany, and StoreAway."""
        if self.windows is None or bucket not in TOGETHER:
            self.rates.take(bucket, key)
            return
        rate = self.rates.buckets[bucket]
        if wait_ms := await self.windows.take(f"{bucket}:{key}", rate.times, round(rate.seconds * 1000)):
            raise TooMany(wait_ms / 1000)

    async def give_back(self, bucket: str, key: str) -> None:
        """The last one did not count after all."""
        if self.windows is None or bucket not in TOGETHER:
            self.rates.give_back(bucket, key)
        else:
            await self.windows.give_back(f"{bucket}:{key}")


def services_of(connection: HTTPConnection) -> Services:
    return cast(Services, connection.app.state.services)


def address(connection: HTTPConnection) -> str:
    """Who is at the other end; empty on a unix socket. Where a trusted proxy is, the middleware has seen to it."""
    return connection.client.host if connection.client else ""


def buckets(settings: Settings) -> Mapping[str, Rate]:
    """Everybody in a lobby may share one address, so what phones do all the time is limited widely, and what is done
    once a visit, or is worth guessing, closely. Misses are counted in each process, as its share; what limits the load
    only, in each as if it were alone."""
    return {
        "account": Rate(5, 60),  # passwords tried for one account
        "login": Rate(20, 60),  # and from one address
        "join": Rate(settings.join_per_minute, 60),
        "numbers": Rate(settings.numbers_per_hour, 3600),
        "miss": Rate(max(1, 30 // settings.workers), 60),  # secrets that open nothing
        "own": Rate(600, 60),  # a person's own ticket
        "look": Rate(600, 60),  # what a location shows to everybody
    }
