"""The application on the real store, two organizations, and somebody of each kind who asks."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack

import httpx2
import msgspec
import pytest
from starlette.applications import Starlette

from callboard.app import create_app
from callboard.domain.directory import Directory
from callboard.domain.model import Site
from callboard.hub.fanout import Fanout
from callboard.hub.hub import Hub
from callboard.hub.protocol import Version
from callboard.metrics import Metrics
from callboard.rates import Rate, Rates
from callboard.screens import Screens
from callboard.services import Services, buckets
from callboard.settings import Settings
from callboard.store.accounts import Accounts
from callboard.store.outbox import Outbox
from callboard.store.reads import Reads
from callboard.store.redis import Connection
from callboard.store.transitions import Store
from conftest import SITE, Clock

VALLEY = {
    "organization": {"id": "valley", "name": "Valley"},
    "locations": [
        {
            "id": "valley-hall",
            "name": "Valley Hall",
            "public_join": False,
            "queues": [{"id": "valley-desk", "tag": "V", "name": "Reception"}],
            "desks": [{"id": "v1", "tag": "1", "name": "Desk 1", "queues": ["valley-desk"]}],
            "displays": [{"id": "valley-tv", "name": "TV"}],
        }
    ],
}
ORIGIN = "https://tickets.example.org"

Client = Callable[..., httpx2.AsyncClient]


@pytest.fixture
def directory() -> Directory:
    return Directory([msgspec.convert(SITE, Site), msgspec.convert(VALLEY, Site)])


@pytest.fixture
def settings() -> Settings:
    return Settings(public_url=ORIGIN)


@pytest.fixture
def rates(settings: Settings, clock: Clock) -> Rates:
    """Wide: what is limited is tried where it is the subject."""
    return Rates({bucket: Rate(10_000, 60) for bucket in buckets(settings)}, lambda: clock.now / 1000)


@pytest.fixture
def services(
    settings: Settings, connection: Connection, store: Store, reads: Reads, clock: Clock, rates: Rates
) -> Services:
    screens = Screens(reads, clock)
    return Services(
        settings=settings,
        store=store,
        reads=reads,
        screens=screens,
        accounts=Accounts(connection, clock, session_hours=12),
        outbox=Outbox(connection, "notify", ["sms", "mail"]),
        fanout=Fanout(Hub(), streams=[], build=_nothing, ping=connection.ping, clock=clock),
        rates=rates,
        metrics=Metrics(),
        clock=clock,
    )


async def _nothing(location: str, channels: list[str]) -> Mapping[str, tuple[bytes, Version]]:
    return {}


@pytest.fixture
def app(services: Services) -> Starlette:
    return create_app(services)


@pytest.fixture
async def client(app: Starlette) -> AsyncIterator[Client]:
    """Makes clients: `client()` is a visitor, `client(Authorization="Bearer ...")` sends headers with every request."""
    async with AsyncExitStack() as stack:

        def make(**headers: str) -> httpx2.AsyncClient:
            transport = httpx2.ASGITransport(app)
            made = httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers)
            stack.push_async_callback(made.aclose)
            return made

        yield make


@pytest.fixture
def visitor(client: Client) -> httpx2.AsyncClient:
    return client()


@pytest.fixture
async def staff(client: Client, services: Services) -> httpx2.AsyncClient:
    """A machine with a key of the organization that has the location `main`."""
    _, key = await services.accounts.keys.make("Robot", organization="hilltop")
    return client(Authorization=f"Bearer {key}")


@pytest.fixture
async def stranger(client: Client, services: Services) -> httpx2.AsyncClient:
    """A key of another organization."""
    _, key = await services.accounts.keys.make("Stranger", organization="valley")
    return client(Authorization=f"Bearer {key}")
