"""Taking a ticket over HTTP: what is made, what is refused, and what visitors may not."""

from dataclasses import replace
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from api.asking import ROOT, code, command, fields, take
from callboard.app import create_app
from callboard.domain.directory import Directory
from callboard.rates import Rate, Rates
from callboard.services import Services, buckets
from callboard.store.redis import Connection
from callboard.store.transitions import Store
from conftest import START, Clock
from house import client, make_services

TICKETS = f"{ROOT}/tickets"
KEY = "3f0c9a41d5e74b7c8a60b1c2d3e4f506"
HOUR = 3_600_000


async def test_a_visitor_takes_a_ticket(visitor: httpx2.AsyncClient, services: Services) -> None:
    response = await visitor.post(TICKETS, json={"queue": "general", "locale": "sv", "name": " Eva "})
    taken = response.json()
    assert response.status_code == 201
    assert taken["ticket"] == {
        "id": taken["ticket"]["id"],
        "label": "A001",
        "state": "waiting",
        "queue": "general",
    }
    assert taken["url"] == f"https://tickets.example.org/t/{taken['token']}"
    assert response.headers["location"] == f"{ROOT}/t/{taken['token']}"
    ticket = await services.reads.ticket(taken["ticket"]["id"])
    person = await services.reads.person(ticket.id)
    assert (ticket.locale, ticket.source) == ("sv", "join")
    assert person is not None and person.name == "Eva"


async def test_how_to_reach_somebody_is_kept_as_it_is_dialled(visitor: httpx2.AsyncClient, services: Services) -> None:
    taken = await take(visitor, phone="070-174 06 05", email="eva@exämple.org")
    person = await services.reads.person(taken["ticket"]["id"])
    assert person is not None
    assert (person.phone, person.email) == ("+46701740605", "eva@xn--exmple-cua.org")


async def test_one_address_leaves_so_many_numbers_in_an_hour_and_staff_any(
    connection: Connection, directory: Directory, clock: Clock
) -> None:
    services = make_services(connection, directory, clock, numbers_per_hour=2)
    _, secret = await services.accounts.keys.make("desk", organization="hilltop")
    asked = {"queue": "general", "phone": "+46701740605"}
    async with client(create_app(services)) as web:
        first = (await web.post(TICKETS, json=asked)).json()
        own = f"{ROOT}/t/{first['token']}/contact"
        assert (await web.post(own, json={"phone": "+46701740606"})).status_code == 200
        assert (await web.post(own, json={"phone": "+46701740607"})).status_code == 429
        assert (await web.post(TICKETS, json=asked)).status_code == 429
        assert (await web.post(TICKETS, json={"queue": "general"})).status_code == 201
        staff = {"Authorization": f"Bearer {secret}"}
        assert (await web.post(TICKETS, json=asked, headers=staff)).status_code == 201


async def test_a_machine_says_more(staff: httpx2.AsyncClient, services: Services) -> None:
    taken = await take(staff, priority="elderly", extra='{"case": 7}')
    ticket = await services.reads.ticket(taken["ticket"]["id"])
    person = await services.reads.person(ticket.id)
    assert (ticket.priority, ticket.source) == ("elderly", "api")
    assert person is not None and person.extra == '{"case": 7}'


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"queue"}),
        ({"queue": 7}, {"queue"}),
        ({"queue": "general", "quue": "x"}, {"quue"}),
        (
            {"queue": "general", "name": "x" * 81, "phone": "123", "email": "nobody", "locale": "sw", "slot_at": 1},
            {"name", "phone", "email"},  # what the types say, and what only a phone book knows
        ),
        ({"queue": "general", "phone": "123", "email": "a@b..c", "locale": "de"}, {"phone", "email", "locale"}),
        ({"queue": "general", "phone": "070 abc"}, {"phone"}),
        ({"queue": "general", "phone": "0900 123 456"}, {"phone"}),  # a premium number
        ({"queue": "general", "name": "a\u0000b"}, {"name"}),
        ({"queue": "general", "name": "a\nb"}, {"name"}),
        ({"queue": "general", "name": "Eva\n"}, {"name"}),
        ({"queue": "general", "name": "evil\u202etxt"}, {"name"}),
        ({"queue": "general", "slot_at": -1}, {"slot_at"}),
        ({"queue": "general", "slot_at": 1}, {"slot_at"}),
        ({"queue": "general", "slot_at": START + 400 * 24 * HOUR}, {"slot_at"}),
        ({"queue": "general", "slot_at": 10**30}, {"slot_at"}),
        ({"queue": "general", "slot_at": "soon"}, {"slot_at"}),
        ({"queue": "general", "source": "elsewhere"}, {"source"}),
        (
            {
                "queue": "general",
                "priority": "elderly",
                "force": True,
                "reserve": True,
                "slot_at": START,
                "extra": "x",
                "source": "staff",
            },
            {"priority", "force", "reserve", "extra", "source"},
        ),
    ],
)
async def test_every_field_that_is_wrong_is_named_and_nothing_changes(
    visitor: httpx2.AsyncClient, services: Services, body: dict[str, Any], wrong: set[str]
) -> None:
    assert fields(await visitor.post(TICKETS, json=body)) == wrong
    assert (await services.reads.picture("main")).seq == 0


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"queue": "general", "priority": "vip"}, {"priority"}),
        ({"queue": "lab", "priority": "elderly"}, {"priority"}),
        ({"queue": "general", "reserve": True}, {"slot_at"}),
        ({"queue": "general", "extra": "ü" * 2001}, {"extra"}),
        ({"queue": "general", "extra": "x" * 4001}, {"extra"}),
    ],
)
async def test_staff_hear_what_is_wrong_too(
    staff: httpx2.AsyncClient, services: Services, body: dict[str, Any], wrong: set[str]
) -> None:
    assert fields(await staff.post(TICKETS, json=body)) == wrong
    assert (await services.reads.picture("main")).seq == 0


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b'{"queue":"general"', b"[" * 5000])
async def test_what_is_no_object_in_json_is_refused(visitor: httpx2.AsyncClient, body: bytes) -> None:
    response = await visitor.post(TICKETS, content=body, headers={"Content-Type": "application/json; charset=utf-8"})
    assert code(response) == (422, "invalid")


async def test_json_may_say_that_it_is_utf_8(visitor: httpx2.AsyncClient) -> None:
    response = await visitor.post(
        TICKETS, content=b'{"queue":"general"}', headers={"Content-Type": "application/json; charset=utf-8"}
    )
    assert response.status_code == 201


async def test_another_kind_of_body_and_one_too_long_are_refused(visitor: httpx2.AsyncClient) -> None:
    assert code(await visitor.post(TICKETS, data={"queue": "general"})) == (415, "unsupported_media_type")
    assert code(await visitor.post(TICKETS, json={"queue": "general", "name": "x" * 70_000})) == (413, "too_large")


async def test_an_unknown_queue_is_not_there(visitor: httpx2.AsyncClient) -> None:
    assert code(await visitor.post(TICKETS, json={"queue": "nowhere"})) == (404, "not_found")


async def test_a_location_that_keeps_tickets_to_its_staff(
    visitor: httpx2.AsyncClient, staff: httpx2.AsyncClient, stranger: httpx2.AsyncClient
) -> None:
    body = {"queue": "valley-desk"}
    assert code(await visitor.post(TICKETS, json=body)) == (403, "forbidden")
    assert code(await staff.post(TICKETS, json=body)) == (403, "forbidden")  # a visitor there
    assert (await stranger.post(TICKETS, json=body)).status_code == 201


async def test_a_key_of_another_organization_is_a_visitor(stranger: httpx2.AsyncClient) -> None:
    assert fields(await stranger.post(TICKETS, json={"queue": "general", "priority": "elderly"})) == {"priority"}


async def test_a_queue_that_is_closed_or_full(visitor: httpx2.AsyncClient, staff: httpx2.AsyncClient) -> None:
    for _ in range(5):
        await take(visitor, "advice")
    assert code(await visitor.post(TICKETS, json={"queue": "advice"})) == (409, "queue_full")
    assert (await staff.post(TICKETS, json={"queue": "advice", "force": True})).status_code == 201
    await command(staff, "queues/general/close")
    assert code(await visitor.post(TICKETS, json={"queue": "general"})) == (409, "queue_closed")


async def test_a_time_makes_a_booking_and_staff_reserve(visitor: httpx2.AsyncClient, staff: httpx2.AsyncClient) -> None:
    assert (await take(visitor, "lab", slot_at=START + HOUR))["ticket"]["state"] == "booked"
    assert (await take(staff, "lab", slot_at=START + HOUR, reserve=True))["ticket"]["state"] == "reserved"


async def test_the_same_key_gives_the_same_ticket(visitor: httpx2.AsyncClient) -> None:
    first = await visitor.post(TICKETS, json={"queue": "general"}, headers={"Idempotency-Key": KEY})
    again = await visitor.post(TICKETS, json={"queue": "general"}, headers={"Idempotency-Key": KEY})
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    other = await visitor.post(TICKETS, json={"queue": "lab"}, headers={"Idempotency-Key": KEY})
    assert code(other) == (422, "key_reused")
    assert fields(other) == {"Idempotency-Key"}


async def test_keys_belong_to_whoever_sends_them(visitor: httpx2.AsyncClient, staff: httpx2.AsyncClient) -> None:
    headers = {"Idempotency-Key": KEY}
    mine = await visitor.post(TICKETS, json={"queue": "general"}, headers=headers)
    theirs = await staff.post(TICKETS, json={"queue": "general"}, headers=headers)
    assert mine.json()["token"] != theirs.json()["token"]


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "ä" * 20, "a\tb" * 10])
async def test_a_key_is_printable_and_not_endless(staff: httpx2.AsyncClient, key: str) -> None:
    response = await staff.post(TICKETS, json={"queue": "general"}, headers=[(b"Idempotency-Key", key.encode())])
    assert fields(response) == {"Idempotency-Key"}


async def test_two_keys_are_none(staff: httpx2.AsyncClient) -> None:
    headers = [("Idempotency-Key", "one"), ("Idempotency-Key", "two")]
    assert fields(await staff.post(TICKETS, json={"queue": "general"}, headers=headers)) == {"Idempotency-Key"}


async def test_a_visitors_key_is_not_guessed(visitor: httpx2.AsyncClient) -> None:
    """It opens the ticket that it made."""
    response = await visitor.post(TICKETS, json={"queue": "general"}, headers={"Idempotency-Key": "1"})
    assert fields(response) == {"Idempotency-Key"}


async def test_an_address_takes_so_many_tickets_a_minute(
    app: Starlette, services: Services, visitor: httpx2.AsyncClient, staff: httpx2.AsyncClient, clock: Clock
) -> None:
    narrow = Rates({**buckets(services.settings), "join": Rate(2, 60)}, lambda: clock.now / 1000)
    app.state.services = replace(services, rates=narrow)
    for _ in range(2):
        await take(visitor)
    response = await visitor.post(TICKETS, json={"queue": "general"})
    assert code(response) == (429, "too_many_requests")
    assert response.headers["retry-after"] == "60"
    await take(staff)  # a machine speaks for many
    clock.pass_(min=1)
    await take(visitor)


async def test_a_store_that_is_away_is_told_with_when_to_come_again(
    app: Starlette, services: Services, visitor: httpx2.AsyncClient
) -> None:
    nowhere = Connection.open("unix:///nowhere/at/all", wait_s=0.05)
    app.state.services = replace(services, store=Store(nowhere, services.directory, services.clock))
    response = await visitor.post(TICKETS, json={"queue": "general"})
    assert code(response) == (503, "store_away")
    assert int(response.headers["retry-after"]) >= 1
