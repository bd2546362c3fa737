"""A lobby whose texts the fake carrier sends, and a server that the carrier can call."""

from collections.abc import AsyncIterator, Callable
from typing import Any
from xml.etree.ElementTree import fromstring

import httpx2
import pytest

from callboard.app import create_app
from callboard.domain.directory import Directory
from callboard.domain.documents import DeskTicket
from callboard.domain.spending import Texting
from callboard.notify.shown import Shown
from callboard.notify.sms import Sms
from callboard.services import Services
from callboard.store.reads import Reads
from callboard.store.redis import Connection
from callboard.store.transitions import Store
from conftest import Clock
from house import client, make_services
from notify.carrier import OURS, SID, TOKEN, Call, Carrier
from notify.conftest import ANNA, BASE, Office, carrier, make_sms, open_desks

__all__ = ["carrier", "make_sms", "open_desks"]  # fixtures of the tests here too


class Lobby(Office):
    """`hears` is what the carrier does when it calls us."""

    def __init__(self, carrier: Carrier, server: httpx2.AsyncClient, services: Services, *args: Any) -> None:
        super().__init__(*args)
        self.carrier = carrier
        self.server = server
        self.services = services

    async def hears(self, call: Call, **changed: str) -> httpx2.Response:
        """With the call as it is, but for headers that are changed on the way."""
        return await self.server.post(
            call.address.removeprefix(BASE), data=dict(call.fields), headers={**call.headers, **changed}
        )

    async def texted(self, words: str, number: str = ANNA, **more: Any) -> str:
        """Somebody texts us; what they are answered with, "" for nothing."""
        answer = await self.hears(self.carrier.brings(words, number, **more))
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/xml")
        return "".join(fromstring(answer.text).itertext())

    def spends(self, **limits: Any) -> None:
        """As if the site file was applied again with these limits of what texts cost."""
        self.change_site(texting=Texting(**limits))
        self.services.reads.directory = self._reads.directory

    async def waits(self) -> list[DeskTicket]:
        return (await self.services.screens.desk("d1")).waiting


@pytest.fixture
def services(connection: Connection, directory: Directory, clock: Clock) -> Services:
    given: dict[str, Any] = {
        "twilio_account_sid": SID,
        "twilio_auth_token": TOKEN,
        "twilio_from": OURS,
        "public_url": BASE,
    }
    return make_services(connection, directory, clock, **given)


@pytest.fixture
async def lobby(
    carrier: Carrier,
    services: Services,
    store: Store,
    reads: Reads,
    clock: Clock,
    make_sms: Callable[..., Sms],
    open_desks: None,
) -> AsyncIterator[Lobby]:
    media = {"sms": make_sms(callbacks=f"{BASE}/carrier/status"), "mail": Shown()}
    async with client(create_app(services)) as server:
        yield Lobby(carrier, server, services, store, reads, clock, media)
