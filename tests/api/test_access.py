"""Who may: every endpoint of the table, for everybody who may not. An endpoint that is added is in here by itself."""

import re
from typing import Any

import httpx2
import pytest

from api.asking import ROOT, called, code
from callboard.api.operation import Operation
from callboard.api.routes import OPERATIONS
from conftest import Clock

FOR_STAFF = [operation for operation in OPERATIONS if not operation.open]
ABOUT_SOMETHING = [operation for operation in FOR_STAFF if operation.params]
# Those that name nothing show what the caller's organization has.
OWN = {"desks", "messages", "webhooks", "enable_webhook", "notice_again"} | {
    f"{command}_webhook" for command in ("register", "remove", "rotate")
}


def name_of(operation: Operation[Any, Any]) -> str:
    return operation.name


async def ask(
    who: httpx2.AsyncClient, operation: Operation[Any, Any], ticket: str = "t", **headers: str
) -> httpx2.Response:
    """As the table says, about things that there are."""
    names = {"ticket": ticket, "queue": "general", "desk": "d1", "location": "main", "token": "x"}
    path = re.sub(r"{(\w+)}", lambda found: names[found[1]], operation.path)
    bodies = {
        "call": {"desk": "d1"},
        "transfer": {"queue": "lab"},
        "enable_webhook": {"webhook": "w"},
        "rotate_webhook": {"webhook": "w"},
        "register_webhook": {"address": "https://example.org/hook"},
        "send_again": {"message": "m"},
        "notice_again": {"webhook": "w", "delivery": "m"},
    }
    body = bodies.get(operation.name, {}) if operation.takes else None
    return await who.request(operation.method, ROOT + path, json=body, headers=headers)


@pytest.mark.parametrize("operation", FOR_STAFF, ids=name_of)
async def test_a_visitor_is_asked_to_sign_in(visitor: httpx2.AsyncClient, operation: Operation[Any, Any]) -> None:
    response = await ask(visitor, operation)
    assert code(response) == (401, "not_allowed")
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
async def test_a_key_that_is_none_opens_nothing(visitor: httpx2.AsyncClient, operation: Operation[Any, Any]) -> None:
    """Neither is it taken for no key: whoever sends one wants to be known."""
    key = f"Bearer cb_{'a' * 8}_{'a' * 32}"
    assert code(await ask(visitor, operation, Authorization=key)) == (401, "unknown_key")


@pytest.mark.parametrize("operation", ABOUT_SOMETHING, ids=name_of)
async def test_what_is_another_organizations_is_not_there(
    staff: httpx2.AsyncClient, stranger: httpx2.AsyncClient, operation: Operation[Any, Any]
) -> None:
    ticket = await called(staff)
    before = (await staff.get(f"{ROOT}/tickets/{ticket}")).json()
    theirs = await ask(stranger, operation, ticket)
    assert code(theirs) == (404, "not_found")
    assert (await staff.get(f"{ROOT}/tickets/{ticket}")).json() == before


def test_every_endpoint_for_staff_names_something_or_shows_ones_own() -> None:
    assert {operation.name for operation in FOR_STAFF if not operation.params} == OWN


async def test_lists_hold_what_is_ones_own(staff: httpx2.AsyncClient, stranger: httpx2.AsyncClient) -> None:
    async def desks(who: httpx2.AsyncClient) -> list[str]:
        return [desk["id"] for desk in (await who.get(f"{ROOT}/desks")).json()["desks"]]

    assert await desks(staff) == ["d1", "d2", "d3"]
    assert await desks(stranger) == ["v1"]


async def test_nothing_is_written_from_another_sites_page(visitor: httpx2.AsyncClient, clock: Clock) -> None:
    response = await visitor.post(
        f"{ROOT}/tickets", json={"queue": "general"}, headers={"Origin": "https://evil.example"}
    )
    assert code(response) == (403, "forbidden_origin")


async def test_a_machine_acts_under_its_name(staff: httpx2.AsyncClient) -> None:
    assert (await staff.post(f"{ROOT}/desks/d1/open")).json()["desk"]["staff"] == "Robot"
