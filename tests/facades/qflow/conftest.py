"""The application on the real store, with a key of the organization that asks."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import httpx2
import msgspec
import pytest
from starlette.applications import Starlette

import house
from callboard.app import create_app
from callboard.domain.directory import Directory
from callboard.domain.model import Site
from callboard.services import Services
from callboard.store.redis import Connection
from conftest import Clock
from facades.qflow.world import ELSEWHERE, NOON, RIVERSIDE, Office

Client = Callable[..., httpx2.AsyncClient]


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def directory() -> Directory:
    return Directory([msgspec.convert(RIVERSIDE, Site), msgspec.convert(ELSEWHERE, Site)])


@pytest.fixture
def services(connection: Connection, directory: Directory, clock: Clock, tmp_path: Path) -> Services:
    return house.make_services(connection, directory, clock, data_dir=str(tmp_path))


@pytest.fixture
def app(services: Services) -> Starlette:
    return create_app(services)


@pytest.fixture
async def client(app: Starlette) -> AsyncIterator[Client]:
    """Makes clients that send these headers with every request; an underscore stands for a hyphen."""
    async with AsyncExitStack() as stack:

        def make(**headers: str) -> httpx2.AsyncClient:
            made = house.client(app)
            made.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
            stack.push_async_callback(made.aclose)
            return made

        yield make


@pytest.fixture
async def key(services: Services) -> str:
    return (await services.accounts.keys.make("Portal", organization="riverside", api="qflow"))[1]


@pytest.fixture
def office(client: Client, services: Services, clock: Clock, key: str) -> Office:
    return Office(client(Application_API_Key=key), services, clock)


@pytest.fixture
async def stranger(client: Client, services: Services, clock: Clock) -> Office:
    """The same for another organization."""
    _, key = await services.accounts.keys.make("Stranger", organization="elsewhere")
    return Office(client(Application_API_Key=key), services, clock)
