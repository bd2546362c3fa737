"""Appointments that move: a new process of the same case, whatever becomes of the old one."""

from typing import Any

import pytest

from callboard.domain.consent import agreed
from callboard.domain.model import CloseReason
from callboard.facades.qflow import kept
from callboard.store.transitions import Store
from facades.qflow.test_appointments import APPOINTMENTS, CLOSED, MADE, NO_TIME
from facades.qflow.world import DAY, Office, refused


async def moved(office: Office, process: int, **fields: Any) -> Any:
    body = {"OriginalProcessId": process, "AppointmentDateTime": f"{DAY}T16:00:00", **fields}
    return await office.done("PATCH", APPOINTMENTS, body)


async def test_moved_is_a_new_process_of_the_same_case(office: Office) -> None:
    process = (await office.done("PUT", APPOINTMENTS, MADE | {"CustomerId": await office.customer()}))["ProcessId"]
    office.clock.pass_(min=5)
    answer = await moved(office, process, CancellationReasonId=3, CancellationComment="Ill")
    assert answer["OriginalProcessId"] == process != answer["ProcessId"]
    assert answer["CaseId"] == process
    assert answer["AppointmentDateTime"] == f"{DAY}T16:00:00.0000000+10:00"
    old, new = await office.case(process), await office.case(answer["ProcessId"])
    assert (old["EntityStatus"], old["Resolution"], old["ResolutionDesc"]) == (15, 5, "Rescheduled")
    assert (new["EntityStatus"], new["CaseId"], new["ProcessId"]) == (0, process, answer["ProcessId"])
    same = ("Subject", "ExtRef", "Customer", "LanguageCode", "CaseDateCreated", "UnitId", "ServiceId")
    assert {name: new[name] for name in same} == {name: old[name] for name in same}


async def test_consent_moves_along_with_the_number(office: Office) -> None:
    process = (await office.done("PUT", APPOINTMENTS, MADE | {"CustomerId": await office.customer()}))["ProcessId"]
    reads, store = office.services.reads, office.services.store

    async def consents(process: int) -> dict[str, str]:
        person = await reads.person(await reads.ticket_of_serial(process))
        return {way: each.words or each.through for way, each in person.consent.items()} if person else {}

    assert set((await consents(process)).values()) == {"qflow"}
    phone, agreeing = "+61412345678", agreed("page", "We text.", "en")
    await store.change_person(await reads.ticket_of_serial(process), phone=phone, email="", consent=agreeing)
    assert await consents((await moved(office, process))["ProcessId"]) == {"phone": "We text."}


async def test_a_case_is_found_by_its_number_however_often_it_moved(office: Office) -> None:
    case = process = await office.booked(await office.customer())
    for hour in ("13", "14", "15"):
        answer = await moved(office, process, AppointmentDateTime=f"{DAY}T{hour}:00:00")
        process = answer["ProcessId"]
        assert answer["CaseId"] == case
    assert (await office.done("GET", f"/API/Cases/{case}"))["ProcessId"] == process
    assert (await office.case(case))["Resolution"] == 5
    body = {"CaseId": case, "ForceEarlyLate": True}
    assert (await office.done("POST", f"{APPOINTMENTS}/Checkin", body))["ProcessId"] == process


async def test_also_when_the_first_process_is_long_forgotten(office: Office) -> None:
    case = await office.booked(await office.customer())
    process = (await moved(office, case, AppointmentDateTime="2027-03-01T10:00:00"))["ProcessId"]
    for _ in range(3):
        office.clock.pass_(h=24)
        await office.services.store.reset("harbour")
    assert (await office.ask("GET", f"/API/Cases/Processes/{case}")).status_code == 404
    found = await office.done("GET", f"/API/Cases/{case}")
    assert (found["CaseId"], found["ProcessId"]) == (case, process)


async def test_moved_to_another_service_with_other_words(office: Office) -> None:
    process = (await office.done("PUT", APPOINTMENTS, MADE | {"CustomerId": await office.customer()}))["ProcessId"]
    answer = await moved(office, process, ServiceId=21, Subject="Visa", ExtRef="REF-2")
    case = await office.case(answer["ProcessId"])
    assert [case[name] for name in ("ServiceId", "Subject", "ExtRef")] == [21, "Visa", "REF-2"]
    ticket = await office.ticket(answer["ProcessId"])
    assert kept.with_ticket(await office.services.reads.person(ticket.id)).notes is None  # not carried over


async def test_moved_to_another_unit_is_another_case(office: Office) -> None:
    process = await office.booked(await office.customer())
    answer = await moved(office, process, ServiceId=31, AppointmentDateTime="2026-09-23T10:00:00")
    assert answer["CaseId"] == answer["ProcessId"]
    assert (await office.case(answer["ProcessId"]))["UnitId"] == 30
    assert (await office.case(process))["Resolution"] == 5


async def test_one_that_is_closed_while_it_moves_does_not_move(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody cancels it between our booking of the new time and our closing of the old."""
    process = await office.booked(await office.customer())
    book = Store.book

    async def book_slowly(self: Store, *args: Any, **options: Any) -> Any:
        done = await book(self, *args, **options)
        await office.cancelled(process, CloseReason.CUSTOMER)
        return done

    monkeypatch.setattr(Store, "book", book_slowly)
    body = {"OriginalProcessId": process, "AppointmentDateTime": f"{DAY}T16:00:00"}
    assert refused(await office.ask("PATCH", APPOINTMENTS, body)) == (400, CLOSED)
    found = await office.done("GET", f"/API/Cases/{process}")
    assert (found["ProcessId"], found["Resolution"]) == (process, 1)
    assert await office.services.reads.booked_between("harbour", 0, 2**62) == []


async def test_a_move_to_a_full_slot_changes_nothing(office: Office) -> None:
    customer = await office.customer()
    await office.booked(customer, at=f"{DAY}T16:00:00", service=22)
    process = await office.booked(customer, at=f"{DAY}T15:00:00", service=22)
    before = await office.ticket(process)
    body = {"OriginalProcessId": process, "AppointmentDateTime": f"{DAY}T16:00:00"}
    assert refused(await office.ask("PATCH", APPOINTMENTS, body)) == (400, NO_TIME)
    assert await office.ticket(process) == before


async def test_one_that_stays_in_its_full_slot_keeps_its_place(office: Office) -> None:
    customer = await office.customer()
    process = await office.booked(customer, at=f"{DAY}T16:00:00", service=22)
    answer = await moved(office, process, Subject="Renewal")
    assert answer["ProcessId"] != process and (await office.case(answer["ProcessId"]))["Subject"] == "Renewal"
    body = {"ServiceId": 22, "AppointmentDateTime": f"{DAY}T16:00:00", "CustomerId": customer}
    assert refused(await office.ask("PUT", APPOINTMENTS, body)) == (400, NO_TIME)
    await office.done("DELETE", APPOINTMENTS, {"ProcessId": answer["ProcessId"]})
    await office.booked(customer, at=f"{DAY}T16:00:00", service=22)


async def test_moved_into_a_slot_that_was_kept(office: Office) -> None:
    process = await office.booked(await office.customer(), Subject="Renewal", LanguageCode="ar")
    done = await office.services.store.reserve("visas", slot_at=office.clock.now + 7_200_000)
    assert done.ticket
    answer = await moved(office, process, ServiceId=21, ReservedSlotId=done.ticket.serial)
    assert (answer["ProcessId"], answer["CaseId"]) == (done.ticket.serial, process)
    assert answer["AppointmentDateTime"] == f"{DAY}T14:00:00.0000000+10:00"
    case = await office.done("GET", f"/API/Cases/{process}")
    assert [case[name] for name in ("ProcessId", "Subject", "LanguageCode")] == [answer["ProcessId"], "Renewal", "ar"]
    assert case["Customer"]["FirstName"] == "Anna"
