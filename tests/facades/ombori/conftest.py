"""The application on the real store with two organizations, an integrator with a key, and somebody without one."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import msgspec
import pytest
from starlette.applications import Starlette

from callboard.app import create_app
from callboard.domain.directory import Directory
from callboard.domain.model import Site
from callboard.services import Services
from callboard.store.redis import Connection
from conftest import SITE, Clock
from facades.ombori.office import Office
from house import client, make_services
from webhooks.receiver import Receiver

QUEUE = "64aa8a7f-a616-44e8-806a-165e08d91192"
ROOT = "/regions/eu/queues/v1/organizations/hilltop"
OLD_ROOT = "/api/organizations/hilltop"
STAFFED = "only-staff"  # a queue where nobody takes a ticket by themselves


def site() -> dict[str, Any]:
    """The small site, its first queue known to others by a UUID, and a location that gives tickets at the desk only."""
    main: dict[str, Any] = SITE["locations"][0]  # type: ignore[index]
    general, lab, advice = main["queues"]
    slots = {"slot_places": 2, "slot_min": 30}
    queues = [general | {"uuid": QUEUE}, lab | {"reminder_min": 60}, advice | slots]
    annex = {
        "id": "annex",
        "name": "Annex",
        "public_join": False,
        "queues": [{"id": STAFFED, "tag": "S", "name": "By the desk"}],
    }
    return SITE | {"locations": [main | {"queues": queues}, annex]}


VALLEY = {
    "organization": {"id": "valley", "name": "Valley"},
    "locations": [
        {"id": "valley-hall", "name": "Valley Hall", "queues": [{"id": "valley-desk", "tag": "V", "name": "Reception"}]}
    ],
}


@pytest.fixture
def directory() -> Directory:
    return Directory([msgspec.convert(site(), Site), msgspec.convert(VALLEY, Site)])


@pytest.fixture
def services(connection: Connection, directory: Directory, clock: Clock) -> Services:
    return make_services(connection, directory, clock, public_url="https://tickets.example.org")


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver().serve() as receiver:
        yield receiver


@pytest.fixture
async def office(services: Services, receiver: Receiver, clock: Clock) -> Office:
    """For a test whose directory is `watched`."""
    await services.store.open_desk("d1", staff="kim@example.org")
    return Office(services, receiver, clock)


@pytest.fixture
def app(services: Services) -> Starlette:
    return create_app(services)


@pytest.fixture
async def key(services: Services) -> str:
    """Of the organization that has the location `main`."""
    return (await services.accounts.keys.make("Robot", organization="hilltop"))[1]


@pytest.fixture
async def strange_key(services: Services) -> str:
    return (await services.accounts.keys.make("Stranger", organization="valley"))[1]


@pytest.fixture
async def integrator(app: Starlette, key: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with client(app, base_url=f"http://callboard.test{ROOT}") as made:
        made.headers["ApiKey"] = key
        yield made


@pytest.fixture
async def visitor(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    async with client(app, base_url=f"http://callboard.test{ROOT}") as made:
        yield made
