"""Tickets: in every state, whose they are, and when none is given or given up."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from callboard.domain.model import CloseReason, Ticket
from callboard.services import Services
from callboard.store.redis import Connection
from callboard.store.transitions import Store
from conftest import Clock
from facades.bloom.conftest import Clients
from facades.bloom.letters import Letters
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

DESK = "teste-1"
CALLED, LATER = "2019-12-23 17:10:46", "2019-12-23 17:15:46"

Walk = Callable[[Store, str], Awaitable[Any]]


async def call(store: Store, ticket: str) -> None:
    await store.call(ticket, DESK)


async def put_back(store: Store, ticket: str) -> None:
    await call(store, ticket)
    await store.put_back(ticket, DESK)


async def start(store: Store, ticket: str) -> None:
    await call(store, ticket)
    await store.start(ticket, DESK)


async def hold_in_line(store: Store, ticket: str) -> None:
    await store.hold(ticket)


async def hold_at_desk(store: Store, ticket: str) -> None:
    await call(store, ticket)
    await store.hold(ticket, DESK)


async def finish(store: Store, ticket: str) -> None:
    await start(store, ticket)
    await store.finish(ticket, DESK)


async def miss(store: Store, ticket: str) -> None:
    await call(store, ticket)
    await store.no_show(ticket, DESK)


async def cancel(store: Store, ticket: str) -> None:
    await store.cancel(ticket, reason=CloseReason.STAFF)


async def nothing(store: Store, ticket: str) -> None:
    pass


@pytest.mark.parametrize(
    ("walk", "shown"),
    [
        (nothing, (0, None, None, "2")),
        (call, (1, CALLED, None, "0")),
        (put_back, (0, None, None, "2")),
        (start, (1, CALLED, None, "0")),
        (hold_in_line, (2, None, None, "0")),
        (hold_at_desk, (2, CALLED, None, "0")),
        (finish, (4, CALLED, CALLED, "0")),
        (miss, (3, CALLED, CALLED, "0")),
        (cancel, (3, None, CALLED, "0")),
    ],
)
async def test_each_state_has_its_number_and_its_dates(
    bloom: Bloom, services: Services, clock: Clock, walk: Walk, shown: tuple[int, str | None, str | None, str]
) -> None:
    await bloom.sign_up()
    await services.store.open_desk(DESK, staff="rita")
    for _ in range(2):
        await services.store.join("teste-a")
    taken = (await bloom.take())["ticket"]
    clock.pass_(min=2)
    await walk(services.store, taken["id"])
    clock.pass_(min=5)
    (ticket,) = (await bloom.get(f"customer/tickets/{taken['id']}"))["tickets"]
    fields = ("state", "startcall_date", "endcall_date", "waiting_tickets")
    assert tuple(ticket[field] for field in fields) == shown
    assert ticket["create_date"] == "2019-12-23 17:08:46" and ticket["ticket_number"] == "A 003"
    assert (ticket["hours"], ticket["minutes"]) != ("00", "00") or ticket["state"] != 0


async def test_reserved_and_booked_tickets_are_not_known_here(bloom: Bloom, services: Services, clock: Clock) -> None:
    user = await bloom.sign_up()
    slot = clock.now + 3_600_000
    booked = (await services.store.book("teste-a", slot_at=slot, customer=user["id"])).ticket
    reserved = (await services.store.reserve("qb-a", slot_at=slot, customer=user["id"])).ticket
    assert booked is not None and reserved is not None
    assert (await bloom.get("customer/tickets"))["tickets"] == []
    for ticket in (booked, reserved):
        assert wrong(await bloom.get(f"customer/tickets/{ticket.id}")) == 6
        assert wrong(await bloom.post("ticket/cancel", {"ticket": ticket.id})) == 6
    await services.store.check_in(booked.id, force=True)
    assert [each["state"] for each in (await bloom.get("customer/tickets"))["tickets"]] == [0]


async def test_the_wait_is_told_in_two_digits_and_runs_over_an_hour(bloom: Bloom, services: Services) -> None:
    await bloom.sign_up()
    await services.store.open_desk(DESK, staff="rita")
    for _ in range(25):
        await services.store.join("teste-a")
    ticket = (await bloom.take())["ticket"]
    assert ticket["waiting_tickets"] == "25"
    assert (int(ticket["hours"]), len(ticket["minutes"])) == (2, 2)
    (service,) = (await bloom.get("server_services/get", location_id=TESTE))["server_services"]
    local = service["locations"][0]["services"][0]
    assert (local["waiting_tickets"], local["waiting_avg"]) == (26, f"{local['hours']}:{local['minutes']}")


async def test_a_ticket_keeps_its_tag_when_it_goes_to_another_queue(bloom: Bloom, services: Services) -> None:
    await bloom.sign_up()
    taken = (await bloom.take(SERVICE_A, QBETTER))["ticket"]
    await services.store.transfer(taken["id"], queue="qb-b")
    (ticket,) = (await bloom.get("customer/tickets"))["tickets"]
    assert (ticket["ticket_number"], ticket["tag"]) == ("A 001", "A")
    assert (ticket["service"]["id"], ticket["service"]["tag"], ticket["description"]) == (SERVICE_B, "B", "Service B")


async def test_who_takes_a_ticket_is_known_at_the_desk_and_told_when_called(bloom: Bloom, services: Services) -> None:
    user = await bloom.sign_up(phone="912 345 678", email="andre@example.org")
    taken = (await bloom.take())["ticket"]
    person = await services.reads.person(taken["id"])
    ticket: Ticket = await services.reads.ticket(taken["id"])
    assert person is not None
    assert (person.name, person.phone, person.email) == ("André Araújo", "+351912345678", "andre@example.org")
    assert (person.customer, ticket.source, ticket.locale) == (user["id"], "bloom", "en")


async def test_who_is_called_is_told_in_the_texts_that_the_api_tells(
    bloom: Bloom, services: Services, letters: Letters
) -> None:
    """Those that an operator has written, with the document's placeholders filled in."""
    await bloom.sign_up(email="andre@example.org")
    await services.store.open_desk(DESK, staff="rita")
    for _ in range(3):
        await services.store.join("teste-a")
    taken = (await bloom.take())["ticket"]
    await letters.all()
    await services.store.call_next(DESK)
    await letters.all()
    await services.store.call(taken["id"], DESK)
    told = {subject: text for _, subject, text in await letters.all()}
    assert "2 before you." in told["Nearly there"]
    assert "Ticket A004, please come to desk 1." in told["Your turn"]


async def test_a_number_that_takes_no_texts_is_kept_but_not_texted(bloom: Bloom, services: Services) -> None:
    await bloom.sign_up(phone="91626592")  # the document's, which is one digit short
    ticket = (await bloom.take())["ticket"]
    person = await services.reads.person(ticket["id"])
    assert ticket["customer"]["phone"] == "91626592" and person is not None and person.phone == ""


async def test_tickets_of_others_are_as_if_they_were_not(
    bloom: Bloom, clients: Clients, connection: Connection
) -> None:
    other = clients()
    await other.sign_up("eva")
    theirs = (await other.take())["ticket"]["id"]
    await bloom.sign_up()
    before = await kept(connection)
    for id in (
        theirs,
        theirs[:-1] + "0",
        "TICKET_ID",
        "..",
        "a" * 300,
        "00000000-0000-8000-8000-000000000000",
    ):
        assert wrong(await bloom.get(f"customer/tickets/{id.replace('..', '%2E%2E')}")) == 6
        assert wrong(await bloom.post("ticket/cancel", {"ticket": id})) == 6
    assert (await bloom.get("customer/tickets"))["tickets"] == []
    assert await kept(connection) == before


async def test_a_ticket_is_given_up_once(bloom: Bloom, services: Services) -> None:
    await bloom.sign_up()
    id = (await bloom.take())["ticket"]["id"]
    assert await bloom.post("ticket/cancel", {"ticket": id}) == {"success": True}
    assert wrong(await bloom.post("ticket/cancel", {"ticket": id})) == 106
    assert (await services.reads.ticket(id)).close_reason == CloseReason.CUSTOMER


@pytest.mark.parametrize(("walk", "can"), [(call, True), (hold_in_line, True), (start, False), (finish, False)])
async def test_who_is_served_already_does_not_give_up(bloom: Bloom, services: Services, walk: Walk, can: bool) -> None:
    await bloom.sign_up()
    await services.store.open_desk(DESK, staff="rita")
    id = (await bloom.take())["ticket"]["id"]
    await walk(services.store, id)
    answer = await bloom.post("ticket/cancel", {"ticket": id})
    assert answer["success"] is can and (can or wrong(answer) == 106)


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


NEAR, FAR = "41.5,-8.4", "38.7,-9.1"  # in Braga, and in Lisbon


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
