"""Every state, however it was reached, has the codes of the map; numbers are those that everybody is told."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from callboard.domain.model import CloseReason, State, Ticket
from callboard.facades.qflow import codes
from callboard.facades.qflow.translation import action, row, shown
from callboard.standing import standing
from facades.qflow.world import Office

# CaseStatus, ProcessStatus, EntityStatus, Resolution
EXPECTED = (0, 2, 0, None)
WAITING = (0, 0, 3, None)
IN_SERVICE = (0, 0, 6, None)
HELD, HELD_FROM_COUNTER = (0, 0, 11, None), (0, 0, 12, None)
DONE, NO_SHOW = (1, 1, 8, 0), (1, 1, 17, 2)
CANCELLED, ABANDONED, RESCHEDULED = (1, 1, 15, 1), (1, 1, 4, 3), (1, 1, 15, 5)
ENQUEUE, CALL_NEXT, CALL_CASE, COMPLETE, RETURN, HOLD, RELEASE, SET = 0, 1, 2, 7, 8, 9, 10, 13

WORDS: dict[str, dict[int | None, str | None]] = {
    "CaseStatus": {0: "Active", 1: "Closed"},
    "ProcessStatus": {0: "Active", 1: "Closed", 2: "Pending"},
    "EntityStatus": {
        **{0: "Expected", 3: "Waiting", 4: "Abandoned", 6: "InService", 8: "Completed", 11: "WaitWithRules"},
        **{12: "WaitCustomer", 15: "Cancelled", 17: "NoShow"},
    },
    "Resolution": {None: None, 0: "Complete", 1: "Cancelled", 2: "NoShow", 3: "Abandoned", 5: "Rescheduled"},
    "Action": {
        **{0: "Enqueue", 1: "Call Next", 2: "Call Case", 7: "Complete", 8: "Return To Queue", 9: "Hold"},
        **{10: "Release", 13: "Set Appointment"},
    },
}


async def booked(office: Office) -> int:
    return await office.booked(await office.customer())


async def confirmed(office: Office) -> int:
    done = await office.services.store.reserve("passports", slot_at=office.clock.now)
    assert done.ticket
    await office.services.store.confirm(done.ticket.id)
    return done.ticket.serial


async def rebooked(office: Office) -> int:
    process = await booked(office)
    await office.services.store.reschedule((await office.ticket(process)).id, slot_at=office.clock.now + 60_000)
    return process


async def checked_in(office: Office) -> int:
    process = await booked(office)
    await office.done("POST", "/API/Appointments/Checkin", {"ProcessId": process})
    return process


async def activated(office: Office) -> int:
    process = await booked(office)
    office.clock.pass_(min=10)
    await office.services.store.activate((await office.ticket(process)).id)
    return process


async def walked_in(office: Office) -> int:
    return await office.walked_in()


async def called(office: Office) -> int:
    process = await office.walked_in()
    await office.called()
    return process


async def called_by_choice(office: Office) -> int:
    process = await office.walked_in()
    await office.services.store.open_desk("c1", staff="ada")
    await office.services.store.call((await office.ticket(process)).id, "c1")
    return process


def after(first: Callable[[Office], Awaitable[int]], command: str, **given: Any) -> Callable[[Office], Awaitable[int]]:
    """The ticket of `first`, after one more command of the store."""

    async def go(office: Office) -> int:
        process = await first(office)
        await getattr(office.services.store, command)((await office.ticket(process)).id, **given)
        return process

    return go


async def finished_by_the_next(office: Office) -> int:
    process = await called(office)
    await office.walked_in()
    await office.services.store.call_next("c1")
    return process


async def reset(office: Office) -> int:
    process = await office.walked_in()
    office.clock.pass_(h=24)
    await office.services.store.reset("harbour")
    return process


async def moved(office: Office) -> int:
    process = await booked(office)
    body = {"OriginalProcessId": process, "AppointmentDateTime": "2026-09-22T16:00:00"}
    await office.done("PATCH", "/API/Appointments", body)
    return process


started = after(called, "start")
cancel = {"reason": CloseReason.CUSTOMER}
PATHS: dict[str, tuple[Callable[[Office], Awaitable[int]], tuple[int, int, int, int | None], int]] = {
    "booked": (booked, EXPECTED, SET),
    "confirmed": (confirmed, EXPECTED, SET),
    "another slot": (rebooked, EXPECTED, SET),
    "reminded": (after(booked, "remind"), EXPECTED, SET),
    "checked in": (checked_in, WAITING, ENQUEUE),
    "activated": (activated, WAITING, ENQUEUE),
    "walked in": (walked_in, WAITING, ENQUEUE),
    "postponed": (after(walked_in, "postpone", minutes=5), WAITING, ENQUEUE),
    "transferred": (after(walked_in, "transfer", queue="visas"), WAITING, ENQUEUE),
    "put back": (after(called, "put_back"), WAITING, RETURN),
    "released": (after(after(walked_in, "hold"), "release"), WAITING, RELEASE),
    "called next": (called, IN_SERVICE, CALL_NEXT),
    "called by choice": (called_by_choice, IN_SERVICE, CALL_CASE),
    "called again": (after(called, "recall"), IN_SERVICE, CALL_NEXT),
    "started": (started, IN_SERVICE, CALL_NEXT),
    "held from the line": (after(walked_in, "hold"), HELD, HOLD),
    "held from the counter": (after(called, "hold"), HELD_FROM_COUNTER, HOLD),
    "finished": (after(started, "finish"), DONE, COMPLETE),
    "finished by the next": (finished_by_the_next, DONE, COMPLETE),
    "missed": (after(called, "no_show"), NO_SHOW, CALL_NEXT),
    "missed and back": (after(after(called, "no_show"), "rejoin"), WAITING, ENQUEUE),
    "left the line": (after(walked_in, "cancel", reason=CloseReason.ABANDONED), ABANDONED, ENQUEUE),
    "cancelled by the customer": (after(walked_in, "cancel", **cancel), CANCELLED, ENQUEUE),
    "cancelled by staff": (after(called, "cancel", reason=CloseReason.STAFF), CANCELLED, CALL_NEXT),
    "cancelled before it came": (after(booked, "cancel", **cancel), CANCELLED, SET),
    "sent away at night": (reset, CANCELLED, ENQUEUE),
    "moved": (moved, RESCHEDULED, SET),
    "corrected to done": (after(walked_in, "correct", state=State.DONE), DONE, COMPLETE),
    "corrected to waiting": (after(started, "correct", state=State.WAITING), WAITING, CALL_NEXT),
}


@pytest.mark.parametrize("path", PATHS)
async def test_a_state_has_its_codes_and_their_words(office: Office, path: str) -> None:
    go, expected, step = PATHS[path]
    case = await office.case(await go(office))
    assert tuple(case[name] for name in ("CaseStatus", "ProcessStatus", "EntityStatus", "Resolution")) == expected
    assert case["Action"] == step
    assert {name: case[f"{name}Desc"] for name in WORDS} == {name: words[case[name]] for name, words in WORDS.items()}


def test_every_row_of_the_table_was_walked_through() -> None:
    """A reservation is shown as a booking is."""
    table = codes.read()
    rows = {(row.case_status, row.process_status, row.entity_status, row.resolution) for row in table.shown.values()}
    assert {expected for _, expected, _ in PATHS.values()} == rows
    assert {step for _, _, step in PATHS.values()} == {int(step) for step in table.action}


def test_the_table_is_total() -> None:
    table = codes.read()
    for state in State:
        for reason in (None, *CloseReason):
            ticket = Ticket(id="", serial=1, location="", queue="", state=state, created_at=1, close_reason=reason)
            assert row(ticket) in table.shown
            assert shown(ticket, table).case_status in (0, 1)
            assert str(action(ticket, table)) in table.action


async def test_the_place_and_the_wait_are_those_of_everybody(office: Office) -> None:
    """0-based; null as soon as nobody waits any more."""
    await office.services.store.open_desk("c1", staff="ada")
    processes = [await office.walked_in() for _ in range(3)]
    for place, process in enumerate(processes):
        case = await office.case(process)
        told = await standing(office.services.reads, (await office.ticket(process)).id, office.clock.now)
        assert case["QueuePosition"] == place == told.ahead
        assert case["WaitTimeEst"] == told.wait_min
    await office.services.store.call_next("c1")
    case = await office.case(processes[0])
    assert (case["QueuePosition"], case["WaitTimeEst"]) == (None, None)
    assert (await office.case(processes[1]))["QueuePosition"] == 0


async def test_who_serves_and_where(office: Office) -> None:
    process = await office.walked_in()
    ticket = await office.called(staff="Ada Lovelace")
    names = ("UserName", "UserFirstName", "UserLastName", "UserServedName", "LocationName", "LocationServedName")
    case = await office.case(process)
    assert [case[name] for name in names] == ["Ada Lovelace", "Ada", "Lovelace", None, "Counter 1", None]
    await office.services.store.start(ticket)
    case = await office.case(process)
    assert [case[name] for name in names] == [*["Ada Lovelace", "Ada", "Lovelace", "Ada Lovelace"], *["Counter 1"] * 2]
    await office.services.store.finish(ticket)
    case = await office.case(process)
    assert [case[name] for name in names] == [*["Ada Lovelace", "Ada", "Lovelace", "Ada Lovelace"], None, "Counter 1"]


async def test_a_walk_in_has_no_appointment(office: Office) -> None:
    case = await office.case(await office.walked_in())
    assert case["AppointmentTypeName"] is None
    assert case["ReferenceDate"] == case["ArrivalTime"] == case["CaseDateCreated"]


@pytest.mark.parametrize(("source", "is_so"), [("staff", True), ("kiosk", False), ("qflow", False)])
async def test_who_was_let_in_by_staff_is_admitted_directly(office: Office, source: str, is_so: bool) -> None:
    done = await office.services.store.join("passports", source=source)
    assert done.ticket
    assert (await office.case(done.ticket.serial))["IsDirectAdmit"] is is_so


async def test_another_zone_is_told_beside_dates_of_the_server(office: Office) -> None:
    """Perth is two hours behind Sydney until its clocks change, and three after."""
    customer = await office.customer()
    process = await office.booked(customer, at="2026-09-23T10:00:00", service=31)
    case = await office.case(process)
    assert case["TimeZoneOffset"] == -120
    assert case["ReferenceDate"] == "2026-09-23T12:00:00.0000000+10:00"
    process = await office.booked(customer, at="2026-10-05T10:00:00", service=31)
    case = await office.case(process)
    assert case["TimeZoneOffset"] == -180
    assert case["ReferenceDate"] == "2026-10-05T13:00:00.0000000+11:00"
    appointment = await office.done("GET", f"/API/Appointments/{process}")
    assert appointment["AppointmentDate"] == "2026-10-05T10:00:00.0000000+08:00"


async def test_a_person_who_is_erased_is_gone_from_the_case(office: Office) -> None:
    process = await office.booked(await office.customer(), Subject="Renewal", ExtRef="REF")
    await office.services.store.erase((await office.ticket(process)).id)
    case = await office.case(process)
    assert (case["Customer"], case["Subject"], case["ExtRef"]) == (None, None, None)
    assert case["CaseId"] == process


@pytest.mark.parametrize("extra", ["free text", '{"qflow": {"Subject": 5}}', '{"qflow": []}', "[]"])
async def test_what_other_apis_do_is_seen(office: Office, extra: str) -> None:
    """A ticket that was taken elsewhere, with an opaque text that is not ours, or not as we write it."""
    done = await office.services.store.join("passports", name="Bo", extra=extra, locale="ar")
    assert done.ticket
    case = await office.done("GET", f"/qflow/Cases/{done.ticket.serial}")
    assert (case["LanguageCode"], case["Customer"], case["CustomProperties"]) == ("ar", None, {})
    assert case["ServiceName"] == "Passports"
