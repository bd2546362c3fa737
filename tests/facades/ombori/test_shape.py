"""Webhooks, from the event to a receiver on loopback: twelve types in their envelope, with a queue's own headers."""

import httpx2
import pytest

from callboard.domain.directory import Directory
from callboard.domain.model import CloseReason
from callboard.facades.ombori.code import code_of
from callboard.facades.ombori.translation import TYPES, WITHOUT_MESSAGE
from conftest import START
from facades.ombori.conftest import QUEUE, site
from facades.ombori.office import BASE, Office, watched
from facades.ombori.samples import RESERVE
from webhooks.receiver import Receiver


@pytest.fixture
def directory(receiver: Receiver) -> Directory:
    return watched(site(), receiver)


async def test_a_ticket_made_is_told_in_the_envelope_with_the_queues_headers(office: Office) -> None:
    ticket = await office.join(name="Ann Example", phone="+46701740605", source="kiosk")
    [told] = await office.told()
    [got] = office.receiver.got
    assert (got.method, got.headers["content-type"]) == ("POST", "application/json")
    assert got.headers["x-auth"] == "s3cret"
    assert told == {
        "message": None,
        "data": {
            "position": {
                "id": ticket.id,
                "location": {"locationName": "Hilltop Clinic", "organizationTitle": "Hilltop"},
                "type": "anonymous",
                "priority": 0,
                "locale": "en",
                "status": "pending",
                "label": "A1",
                "queue": QUEUE,
                "createdAt": "2026-09-21T14:13:20.000Z",
                "notification": {
                    "type": "phoneNumber",
                    "settings": {"from": "", "to": "+46701740605", "recipient": ""},
                },
                "customerInfo": ["Ann Example"],
                "registrationData": {"name": {"value": "Ann Example"}, "phone": {"value": "+46701740605"}},
                "numberInTheQueue": 1,
                "QRCodeCheckInPositionId": code_of(ticket.id),
            }
        },
        "type": "positionCreated",
        "organization": "hilltop",
    }


async def test_the_walk_of_a_ticket_is_told_as_it_stood(office: Office) -> None:
    id, store = (await office.join()).id, office.store
    await store.call_next("d1")
    await store.put_back(id)
    await store.call_next("d1")
    await store.start(id)
    await store.finish(id)
    await store.feedback(id, rating=5, comment="Quick")
    told = await office.told()
    walked = [(each["type"], each["data"]["position"]["status"]) for each in told]
    assert walked == [
        ("positionCreated", "pending"),
        ("positionCalled", "notified"),
        ("positionRetry", "pending"),
        ("positionCalled", "notified"),
        ("positionFulfilled", "fulfilled"),
        ("positionCompleted", "completed"),
        ("feedbackReceived", "completed"),
    ]
    created, called, retry, *_, feedback = (each["data"]["position"] for each in told)
    assert "calledAt" not in created
    assert (called["station"], called["servedBy"]["email"]) == ({"id": "d1", "label": "1"}, "kim@example.org")
    assert (retry["retryCount"], retry["calledAt"]) == (1, called["calledAt"])
    assert feedback["feedback"] == {"rating": 5, "comment": "Quick"}
    assert told[1]["message"] == "Ticket A1: it is your turn."


async def test_the_walk_of_a_booking(office: Office, integrator: httpx2.AsyncClient) -> None:
    booking = {"start": "2026-09-21T14:23:20.000Z", "end": "2026-09-21T14:38:20.000Z"}
    made = await integrator.post(f"/queues/{QUEUE}/reservations", json=RESERVE | {"booking": booking})
    id = made.json()["id"]
    assert await office.types() == [], "a reservation is no booking yet"
    await integrator.post(f"/queues/{QUEUE}/reservations/{id}/confirm")
    later = {"start": "2026-09-21T14:28:20.000Z", "end": "2026-09-21T14:43:20.000Z"}
    await integrator.patch(f"/queues/{QUEUE}/positions/{id}", json={"booking": later})
    office.clock.pass_(min=5)
    await office.store.check_in(id)
    confirmed, updated, activated = await office.told()
    assert [each["type"] for each in (confirmed, updated, activated)] == [
        "bookingConfirmation",
        "bookingUpdated",
        "bookingActivated",
    ]
    person = f"{BASE}/t/"
    assert confirmed["message"].startswith(f"You are booked for 2026-09-21 16:23. Your ticket: {person}")
    assert "message" not in updated
    assert updated["data"]["position"]["booking"] == later
    position = activated["data"]["position"]
    assert (position["status"], position["label"]) == ("pending", "A1")
    assert (position["leaveReminderAt"], position["leaveAt"], position["customData"]) == (
        None,
        None,
        RESERVE["customData"],
    )
    assert activated["message"].startswith("Your ticket is A1. Please be here within 15 minutes.")


async def test_who_goes_is_told_by_how(office: Office) -> None:
    store = office.store
    by_customer, by_staff, missed = [await office.join() for _ in range(3)]
    upcoming = await office.book()
    await office.told()
    office.receiver.got.clear()
    await store.cancel(by_customer.id, reason=CloseReason.CUSTOMER)
    await store.cancel(by_staff.id, reason=CloseReason.STAFF)
    await store.cancel(upcoming.id, reason=CloseReason.STAFF)
    await store.call_next("d1")
    await store.no_show(missed.id)
    told = {each["data"]["position"]["id"]: each for each in await office.told()}
    types = {id: each["type"] for id, each in told.items()}
    assert types == {
        by_customer.id: "positionCancelled",
        by_staff.id: "positionRemoved",
        upcoming.id: "positionCancelledByStaff",
        missed.id: "positionRemoved",
    }
    assert {each["data"]["position"]["status"] for each in told.values()} == {"rejected"}
    assert told[by_customer.id]["message"] is None
    removed = told[by_staff.id]
    assert (removed["data"]["position"]["servedBy"], removed["data"]["position"]["station"]) == ({}, None)
    assert removed["message"] == f"Ticket A2 has been cancelled. You may take a new one: {BASE}/join/main"


async def test_whom_calling_the_next_has_finished_is_told_of_as_completed(office: Office) -> None:
    first, second = await office.join(), await office.join()
    await office.store.call_next("d1")
    await office.store.call_next("d1")
    told = [(each["data"]["position"]["id"], each["type"]) for each in await office.told()]
    assert (first.id, "positionCompleted") in told
    assert (second.id, "positionCalled") in told


async def test_what_staff_take_back_is_told_as_what_is_true_again(office: Office) -> None:
    await office.join()
    await office.store.call_next("d1")
    await office.store.undo("d1")
    assert (await office.types())[-1] == "positionRetry"


async def test_the_message_is_in_the_tickets_language(office: Office) -> None:
    await office.join(locale="sv")
    await office.store.call_next("d1")
    assert (await office.told())[-1]["message"] == "Nummer A1: det är din tur."


async def test_of_somebody_erased_nothing_personal_is_told(office: Office) -> None:
    ticket = await office.join(name="Ann Example", phone="+46701740605")
    await office.store.erase(ticket.id)
    [told] = await office.told()
    assert told["message"] is None
    assert not {"notification", "customerInfo", "registrationData"} & told["data"]["position"].keys()


async def test_all_twelve_types_are_sent_and_two_have_no_message(office: Office) -> None:
    store = office.store
    booked, moved, dropped = [await office.book() for _ in range(3)]
    await store.reschedule(moved.id, slot_at=START + 3_600_000, slot_end=START + 4_500_000)
    await store.cancel(dropped.id, reason=CloseReason.STAFF)
    await store.check_in(booked.id)
    await store.call_next("d1")
    await store.put_back(booked.id)
    await store.call_next("d1")
    await store.start(booked.id)
    await store.finish(booked.id)
    await store.feedback(booked.id, rating=1, comment="")
    gone, removed = await office.join(), await office.join()
    await store.cancel(gone.id, reason=CloseReason.CUSTOMER)
    await store.cancel(removed.id, reason=CloseReason.STAFF)
    told = await office.told()
    assert {each["type"] for each in told} == TYPES
    assert {each["type"] for each in told if "message" not in each} == WITHOUT_MESSAGE
    for each in told:
        assert each.keys() - {"message"} == {"data", "type", "organization"}
