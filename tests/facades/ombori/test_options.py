"""What an organization may choose of this API in its site file."""

from typing import Any

import httpx2
import msgspec
import pytest

from callboard.domain.directory import Directory
from callboard.domain.model import Site
from callboard.domain.watch import Notice, Watch
from callboard.facades.ombori.shape import Webhooks
from callboard.services import Services
from callboard.standing import standing
from facades.ombori.conftest import QUEUE, VALLEY, site

CHOSEN = {"ombori": {"key_everywhere": True, "registration_list": True, "serving_tab": False}}


@pytest.fixture
def directory() -> Directory:
    here = site()
    organization = here["organization"] | {"apis": CHOSEN}
    return Directory([msgspec.convert(here | {"organization": organization}, Site), msgspec.convert(VALLEY, Site)])


async def join(who: httpx2.AsyncClient, **position: Any) -> dict[str, Any]:
    answer = await who.post(f"/queues/{QUEUE}/join", json={"session": "s", "position": position})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["position"]
    return found


async def test_nothing_is_open_without_the_key(visitor: httpx2.AsyncClient, integrator: httpx2.AsyncClient) -> None:
    position = f"/queues/{QUEUE}/positions/{(await join(integrator))['id']}"
    booking = {"booking": {"start": "2026-09-22T09:00:00Z", "end": "2026-09-22T09:15:00Z"}}
    for who, status in ((visitor, 401), (integrator, 200)):
        for method, path, body in (
            ("GET", position, None),
            ("GET", f"/queues/{QUEUE}/timeslots", None),
            ("POST", f"/queues/{QUEUE}/bookings", booking),
            ("POST", f"{position}/negotiate?negotiateVersion=1", None),
            ("PUT", f"{position}/cancel-position", None),
        ):
            assert (await who.request(method, path, json=body)).status_code == status, (method, path)


async def test_registration_data_is_a_list_however_it_came(integrator: httpx2.AsyncClient, services: Services) -> None:
    phone = {"phone": {"value": "+48888888888"}}
    listed = [{"name": "phone", "value": "+48888888888"}]
    assert (await join(integrator, registrationData=phone))["registrationData"] == listed
    assert (await join(integrator, registrationData=listed))["registrationData"] == listed
    typed = await services.store.join("general", name="Ann", source="kiosk")
    assert typed.ticket
    shown = (await integrator.get(f"/queues/{QUEUE}/positions/{typed.ticket.id}")).json()
    assert shown["registrationData"] == [{"name": "name", "value": "Ann"}]


async def test_without_a_serving_tab_fulfilled_is_the_last_state(
    integrator: httpx2.AsyncClient, services: Services
) -> None:
    id = (await join(integrator))["id"]
    path = f"/queues/{QUEUE}/positions/{id}"
    await services.store.open_desk("d1", staff="kim")
    await services.store.call_next("d1")
    await services.store.finish(id)
    shown = (await integrator.get(path)).json()
    assert shown["status"] == "fulfilled" and "fulfilledAt" in shown and "completedAt" not in shown
    assert (await integrator.put(f"{path}/cancel-position")).status_code == 409


@pytest.mark.parametrize(("commands", "types"), [(["finish"], ["positionFulfilled"]), (["start", "finish"], [None])])
async def test_and_who_was_checked_in_is_told_of_once(
    services: Services, commands: list[str], types: list[str | None]
) -> None:
    await services.store.open_desk("d1", staff="kim")
    await services.store.join("general")
    done = await services.store.call_next("d1")
    assert done.ticket
    ticket = done.ticket.id
    for command in commands:
        done = await getattr(services.store, command)(ticket)
    now = await standing(services.reads, ticket, services.clock())
    watch = Watch(organization="hilltop", shape="ombori", address="http://example.org")
    notice = Notice(id="n", event=done.event, standing=now, base_url="")
    sent = await Webhooks().render(watch, notice, services.reads)
    assert [sent and msgspec.json.decode(sent.body)["type"]] == types
