"""Every sample of the document, repaired where damaged: the request as it stands there, the answer field for field.

Ids, tokens and times are those of this run, and the texts that an operator may word are ours.
"""

import json
import re
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from callboard.app import create_app
from callboard.identities import Identity
from callboard.services import Services
from facades.bloom.letters import Letters
from facades.bloom.world import TESTE, Bloom

SAMPLES: dict[str, Any] = json.loads((Path(__file__).parent / "samples.json").read_text(encoding="utf-8"))
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


def like(answer: Any, sample: Any, apart: Collection[str] = (), at: str = "") -> None:
    """The same fields in the same order, of the same types; and but for those apart, the same values. A list may be
    longer than the sample's, and what the sample has an example of has every field that any example has."""
    assert type(answer) is type(sample), (at, answer, sample)
    if isinstance(sample, dict):
        extra = [key for key in answer if key not in sample]
        assert not extra or f"{at}+" in apart, (at, extra)
        for key, value in sample.items():
            like(answer[key], value, apart, f"{at}.{key}".lstrip("."))
    elif isinstance(sample, list):
        for index, value in enumerate(sample):
            like(answer[index], value, apart, at)
    elif at not in apart:
        assert answer == sample, at


def is_id(value: Any) -> bool:
    return bool(UUID.fullmatch(value))


@pytest.fixture
def app(services: Services) -> Starlette:
    """With somebody who knows the token of the samples."""

    async def google(token: str) -> Identity | None:
        return Identity("10769150350006150715113082367", "joaquim@example.com") if token == "rgfeojn" else None

    return create_app(replace(services, identities={"google": google}))


async def spend(services: Services, numbers: int) -> None:
    """So many tickets were served, and the desk is free: whoever comes now need not wait."""
    await services.store.open_desk("teste-1", staff="rita")
    for _ in range(numbers):
        await services.store.join("teste-a")
        called = (await services.store.call_next("teste-1")).ticket
        assert called is not None
        await services.store.finish(called.id, "teste-1")


async def test_register_and_login(bloom: Bloom) -> None:
    sample = SAMPLES["register"]
    registered = await bloom.post("customer/register", sample["request"])
    like(registered, sample["answer"], {"vt_token"})
    bloom.token = registered["vt_token"]
    before = await bloom.user()
    sample = SAMPLES["login"]
    signed_in = await bloom.post("customer/login", sample["request"])
    like(signed_in, sample["answer"], {"vt_token"})
    bloom.token = signed_in["vt_token"]
    after = await bloom.user()
    assert (before["display_name"], after["display_name"]) == ("Joaquim Gomes", "Joaquim")
    assert (after["username"], after["email"], after["phone"]) == ("customer1", "qbetter@qbetter.com", "91626592")


async def test_details(bloom: Bloom) -> None:
    """Of a customer of whom nothing is known but a name."""
    account = {"username": "username", "password": "aksjdhf879234"}
    bloom.token = (await bloom.post("customer/register", account))["vt_token"]
    bloom.token = (await bloom.post("customer/login", account | {"customer_attribute": {"name": "Name"}}))["vt_token"]
    sample = SAMPLES["details"]["answer"]
    answer = await bloom.post("customer/details")
    like(answer, sample, {f"user.{name}" for name in ("id", "vt_token", "created_at", "updated_at")})
    user = answer["user"]
    assert is_id(user["id"]) and user["vt_token"] == bloom.token
    assert MOMENT.fullmatch(user["created_at"]) and user["updated_at"] == "2019-12-23 17:08:46"


async def test_resetpassword_and_newpassword(bloom: Bloom, letters: Letters) -> None:
    await bloom.sign_up(email="andre@example.org")
    like(await bloom.get("customer/resetpassword", email="andre@example.org"), SAMPLES["resetpassword"]["answer"])
    sample = SAMPLES["newpassword"]
    word = "string of letters"
    given = {"password": word, "repeat_password": word, "token": await letters.secret()}
    answer = await bloom.post("customer/newpassword", sample["request"] | given)
    like(answer, sample["answer"], {"vt_token"})
    bloom.token = answer["vt_token"]
    assert (await bloom.user())["username"] == "andre"


async def test_locations(bloom: Bloom, services: Services) -> None:
    """Both examples: ours has the fields of either. The height in the first one's coordinates is not kept, and what was
    never said of the second (its country, when it was made) is what it is."""
    await services.store.open_desk("qbetter-1", staff="rita")
    answer = await bloom.get("locations/get", region="Braga")
    sample = SAMPLES["locations"]["answer"]
    apart = {"locations+"} | {
        f"locations.{name}" for name in ("coordinates", "country", "created_at", "updated_at", "services.waiting_avg")
    }
    like(answer, sample, apart)
    first, second = answer["locations"]
    assert first["coordinates"] == sample["locations"][0]["coordinates"].removesuffix(",868")
    assert first["country"] == "Portugal" and first["isOpen"] is True and second["isOpen"] is False
    assert {service["waiting_avg"] for service in first["services"]} == {"00:00"}
    every = dict.fromkeys(key for location in sample["locations"] for key in location)
    assert set(first) == set(second) == set(every)


async def test_server_services(bloom: Bloom, services: Services) -> None:
    """In the example the service is open while its location is not: here it is as open as its location."""
    await services.store.open_desk("teste-1", staff="rita")
    answer = await bloom.get("server_services/get", location_id=TESTE, server_service_id="null")
    sample = SAMPLES["server_services"]["answer"]
    local = "server_services.locations"
    apart = {"server_services.id", f"{local}.country", f"{local}.isOpen", f"{local}.services.server_service_id"}
    last = {f"{local}.working_hours.open_today_to"}  # 23:59:00 in this one place, and 23:59:59 in all others
    like(answer, sample, apart | last)
    (service,) = answer["server_services"]
    (place,) = service["locations"]
    assert place["services"][0]["server_service_id"] == service["id"] and is_id(service["id"])
    assert place["working_hours"][1]["open_today_to"] == "2019-12-23 23:59:59"


TICKET_APART = ("id", "create_date", "customer.id")


async def test_tickets(bloom: Bloom, services: Services) -> None:
    await bloom.sign_up()
    await spend(services, 5)
    taken = (await bloom.take())["ticket"]
    sample = SAMPLES["tickets"]["answer"]
    answer = await bloom.get("customer/tickets")
    like(answer, sample, {f"tickets.{name}" for name in TICKET_APART})
    assert answer == await bloom.get(f"customer/tickets/{taken['id']}")


async def test_create(bloom: Bloom, services: Services) -> None:
    user = await bloom.sign_up()
    await spend(services, 6)
    sample = SAMPLES["create"]
    answer = await bloom.post("ticket/create", sample["request"])
    like(answer, sample["answer"], {"ticket.id", "ticket.customer.id"})
    assert is_id(answer["ticket"]["id"]) and answer["ticket"]["customer"]["id"] == user["id"]


async def test_cancel(bloom: Bloom) -> None:
    await bloom.sign_up()
    taken = await bloom.take()
    sample = SAMPLES["cancel"]
    request = {name: taken["ticket"]["id"] for name in sample["request"]}
    like(await bloom.post("ticket/cancel", request), sample["answer"])
    assert (await bloom.get("customer/tickets"))["tickets"][0]["state"] == 3


async def test_settings(bloom: Bloom) -> None:
    like(await bloom.get("settings/get"), SAMPLES["settings"]["answer"])
