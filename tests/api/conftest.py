"""The application on the real store, two organizations, and somebody of each kind who asks."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import httpx2
import msgspec
import pytest
from starlette.applications import Starlette

from api.built import build
from callboard.app import create_app
from callboard.domain.directory import Directory
from callboard.domain.model import Site
from callboard.services import Services
from callboard.settings import Settings
from callboard.store.redis import Connection
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
def services(settings: Settings, connection: Connection, directory: Directory, clock: Clock) -> Services:
    return build(connection, directory, clock, settings)


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
