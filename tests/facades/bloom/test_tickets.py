"""Tickets: in every state, whose they are, and when they are given up."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from callboard.domain.model import CloseReason
from callboard.services import Services
from callboard.store.redis import Connection
from callboard.store.transitions import Store
from conftest import Clock
from facades.bloom.conftest import Clients
from facades.bloom.letters import Letters
from facades.bloom.world import QBETTER, SERVICE_A, SERVICE_B, TESTE, Bloom, kept, wrong

DESK = "teste-1"
CALLED = "2019-12-23 17:10:46"

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
