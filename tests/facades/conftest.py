"""Four APIs over one waiting room."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from callboard.app import create_app
from callboard.domain.directory import Directory
from callboard.domain.model import Site
from callboard.store.redis import Connection
from conftest import Clock
from facades.four import HOUSE, FourApis
from house import client, make_services


@pytest.fixture
async def four(connection: Connection, clock: Clock) -> AsyncIterator[FourApis]:
    services = make_services(connection, Directory([msgspec.convert(HOUSE, Site)]), clock)
    _, secret = await services.accounts.keys.make("All four", organization="hilltop")
    async with client(create_app(services)) as http:
        found = FourApis(http, services, clock, secret)
        await found.sign_up()
        for desk in ("d1", "d2"):
            await services.store.open_desk(desk, staff="ada")
        yield found
