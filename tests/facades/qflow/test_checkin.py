"""Checking in: who is meant, when it may be, and that twice is the same as once."""

import asyncio
from typing import Any

import pytest

from callboard.domain.model import CloseReason, State
from facades.qflow.world import DAY, Office, refused, wrong

CHECKIN = "/API/Appointments/Checkin"
EXT_REF = "/API/Appointments/CheckinExtRef"
TOO_EARLY, TOO_LATE, BY_STAFF, CLOSED, NOT_FOUND = 90001, 90002, 90003, 90004, 51010


@pytest.mark.parametrize("name", ["CaseId", "ProcessId"])
async def test_by_its_number(office: Office, name: str) -> None:
    process = await office.booked(await office.customer())
    case = await office.done("POST", CHECKIN, {name: process})
    assert (case["ProcessId"], case["EntityStatus"], case["Ticket"]) == (process, 3, "P001")


async def test_by_person_it_is_the_earliest_of_today_that_is_to_come(office: Office) -> None:
    customer = await office.customer()
    later = await office.booked(customer, at=f"{DAY}T12:20:00")
    first = await office.booked(customer, at=f"{DAY}T12:05:00")
    await office.booked(customer, at="2026-09-21T12:30:00")
    await office.booked(customer, at="2026-09-23T00:01:00")
    came = [(await office.done("POST", CHECKIN, {"PersonalId": "19800501-1234"}))["ProcessId"] for _ in range(2)]
    assert came == [first, later]


async def test_by_person_who_has_come_is_answered_again(office: Office) -> None:
    await office.booked(await office.customer())
    first, second = [await office.done("POST", CHECKIN, {"PersonalId": "19800501-1234"}) for _ in range(2)]
    assert first == second


async def test_today_is_the_locations_day(office: Office) -> None:
    """Perth is two hours behind Sydney: there Friday begins and ends later."""
    process = await office.booked(await office.customer(), at="2026-09-25T14:00:00", service=31)
    body = {"PersonalId": "19800501-1234", "ForceEarlyLate": True}
    office.clock.pass_(h=61.5)  # Friday, 01:30 in Sydney
    assert (await office.ask("POST", CHECKIN, body)).status_code == 404
    office.clock.pass_(h=23)  # Saturday, 00:30 in Sydney
    assert (await office.done("POST", CHECKIN, body))["ProcessId"] == process


async def test_zero_and_nothing_are_no_identification(office: Office) -> None:
    for body in ({}, {"CaseId": 0, "ProcessId": 0, "PersonalId": ""}, {"CaseId": None}, None):
        assert wrong(await office.ask("POST", CHECKIN, body)) == {"model"}


async def test_what_is_given_has_to_agree(office: Office) -> None:
    customer = await office.customer()
    one, two = await office.booked(customer), await office.booked(customer)
    assert wrong(await office.ask("POST", CHECKIN, {"CaseId": one, "ProcessId": two})) == {"model.CaseId"}
    other = {"ProcessId": one, "PersonalId": "somebody else"}
    assert wrong(await office.ask("POST", CHECKIN, other)) == {"model.PersonalId"}
    assert {(await office.ticket(each)).state for each in (one, two)} == {State.BOOKED}
    await office.done("POST", CHECKIN, {"ProcessId": one, "CaseId": one, "PersonalId": "19800501-1234"})


@pytest.mark.parametrize(
    ("at", "service", "number"),
    [
        ("T12:31:00", 20, TOO_EARLY),
        ("T11:44:00", 20, TOO_LATE),
        ("T12:05:00", 21, BY_STAFF),
    ],
)
async def test_refused_and_nothing_changed_until_forced(office: Office, at: str, service: int, number: int) -> None:
    process = await office.booked(await office.customer(), at=DAY + at, service=service)
    before = await office.ticket(process)
    assert refused(await office.ask("POST", CHECKIN, {"ProcessId": process})) == (400, number)
    assert await office.ticket(process) == before
    case = await office.done("POST", CHECKIN, {"ProcessId": process, "ForceEarlyLate": True})
    assert case["EntityStatus"] == 3


async def test_who_waits_already_is_answered_the_same(office: Office) -> None:
    process = await office.booked(await office.customer())
    first = await office.done("POST", CHECKIN, {"ProcessId": process})
    assert await office.done("POST", CHECKIN, {"ProcessId": process}) == first
    assert len(await office.done("GET", "/API/Tickets/Waiting/29")) == 1


async def test_several_at_once_are_one(office: Office) -> None:
    await office.booked(await office.customer())
    body = {"PersonalId": "19800501-1234"}
    answers = await asyncio.gather(*(office.done("POST", CHECKIN, body) for _ in range(5)))
    assert {answer["Ticket"] for answer in answers} == {"P001"}


async def test_who_is_called_is_not_put_back_in_the_line(office: Office) -> None:
    process = await office.booked(await office.customer())
    await office.done("POST", CHECKIN, {"ProcessId": process})
    await office.called()
    case = await office.done("POST", CHECKIN, {"ProcessId": process})
    assert (case["EntityStatus"], case["LocationName"]) == (6, "Counter 1")


@pytest.mark.parametrize("force", [False, True])
async def test_a_closed_one_stays_closed(office: Office, force: bool) -> None:
    process = await office.booked(await office.customer())
    await office.cancelled(process, CloseReason.CUSTOMER)
    body = {"ProcessId": process, "ForceEarlyLate": force}
    assert refused(await office.ask("POST", CHECKIN, body)) == (400, CLOSED)


@pytest.mark.parametrize("body", [{"CaseId": 999}, {"ProcessId": 999}, {"PersonalId": "nobody"}, {"CaseId": -5}])
async def test_what_there_is_not(office: Office, body: dict[str, Any]) -> None:
    assert refused(await office.ask("POST", CHECKIN, body)) == (404, NOT_FOUND)


async def test_somebody_without_an_appointment_today(office: Office) -> None:
    customer = await office.customer()
    await office.booked(customer, at="2026-09-23T12:00:00")
    await office.walked_in(CustomerId=customer)
    assert refused(await office.ask("POST", CHECKIN, {"PersonalId": "19800501-1234"})) == (404, NOT_FOUND)


async def test_a_reservation_is_checked_in_as_everywhere(office: Office) -> None:
    """It was made through another API; the rules are those of the house."""
    done = await office.services.store.reserve("passports", slot_at=office.clock.now)
    assert done.ticket
    case = await office.done("GET", f"/API/Cases/{done.ticket.serial}")
    assert (case["ProcessStatus"], case["EntityStatus"]) == (2, 0)
    assert (await office.done("POST", CHECKIN, {"ProcessId": done.ticket.serial}))["EntityStatus"] == 3


async def test_another_organization_does_not_find_it(office: Office, stranger: Office) -> None:
    process = await office.booked(await office.customer())
    for body in ({"ProcessId": process}, {"CaseId": process}, {"PersonalId": "19800501-1234"}):
        assert refused(await stranger.ask("POST", CHECKIN, body)) == (404, NOT_FOUND)
    assert (await office.ticket(process)).state is State.BOOKED


async def test_by_somebody_elses_reference(office: Office) -> None:
    customer = await office.customer()
    await office.booked(customer, ExtRef="OTHER")
    process = await office.booked(customer, ExtRef="REF-1")
    for body in (
        {"ExtRef": "REF-1"},
        {"ExtRef": "REF-1", "PersonalId": "19800501-1234", "PersonalIdTypeExtRef": "passport"},
    ):
        assert (await office.done("POST", EXT_REF, body))["ProcessId"] == process


async def test_by_reference_and_person_at_once(office: Office) -> None:
    """The same reference of two people is told apart, and a person may be named alone."""
    anna, bo = await office.customer(), await office.customer(PersonalId="bo", Email="bo@example.org")
    hers, his = await office.booked(anna, ExtRef="REF"), await office.booked(bo, ExtRef="REF")
    found = await office.done("POST", EXT_REF, {"ExtRef": "REF", "PersonalId": "bo"})
    assert found["ProcessId"] == his
    found = await office.done("POST", EXT_REF, {"PersonalId": "19800501-1234"})
    assert found["ProcessId"] == hers


@pytest.mark.parametrize(
    "body",
    [
        {"ExtRef": "UNKNOWN"},
        {"ExtRef": "REF", "PersonalId": "nobody"},
        {"PersonalId": "19800501-1234", "PersonalIdTypeExtRef": "licence"},
    ],
)
async def test_references_that_lead_nowhere(office: Office, body: dict[str, Any]) -> None:
    await office.booked(await office.customer(), ExtRef="REF")
    assert refused(await office.ask("POST", EXT_REF, body)) == (404, NOT_FOUND)


async def test_a_reference_is_refused_by_the_same_rules(office: Office) -> None:
    await office.booked(await office.customer(), at=f"{DAY}T20:00:00", ExtRef="REF")
    assert refused(await office.ask("POST", EXT_REF, {"ExtRef": "REF"})) == (400, TOO_EARLY)
    assert (await office.done("POST", EXT_REF, {"ExtRef": "REF", "ForceEarlyLate": True}))["EntityStatus"] == 3
    assert wrong(await office.ask("POST", EXT_REF, {})) == {"model"}
