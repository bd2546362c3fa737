"""Tickets are taken: by whom, how many at once, from how far away, and when none is given."""

from typing import Any

import pytest

from callboard.domain.model import Ticket
from callboard.services import Services
from callboard.store.redis import Connection
from facades.bloom.conftest import Clients
from facades.bloom.world import (
    COMPANY,
    COMPANY_A,
    QBETTER,
    SERVICE_A,
    SERVICE_B,
    TESTE,
    TESTE_A,
    Bloom,
    change,
    kept,
    wrong,
)

NEAR, FAR = "41.5,-8.4", "38.7,-9.1"  # in Braga, and in Lisbon


async def test_who_takes_a_ticket_is_known_at_the_desk_and_told_when_called(bloom: Bloom, services: Services) -> None:
    user = await bloom.sign_up(phone="912 345 678", email="andre@example.org")
    taken = (await bloom.take())["ticket"]
    person = await services.reads.person(taken["id"])
    ticket: Ticket = await services.reads.ticket(taken["id"])
    assert person is not None
    assert (person.name, person.phone, person.email) == ("André Araújo", "+351912345678", "andre@example.org")
    assert (person.customer, ticket.source, ticket.locale) == (user["id"], "bloom", "en")


async def test_a_number_that_takes_no_texts_is_kept_but_not_texted(bloom: Bloom, services: Services) -> None:
    await bloom.sign_up(phone="91626592")  # the document's, which is one digit short
    ticket = (await bloom.take())["ticket"]
    person = await services.reads.person(ticket["id"])
    assert ticket["customer"]["phone"] == "91626592" and person is not None and person.phone == ""


async def test_who_does_not_want_to_be_written_to_is_known_by_name_alone(bloom: Bloom, services: Services) -> None:
    user = await bloom.sign_up(phone="912 345 678", email="andre@example.org")
    await services.customers.put("braga", user["id"], consent=False)
    ticket = (await bloom.take())["ticket"]
    person = await services.reads.person(ticket["id"])
    assert person is not None and (person.name, person.phone, person.email) == ("André Araújo", "", "")
    assert ticket["customer"]["email"] == "andre@example.org"  # which is theirs to see


async def test_a_customer_says_how_early_they_are_warned(bloom: Bloom, services: Services) -> None:
    await bloom.sign_up()
    account = {"username": "andre", "password": "aksjdhf879234", "customer_attribute": {"ticket_warning": 4}}
    bloom.token = (await bloom.post("customer/login", account))["vt_token"]
    taken = (await bloom.take())["ticket"]["id"]
    assert (await services.reads.ticket(taken)).almost_ahead == 4


async def test_a_second_open_ticket_at_a_location_is_refused_where_one_is_the_rule(bloom: Bloom) -> None:
    await bloom.sign_up()
    first = (await bloom.take(SERVICE_A, QBETTER))["ticket"]
    assert wrong(await bloom.take(SERVICE_B, QBETTER)) == 105
    assert (await bloom.take())["success"] is True
    await bloom.post("ticket/cancel", {"ticket": first["id"]})
    assert (await bloom.take(SERVICE_B, QBETTER))["success"] is True
    listed = (await bloom.get("customer/tickets"))["tickets"]
    assert (await bloom.get("customer/tickets/"))["tickets"] == listed
    assert [each["ticket_number"] for each in listed] == ["B 001", "A 001", "A 001"]


async def test_several_where_several_are_allowed(bloom: Bloom, services: Services) -> None:
    change(services, TESTE, remote={"several_tickets": True})
    await bloom.sign_up()
    assert [(await bloom.take())["ticket"]["number"] for _ in range(2)] == [1, 2]
    assert (await bloom.get("settings/get"))["settings"][-1] == {"id": "allow_multi_ticket", "value": "false"}
    (location,) = (await bloom.get("server_services/get", location_id=TESTE))["server_services"][0]["locations"]
    assert location["settings"]["allow_multi_ticket"] is True


@pytest.mark.parametrize(
    ("service", "master", "errno"),
    [
        (COMPANY_A, COMPANY, 103),  # closed on Mondays
        (TESTE_A, QBETTER, 6),
        ("no-such", TESTE, 6),
        (TESTE_A, "no-such", 6),
        ("5b8c1d8e-3c1e-4f43-9d0a-7d1d0e6a2b42", "d2f1c7d4-6a3c-4c76-8a55-0d7b4d0a9e11", 6),
        ("", TESTE, 5),
    ],
)
async def test_what_cannot_be_taken_is_not(
    bloom: Bloom, connection: Connection, service: str, master: str, errno: int
) -> None:
    await bloom.sign_up()
    before = await kept(connection)
    assert wrong(await bloom.take(service, master)) == errno
    assert await kept(connection) == before


async def test_closed_and_full_queues_and_those_at_the_desk(bloom: Bloom, services: Services) -> None:
    await bloom.sign_up()
    await services.store.close_queue("teste-a")
    assert wrong(await bloom.take()) == 103
    await services.store.open_queue("teste-a")
    change(services, TESTE, public_join=False)
    assert wrong(await bloom.take()) == 103
    change(services, TESTE, public_join=True)
    assert (await bloom.take(master=""))["success"] is True  # a service is of one location


@pytest.mark.parametrize("number", [0, 2])
async def test_one_ticket_at_a_time(bloom: Bloom, number: int) -> None:
    await bloom.sign_up()
    wish = {"master_id": TESTE, "service_id": TESTE_A}
    assert wrong(await bloom.post("ticket/create", {"tickets": [wish] * number})) == 5
    assert (await bloom.get("customer/tickets"))["tickets"] == []


async def test_a_create_that_is_sent_again_with_its_key_makes_one_ticket(bloom: Bloom, clients: Clients) -> None:
    await bloom.sign_up()
    other = clients()
    await other.sign_up("eva")
    made = []
    for who in (bloom, bloom, other):
        who.client.headers["Idempotency-Key"] = "one-and-the-same"
        made.append((await who.take())["ticket"])
        del who.client.headers["Idempotency-Key"]
    assert made[0] == made[1] and made[2]["number"] == 2


@pytest.mark.parametrize(
    ("rules", "where", "taken"),
    [
        ({"radius_km": 50}, FAR, False),
        ({"radius_km": 50}, NEAR, True),
        ({"radius_km": 50}, None, True),
        ({"radius_km": 50, "enforced": False}, FAR, True),
        ({"radius_km": 50, "min_waiting": 2}, FAR, True),
        ({"min_waiting": 3}, None, False),
        ({"min_wait_min": 5}, None, True),
        ({"min_wait_min": 60}, None, False),
    ],
)
async def test_the_rules_for_tickets_from_afar(
    bloom: Bloom, services: Services, connection: Connection, rules: dict[str, Any], where: str | None, taken: bool
) -> None:
    change(services, QBETTER, remote={"enforced": True} | rules)
    await bloom.sign_up()
    for _ in range(2):
        await services.store.join("qb-a")
    before = await kept(connection)
    wish = {"master_id": QBETTER, "service_id": SERVICE_A}
    for body in ({"tickets": [wish | {"coordinates": where}]}, {"tickets": [wish], "coordinates": where}):
        answer = await bloom.post("ticket/create", body)
        assert answer["success"] is taken and (taken or wrong(answer) == 104)
    assert (await kept(connection) == before) is not taken


@pytest.mark.parametrize("where", ["41.5", "north,west", "91,0", "0,181", "nan,nan", "1,2,3,4", "41.5;-8.4"])
async def test_coordinates_that_are_none(bloom: Bloom, where: str) -> None:
    await bloom.sign_up()
    wish = {"master_id": QBETTER, "service_id": SERVICE_A, "coordinates": where}
    assert wrong(await bloom.post("ticket/create", {"tickets": [wish]})) == 5
    assert wrong(await bloom.get("locations/get", coordinates=where)) == 5


async def test_names_come_in_the_customers_language(bloom: Bloom, services: Services) -> None:
    change(services, TESTE, languages=["en", "pt"], name={"en": "Location Teste", "pt": "Local de teste"})
    await bloom.sign_up()
    account = {"username": "andre", "password": "aksjdhf879234"}
    await bloom.post("customer/login", account | {"customer_attribute": {"preferred_language": "pt-PT"}})
    ticket = (await bloom.take())["ticket"]
    assert ticket["master"]["name"] == "Local de teste"
    assert (await services.reads.ticket(ticket["id"])).locale == "pt"
