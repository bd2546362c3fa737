"""Appointments: made, moved, cancelled, read."""

from typing import Any

import pytest

from callboard.domain.model import CloseReason, State
from callboard.facades.qflow import kept
from callboard.store.customers import Customers
from facades.qflow.world import DAY, Office, refused, wrong

APPOINTMENTS = "/API/Appointments"
NOT_FOUND, NO_CALENDAR, NO_TIME = 51010, 58710, 58725
CLOSED, ARRIVED, QUEUE_CLOSED = 90004, 90005, 90007

MADE = {
    "ServiceId": 20,
    "AppointmentDateTime": f"{DAY}T15:00:00",
    "AppointmentTypeId": 1,
    "Subject": "Renewal",
    "Notes": "Brings photos",
    "ExtRef": "REF-1",
    "Classifications": ["A", "B"],
    "LanguageCode": "en-AU",
    "UserId": 1,
}


async def test_made_and_answered_with_the_same_object(office: Office) -> None:
    customer = await office.customer()
    body = MADE | {"CustomerId": customer}
    answer = await office.done("PUT", APPOINTMENTS, body)
    process = answer["ProcessId"]
    assert {name: answer[name] for name in body} == body | {"AppointmentDateTime": f"{DAY}T15:00:00.0000000+10:00"}
    assert (answer["CaseId"], answer["BookFirstAvailable"]) == (process, False)
    ticket = await office.ticket(process)
    person = await office.services.reads.person(ticket.id)
    assert ticket.state is State.BOOKED
    assert person and (person.name, person.phone, person.email) == ("Anna Berg", "+61491570156", "anna@example.org")
    assert ticket.slot_end is not None and ticket.slot_at is not None
    assert ticket.slot_end - ticket.slot_at == 15 * 60_000


async def test_read(office: Office) -> None:
    process = (await office.done("PUT", APPOINTMENTS, MADE | {"CustomerId": await office.customer()}))["ProcessId"]
    answer = await office.done("GET", f"{APPOINTMENTS}/{process}")
    assert answer == {
        "AppointmentId": process,
        "CaseId": process,
        "ProcessId": process,
        "ProcessGuid": (await office.ticket(process)).id,
        "CreatedDate": f"{DAY}T12:00:00.0000000+10:00",
        "AppointmentDate": f"{DAY}T15:00:00.0000000+10:00",
        "ArrivalDate": None,
        "TimeZoneOffset": 0,
        "AppointmentTypeId": 1,
        "AppointmentTypeName": "Appointment",
        "Duration": 15,
        "AppointmentTypeExtRef": None,
        "CaseExtRef": "REF-1",
        "Subject": "Renewal",
        "CurrentEntityStatus": 0,
        "CurrentEntityStatusDesc": "Expected",
        "Resolution": None,
        "ResolutionDesc": None,
        "ServiceId": 20,
        "ServiceName": "Passports",
        "ServiceExtRef": "passports",
        "UnitId": 29,
        "UnitName": "Harbour Office",
        "UnitPath": "\\Riverside\\NSW\\Harbour Office",
        "UnitExtRef": "harbour",
    }


@pytest.mark.parametrize(
    ("given", "at"),
    [
        (f"{DAY}T15:00:00.0000000+10:00", f"{DAY}T15:00:00.0000000+10:00"),
        (f"{DAY}T05:00:00Z", f"{DAY}T15:00:00.0000000+10:00"),
        (f"{DAY} 15:00", f"{DAY}T15:00:00.0000000+10:00"),
        ("/Date(1790053200000)/", f"{DAY}T15:00:00.0000000+10:00"),
        ("2026-10-05T15:00:00", "2026-10-05T15:00:00.0000000+11:00"),
    ],
)
async def test_a_time_may_be_written_in_several_ways(office: Office, given: str, at: str) -> None:
    body = {"ServiceId": 20, "CustomerId": await office.customer(), "AppointmentDateTime": given}
    assert (await office.done("PUT", APPOINTMENTS, body))["AppointmentDateTime"] == at


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"ServiceId": None}, {"model.ServiceId"}),
        ({"AppointmentDateTime": None}, {"model.AppointmentDateTime"}),
        ({"AppointmentDateTime": "tomorrow"}, {"model.AppointmentDateTime"}),
        ({"AppointmentDateTime": "2028-01-01T00:00:00"}, {"model.AppointmentDateTime"}),
        ({"AppointmentDateTime": "2026-09-20T00:00:00"}, {"model.AppointmentDateTime"}),
        ({"CustomerId": None}, {"model.CustomerId"}),
        ({"CustomerId": "Anna"}, {"model.CustomerId"}),
        ({"Subject": "x" * 151, "Notes": "x" * 4001}, {"model.Subject", "model.Notes"}),
        ({"Classifications": ["x" * 21]}, {"model.Classifications.0"}),
        ({"BookFirstAvailable": "perhaps"}, {"model.BookFirstAvailable"}),
    ],
)
async def test_fields_that_are_wrong_are_named(office: Office, change: dict[str, Any], fields: set[str]) -> None:
    body = MADE | {"CustomerId": await office.customer()} | change
    assert wrong(await office.ask("PUT", APPOINTMENTS, body)) == fields
    assert await office.services.reads.booked_between("harbour", 0, 2**62) == []


@pytest.mark.parametrize("change", [{"ServiceId": 120}, {"ServiceId": 999}, {"CustomerId": 999}, {"CustomerId": 0}])
async def test_services_and_customers_that_there_are_not(office: Office, change: dict[str, Any]) -> None:
    body = MADE | {"CustomerId": await office.customer()} | change
    assert refused(await office.ask("PUT", APPOINTMENTS, body)) == (404, NOT_FOUND)


async def test_outside_opening_hours_there_is_no_calendar(office: Office) -> None:
    body = {"ServiceId": 31, "CustomerId": await office.customer(), "AppointmentDateTime": "2026-09-24T10:00:00"}
    assert refused(await office.ask("PUT", APPOINTMENTS, body)) == (400, NO_CALENDAR)


async def test_a_full_slot_has_no_time_left(office: Office) -> None:
    customer = await office.customer()
    await office.booked(customer, at=f"{DAY}T15:00:00", service=22)
    body = {"ServiceId": 22, "CustomerId": customer, "AppointmentDateTime": f"{DAY}T15:00:00"}
    assert refused(await office.ask("PUT", APPOINTMENTS, body)) == (400, NO_TIME)
    between = body | {"AppointmentDateTime": f"{DAY}T15:10:00"}
    assert refused(await office.ask("PUT", APPOINTMENTS, between)) == (400, NO_TIME)
    await office.booked(customer, at=f"{DAY}T15:30:00", service=22)


async def test_a_closed_service_books_nobody(office: Office) -> None:
    customer = await office.customer()
    await office.services.store.close_queue("passports")
    body = {"ServiceId": 20, "CustomerId": customer, "AppointmentDateTime": f"{DAY}T15:00:00"}
    assert refused(await office.ask("PUT", APPOINTMENTS, body)) == (400, QUEUE_CLOSED)


async def test_a_walk_in_is_no_appointment(office: Office) -> None:
    assert refused(await office.ask("GET", f"{APPOINTMENTS}/{await office.walked_in()}")) == (404, NOT_FOUND)


async def test_a_slot_that_was_kept_becomes_the_appointment(office: Office) -> None:
    slot_at = office.clock.now + 3_600_000
    done = await office.services.store.reserve("passports", slot_at=slot_at, extra='{"other": {"a": 1}}')
    assert done.ticket
    body = MADE | {"CustomerId": await office.customer(), "ReservedSlotId": done.ticket.serial}
    answer = await office.done("PUT", APPOINTMENTS, body)
    assert answer["ProcessId"] == done.ticket.serial
    assert answer["AppointmentDateTime"] == f"{DAY}T13:00:00.0000000+10:00"
    assert (await office.ticket(answer["ProcessId"])).state is State.BOOKED
    person = await office.services.reads.person(done.ticket.id)
    assert person and person.name == "Anna Berg" and '"other"' in person.extra
    assert refused(await office.ask("PUT", APPOINTMENTS, body)) == (404, NOT_FOUND)


async def test_a_slot_of_another_service_is_not_taken(office: Office) -> None:
    done = await office.services.store.reserve("visas", slot_at=office.clock.now)
    assert done.ticket
    body = MADE | {"CustomerId": await office.customer(), "ReservedSlotId": done.ticket.serial}
    assert refused(await office.ask("PUT", APPOINTMENTS, body)) == (404, NOT_FOUND)


async def test_cancelled(office: Office) -> None:
    process = await office.booked(await office.customer())
    body = {
        "ProcessId": process,
        "UserId": 7,
        "CancellationReasonId": 2,
        "CancellationReasonExtRef": "ILL",
        "CancellationComment": "Fever",
    }
    assert await office.done("DELETE", APPOINTMENTS, body) == body
    ticket = await office.ticket(process)
    assert (ticket.state, ticket.close_reason) == (State.CANCELLED, CloseReason.STAFF)
    noted = kept.with_ticket(await office.services.reads.person(ticket.id))
    assert (noted.cancellation_reason_id, noted.cancellation_comment) == (2, "Fever")
    assert (await office.done("GET", f"{APPOINTMENTS}/{process}"))["CurrentEntityStatusDesc"] == "Cancelled"


async def test_the_same_key_cancels_once_and_answers_the_same(office: Office) -> None:
    process = await office.booked(await office.customer())
    headers, body = {"Idempotency-Key": "abc"}, {"ProcessId": process, "CancellationComment": "Ill"}
    first, second = [await office.ask("DELETE", APPOINTMENTS, body, headers=headers) for _ in range(2)]
    assert (first.status_code, first.json()) == (second.status_code, second.json()) == (200, first.json())
    assert refused(await office.ask("DELETE", APPOINTMENTS, body)) == (400, CLOSED)


@pytest.mark.parametrize("user", [None, 0, 1])
async def test_cancelled_by_the_system_it_was_the_customer(office: Office, user: int | None) -> None:
    process = await office.booked(await office.customer())
    await office.done("DELETE", APPOINTMENTS, {"ProcessId": process, "UserId": user})
    assert (await office.ticket(process)).close_reason is CloseReason.CUSTOMER


@pytest.mark.parametrize(("method", "name"), [("DELETE", "ProcessId"), ("PATCH", "OriginalProcessId")])
async def test_only_what_is_to_come_is_moved_or_cancelled(office: Office, method: str, name: str) -> None:
    customer = await office.customer()
    walk_in, here, gone = await office.walked_in(), await office.booked(customer), await office.booked(customer)
    await office.done("POST", f"{APPOINTMENTS}/Checkin", {"ProcessId": here})
    await office.cancelled(gone, CloseReason.CUSTOMER)
    for process, expected in (
        (walk_in, (404, NOT_FOUND)),
        (here, (400, ARRIVED)),
        (gone, (400, CLOSED)),
        (999, (404, NOT_FOUND)),
    ):
        body = {name: process, "AppointmentDateTime": f"{DAY}T16:00:00"}
        assert refused(await office.ask(method, APPOINTMENTS, body)) == expected


async def test_another_organization_reaches_none(office: Office, stranger: Office) -> None:
    process = await office.booked(await office.customer())
    before = await office.ticket(process)
    attempts = [
        await stranger.ask("GET", f"{APPOINTMENTS}/{process}"),
        await stranger.ask("DELETE", APPOINTMENTS, {"ProcessId": process}),
        await stranger.ask(
            "PATCH", APPOINTMENTS, {"OriginalProcessId": process, "AppointmentDateTime": f"{DAY}T16:00:00"}
        ),
    ]
    assert [refused(each) for each in attempts] == [(404, NOT_FOUND)] * 3
    assert await office.ticket(process) == before


async def test_who_does_not_want_to_be_written_to_is_known_by_name(office: Office) -> None:
    process = await office.booked(await office.customer(NotificationConsent=False))
    person = await office.services.reads.person((await office.ticket(process)).id)
    assert person and (person.name, person.phone, person.email) == ("Anna Berg", "", "")


async def test_of_an_erased_customer_the_appointment_stays(office: Office) -> None:
    process = await office.booked(await office.customer())
    customers: Customers = office.services.customers
    found = await customers.find("riverside", personal_id="19800501-1234")
    assert found
    await customers.erase("riverside", found.id)
    assert (await office.case(process))["Customer"] is None
