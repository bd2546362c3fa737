"""Codes that a scanner read: whose ticket it is, who may, and that a booking is checked in by it."""

import json
from dataclasses import replace
from typing import Any

import httpx2
import msgspec
import pytest
from msgspec.structs import replace as changed
from starlette.applications import Starlette

from api.asking import ROOT, code, command, fields, take
from callboard.app import create_app
from callboard.domain.directory import Directory
from callboard.rates import Rate, Rates
from callboard.services import Services
from conftest import START, Clock

HOUR = 3_600_000


def read_json(text: str) -> str | None:
    """A reader as others hand one in."""
    try:
        return str(json.loads(text)["ticket"])
    except (ValueError, KeyError, TypeError):
        return None


@pytest.fixture
def app(services: Services) -> Starlette:
    return create_app(replace(services, codes=(lambda text: None, read_json)))


async def scan(who: httpx2.AsyncClient, text: str, **more: Any) -> dict[str, Any]:
    return await command(who, "scan", code=text, **more)


async def booked(visitor: httpx2.AsyncClient, clock: Clock, **more: Any) -> dict[str, Any]:
    """A booking whose time to check in has come."""
    taken = await take(visitor, slot_at=START + 2 * HOUR, **more)
    clock.now = START + 2 * HOUR - 60_000
    return taken


@pytest.mark.parametrize(
    "form",
    ["{token}", " {token}\n", "{url}", "{url}?lang=sv", "http://elsewhere.example:8080/t/{token}/", "/t/{token}#x"],
)
async def test_the_code_of_a_ticket_page_checks_its_booking_in(
    visitor: httpx2.AsyncClient, clock: Clock, form: str
) -> None:
    await take(visitor)
    taken = await booked(visitor, clock)
    answer = await scan(visitor, form.format(**taken), locale="sv")
    assert answer["checked_in"] is True
    assert answer["ticket"] == taken["ticket"] | {"state": "waiting", "label": "A002"}
    assert (answer["queue"], answer["desk"], answer["ahead"]) == ("Allmänt", "", 1)


async def test_a_code_that_another_reader_knows_leads_to_its_ticket(visitor: httpx2.AsyncClient, clock: Clock) -> None:
    taken = await booked(visitor, clock)
    answer = await scan(visitor, json.dumps({"ticket": taken["ticket"]["id"]}))
    assert (answer["checked_in"], answer["ticket"]["label"]) == (True, "A001")
    again = await scan(visitor, json.dumps({"ticket": taken["ticket"]["id"]}))
    assert (again["checked_in"], again["ticket"]["state"]) == (False, "waiting")


async def test_who_waits_or_is_called_is_told_so_and_nothing_changes(
    visitor: httpx2.AsyncClient, staff: httpx2.AsyncClient
) -> None:
    taken = await take(visitor)
    assert (await scan(visitor, taken["token"]))["ahead"] == 0
    await command(staff, "desks/d1/open")
    await command(staff, "desks/d1/call_next")
    answer = await scan(visitor, taken["token"])
    assert (answer["checked_in"], answer["ticket"]["state"], answer["desk"]) == (False, "called", "Desk 1")
    await command(visitor, f"t/{taken['token']}/cancel")
    assert (await scan(visitor, taken["token"]))["ticket"]["state"] == "cancelled"


async def test_the_rules_of_the_queue_hold_and_staff_may_go_beyond_them(
    visitor: httpx2.AsyncClient, staff: httpx2.AsyncClient, services: Services
) -> None:
    taken = await take(visitor, slot_at=START + 2 * HOUR)
    asked = {"code": taken["token"]}
    assert code(await visitor.post(f"{ROOT}/scan", json=asked)) == (409, "too_early")
    assert code(await visitor.post(f"{ROOT}/scan", json=asked | {"force": True})) == (401, "not_allowed")
    assert (await services.reads.ticket(taken["ticket"]["id"])).state == "booked"
    assert (await scan(staff, taken["token"], force=True))["checked_in"] is True


async def test_where_staff_check_in_a_visitor_is_sent_to_them(
    visitor: httpx2.AsyncClient, staff: httpx2.AsyncClient, services: Services, directory: Directory, clock: Clock
) -> None:
    first, second = directory.sites
    queues = tuple(changed(queue, check_in_by="staff") for queue in first.locations[0].queues)
    site = changed(first, locations=(changed(first.locations[0], queues=queues),))
    services.store.directory = services.reads.directory = Directory([site, second])
    taken = await booked(visitor, clock)
    assert "check_in" not in (await visitor.get(f"{ROOT}/t/{taken['token']}")).json()["can"]
    assert code(await visitor.post(f"{ROOT}/scan", json={"code": taken["token"]})) == (409, "staff_only")
    assert (await scan(staff, taken["token"], force=True))["checked_in"] is True


async def test_a_ticket_of_another_place_is_sent_there(visitor: httpx2.AsyncClient, clock: Clock) -> None:
    taken = await booked(visitor, clock)
    answer = await visitor.post(f"{ROOT}/scan", json={"code": taken["token"], "location": "valley-hall"})
    assert code(answer) == (403, "elsewhere")
    assert (await scan(visitor, taken["token"], location="main"))["checked_in"] is True


async def test_staff_of_others_learn_nothing(
    visitor: httpx2.AsyncClient, stranger: httpx2.AsyncClient, services: Services, clock: Clock
) -> None:
    taken = await booked(visitor, clock)
    nowhere = await stranger.post(f"{ROOT}/scan", json={"code": "x" * 26})
    theirs = await stranger.post(f"{ROOT}/scan", json={"code": taken["token"]})
    assert theirs.json() == nowhere.json() and theirs.status_code == 404
    assert (await services.reads.ticket(taken["ticket"]["id"])).state == "booked"


@pytest.mark.parametrize(
    "text",
    [
        "4006381333931",
        "x" * 26,
        "{}",
        '{"ticket": "00000001-0000-8123-8456-0123456789ab"}',
        '{"ticket": ""}',
        "é" * 4000,
    ],
)
async def test_a_code_that_means_nothing_is_not_found(visitor: httpx2.AsyncClient, text: str) -> None:
    assert code(await visitor.post(f"{ROOT}/scan", json={"code": text})) == (404, "not_found")


async def test_who_tries_codes_has_to_wait(app: Starlette, services: Services, visitor: httpx2.AsyncClient) -> None:
    """Codes of others are no secrets, but whoever guesses does not know that."""
    app.state.services = replace(services, rates=Rates({"miss": Rate(3, 60), "own": Rate(99, 60)}, lambda: 0.0))
    tried = [await visitor.post(f"{ROOT}/scan", json={"code": f"no {n}"}) for n in range(4)]
    assert [each.status_code for each in tried] == [404, 404, 404, 429]


async def test_what_is_no_code_is_said_so(visitor: httpx2.AsyncClient) -> None:
    assert fields(await visitor.post(f"{ROOT}/scan", json={})) == {"code"}
    assert fields(await visitor.post(f"{ROOT}/scan", json={"code": ""})) == {"code"}
    assert fields(await visitor.post(f"{ROOT}/scan", json={"code": "x" * 4001})) == {"code"}


async def test_nobody_learns_more_from_a_code_than_their_place(visitor: httpx2.AsyncClient, clock: Clock) -> None:
    taken = await booked(visitor, clock, name="Eva", phone="0701740605", email="eva@example.org")
    answer = json.dumps(await scan(visitor, taken["token"]))
    assert not [word for word in ("Eva", "740605", "eva@", taken["token"]) if word in answer]
    assert msgspec.json.decode(answer)["checked_in"] is True
