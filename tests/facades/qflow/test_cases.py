"""Cases: made by walking in, closed at once, forced into another state."""

import asyncio
from typing import Any

import pytest

from callboard.domain.model import CloseReason, State
from callboard.facades.qflow import kept
from callboard.facades.qflow.kept import Kept
from facades.qflow.world import DAY, Office, refused, wrong

NOT_FOUND, QUEUE_CLOSED = 51010, 90007
WALK_IN = {
    "ServiceId": 20,
    "ExtRef": "0491570156",
    "Notes": "In a wheelchair",
    "Subject": "Passport",
    "ClassificationCode": "VIP",
    "CustomProperties": {"lane": "left"},
    "ProcedureExtRef": "P1",
    "ProcedureOptionExtRef": "O1",
}


async def noted(office: Office, process: int) -> Kept:
    return kept.with_ticket(await office.services.reads.person((await office.ticket(process)).id))


async def test_somebody_walks_in(office: Office) -> None:
    body = WALK_IN | {"CustomerId": await office.customer()}
    answer = await office.done("POST", "/API/Cases", body)
    assert answer == body | {"CaseId": answer["CaseId"], "AutoClose": False, "ServiceIdExtRef": None}
    case = await office.done("GET", f"/API/Cases/{answer['CaseId']}")
    assert (case["Ticket"], case["EntityStatus"], case["QueuePosition"]) == ("P001", 3, 0)
    assert (case["Subject"], case["ExtRef"], case["CustomProperties"]) == ("Passport", "0491570156", {"lane": "left"})
    assert case["Customer"]["FirstName"] == "Anna"
    kept_there = await noted(office, case["ProcessId"])
    assert (kept_there.notes, kept_there.classifications) == ("In a wheelchair", ["VIP"])
    assert (kept_there.procedure_ext_ref, kept_there.procedure_option_ext_ref) == ("P1", "O1")


@pytest.mark.parametrize("ref", ["visas", "uuid"])
async def test_a_service_by_what_others_call_it(office: Office, ref: str) -> None:
    from callboard.domain.identity import queue_uuid

    queue = office.services.directory.queue("visas")[1]
    body = {"ServiceIdExtRef": queue_uuid(queue) if ref == "uuid" else ref}
    case = await office.done("POST", "/API/Cases", body)
    assert (await office.case(case["CaseId"]))["ServiceId"] == 21


async def test_closed_at_once(office: Office) -> None:
    process = await office.walked_in(AutoClose=True)
    case = await office.case(process)
    assert (case["CaseStatus"], case["EntityStatus"], case["Resolution"]) == (1, 8, 0)
    assert await office.done("GET", "/API/Tickets/Waiting/29") == []


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"model.ServiceId"}),
        ({"ServiceId": "many"}, {"model.ServiceId"}),
        ({"ServiceId": 20, "Subject": "x" * 101, "ExtRef": "x" * 201}, {"model.Subject", "model.ExtRef"}),
        ({"ServiceId": 20, "CustomProperties": "green"}, {"model.CustomProperties"}),
        ([], {"model"}),
    ],
)
async def test_fields_that_are_wrong_are_named(office: Office, body: Any, fields: set[str]) -> None:
    assert wrong(await office.ask("POST", "/API/Cases", body)) == fields
    assert await office.done("GET", "/API/Tickets/Waiting/29") == []


@pytest.mark.parametrize(
    "change", [{"ServiceId": 120}, {"ServiceId": 0, "ServiceIdExtRef": "elsewhere-desk"}, {"CustomerId": 77}]
)
async def test_what_there_is_not(office: Office, change: dict[str, Any]) -> None:
    assert refused(await office.ask("POST", "/API/Cases", WALK_IN | change)) == (404, NOT_FOUND)


async def test_a_closed_service_takes_nobody(office: Office) -> None:
    await office.services.store.close_queue("passports")
    assert refused(await office.ask("POST", "/API/Cases", {"ServiceId": 20})) == (400, QUEUE_CLOSED)


async def test_the_same_key_makes_one_case(office: Office) -> None:
    headers = {"Idempotency-Key": "abc"}
    first, second = [
        (await office.ask("POST", "/API/Cases", {"ServiceId": 20, "AutoClose": True}, headers=headers)).json()
        for _ in range(2)
    ]
    assert first == second


@pytest.mark.parametrize(
    ("status", "state", "reason"),
    [
        (None, State.CANCELLED, CloseReason.STAFF),
        (15, State.CANCELLED, CloseReason.STAFF),
        (4, State.CANCELLED, CloseReason.ABANDONED),
        (8, State.DONE, CloseReason.SERVED),
        (17, State.NO_SHOW, CloseReason.NO_SHOW),
        (3, State.WAITING, None),
        (-1, State.BOOKED, None),
    ],
)
@pytest.mark.parametrize("by", ["CaseId", "ProcessId"])
async def test_forced(office: Office, status: int | None, state: State, reason: CloseReason | None, by: str) -> None:
    """A booking that has not arrived, into each of them; the rules of the day are not asked."""
    process = await office.booked(await office.customer(), at=f"{DAY}T20:00:00", service=21)
    answer = await office.done("POST", "/API/Cases/Cancel", {by: process, "Status": status})
    assert isinstance(answer, str)
    ticket = await office.ticket(process)
    assert (ticket.state, ticket.close_reason) == (state, reason)


@pytest.mark.parametrize("status", [3, 4, 8, 15, 17, -1])
async def test_forced_twice_is_forced_once(office: Office, status: int) -> None:
    process = await office.walked_in()
    for _ in range(2):
        await office.done("POST", "/API/Cases/Cancel", {"ProcessId": process, "Status": status})
        first = await office.ticket(process)
    assert await office.ticket(process) == first


@pytest.mark.parametrize("before", [4, 8, 15, 17])
@pytest.mark.parametrize("after", [3, 8, 15, 17])
async def test_from_one_end_to_another(office: Office, before: int, after: int) -> None:
    process = await office.walked_in()
    for status in (before, after):
        await office.done("POST", "/API/Cases/Cancel", {"ProcessId": process, "Status": status})
    assert (await office.case(process))["EntityStatus"] == after


async def test_back_in_the_line_it_stands_at_the_end(office: Office) -> None:
    first, second = await office.walked_in(), await office.walked_in()
    ticket = await office.called()
    await office.services.store.start(ticket)
    office.clock.pass_(min=1)
    await office.done("POST", "/API/Cases/Cancel", {"ProcessId": first, "Status": 3})
    assert (await office.case(first))["QueuePosition"] == 1
    assert (await office.case(second))["QueuePosition"] == 0


@pytest.mark.parametrize("status", [-1, 3, 8, 15])
async def test_what_is_said_beside_is_kept(office: Office, status: int) -> None:
    process = await office.walked_in(CustomProperties={"lane": "left", "old": "1"}, Notes="first")
    more = {"Notes": "second", "ClassificationCode": "X", "CustomProperties": {"lane": "right"}}
    await office.done("POST", "/API/Cases/Cancel", {"ProcessId": process, "Status": status, **more})
    here = await noted(office, process)
    assert (here.notes, here.classifications) == ("second", ["X"])
    assert (await office.case(process))["CustomProperties"] == {"lane": "right", "old": "1"}


async def test_back_from_the_end_too(office: Office) -> None:
    process = await office.walked_in()
    await office.done("POST", "/API/Cases/Cancel", {"ProcessId": process})
    await office.done("POST", "/API/Cases/Cancel", {"ProcessId": process, "Status": 3, "Notes": "came after all"})
    assert (await noted(office, process)).notes == "came after all"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"model"}),
        ({"Status": 15}, {"model"}),
        ({"ProcessId": 999, "Status": 5}, {"model.Status"}),
        ({"ProcessId": 999, "Status": "gone"}, {"model.Status"}),
    ],
)
async def test_forcing_takes_a_case_and_a_known_status(office: Office, body: dict[str, Any], fields: set[str]) -> None:
    assert wrong(await office.ask("POST", "/API/Cases/Cancel", body)) == fields


async def test_a_case_and_a_process_have_to_agree(office: Office) -> None:
    one, two = await office.walked_in(), await office.walked_in()
    body = {"CaseId": one, "ProcessId": two}
    assert wrong(await office.ask("POST", "/API/Cases/Cancel", body)) == {"model.CaseId"}
    assert (await office.ticket(one)).state is (await office.ticket(two)).state is State.WAITING


@pytest.mark.parametrize("path", ["/API/Cases/{}", "/API/Cases/Processes/{}", "/API/Appointments/{}"])
async def test_what_cannot_be_read(office: Office, stranger: Office, path: str) -> None:
    process = await office.booked(await office.customer())
    assert refused(await stranger.ask("GET", path.format(process))) == (404, NOT_FOUND)
    assert refused(await office.ask("GET", path.format(999))) == (404, NOT_FOUND)
    assert wrong(await office.ask("GET", path.format("abc"))) == {"id"}
    assert wrong(await office.ask("GET", path.format(2**31))) == {"id"}


async def test_another_organization_forces_nothing(office: Office, stranger: Office) -> None:
    process = await office.walked_in()
    before = await office.ticket(process)
    for by in ("CaseId", "ProcessId"):
        assert refused(await stranger.ask("POST", "/API/Cases/Cancel", {by: process})) == (404, NOT_FOUND)
    assert await office.ticket(process) == before


async def test_of_what_is_said_at_once_nothing_is_lost(office: Office) -> None:
    """Their reads and writes are mixed: with one after the other this would hold by itself."""
    process = await office.walked_in(Notes="first")
    for turn in range(5):
        said: list[dict[str, Any]] = [
            {"Notes": f"n{turn}"},
            {"CustomProperties": {"lane": str(turn)}},
            {"CustomProperties": {"door": str(turn)}},
        ]
        unmoved = {"ProcessId": process, "Status": -1}
        await asyncio.gather(*(office.done("POST", "/API/Cases/Cancel", unmoved | each) for each in said))
        now = await noted(office, process)
        assert (now.notes, now.custom_properties) == (f"n{turn}", {"lane": str(turn), "door": str(turn)})
