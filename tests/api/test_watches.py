"""What staff see of the systems that are told: their own organization's, and nobody's secrets."""

import httpx2
from msgspec.structs import replace

from api.asking import ROOT, code, fields
from callboard.domain.directory import Directory
from callboard.domain.receiver import Basic, Receiver
from callboard.domain.watch import Watch
from callboard.services import Services
from callboard.store.keys import partition
from callboard.store.outbox import Item
from callboard.store.records import Record


async def a_watch(services: Services) -> Watch:
    watch = Watch(
        organization="hilltop",
        shape="plain",
        address="https://example.org/hook?key=hush",
        headers={"X-Key": "hush"},
        basic=Basic(username="us", password="hush"),
        name="Till",
    )
    return await services.watches.add(watch)


async def test_the_watches_of_ones_organization_and_how_they_fare(
    staff: httpx2.AsyncClient, stranger: httpx2.AsyncClient, services: Services
) -> None:
    watch = await a_watch(services)
    await services.watches.note(watch, "answered 503", delivered=False)
    answer = await staff.get(f"{ROOT}/webhooks")
    (shown,) = answer.json()["webhooks"]
    assert (shown["id"], shown["name"], shown["address"]) == (watch.id, "Till", "https://example.org/hook")
    assert shown["enabled"] and shown["detail"] == "answered 503" and shown["failing_since"] == services.clock()
    assert "hush" not in answer.text
    assert (await stranger.get(f"{ROOT}/webhooks")).json() == {"webhooks": [], "deliveries": []}
    assert fields(await staff.get(f"{ROOT}/webhooks?first=0")) == {"first"}


async def test_those_of_the_site_file_too(staff: httpx2.AsyncClient, services: Services, directory: Directory) -> None:
    site = directory.sites[0]
    queue = replace(site.locations[0].queues[0], watches=(Receiver(shape="plain", address="http://10.0.0.1/a"),))
    location = replace(site.locations[0], queues=(queue, *site.locations[0].queues[1:]))
    services.store.directory = Directory([replace(site, locations=(location,))])
    (shown,) = (await staff.get(f"{ROOT}/webhooks")).json()["webhooks"]
    assert shown["in_site_file"] and shown["queue"] == "general" and shown["address"] == "http://10.0.0.1/a"
    enabled = await staff.post(f"{ROOT}/webhooks/enable", json={"webhook": shown["id"]})
    assert enabled.json()["webhook"]["id"] == shown["id"]


async def test_one_that_wanted_no_more_is_enabled_by_staff_of_its_organization_alone(
    staff: httpx2.AsyncClient, stranger: httpx2.AsyncClient, services: Services
) -> None:
    watch = await a_watch(services)
    await services.watches.disable(watch, "answered 410")
    (shown,) = (await staff.get(f"{ROOT}/webhooks")).json()["webhooks"]
    assert not shown["enabled"] and shown["disabled_at"] and shown["detail"] == "answered 410"
    assert code(await stranger.post(f"{ROOT}/webhooks/enable", json={"webhook": watch.id})) == (404, "not_found")
    assert await services.watches.get("hilltop", watch.id) == replace(watch, enabled=False)
    answer = (await staff.post(f"{ROOT}/webhooks/enable", json={"webhook": watch.id})).json()["webhook"]
    assert answer["enabled"] and answer["disabled_at"] is None
    assert await services.watches.get("hilltop", watch.id) == watch


async def test_what_came_of_the_newest_deliveries(
    staff: httpx2.AsyncClient, stranger: httpx2.AsyncClient, services: Services
) -> None:
    now = services.clock()
    await services.notices.schedule("main", [Item(id="w1:msg_2", lane="post", body="{}", at=now)], [], now)
    ((leased,), _) = await services.notices.lease(partition("main"), "post", now, 1)
    record = Record(
        id="w1:msg_2",
        at=now,
        medium="post",
        kind="called",
        location="main",
        ticket="t",
        state="sent",
        detail="answered 204",
        ticket_label="A001",
        recipient="example.org",
    )
    assert await services.notices.close(leased, record)
    (shown,) = (await staff.get(f"{ROOT}/webhooks")).json()["deliveries"]
    assert (shown["webhook"], shown["id"], shown["state"]) == ("w1", "msg_2", "sent")
    assert (await stranger.get(f"{ROOT}/webhooks")).json()["deliveries"] == []
