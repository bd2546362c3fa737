"""Several organizations on one server: whose request it is, and that nobody reaches into another's."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import msgspec
import pytest
from starlette.applications import Starlette

from callboard.domain.directory import Directory
from callboard.domain.identity import organization_uuid
from callboard.domain.model import Site
from callboard.services import Services
from callboard.store.redis import Connection
from facades.bloom.letters import Letters
from facades.bloom.world import OTHER, SITE, TESTE, TESTE_A, Bloom, kept, wrong
from house import client

RIBEIRA, RIBEIRA_R = "d2f1c7d4-6a3c-4c76-8a55-0d7b4d0a9e11", "5b8c1d8e-3c1e-4f43-9d0a-7d1d0e6a2b42"
PORTO = organization_uuid(msgspec.convert(OTHER, Site).organization)


@pytest.fixture
def directory() -> Directory:
    return Directory([msgspec.convert(SITE, Site), msgspec.convert(OTHER, Site)])


@pytest.fixture
async def porto(app: Starlette) -> AsyncIterator[Bloom]:
    """By the host that the other organization has."""
    async with client(app, "http://porto.tickets.example.org") as made:
        yield Bloom(made)


async def names(bloom: Bloom, **query: Any) -> list[str]:
    return [location["name"] for location in (await bloom.get("locations/get", **query))["locations"]]


async def key(services: Services, organization: str, api: str = "bloom") -> str:
    _, secret = await services.accounts.keys.make("App", organization=organization, api=api)
    return f"Bearer {secret}"


async def test_who_does_not_say_which_is_refused_and_told_how(bloom: Bloom) -> None:
    for path in ("locations/get", "server_services/get", "settings/get", "customer/resetpassword?email=a@example.org"):
        answer = await bloom.get(path)
        assert wrong(answer) == 107 and "organization" in answer["message"]
    for path in ("customer/register", "customer/login"):
        body = {"username": "andre", "password": "aksjdhf879234"}
        assert wrong(await bloom.post(path, body)) == 107


@pytest.mark.parametrize("name", ["porto", PORTO])
async def test_by_the_parameter(bloom: Bloom, name: str) -> None:
    assert await names(bloom, organization=name) == ["Ribeira"]


async def test_by_the_first_label_of_the_host(porto: Bloom) -> None:
    assert await names(porto) == ["Ribeira"]
    assert await names(porto, organization="braga") == ["Q-Better", "Company", "Location Teste"]


async def test_by_a_key_until_it_is_revoked(bloom: Bloom, services: Services) -> None:
    bloom.client.headers["Authorization"] = await key(services, "porto")
    assert await names(bloom) == ["Ribeira"]
    assert wrong(await bloom.get("locations/get", organization="braga")) == 107
    ((made, _),) = await services.accounts.keys.all()
    await services.accounts.keys.revoke(made.id)
    assert wrong(await bloom.get("locations/get", status=401)) == 100


@pytest.mark.parametrize(("api", "status"), [("", 200), ("ombori", 401)])
async def test_a_key_opens_the_apis_that_it_is_for(bloom: Bloom, services: Services, api: str, status: int) -> None:
    bloom.client.headers["Authorization"] = await key(services, "porto", api)
    await bloom.get("locations/get", status)


async def test_by_the_token_once_somebody_has_signed_in(bloom: Bloom, porto: Bloom) -> None:
    await porto.sign_up()
    bloom.token = porto.token
    assert await names(bloom) == ["Ribeira"]
    assert (await bloom.take(RIBEIRA_R, RIBEIRA))["success"] is True


async def test_two_organizations_know_customers_of_one_name_apart(bloom: Bloom, porto: Bloom) -> None:
    theirs = await porto.sign_up()
    ours = await bloom.post(
        "customer/register", {"username": "andre", "password": "our own password"}, organization="braga"
    )
    bloom.token = ours["vt_token"]
    assert (await bloom.user())["id"] != theirs["id"]
    account = {"username": "andre", "password": "our own password"}
    assert wrong(await porto.post("customer/login", account)) == 101


async def test_a_token_opens_nothing_of_another_organization(
    bloom: Bloom, porto: Bloom, services: Services, connection: Connection
) -> None:
    await porto.sign_up()
    theirs = (await porto.take(RIBEIRA_R, RIBEIRA))["ticket"]["id"]
    own = porto.token
    ours = await services.customers.put("braga", username="eva")
    secret = await services.customers.begin("braga", ours.id)
    before = await kept(connection)
    for token in (own.replace("porto", "braga"), f"porto.{secret}"):
        porto.token = token
        assert wrong(await porto.post("customer/details", status=401)) == 100
    porto.token = own
    assert wrong(await porto.post("customer/details", status=401, organization="braga")) == 100
    assert wrong(await porto.take(TESTE_A, TESTE)) == 6
    bloom.token = f"braga.{secret}"
    assert wrong(await bloom.get(f"customer/tickets/{theirs}")) == 6
    assert wrong(await bloom.post("ticket/cancel", {"ticket": theirs})) == 6
    assert wrong(await bloom.take(RIBEIRA_R, RIBEIRA)) == 6
    assert wrong(await bloom.get("server_services/get", organization="braga", location_id=RIBEIRA)) == 6
    assert await kept(connection) == before


async def test_a_token_with_another_organizations_key_is_401(bloom: Bloom, porto: Bloom, services: Services) -> None:
    await porto.sign_up()
    bloom.token = porto.token
    bloom.client.headers["Authorization"] = await key(services, "braga")
    assert wrong(await bloom.post("customer/details", status=401)) == 100
    bloom.client.headers["Authorization"] = await key(services, "porto")
    assert await bloom.user()


async def test_a_ticket_of_the_same_customer_id_elsewhere_is_not_theirs(bloom: Bloom, services: Services) -> None:
    """Were an id ever to be the same in two organizations."""
    bloom.token = ""
    made = await bloom.post(
        "customer/register", {"username": "andre", "password": "aksjdhf879234"}, organization="braga"
    )
    bloom.token = made["vt_token"]
    id = (await bloom.user())["id"]
    foreign = (await services.store.join("rib-a", customer=id)).ticket
    assert foreign is not None
    assert (await bloom.get("customer/tickets"))["tickets"] == []
    assert wrong(await bloom.get(f"customer/tickets/{foreign.id}")) == 6


async def test_the_secret_of_a_mail_says_whose_it_is(bloom: Bloom, porto: Bloom, letters: Letters) -> None:
    await porto.sign_up(email="andre@example.org")
    await porto.get("customer/resetpassword", email="andre@example.org")
    given = {"password": "another password", "repeat_password": "another password", "token": await letters.secret()}
    assert wrong(await bloom.post("customer/newpassword", given, organization="braga")) == 101
    bloom.token = (await bloom.post("customer/newpassword", given))["vt_token"]
    assert (await bloom.user())["username"] == "andre" and bloom.token.startswith("porto.")


async def test_the_siblings_ask_the_same(http: httpx2.AsyncClient) -> None:
    path = "/restapi/ticket/lastTickets"
    assert wrong((await http.get(path, params={"location": RIBEIRA})).json()) == 107
    assert wrong((await http.get(path, params={"location": RIBEIRA, "organization": "braga"})).json()) == 6
    found = await http.get(path, params={"location": RIBEIRA, "organization": "porto"})
    assert found.json() == {"success": True, "lastTickets": {}}
