"""One ticket for staff: where it stands, why, and who holds it; and the messages to people."""

import httpx2
from msgspec.structs import replace

from api.asking import ROOT, called, code, fields, take
from callboard.delivery.model import Delivery, encode
from callboard.services import Services
from callboard.store.keys import partition
from callboard.store.outbox import Item
from callboard.store.records import Record, Said
from conftest import Clock


async def test_where_a_ticket_stands_and_who_holds_it(staff: httpx2.AsyncClient, clock: Clock) -> None:
    await staff.post(f"{ROOT}/desks/d1/open")
    await take(staff)
    clock.pass_(min=1)
    taken = await take(staff, name="Eva", phone="0701740605")
    answer = (await staff.get(f"{ROOT}/tickets/{taken['ticket']['id']}")).json()
    assert (answer["position"], answer["ahead"]) == (2, 1)
    assert answer["wait"]["low"] <= answer["wait"]["high"]
    assert answer["person"].pop("consent")["phone"]["through"] == "api"
    assert answer["person"] == {"name": "Eva", "phone": "+46701740605", "email": ""}


async def test_a_ticket_that_does_not_wait_has_no_position(staff: httpx2.AsyncClient) -> None:
    taken = await take(staff)
    await staff.post(f"{ROOT}/tickets/{taken['ticket']['id']}/cancel")
    answer = (await staff.get(f"{ROOT}/tickets/{taken['ticket']['id']}")).json()
    assert (answer["position"], answer["ahead"], answer["wait"]) == (None, None, None)


async def test_why_in_words_of_ones_language(staff: httpx2.AsyncClient, clock: Clock) -> None:
    ticket = (await take(staff))["ticket"]["id"]
    clock.pass_(min=5)
    await take(staff, priority="elderly")
    path = f"{ROOT}/tickets/{ticket}/why"
    answer = (await staff.get(path)).json()
    assert "A001" in answer["text"] and "A002" in answer["text"]
    assert answer["why"]["place"] == 2
    assert answer["why"]["ahead"][0]["reason"] == "head_start"
    texts = {(await staff.get(f"{path}?lang={lang}")).json()["text"] for lang in ("en", "sv", "ar")}
    assert len(texts) == 3
    swedish = (await staff.get(path, headers={"Accept-Language": "de, sv-SE;q=0.8, en;q=0.5"})).json()["text"]
    assert swedish == (await staff.get(f"{path}?lang=sv")).json()["text"]
    assert fields(await staff.get(f"{path}?lang=swedish")) == {"lang"}


async def test_somebody_is_forgotten(staff: httpx2.AsyncClient, visitor: httpx2.AsyncClient) -> None:
    taken = await take(visitor, name="Eva", phone="0701740605")
    ticket = taken["ticket"]["id"]
    assert (await staff.delete(f"{ROOT}/tickets/{ticket}/person")).json()["ticket"]["id"] == ticket
    assert (await staff.get(f"{ROOT}/tickets/{ticket}")).json()["person"] is None
    assert code(await visitor.get(f"{ROOT}/t/{taken['token']}")) == (404, "not_found")


async def test_messages_of_ones_organization_newest_first(
    staff: httpx2.AsyncClient, stranger: httpx2.AsyncClient, services: Services, clock: Clock
) -> None:
    ticket = (await take(staff))["ticket"]["id"]
    for id in ("one", "two"):
        clock.pass_(min=1)
        await sent(services, id, ticket)
    messages = (await staff.get(f"{ROOT}/messages")).json()["messages"]
    assert [(message["id"], message["text"]) for message in messages] == [("two", "Now."), ("one", "Now.")]
    assert [each["id"] for each in (await staff.get(f"{ROOT}/messages?first=1")).json()["messages"]] == ["two"]
    assert (await stranger.get(f"{ROOT}/messages")).json() == {"messages": []}
    assert fields(await staff.get(f"{ROOT}/messages?first=0")) == {"first"}


async def sent(services: Services, id: str, ticket: str, *, state: str = "sent", again: str = "") -> None:
    """A message that went out just now, or did not."""
    now = services.clock()
    await services.outbox.schedule("main", [Item(id=id, lane="sms", body="{}", at=now)], [], now)
    record = Record(
        id=id,
        at=now,
        medium="sms",
        kind="your_turn",
        location="main",
        ticket=ticket,
        state=state,
        detail="",
        text="Now.",
        segments=1,
        again=again,
    )
    for number in range(16):
        for leased in (await services.outbox.lease(number, "sms", now, 10))[0]:
            assert await services.outbox.close(leased, record)


async def test_what_was_sent_about_one_ticket_and_what_it_cost(
    staff: httpx2.AsyncClient, services: Services, clock: Clock
) -> None:
    ticket, other = [(await take(staff))["ticket"]["id"] for _ in range(2)]
    await sent(services, "one", ticket)
    await sent(services, "two", other)
    await services.outbox.hear("main", "one", Said(rank=3, words="delivered", at=services.clock()))
    (shown,) = (await staff.get(f"{ROOT}/tickets/{ticket}/messages")).json()["messages"]
    assert (shown["id"], shown["medium"], shown["at"]) == ("one", "sms", services.clock())
    assert (shown["said"], shown["segments"], shown["dead"]) == ("delivered", 1, False)
    assert "again" not in shown


async def test_only_what_did_not_get_through_is_sent_again(staff: httpx2.AsyncClient, services: Services) -> None:
    ticket = await called(staff)
    await services.store.change_person(ticket, phone="+46701740605")
    await sent(services, "one", ticket)
    path = f"{ROOT}/tickets/{ticket}/messages/send_again"
    assert fields(await staff.post(path, json={"message": "one"})) == {"message"}
    assert code(await staff.post(path, json={"message": "none"})) == (404, "not_found")
    kept = Delivery(id="your_turn:x", kind="your_turn", lane="sms", location="main", ticket=ticket, at=1, until=2)
    await sent(services, "your_turn:x", ticket, state="failed", again=encode(kept))
    for _ in range(2):
        answer = await staff.post(path, json={"message": "your_turn:x"})
        assert answer.json() == {"id": "your_turn:x:again1"}
    assert list(await services.outbox.next_due(range(16), "sms")) == [partition("main")]
    await staff.post(f"{ROOT}/tickets/{ticket}/finish")
    await sent(services, "your_turn:y", ticket, state="failed", again=encode(replace(kept, id="your_turn:y")))
    assert code(await staff.post(path, json={"message": "your_turn:y"})) == (409, "ticket_closed")
