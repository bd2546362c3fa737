"""The sibling API: the last calls by service, how queues stand, and its errors."""

from typing import Any

import httpx2
import pytest

from callboard.services import Services
from conftest import Clock
from facades.bloom.parsed import parsed, spoken
from facades.bloom.world import COMPANY, QBETTER, SERVICE_A, SERVICE_B, change, wrong

LAST, STATE = "/restapi/ticket/lastTickets", "/restapi/v2/queuemanagement/initialstate"


async def call(services: Services, clock: Clock, *queues: str) -> None:
    """A ticket of each queue is called, a minute after the other."""
    await services.store.open_desk("qbetter-1", staff="rita")
    for queue in queues:
        ticket = (await services.store.join(queue, name="Eva")).ticket
        assert ticket is not None
        await services.store.call(ticket.id, "qbetter-1")
        await services.store.finish(ticket.id, "qbetter-1")
        clock.pass_(min=1)


async def both(http: httpx2.AsyncClient, path: str, **asked: Any) -> Any:
    """The answer in JSON, and the same in XML."""
    ask = http.get if path == LAST else http.post
    response = await ask(path, **asked)
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    params = asked.pop("params", {}) | {"format": "xml"}
    in_xml = await ask(path, params=params, **asked)
    assert (in_xml.status_code, in_xml.headers["content-type"]) == (200, "application/xml")
    assert parsed(in_xml.content, like=response.json()) == spoken(response.json())
    return response.json()


async def test_the_last_calls_by_service_the_newest_first(
    http: httpx2.AsyncClient, services: Services, clock: Clock
) -> None:
    await call(services, clock, "qb-a", "qb-b", "qb-a")
    answer = await both(http, LAST, params={"location": QBETTER})
    assert list(answer["lastTickets"]) == [SERVICE_A, SERVICE_B]
    newest, oldest = answer["lastTickets"][SERVICE_A]
    assert newest == {
        "ticket_id": newest["ticket_id"],
        "ticketService": "Service A",
        "ticketServiceTag": "A",
        "ticketNumber": 2,
        "ticketDeskTag": "1",
        "ticketDeskName": "Desk 1",
        "callDate": "2019-12-23 17:10:46",
    }
    assert (oldest["ticketNumber"], oldest["callDate"]) == (1, "2019-12-23 17:08:46")
    assert "Eva" not in str(answer)
    fewer = await both(http, LAST, params={"location": QBETTER, "number": 2})
    assert {id: len(calls) for id, calls in fewer["lastTickets"].items()} == {SERVICE_A: 1, SERVICE_B: 1}


async def test_a_service_that_boards_do_not_show_is_not_named(
    http: httpx2.AsyncClient, services: Services, clock: Clock
) -> None:
    queues = [
        {"id": "qb-a", "uuid": SERVICE_A, "tag": "A", "name": "Oncology", "sensitive": True},
        {"id": "qb-b", "uuid": SERVICE_B, "tag": "B", "name": "Service B"},
    ]
    change(services, QBETTER, queues=queues)
    await call(services, clock, "qb-a")
    for answer in (
        await both(http, LAST, params={"location": QBETTER}),
        await both(http, STATE, json={"location_id": QBETTER}),
    ):
        assert "Oncology" not in str(answer)


@pytest.mark.parametrize("how", ["json", "form", "query"])
async def test_how_the_queues_stand(http: httpx2.AsyncClient, services: Services, clock: Clock, how: str) -> None:
    await call(services, clock, "qb-a", "qb-a", "qb-a", "qb-b")
    await services.store.join("qb-b")
    given = {"location_id": QBETTER, "quantity_by_service": 2}
    answer = await both(http, STATE, **{{"json": "json", "form": "data", "query": "params"}[how]: given})
    state = answer["answer"]
    assert (answer["success"], state["location_id"], state["isOpen"]) == (True, QBETTER, True)
    numbers = [(each["tag"], each["waiting_tickets"], len(each["lastTickets"])) for each in state["services"]]
    assert numbers == [("A", 0, 2), ("B", 1, 1)]
    none = await both(http, STATE, json=given | {"quantity_by_service": 0})
    assert [each["lastTickets"] for each in none["answer"]["services"]] == [[], []]


@pytest.mark.parametrize(
    ("method", "path", "asked", "errno"),
    [
        ("GET", "/restapi/", {}, 1),
        ("GET", "/restapi/v2/queuemanagement", {}, 1),
        ("GET", "/restapi/v2/queuemanagement/", {}, 1),
        ("GET", STATE, {}, 2),
        ("POST", LAST, {}, 2),
        ("DELETE", LAST, {}, 2),
        ("POST", "/restapi/v2/queuemanagement/callticket", {}, 3),
        ("GET", LAST, {"params": {"location": QBETTER, "format": "yaml"}}, 4),
        ("GET", LAST, {"params": {"location": QBETTER, "number": "many"}}, 5),
        ("GET", LAST, {"params": {"location": QBETTER, "number": "0"}}, 5),
        ("GET", LAST, {}, 5),
        ("POST", STATE, {"json": {"location_id": 7}}, 5),
        ("POST", STATE, {"json": [QBETTER]}, 5),
        ("GET", LAST, {"params": {"location": "no-such"}}, 6),
        ("POST", STATE, {"json": {"location_id": "d2f1c7d4-6a3c-4c76-8a55-0d7b4d0a9e11"}}, 6),
    ],
)
async def test_errors_have_the_documented_numbers(
    http: httpx2.AsyncClient, method: str, path: str, asked: dict[str, Any], errno: int
) -> None:
    response = await http.request(method, path, **asked)
    assert response.status_code == 200 and wrong(response.json()) == errno


async def test_a_location_without_calls(http: httpx2.AsyncClient) -> None:
    assert await both(http, LAST, params={"location": COMPANY}) == {"success": True, "lastTickets": {}}
