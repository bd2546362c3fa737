"""Customers: registering, signing in by password and by another provider's token, and what is changed by it."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from starlette.applications import Starlette

from callboard.app import create_app
from callboard.facades.bloom import providers
from callboard.identities import Identity, Unreachable
from callboard.services import Services
from callboard.store.redis import Connection
from facades.bloom.conftest import Clients
from facades.bloom.world import Bloom, kept, wrong
from house import client

SECRET = "aksjdhf879234"


@pytest.fixture
def app(services: Services) -> Starlette:
    async def google(token: str) -> Identity | None:
        if token == "down":
            raise Unreachable
        return Identity(token, f"{token}@example.org", "Ada", "Lovelace") if token.startswith("ada") else None

    return create_app(replace(services, identities={"google": google}))


async def test_a_customer_is_found_in_the_core_under_the_neutral_names(bloom: Bloom, services: Services) -> None:
    user = await bloom.sign_up(phone="912 345 678", email="Andre@Exämple.org", pushnotification="key-1")
    customer = await services.customers.find("braga", id=user["id"])
    assert customer is not None
    assert (customer.username, customer.first_name, customer.last_name) == ("andre", "André", "Araújo")
    assert (customer.phone, customer.email) == ("912 345 678", "Andre@xn--exmple-cua.org")
    assert (customer.push_key, user["push_notification_key"]) == ("key-1", "key-1")
    assert customer.password.startswith("$argon2")


@pytest.mark.parametrize(
    ("body", "errno"),
    [
        ({"username": "andre", "password": SECRET}, 102),
        ({"username": " ANDRE ", "password": SECRET}, 102),
        ({"username": "other", "password": SECRET, "email": "ANDRE@example.org"}, 102),
        ({"email": "andre@example.org", "password": SECRET}, 102),
        ({"username": "other"}, 5),
        ({"password": SECRET}, 5),
        ({"username": "other", "password": "too short"}, 5),
        ({"username": "other", "password": SECRET, "email": "nowhere"}, 5),
        ({"username": "other", "password": SECRET, "oauth_provider": "google"}, 5),
        ({"username": "other", "password": SECRET, "oauth_provider": "google", "oauth_token": "eve"}, 101),
        ({"username": "other", "password": SECRET, "oauth_provider": "google", "oauth_token": "down"}, 109),
        ({"username": "other", "password": SECRET, "oauth_provider": "facebook", "oauth_token": "ada"}, 108),
    ],
)
async def test_whom_it_does_not_register_it_does_not_keep(
    bloom: Bloom, connection: Connection, body: dict[str, Any], errno: int
) -> None:
    await bloom.sign_up(email="andre@example.org")
    before = await kept(connection)
    assert wrong(await bloom.post("customer/register", body)) == errno
    assert await kept(connection) == before


async def test_whom_only_staff_know_may_register_with_the_same_address(bloom: Bloom, services: Services) -> None:
    await services.customers.put("braga", first_name="André", email="andre@example.org")
    assert (await bloom.sign_up(email="andre@example.org"))["email"] == "andre@example.org"
    again = {"username": "eva", "password": SECRET, "email": "andre@example.org"}
    assert wrong(await bloom.post("customer/register", again)) == 102  # one who can sign in has it by now


async def test_the_address_stands_for_a_name_that_is_not_given(bloom: Bloom) -> None:
    await bloom.post("customer/register", {"email": "eva@example.org", "password": SECRET, "username": None})
    answer = await bloom.post("customer/login", {"username": "EVA@example.org", "password": SECRET})
    assert answer["success"] is True


@pytest.mark.parametrize(
    ("body", "errno"),
    [
        ({"username": "andre", "password": "wrong password"}, 101),
        ({"username": "nobody", "password": SECRET}, 101),
        ({"username": "andre"}, 5),
        ({}, 5),
        ({"oauth_provider": "Google", "oauth_token": "ada"}, 101),  # she has not registered
        ({"oauth_provider": "google", "oauth_token": "eve"}, 101),
        ({"oauth_provider": "facebook", "oauth_token": "ada"}, 108),
        ({"oauth_provider": "google", "oauth_token": "down"}, 109),
    ],
)
async def test_who_does_not_show_who_they_are_gets_no_token(bloom: Bloom, body: dict[str, Any], errno: int) -> None:
    await bloom.sign_up()
    assert wrong(await bloom.post("customer/login", body)) == errno


async def test_by_a_providers_token_the_same_customer_signs_in_again(bloom: Bloom) -> None:
    by_token = {"oauth_provider": "Google", "oauth_token": "ada"}
    bloom.token = (await bloom.post("customer/register", by_token))["vt_token"]
    user = await bloom.user()
    assert (user["display_name"], user["email"], user["oauth_provider"]) == (
        "Ada Lovelace",
        "ada@example.org",
        "google",
    )
    assert user["oauth_token"] is None
    assert wrong(await bloom.post("customer/register", by_token | {"email": "other@example.org"})) == 102
    bloom.token = (await bloom.post("customer/login", by_token | {"oauth_provider": "GOOGLE"}))["vt_token"]
    assert (await bloom.user())["id"] == user["id"]
    assert (
        wrong(await bloom.post("customer/login", {"username": "ada@example.org", "password": "anything at all"})) == 101
    )


async def test_who_is_not_active_does_not_sign_in_by_a_providers_token(bloom: Bloom, services: Services) -> None:
    by_token = {"oauth_provider": "google", "oauth_token": "ada"}
    bloom.token = (await bloom.post("customer/register", by_token))["vt_token"]
    id = (await bloom.user())["id"]
    await services.customers.put("braga", id, active=False)
    assert wrong(await bloom.post("customer/login", by_token)) == 101
    await services.customers.put("braga", id, active=True)
    assert (await bloom.post("customer/login", by_token))["success"] is True


async def test_a_providers_token_takes_over_no_account_with_the_same_address(bloom: Bloom) -> None:
    await bloom.sign_up(email="ada@example.org")
    assert wrong(await bloom.post("customer/register", {"oauth_provider": "google", "oauth_token": "ada"})) == 102
    assert wrong(await bloom.post("customer/login", {"oauth_provider": "google", "oauth_token": "ada"})) == 101


async def test_what_login_changes(bloom: Bloom, services: Services) -> None:
    user = await bloom.sign_up(phone="912345678")
    attributes = {
        "name": "Dé",
        "first_name": "Andreas",
        "phone": "",
        "email": "de@example.org",
        "address": "Rua 1",
        "push_notification_key": "key-2",
        "preferred_language": "pt-PT",
        "ticket_warning": 3,
        "last_name": None,
    }
    account = {"username": "andre", "password": SECRET}
    await bloom.post("customer/login", account | {"customer_attribute": attributes})
    now = await bloom.user()
    assert {name: now[name] for name in now if now[name] != user[name]} == {
        "display_name": "Dé",
        "first_name": "Andreas",
        "phone": None,
        "email": "de@example.org",
        "address": "Rua 1",
        "push_notification_key": "key-2",
        "preferred_language": "pt-PT",
        "ticket_warning": 3,
    }
    await bloom.post("customer/login", account | {"customer_attribute": {"name": ""}})
    assert (await bloom.user())["display_name"] == "Andreas Araújo"
    customer = await services.customers.find("braga", id=user["id"])
    assert customer is not None and customer.locale == "pt-PT"
    await bloom.post("customer/login", account | {"customer_attribute": {"email": "De@example.org"}})
    assert (await bloom.user())["email"] == "De@example.org"  # their own, in other capitals


async def test_of_changes_at_the_same_moment_none_is_lost(bloom: Bloom) -> None:
    await bloom.sign_up()
    changes = {"address": "Rua 1", "ticket_warning": 3, "name": "Dé", "phone": "912345678", "first_name": "Andreas"}
    account = {"username": "andre", "password": SECRET}
    async with asyncio.TaskGroup() as group:
        for name, value in changes.items():
            group.create_task(bloom.post("customer/login", account | {"customer_attribute": {name: value}}))
    now = await bloom.user()
    assert {name: now["display_name" if name == "name" else name] for name in changes} == changes


async def test_what_other_apis_keep_of_a_customer_stays(bloom: Bloom, services: Services) -> None:
    user = await bloom.sign_up()
    await services.customers.put("braga", user["id"], extra='{"other":{"case":7}}')
    account = {"username": "andre", "password": SECRET, "customer_attribute": {"address": "Rua 1"}}
    await bloom.post("customer/login", account)
    customer = await services.customers.find("braga", id=user["id"])
    assert customer is not None and '"other":{"case":7}' in customer.extra
    await services.customers.put("braga", user["id"], extra='{"bloom":{"name":["of","another","kind"]}}')
    assert (await bloom.user())["display_name"] == "André Araújo"


async def test_a_login_that_changes_what_it_may_not_changes_nothing(
    bloom: Bloom, clients: Clients, connection: Connection
) -> None:
    await bloom.sign_up(email="andre@example.org")
    await clients().sign_up("eva", email="eva@example.org")
    before = await kept(connection)
    for attributes in ({"email": "EVA@example.org"}, {"email": "nowhere"}, {"ticket_warning": -1}, {"name": "x" * 321}):
        given = {"username": "andre", "password": SECRET, "customer_attribute": {"first_name": "X"} | attributes}
        assert wrong(await bloom.post("customer/login", given)) in (5, 102)
    assert await kept(connection) == before


@pytest.mark.parametrize("place", ["Authorization", "vt_token", "vt-token", "X-VT-Token", "query", "body", "form"])
async def test_the_token_is_found_wherever_it_is_sent(bloom: Bloom, place: str) -> None:
    user, token = await bloom.sign_up(), bloom.token
    headers = {} if place in ("query", "body", "form") else {place: token}
    if place == "Authorization":
        headers = {place: f"Bearer {token}"}
    response = await bloom.client.post(
        "/vt/api/json/customer/details",
        headers=headers,
        params={"vt_token": token} if place == "query" else {},
        json={"vt_token": token} if place == "body" else None,
        data={"vt_token": token} if place == "form" else None,
    )
    assert response.json()["user"]["id"] == user["id"]


@pytest.mark.parametrize("token", ["", "frewjng4", "braga.", "braga.frewjng4", ".x", "nowhere.x", "x" * 5000])
async def test_a_token_that_opens_nothing_is_401(bloom: Bloom, token: str) -> None:
    bloom.token = token
    assert wrong(await bloom.post("customer/details", status=401)) == 100


async def test_who_is_erased_or_not_active_is_signed_out(bloom: Bloom, services: Services) -> None:
    user = await bloom.sign_up()
    await services.customers.put("braga", user["id"], active=False)
    assert wrong(await bloom.post("customer/details", status=401)) == 100
    assert wrong(await bloom.post("customer/login", {"username": "andre", "password": SECRET})) == 101
    await services.customers.put("braga", user["id"], active=True)
    assert await bloom.user()
    await services.customers.erase("braga", user["id"])
    assert wrong(await bloom.post("customer/details", status=401)) == 100


async def test_no_name_or_address_or_secret_is_in_an_event(bloom: Bloom, connection: Connection) -> None:
    await bloom.sign_up(email="andre@example.org", phone="+351912345678")
    await bloom.take()
    events = [str(await connection.client.xrange(key)) async for key in connection.client.scan_iter("*:events")]
    said = "".join(events)
    assert said and not any(word in said for word in ("André", "Araújo", "andre", "912345678", bloom.token))


async def test_a_check_that_does_not_come_to_an_end_is_not_waited_for(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def endless(token: str) -> Identity | None:
        await asyncio.Event().wait()
        return None

    monkeypatch.setattr(providers, "PATIENCE_S", 0.01)
    async with client(create_app(replace(services, identities={"google": endless}))) as http:
        answer = await Bloom(http).post("customer/login", {"oauth_provider": "google", "oauth_token": "ada"})
    assert wrong(answer) == 109
