"""Bookings in people's calendars, read by another implementation of the standard."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

from icalendar import Calendar
from msgspec.structs import replace

from callboard.domain.model import CloseReason, Location, Queue, State, Ticket
from callboard.notify.calendar import calendar_entry
from conftest import START, Clock
from notify.conftest import Office
from notify.mailserver import MailServer

HOUR = 3_600_000
MAIL = "anna@example.org"
PLACE = Location(
    id="main",
    name="Hilltop",
    address="Hill Street 7; 2nd floor, left",
    city="Örebro",
    queues=(Queue(id="general", tag="A", name="General"),),
)
TICKET = Ticket(
    id="0000-t1",
    serial=17,
    location="main",
    queue="general",
    state=State.BOOKED,
    created_at=START,
    changed_at=START,
    slot_at=START + HOUR,
    slot_end=START + HOUR + 900_000,
)
SAID = {
    "venue": "Hilltop Clinic, the long-established one on the hill: " + "ö" * 40,
    "queue": "X-ray",
    "link": "https://q.example/t/1",
}


def entry(ticket: Ticket) -> Any:
    text = calendar_entry(ticket, PLACE, SAID, "q.example")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    calendar = Calendar.from_ical(text)
    (event,) = calendar.walk("VEVENT")
    method = "CANCEL" if event["STATUS"] == "CANCELLED" else "PUBLISH"
    assert (calendar["METHOD"], calendar["VERSION"]) == (method, "2.0")
    assert not event.errors
    return event


def test_an_entry_says_what_where_and_when() -> None:
    event = entry(TICKET)
    assert event["SUMMARY"] == f"{SAID['venue']}: X-ray"
    assert event["LOCATION"] == f"{SAID['venue']}, Hill Street 7; 2nd floor, left, Örebro"
    assert event.decoded("DTSTART") == datetime.fromtimestamp((START + HOUR) / 1000, UTC)
    assert event.decoded("DTEND") == datetime.fromtimestamp((START + HOUR + 900_000) / 1000, UTC)
    assert (event["URL"], event["STATUS"]) == ("https://q.example/t/1", "CONFIRMED")
    assert "ATTENDEE" not in event and "ORGANIZER" not in event


def test_a_booking_that_moves_or_is_cancelled_stays_the_same_entry() -> None:
    first = entry(TICKET)
    moved = entry(replace(TICKET, slot_at=START + 2 * HOUR, changed_at=START + 5000))
    follower = entry(replace(TICKET, serial=18, known_as=17, changed_at=START + 9000))
    gone = entry(replace(TICKET, state=State.CANCELLED, changed_at=START + 9000))
    assert first["UID"] == moved["UID"] == follower["UID"] == gone["UID"]
    assert first["SEQUENCE"] < moved["SEQUENCE"] < gone["SEQUENCE"] == follower["SEQUENCE"]
    assert gone["STATUS"] == "CANCELLED"
    assert entry(replace(TICKET, serial=18))["UID"] != first["UID"]


def test_without_a_slot_there_is_none() -> None:
    assert calendar_entry(replace(TICKET, slot_at=None), PLACE, SAID, "q.example") == ""


def event_in(mail: EmailMessage) -> Any:
    (part,) = mail.iter_attachments()
    assert part.get_content_type() == "text/calendar"
    calendar = Calendar.from_ical(part.get_content())
    assert (part.get_param("method"), part.get_filename()) == (calendar["METHOD"], "booking.ics")
    (event,) = calendar.walk("VEVENT")
    assert (event["STATUS"] == "CANCELLED") is (calendar["METHOD"] == "CANCEL")
    return event


async def test_what_is_told_of_a_booking_bears_its_entry_and_belongs_together(
    mailing: Office, server: MailServer, clock: Clock
) -> None:
    store = mailing.store
    booked = (await store.book("general", slot_at=clock.now + 3 * HOUR, email=MAIL)).ticket
    assert booked is not None
    await mailing.tell()
    clock.pass_(min=1)
    await store.reschedule(booked.id, slot_at=clock.now + 4 * HOUR)
    await mailing.tell()
    clock.pass_(min=1)
    await store.cancel(booked.id, reason=CloseReason.STAFF)
    await mailing.tell()
    confirmed, moved, cancelled = server.accepted
    events = [event_in(mail) for mail in server.accepted]
    assert len({event["UID"] for event in events}) == 1
    assert events[0]["SEQUENCE"] < events[1]["SEQUENCE"] < events[2]["SEQUENCE"]
    assert [event["STATUS"] for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert events[1].decoded("DTSTART") - events[0].decoded("DTSTART") == timedelta(minutes=61)
    assert confirmed["In-Reply-To"] is None
    assert moved["References"] == cancelled["References"] == confirmed["Message-ID"]


async def test_a_ticket_without_a_booking_bears_none(mailing: Office, server: MailServer) -> None:
    await mailing.join(email=MAIL)
    await mailing.tell()
    assert list(server.accepted[0].iter_attachments()) == []
