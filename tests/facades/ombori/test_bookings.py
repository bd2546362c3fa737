"""Bookings and reservations: made, moved, confirmed, cancelled, activated by time, by staff or by their code."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from callboard.app import create_app
from callboard.domain.model import State
from callboard.facades import CODES
from callboard.facades.ombori.code import ticket_of_code
from callboard.housekeeping import Housekeeping
from callboard.services import Services
from conftest import START, Clock
from facades.ombori.conftest import QUEUE
from house import client

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def at(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def slot(start: int = START + HOUR_MS, minutes: int = 15, **more: Any) -> dict[str, Any]:
    return {"start": at(start), "end": at(start + minutes * 60_000), **more}


def reservation(**more: Any) -> dict[str, Any]:
    notification = {"type": "phoneNumber", "settings": {"to": "+46701740605"}}
    return {"locale": "en", "notification": notification, "booking": slot(), **more}


async def make(who: httpx2.AsyncClient, kind: str, body: dict[str, Any], queue: str = QUEUE) -> dict[str, Any]:
    answer = await who.post(f"/queues/{queue}/{kind}", json=body)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def get(who: httpx2.AsyncClient, id: str, queue: str = QUEUE) -> dict[str, Any]:
    found: dict[str, Any] = (await who.get(f"/queues/{queue}/positions/{id}")).json()
    return found


async def test_anybody_books(visitor: httpx2.AsyncClient) -> None:
    notification = {"type": "email", "settings": {"recipient": "ann@example.org"}}
    body = {"locale": "sv", "notification": notification, "numberOfPeople": 2, "booking": slot()}
    made = await make(visitor, "bookings", body)
    assert made == {
        **body,
        "id": made["id"],
        "location": None,
        "type": "booking",
        "priority": 100,
        "status": "draft",
        "label": "",
        "queue": QUEUE,
        "createdAt": at(START),
        "bookingReminderAt": None,
        "QRCodeCheckInPositionId": json.dumps(
            {"type": "check-in-position", "positionId": made["id"]}, separators=(",", ":")
        ),
    }


async def test_a_reservation_is_confirmed_once_and_twice_is_the_same(integrator: httpx2.AsyncClient) -> None:
    made = await make(integrator, "reservations", reservation())
    assert made["status"] == "reserved"
    path = f"/queues/{QUEUE}/reservations/{made['id']}/confirm"
    first = await integrator.post(path)
    assert (first.status_code, first.json()) == (200, made | {"status": "draft"})
    again = await integrator.post(path)
    assert (again.status_code, again.json()) == (200, first.json())


async def test_a_reservation_left_alone_for_a_year_is_still_one(
    integrator: httpx2.AsyncClient, services: Services, clock: Clock
) -> None:
    made = await make(integrator, "reservations", reservation())
    housekeeping = Housekeeping(services.store, services.reads)
    for _ in range(12):
        clock.pass_(h=365 * 2)
        await housekeeping.look()
    assert (await get(integrator, made["id"]))["status"] == "reserved"
    assert (await integrator.post(f"/queues/{QUEUE}/reservations/{made['id']}/confirm")).status_code == 200


async def test_a_reservation_is_changed_as_it_is_made(integrator: httpx2.AsyncClient) -> None:
    made = await make(integrator, "reservations", reservation(customData={"a": 1}))
    changed = reservation(booking=slot(START + 2 * HOUR_MS), numberOfPeople=3, locale="ar")
    path = f"/queues/{QUEUE}/reservations/{made['id']}"
    answer = await integrator.patch(path, json=changed)
    assert answer.status_code == 200, answer.text
    assert answer.json() == made | changed
    await integrator.post(f"{path}/confirm")
    assert (await integrator.patch(path, json=changed)).status_code == 409


async def test_a_booking_is_moved(visitor: httpx2.AsyncClient, integrator: httpx2.AsyncClient) -> None:
    made = await make(visitor, "bookings", {"booking": slot()})
    path = f"/queues/{QUEUE}/positions/{made['id']}"
    moved = slot(START + DAY_MS, minutes=45)
    assert (await integrator.patch(path, json={"booking": moved})).json() == made | {"booking": moved}


async def test_a_ticket_without_a_slot_cannot_be_moved_and_nothing_else_changes(
    integrator: httpx2.AsyncClient, services: Services
) -> None:
    done = await services.store.join("general")
    assert done.ticket
    path = f"/queues/{QUEUE}/positions/{done.ticket.id}"
    answer = await integrator.patch(path, json={"booking": slot(), "customerInfo": ["Ann"], "numberOfPeople": 3})
    assert answer.status_code == answer.json()["statusCode"] == 409
    assert (await services.reads.ticket(done.ticket.id)) == done.ticket
    assert "customerInfo" not in await get(integrator, done.ticket.id)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({}, None),
        ({"virtualAppointment": None}, None),
        ({"virtualAppointment": True}, {"isEnabled": True}),
        ({"virtualAppointment": False}, {"isEnabled": False}),
        ({"virtualAppointment": True, "isEnabled": True}, {"isEnabled": True}),
        ({"virtualAppointment": True, "isEnabled": False}, {"isEnabled": False}),
        ({"isEnabled": True}, {"isEnabled": True}),
        ({"virtualAppointment": {"isEnabled": True}}, {"isEnabled": True}),
        ({"virtualAppointment": {"isEnabled": False, "url": "https://x.example"}}, {"isEnabled": False}),
        (
            {"virtualAppointment": {"isEnabled": True, "url": "https://x.example", "managerId": "7"}},
            {"isEnabled": True, "url": "https://x.example", "managerId": "7"},
        ),
    ],
)
async def test_a_virtual_appointment_is_said_in_either_form(
    integrator: httpx2.AsyncClient, said: dict[str, Any], shown: dict[str, Any] | None
) -> None:
    """The source's table has a boolean, with isEnabled beside it; its sample has an object."""
    made = await make(integrator, "reservations", reservation(booking=slot(**said)))
    assert "virtualAppointment" not in made["booking"]
    assert (await get(integrator, made["id"]))["booking"].get("virtualAppointment") == shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("2026-11-30 14:30", "2026-11-30T13:30:00.000Z"),  # as the position model has it, in Stockholm
        ("2026-11-30T14:30:00+05:30", "2026-11-30T09:00:00.000Z"),
        ("2026-11-30T14:30:00.1700000Z", "2026-11-30T14:30:00.170Z"),
        ("2026-11-30T14:30Z", "2026-11-30T14:30:00.000Z"),
    ],
)
async def test_moments_are_read_as_clients_write_them(visitor: httpx2.AsyncClient, said: str, shown: str) -> None:
    made = await make(visitor, "bookings", {"booking": {"start": said, "end": "2026-12-01T00:00:00Z"}})
    assert made["booking"]["start"] == shown


@pytest.mark.parametrize(
    ("start", "end", "where"),
    [
        ("2026-13-30T14:30:00Z", "2026-12-01T00:00:00Z", "booking.start"),
        ("tomorrow", "2026-12-01T00:00:00Z", "booking.start"),
        ("2026-11-30T14:30:00Z", "2026-11-30T14:30:00Z", "booking.end"),
        ("1999-11-30T14:30:00Z", "2026-11-30T14:30:00Z", "booking.start"),
        ("2026-11-30T14:30:00Z", "9999-12-31T23:59:59-23:59", "booking.end"),
        ("0001-01-01T00:00:00+23:59", "2026-11-30T14:30:00Z", "booking.start"),
    ],
)
async def test_a_slot_that_cannot_be_is_refused(visitor: httpx2.AsyncClient, start: str, end: str, where: str) -> None:
    answer = await visitor.post(f"/queues/{QUEUE}/bookings", json={"booking": {"start": start, "end": end}})
    assert answer.status_code == answer.json()["statusCode"] == 400
    assert answer.json()["message"].startswith(f"{where}: ")


async def test_a_slot_takes_so_many_and_is_shown_as_gone(visitor: httpx2.AsyncClient) -> None:
    """The queue has slots of half an hour with two places."""
    start = START + HOUR_MS - START % (HOUR_MS // 2)
    booking = {"booking": slot(start, minutes=30)}
    query = {"from": at(start), "to": at(start + HOUR_MS)}
    slots = (await visitor.get("/queues/advice/timeslots", params=query)).json()
    later = slot(start + HOUR_MS // 2, minutes=30)
    assert slots == [slot(start, minutes=30, available=True), later | {"available": True}]
    for status in (200, 200, 409):
        assert (await visitor.post("/queues/advice/bookings", json=booking)).status_code == status
    slots = (await visitor.get("/queues/advice/timeslots", params=query)).json()
    assert [each["available"] for each in slots] == [False, True]


async def test_slots_are_those_of_a_week_unless_asked_otherwise(visitor: httpx2.AsyncClient) -> None:
    found = (await visitor.get("/queues/advice/timeslots")).json()
    assert found[0]["start"] >= at(START)
    assert at(START + 6 * DAY_MS) < found[-1]["start"] < at(START + 7 * DAY_MS)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"from": "x"}, "from: "),
        ({"to": "2026-09-01T00:00:00Z"}, "to: must not be before from"),
        ({"from": "2026-09-22T00:00:00Z", "to": "2027-09-22T00:00:00Z"}, "to: must be at most 31 days after from"),
        ({"from": "2026-99-22T00:00:00Z"}, "from: "),
    ],
)
async def test_slots_of_no_time_are_refused(visitor: httpx2.AsyncClient, query: dict[str, str], names: str) -> None:
    answer = await visitor.get("/queues/advice/timeslots", params=query)
    assert answer.status_code == answer.json()["statusCode"] == 400
    assert answer.json()["message"].startswith(names)


async def test_its_code_checks_a_booking_in_and_then_it_has_a_label(
    visitor: httpx2.AsyncClient, services: Services, clock: Clock
) -> None:
    made = await make(visitor, "bookings", {"booking": slot()})
    clock.pass_(min=50)
    scanned = ticket_of_code(made["QRCodeCheckInPositionId"])
    assert scanned is not None
    assert scanned == made["id"]
    await services.store.check_in(scanned)
    seen = await get(visitor, made["id"])
    assert seen == made | {
        "status": "pending",
        "label": "A1",
        "activatedAt": at(clock.now),
        "numberInTheQueue": 1,
    }


async def test_a_kiosk_that_scans_its_code_puts_it_in_the_queue(
    visitor: httpx2.AsyncClient, services: Services, clock: Clock
) -> None:
    made = await make(visitor, "bookings", {"booking": slot()})
    clock.pass_(min=50)
    async with client(create_app(replace(services, codes=CODES))) as kiosk:
        body = {"code": made["QRCodeCheckInPositionId"], "location": "main"}
        answer = await kiosk.post("/api/v1/scan", json=body)
    assert (answer.status_code, answer.json()["checked_in"]) == (200, True), answer.text
    assert (await get(visitor, made["id"]))["status"] == "pending"


async def test_when_a_booking_is_reminded_of_is_said_beforehand(
    visitor: httpx2.AsyncClient, services: Services, clock: Clock
) -> None:
    """The queue reminds an hour before."""
    made = await make(visitor, "bookings", {"booking": slot(START + 3 * HOUR_MS)}, "lab")
    assert made["bookingReminderAt"] == at(START + 2 * HOUR_MS)
    clock.pass_(h=2)
    await services.store.remind(made["id"])
    assert (await get(visitor, made["id"], "lab"))["bookingReminderAt"] == at(START + 2 * HOUR_MS)
    await services.store.check_in(made["id"], force=True)
    assert (await get(visitor, made["id"], "lab"))["bookingReminderAt"] == at(START + 2 * HOUR_MS)


async def test_a_reminder_that_will_not_go_out_is_not_said(integrator: httpx2.AsyncClient) -> None:
    """Of what is not confirmed, and of what was booked later than it would go out."""
    kept = await make(integrator, "reservations", reservation(booking=slot(START + 3 * HOUR_MS)), "lab")
    assert kept["bookingReminderAt"] is None  # as in S2's sample
    confirmed = (await integrator.post(f"/queues/lab/reservations/{kept['id']}/confirm")).json()
    assert confirmed["bookingReminderAt"] == at(START + 2 * HOUR_MS)
    late = await make(integrator, "bookings", {"booking": slot(START + HOUR_MS // 2)}, "lab")
    assert late["bookingReminderAt"] is None


@pytest.mark.parametrize("kind", ["bookings", "reservations"])
async def test_a_slot_is_free_again_when_it_is_cancelled(
    integrator: httpx2.AsyncClient, services: Services, kind: str
) -> None:
    made = await make(integrator, kind, reservation())
    answer = await integrator.put(f"/queues/{QUEUE}/positions/{made['id']}/cancel-position")
    assert (answer.status_code, answer.json()["status"], answer.json()["label"]) == (200, "rejected", "")
    assert (await services.reads.ticket(made["id"])).state is State.CANCELLED
    assert (await integrator.post(f"/queues/{QUEUE}/reservations/{made['id']}/confirm")).status_code == 409


async def test_who_waits_already_has_nothing_to_confirm(integrator: httpx2.AsyncClient, services: Services) -> None:
    done = await services.store.join("general")
    assert done.ticket
    path = f"/queues/{QUEUE}/reservations/{done.ticket.id}"
    assert (await integrator.post(f"{path}/confirm")).status_code == 409
    assert (await integrator.patch(path, json=reservation())).status_code == 409


async def test_a_body_without_what_it_needs_is_told_what(integrator: httpx2.AsyncClient) -> None:
    answer = await integrator.post(f"/queues/{QUEUE}/reservations", json={"booking": {"start": 5}})
    assert answer.status_code == 400
    for field in ("locale", "notification", "booking.start", "booking.end"):
        assert field in answer.json()["message"]
