"""The whole application on the real store, two organizations, and a client of each as the vendor's own asks."""

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
from house import client as speaking
from house import make_services

URL = "https://tickets.example.org"
PLAIN: dict[str, Any] = {
    "organization": {"id": "valley", "name": "Valley"},
    "locations": [
        {
            "id": "valley-hall",
            "name": "Valley Hall",
            "time_zone": "America/Bogota",
            "queues": [{"id": "valley-desk", "tag": "V", "name": "Reception", "number": 77}],
        }
    ],
}
QUEUE = "1071"  # the number by which the queue `general` is known
ANN = {"firstName": "Ann", "lastName": "Lee", "emailAddress": "ann@example.org", "phoneNumber": "070-174 06 05"}


def site() -> Site:
    main = SITE["locations"][0]  # type: ignore[index]
    general, *others = main["queues"]
    location = main | {"queues": [general | {"number": int(QUEUE)}, *others]}
    return msgspec.convert(SITE | {"locations": [location]}, Site)


@pytest.fixture
def directory() -> Directory:
    return Directory([site(), msgspec.convert(PLAIN, Site)])


@pytest.fixture
def services(connection: Connection, directory: Directory, clock: Clock) -> Services:
    return make_services(connection, directory, clock, public_url=URL)


@pytest.fixture
def app(services: Services) -> Starlette:
    return create_app(services)


class Client:
    """Asks as the vendor's clients do; every answer is JSON or nothing, and 200 unless a test says otherwise."""

    def __init__(self, http: httpx2.AsyncClient, version: str = "2.3", queue: str = QUEUE) -> None:
        self.http = http
        self.root = f"/api/{version}"
        self.all = f"{self.root}/queues/{queue}/registrations"

    async def ask(self, method: str, path: str, expect: int = 200, **options: Any) -> Any:
        """Paths that begin with a slash are below the version, others below the queue's registrations."""
        address = self.root + path if path.startswith("/") else f"{self.all}/{path}".rstrip("/")
        response = await self.http.request(method, address, **options)
        assert response.status_code == expect, response.text
        assert response.status_code == 200 or set(response.json()) == {"error"}, response.text
        return response.json() if response.content else None

    async def insert(self, **body: Any) -> Any:
        return await self.ask("POST", "", json={"client": ANN} | body)

    async def get(self, id: str) -> Any:
        return await self.ask("GET", id)

    async def update(self, id: str, /, **body: Any) -> Any:
        return await self.ask("PUT", id, json=body)

    async def ids(self, status: str | None = None) -> list[str]:
        found = await self.ask("GET", "", params={} if status is None else {"status": status})
        return [each["id"] for each in found["items"]]


@pytest.fixture
async def key(services: Services) -> str:
    return (await services.accounts.keys.make("Robot", organization="hilltop"))[1]


@pytest.fixture
async def foreign_key(services: Services) -> str:
    return (await services.accounts.keys.make("Stranger", organization="valley"))[1]


@pytest.fixture
async def http(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    """Nobody in particular."""
    async with speaking(app, URL) as client:
        yield client


@pytest.fixture
async def robot(app: Starlette, key: str) -> AsyncIterator[Client]:
    async with speaking(app, URL) as client:
        client.headers.update({"token": key, "apiKey": key})
        yield Client(client)


@pytest.fixture
async def foreigner(app: Starlette, foreign_key: str) -> AsyncIterator[Client]:
    """The other organization, whose queue no desk serves."""
    async with speaking(app, URL) as client:
        client.headers["Authorization"] = f"Bearer {foreign_key}"
        yield Client(client, queue="77")


@pytest.fixture
def old(robot: Client) -> Client:
    """The same at the address of version 2.0."""
    return Client(robot.http, "2.0")
