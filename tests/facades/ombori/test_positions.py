"""Tickets by the vendor's paths: join, get, update and cancel; and what becomes of them elsewhere."""

import asyncio
import json
from typing import Any

import httpx2
import pytest

from callboard.domain.model import CloseReason
from callboard.facades.ombori.code import code_of
from callboard.services import Services
from conftest import Clock
from facades.ombori.conftest import OLD_ROOT, QUEUE, ROOT, STAFFED
from house import client

TAG = {
    "id": "3143d93f-643c-4e29-92e8-5af7b25b8c38",
    "iconUrl": "https://media.example.org/g.png",
    "color": "#987931",
    "title": {"en": "Gold"},
}


async def join(who: httpx2.AsyncClient, queue: str = QUEUE, **position: Any) -> dict[str, Any]:
    """The whole answer."""
    answer = await who.post(f"/queues/{queue}/join", json={"session": "foo", "position": position})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def get(who: httpx2.AsyncClient, id: str, queue: str = QUEUE) -> dict[str, Any]:
    answer = await who.get(f"/queues/{queue}/positions/{id}")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_who_joins_gets_a_ticket_and_its_page(integrator: httpx2.AsyncClient, services: Services) -> None:
    info = ["Jörgen", "Svensson", "123456"]
    answer = await join(integrator, customerInfo=info, tags=[TAG])
    position = answer["position"]
    person = await services.reads.person(position["id"])
    assert person is not None
    assert answer["positionUrl"] == f"https://tickets.example.org/t/{person.token}"
    assert person.name == "Jörgen Svensson", "a number of theirs is no part of their name"
    assert position == {
        "id": position["id"],
        "location": None,
        "type": "anonymous",
        "priority": 0,
        "locale": "en",
        "status": "pending",
        "label": "A1",
        "queue": QUEUE,
        "createdAt": "2026-09-21T14:13:20.000Z",
        "customerInfo": info,
        "tags": [TAG],
        "numberInTheQueue": 1,
        "QRCodeCheckInPositionId": code_of(position["id"]),
    }


async def test_a_session_is_all_that_joining_needs(integrator: httpx2.AsyncClient) -> None:
    answer = await integrator.post(f"/queues/{QUEUE}/join", json={"session": "8f0c1d9e-0000-4000-8000-000000000000"})
    assert answer.status_code == 200
    assert answer.json()["position"]["status"] == "pending"


async def test_joining_with_an_id_changes_the_ticket_that_there_is(integrator: httpx2.AsyncClient) -> None:
    made = (await join(integrator, customerInfo=["Ann"]))["position"]
    again = await join(integrator, id=made["id"], customerInfo=["Ann", "Lee"], tags=[TAG])
    assert again["position"] == made | {"customerInfo": ["Ann", "Lee"], "tags": [TAG]}
    assert (await join(integrator))["position"]["numberInTheQueue"] == 2


async def test_one_session_may_take_several_tickets(integrator: httpx2.AsyncClient) -> None:
    """The source lets clients send any session at all, so it tells nobody apart."""
    assert [(await join(integrator))["position"]["label"] for _ in range(2)] == ["A1", "A2"]


@pytest.mark.parametrize("queue", [QUEUE, "general"])
@pytest.mark.parametrize("root", [ROOT, OLD_ROOT, ROOT.replace("/eu/", "/uae/")])
async def test_both_roots_and_our_own_names_lead_to_the_same(
    integrator: httpx2.AsyncClient, root: str, queue: str
) -> None:
    made = (await join(integrator))["position"]
    seen = await integrator.get(f"http://callboard.test{root}/queues/{queue}/positions/{made['id']}")
    assert seen.json() == made


async def test_the_walk_of_a_ticket(integrator: httpx2.AsyncClient, services: Services, clock: Clock) -> None:
    store = services.store
    await store.open_desk("d1", staff="kim@example.org")
    id = (await join(integrator))["position"]["id"]
    clock.pass_(min=1)
    await store.call_next("d1")
    called = await get(integrator, id)
    assert (called["status"], called["station"]) == ("notified", {"id": "d1", "label": "1"})
    assert called["servedBy"] == {"id": "kim@example.org", "email": "kim@example.org"}
    assert "numberInTheQueue" not in called
    clock.pass_(min=1)
    await store.put_back(id)
    back = await get(integrator, id)
    assert (back["status"], back["retryCount"], back["calledAt"]) == ("pending", 1, called["calledAt"])
    assert back["numberInTheQueue"] == 1
    assert not back.keys() & {"station", "servedBy", "servedById"}
    await store.call_next("d1")
    clock.pass_(min=1)
    await store.start(id)
    served = await get(integrator, id)
    assert (served["status"], served["fulfilledAt"]) == ("fulfilled", "2026-09-21T14:16:20.000Z")
    assert served["servedById"] == served["fulfilledBy"] == "kim@example.org"
    clock.pass_(min=1)
    await store.finish(id)
    done = await get(integrator, id)
    assert (done["status"], done["completedAt"]) == ("completed", "2026-09-21T14:17:20.000Z")
    assert "rejectedAt" not in done
    await store.feedback(id, rating=4, comment="Quick")
    assert (await get(integrator, id))["feedback"] == {"rating": 4, "comment": "Quick"}


@pytest.mark.parametrize("way", ["no_show", "staff"])
async def test_whoever_was_not_served_is_rejected(integrator: httpx2.AsyncClient, services: Services, way: str) -> None:
    store = services.store
    await store.open_desk("d1", staff="kim")
    id = (await join(integrator))["position"]["id"]
    await store.call_next("d1")
    await (store.no_show(id) if way == "no_show" else store.cancel(id, reason=CloseReason.STAFF))
    seen = await get(integrator, id)
    assert (seen["status"], seen["rejectedAt"]) == ("rejected", "2026-09-21T14:13:20.000Z")
    assert not seen.keys() & {"station", "servedBy", "servedById"}


async def test_a_ticket_that_came_another_way_is_a_whole_position(
    integrator: httpx2.AsyncClient, services: Services
) -> None:
    person: dict[str, Any] = {"name": "Ann Lee", "phone": "+46701740605", "email": "ann@example.org"}
    done = await services.store.join("general", source="kiosk", locale="sv", party=3, **person)
    assert done.ticket
    seen = await get(integrator, done.ticket.id)
    assert seen["notification"] == {
        "type": "phoneNumber",
        "settings": {"from": "", "to": "+46701740605", "recipient": "ann@example.org"},
    }
    assert seen["registrationData"] == {
        "name": {"value": "Ann Lee"},
        "phone": {"value": "+46701740605"},
        "email": {"value": "ann@example.org"},
    }
    assert (seen["customerInfo"], seen["locale"], seen["numberOfPeople"]) == (["Ann Lee"], "sv", 3)
    assert seen["type"] == "anonymous"
    by_staff = await services.store.join("general", source="staff")
    assert by_staff.ticket
    assert (await get(integrator, by_staff.ticket.id))["type"] == "manual"


async def test_what_was_changed_elsewhere_is_shown_and_the_rest_stays_as_it_came(
    integrator: httpx2.AsyncClient, services: Services
) -> None:
    notification = {"type": "phoneNumber", "settings": {"to": "070-174 06 05", "recipient": "ann@example.org"}}
    id = (await join(integrator, customerInfo=["Ann", "7"], notification=notification))["position"]["id"]
    assert (await get(integrator, id))["notification"] == notification
    person = await services.reads.person(id)
    assert person and person.phone == "+46701740605", "it is told by text all the same"
    await services.store.change_person(id, phone="+46701740606", name="Anna")
    seen = await get(integrator, id)
    assert seen["notification"]["settings"] == {"to": "+46701740606", "recipient": "ann@example.org"}
    assert seen["customerInfo"] == ["Anna"]


async def test_every_field_may_be_updated_alone(integrator: httpx2.AsyncClient) -> None:
    made = (await join(integrator, customerInfo=["Ann"], customData={"a": 1}))["position"]
    path = f"/queues/{QUEUE}/positions/{made['id']}"
    said: dict[str, Any] = {}
    for change in (
        {"notification": {"type": "email", "settings": {"recipient": "ann@example.org"}}},
        {"customerInfo": ["Ann", "Lee"]},
        {"tags": [TAG]},
        {"numberOfPeople": 4},
        {"customData": {"b": [1, {"c": None}]}},
        {"registrationData": [{"name": "phone", "value": "1", "label": "Phone", "type": "phone"}]},
        {"locale": "sv-SE"},
    ):
        answer = await integrator.patch(path, json=change)
        assert answer.status_code == 200, answer.text
        said |= change
        assert answer.json() == made | said
    assert await get(integrator, made["id"]) == made | said
    assert (await integrator.patch(path, json={})).json() == made | said
    assert (await integrator.patch(path, json=dict.fromkeys(said))).json() == made | said, "null leaves it as it is"


async def test_a_whole_number_may_be_written_with_a_point(integrator: httpx2.AsyncClient) -> None:
    body = b'{"session":"s","position":{"numberOfPeople":3.0,"customData":{"a":[1.5]}}}'
    answer = await integrator.post(f"/queues/{QUEUE}/join", content=body, headers={"Content-Type": "application/json"})
    position = answer.json()["position"]
    assert (position["numberOfPeople"], position["customData"]) == (3, {"a": [1.5]})


async def test_other_apis_words_about_a_person_stay(integrator: httpx2.AsyncClient, services: Services) -> None:
    done = await services.store.join("general", extra='{"other":{"kept":true}}')
    assert done.ticket
    path = f"/queues/{QUEUE}/positions/{done.ticket.id}"
    assert (await integrator.patch(path, json={"customerInfo": ["Ann"]})).status_code == 200
    person = await services.reads.person(done.ticket.id)
    assert person and json.loads(person.extra)["other"] == {"kept": True}


@pytest.mark.parametrize("extra", ["hello", "[" * 4000, '{"ombori": [1]}', '{"ombori": {"tags": 5}}'])
async def test_what_somebody_else_wrote_there_is_let_be(
    integrator: httpx2.AsyncClient, services: Services, extra: str
) -> None:
    done = await services.store.join("general", name="Ann", extra=extra)
    assert done.ticket
    assert (await get(integrator, done.ticket.id))["customerInfo"] == ["Ann"]
    path = f"/queues/{QUEUE}/positions/{done.ticket.id}"
    assert (await integrator.patch(path, json={"tags": [TAG]})).json()["tags"] == [TAG]


async def test_a_page_from_elsewhere_may_ask(visitor: httpx2.AsyncClient, services: Services) -> None:
    done = await services.store.join("general")
    assert done.ticket
    path, page = f"/queues/{QUEUE}/positions/{done.ticket.id}", {"Origin": "https://shop.example.com"}
    leave = await visitor.options(path, headers=page | {"Access-Control-Request-Method": "PUT"})
    assert leave.status_code == 204
    assert "PUT" in leave.headers["access-control-allow-methods"]
    for answer in (
        leave,
        await visitor.get(path, headers=page),
        await visitor.put(f"{path}/cancel-position", headers=page),
        await visitor.patch(path, json={}, headers=page),
    ):
        assert answer.headers["access-control-allow-origin"] == page["Origin"]
    assert "access-control-allow-origin" not in (await visitor.get(path)).headers
    assert (await visitor.options(path)).status_code == 405


async def test_of_two_updates_at_once_neither_is_lost(integrator: httpx2.AsyncClient) -> None:
    """Their reads and writes are mixed: with one after the other this would hold by itself."""
    path = f"/queues/{QUEUE}/positions/{(await join(integrator))['position']['id']}"
    for turn in range(10):
        said: dict[str, Any] = {
            "customData": {"turn": turn},
            "tags": [TAG | {"color": f"#00000{turn}"}],
            "customerInfo": ["Ann" + "x" * turn],
        }
        answers = await asyncio.gather(
            *(integrator.patch(path, json={name: value}) for name, value in said.items()),
        )
        assert {answer.status_code for answer in answers} == {200}
        now = (await integrator.get(path)).json()
        assert {name: now[name] for name in said} == said


async def test_a_cancelled_position_is_rejected_and_stays_so(visitor: httpx2.AsyncClient, services: Services) -> None:
    done = await services.store.join("general")
    assert done.ticket
    path = f"/queues/{QUEUE}/positions/{done.ticket.id}/cancel-position"
    first = await visitor.put(path)
    assert (first.status_code, first.json()["status"]) == (200, "rejected")
    assert (await services.reads.ticket(done.ticket.id)).close_reason == CloseReason.CUSTOMER
    again = await visitor.put(path)
    assert (again.status_code, again.json()) == (200, first.json())


async def test_a_completed_position_cannot_be_cancelled(integrator: httpx2.AsyncClient, services: Services) -> None:
    await services.store.open_desk("d1", staff="kim")
    id = (await join(integrator))["position"]["id"]
    await services.store.call_next("d1")
    await services.store.finish(id)
    for answer in (
        await integrator.put(f"/queues/{QUEUE}/positions/{id}/cancel-position"),
        await integrator.patch(f"/queues/{QUEUE}/positions/{id}", json={"numberOfPeople": 2}),
        await integrator.post(f"/queues/{QUEUE}/join", json={"session": "s", "position": {"id": id}}),
    ):
        assert answer.status_code == answer.json()["statusCode"] == 409


async def test_a_closed_queue_gives_no_tickets(integrator: httpx2.AsyncClient, services: Services) -> None:
    await services.store.close_queue("general")
    answer = await integrator.post(f"/queues/{QUEUE}/join", json={"session": "s"})
    assert answer.status_code == answer.json()["statusCode"] == 409


async def test_an_erased_person_leaves_a_bare_position(integrator: httpx2.AsyncClient, services: Services) -> None:
    made = (await join(integrator, customerInfo=["Ann"], tags=[TAG], customData={"a": 1}))["position"]
    await services.store.erase(made["id"])
    seen = await get(integrator, made["id"])
    assert seen == {name: value for name, value in made.items() if name not in ("customerInfo", "tags", "customData")}


async def test_after_a_transfer_the_old_address_still_leads_there(
    integrator: httpx2.AsyncClient, services: Services
) -> None:
    id = (await join(integrator))["position"]["id"]
    await services.store.transfer(id, queue="lab")
    assert (await get(integrator, id))["queue"] != QUEUE


async def test_an_idempotency_key_takes_one_ticket(integrator: httpx2.AsyncClient) -> None:
    key = {"Idempotency-Key": "k1"}
    twice = [await integrator.post(f"/queues/{QUEUE}/join", json={"session": "s"}, headers=key) for _ in range(2)]
    assert twice[0].json() == twice[1].json()


async def test_a_visitors_idempotency_key_must_not_be_guessable(visitor: httpx2.AsyncClient) -> None:
    """It would open what somebody else made with it."""
    booking = {"booking": {"start": "2026-09-22T09:00:00Z", "end": "2026-09-22T09:15:00Z"}}
    for key, status in (("1", 400), ("f3a1c9d07b5e4d21", 200)):
        headers = {"Idempotency-Key": key}
        assert (await visitor.post(f"/queues/{QUEUE}/bookings", json=booking, headers=headers)).status_code == status


async def test_where_tickets_are_given_at_the_desk_everything_wants_a_key(
    visitor: httpx2.AsyncClient, integrator: httpx2.AsyncClient
) -> None:
    id = (await join(integrator, STAFFED))["position"]["id"]
    booking = {"booking": {"start": "2026-09-22T09:00:00Z", "end": "2026-09-22T09:15:00Z"}}
    position = f"/queues/{STAFFED}/positions/{id}"
    for who, statuses in ((visitor, {401}), (integrator, {200})):
        answers = [
            await who.get(position),
            await who.get(f"/queues/{STAFFED}/timeslots"),
            await who.post(f"/queues/{STAFFED}/bookings", json=booking),
            await who.put(f"{position}/cancel-position"),
        ]
        assert {answer.status_code for answer in answers} == statuses


async def test_who_guesses_ids_is_told_to_wait(visitor: httpx2.AsyncClient) -> None:
    path = f"/queues/{QUEUE}/positions/00000000-0001-8abc-8def-0123456789ab"
    statuses = [(await visitor.get(path)).status_code for _ in range(40)]
    assert statuses[0] == 404
    assert statuses[-1] == 429


async def test_a_key_for_another_api_is_none_here(app: Any, services: Services) -> None:
    keys = services.accounts.keys
    _, other = await keys.make("Other", organization="hilltop", api="agendize")
    _, own = await keys.make("Own", organization="hilltop", api="ombori")
    async with client(app, base_url=f"http://callboard.test{ROOT}") as who:
        for key, status in ((other, 401), (own, 200)):
            answer = await who.post(f"/queues/{QUEUE}/join", json={"session": "s"}, headers={"ApiKey": key})
            assert answer.status_code == status
