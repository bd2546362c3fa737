"""Who may ask, and how they say who they are."""

from typing import Any

import httpx2
import pytest

from callboard.services import Services
from facades.agendize.conftest import QUEUE, Client

LIST = f"/api/2.3/queues/{QUEUE}/registrations"


def ways(key: str) -> list[dict[str, Any]]:
    return [
        {"headers": {"token": key, "apiKey": key}},
        {"headers": {"TOKEN": key, "apikey": key}},
        {"params": {"token": key, "apiKey": key}},
        {"headers": {"token": key}, "params": {"apiKey": key}},
        {"headers": {"Authorization": f"Bearer {key}"}},
        {"headers": {"Authentication": f"bearer {key}"}},
    ]


@pytest.mark.parametrize("way", range(6))
@pytest.mark.parametrize("version", ["2.3", "2.0"])
async def test_a_key_opens_in_every_documented_way(http: httpx2.AsyncClient, key: str, version: str, way: int) -> None:
    answer = await http.get(LIST.replace("2.3", version), **ways(key)[way])
    assert (answer.status_code, answer.json()) == (200, {"items": []})


async def test_token_and_key_may_be_two_keys_of_one_account(
    http: httpx2.AsyncClient, key: str, foreign_key: str, services: Services
) -> None:
    _, other = await services.accounts.keys.make("Application", organization="hilltop")
    assert (await http.get(LIST, headers={"token": key, "apiKey": other})).status_code == 200
    for pair in ((key, foreign_key), (foreign_key, key), (key, "nonsense"), ("nonsense", key)):
        answer = await http.get(LIST, headers={"token": pair[0], "apiKey": pair[1]})
        assert answer.status_code == 401, pair


def nobodys(key: str) -> list[dict[str, Any]]:
    return [
        {},
        {"headers": {"token": key}},
        {"headers": {"apiKey": key}},
        {"headers": {"token": key, "apiKey": ""}},
        {"headers": {"Authorization": f"Basic {key}"}},
        {"headers": {"Authorization": "Bearer "}},
        {"headers": {"Authorization": f"Bearer {key[:-1]}"}},
        {"headers": {"Authorization": f"Bearer {key}", "Authentication": "Bearer other"}},
        {"headers": {"token": key, "apiKey": key}, "params": {"token": "other"}},
        {"params": [("token", key), ("token", "other"), ("apiKey", key)]},
    ]


@pytest.mark.parametrize("way", range(10))
async def test_nobody_else_is_let_in(http: httpx2.AsyncClient, key: str, way: int) -> None:
    answer = await http.get(LIST, **nobodys(key)[way])
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == 401 and answer.headers["www-authenticate"]


async def test_a_key_for_another_api_opens_nothing_here(http: httpx2.AsyncClient, services: Services) -> None:
    for api, status in (("agendize", 200), ("ombori", 401)):
        _, key = await services.accounts.keys.make("One", organization="hilltop", api=api)
        answer = await http.get(LIST, headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == status, api


async def test_a_revoked_key_opens_nothing_from_then_on(http: httpx2.AsyncClient, services: Services) -> None:
    made, key = await services.accounts.keys.make("Short", organization="hilltop")
    assert (await http.get(LIST, headers={"token": key, "apiKey": key})).status_code == 200
    await services.accounts.keys.revoke(made.id)
    assert (await http.get(LIST, headers={"token": key, "apiKey": key})).status_code == 401


async def test_another_accounts_queue_is_not_theirs(robot: Client, foreigner: Client) -> None:
    """Whatever it is called by; and what is in it is answered as if it were not there."""
    theirs = await foreigner.insert()
    for ref in ("77", "valley-desk"):
        await robot.ask("GET", f"/queues/{ref}/registrations", 403)
        await robot.ask("POST", f"/queues/{ref}/registrations/next", 403)
        await robot.ask("GET", f"/queues/{ref}", 403)
    await robot.ask("GET", theirs["id"], 404)
    await robot.ask("DELETE", theirs["id"], 404)
    await robot.ask("GET", "/queues/12345/registrations", 404)
    assert (await foreigner.get(theirs["id"]))["status"] == "registered"
