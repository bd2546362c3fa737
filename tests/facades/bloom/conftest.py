"""The places of the samples on the real store, before Christmas 2019, and a customer's client."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import httpx2
import msgspec
import pytest
from starlette.applications import Starlette

from callboard.app import create_app
from callboard.domain.directory import Directory
from callboard.domain.model import Site
from callboard.services import Services
from callboard.store.redis import Connection
from conftest import Clock
from facades.bloom.letters import Letters
from facades.bloom.world import SITE, Bloom
from house import client, make_services

AFTERNOON = 1_577_120_926_000  # 2019-12-23 17:08:46 in Lisbon, as in the document's create

Clients = Callable[[], Bloom]


@pytest.fixture
def clock() -> Clock:
    return Clock(AFTERNOON)


@pytest.fixture
def directory() -> Directory:
    return Directory([msgspec.convert(SITE, Site)])


@pytest.fixture
def services(connection: Connection, directory: Directory, clock: Clock) -> Services:
    return make_services(connection, directory, clock)


@pytest.fixture
def app(services: Services) -> Starlette:
    return create_app(services)


@pytest.fixture
async def http(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    async with client(app) as made:
        yield made


@pytest.fixture
async def bloom(http: httpx2.AsyncClient) -> Bloom:
    return Bloom(http)


@pytest.fixture
async def clients(app: Starlette) -> AsyncIterator[Clients]:
    """Makes more of them."""
    async with AsyncExitStack() as stack:

        def make() -> Bloom:
            made = client(app)
            stack.push_async_callback(made.aclose)
            return Bloom(made)

        yield make


@pytest.fixture
async def letters(services: Services, clock: Clock) -> AsyncIterator[Letters]:
    async with Letters.sent(services, clock) as letters:
        yield letters
