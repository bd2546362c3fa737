"""Who cancels a booking themselves is not told what they know: a mail takes the entry out of their calendar."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from icalendar import Calendar

from callboard.assets import TEMPLATES
from callboard.domain.model import CloseReason, Ticket
from callboard.notify.render import Renderer
from callboard.wording import languages
from conftest import Clock
from notify.conftest import ANNA, Office
from notify.mailserver import MailServer

HOUR = 3_600_000
MAIL = "anna@example.org"


@pytest.fixture
def book(mailing: Office, clock: Clock) -> Callable[..., Awaitable[Ticket]]:
    async def booked(**who: Any) -> Ticket:
        made = await mailing.store.book("general", slot_at=clock.now + 3 * HOUR, locale="en", **who)
        assert made.ticket is not None
        return made.ticket

    return booked


async def leave(office: Office, ticket: Ticket) -> None:
    office.clock.pass_(min=1)
    await office.store.cancel(ticket.id, reason=CloseReason.CUSTOMER)
    await office.tell()


async def test_their_calendar_loses_the_entry_that_it_was_sent(
    mailing: Office, server: MailServer, book: Callable[..., Awaitable[Ticket]]
) -> None:
    anna = await book(email=MAIL, phone=ANNA)
    await mailing.tell()
    await leave(mailing, anna)
    confirmed, gone = server.accepted
    entries: list[Any] = []
    for mail in (confirmed, gone):
        (part,) = mail.iter_attachments()
        (event,) = Calendar.from_ical(part.get_content()).walk("VEVENT")
        entries.append((part.get_param("method"), event["STATUS"], event["UID"], event["SEQUENCE"]))
    assert [entry[:2] for entry in entries] == [("PUBLISH", "CONFIRMED"), ("CANCEL", "CANCELLED")]
    assert entries[0][2] == entries[1][2] and entries[0][3] < entries[1][3]
    assert gone["References"] == confirmed["Message-ID"]
    assert gone["Subject"] == "Hilltop Clinic: your booking is cancelled"
    for kind in ("plain", "html"):
        words = gone.get_body((kind,)).get_content()  # type: ignore[union-attr]
        assert "you have cancelled your booking" in words and "staff have" not in words
    told = [(record.kind, record.medium) for record in await mailing.records()]
    assert sorted(told) == [("booking_confirmed", "mail"), ("booking_confirmed", "sms"), ("cancelled", "mail")]


async def test_who_left_no_address_before_is_not_written_to(
    mailing: Office, server: MailServer, book: Callable[..., Awaitable[Ticket]]
) -> None:
    anna = await book(phone=ANNA)
    await mailing.tell()
    await leave(mailing, anna)
    assert server.accepted == [] and ("cancelled", "shown") not in await mailing.told(anna)


async def test_a_ticket_that_is_given_up_in_the_line_is_not_written_about(mailing: Office, server: MailServer) -> None:
    anna = await mailing.join(email=MAIL)
    await mailing.tell()
    await leave(mailing, anna)
    assert [mail["Subject"] for mail in server.accepted] == ["A001: your ticket at Hilltop Clinic"]


@pytest.mark.parametrize("kind", ["cancelled", "booking_confirmed"])
async def test_a_location_that_sends_no_such_message_takes_nothing_back(
    mailing: Office, server: MailServer, book: Callable[..., Awaitable[Ticket]], kind: str
) -> None:
    mailing.change_site(messages={kind: False})
    anna = await book(email=MAIL)
    await mailing.tell()
    before = len(server.accepted)
    await leave(mailing, anna)
    assert len(server.accepted) == before
    assert ("cancelled", "skipped") in await mailing.told(anna)


async def test_the_operators_words_for_what_staff_do_are_not_used(
    mailing: Office, server: MailServer, book: Callable[..., Awaitable[Ticket]]
) -> None:
    mailing.change_site(texts={"en": {"cancelled": "We have cancelled it."}}, titles={"en": {"cancelled": "Sorry"}})
    anna = await book(email=MAIL)
    await mailing.tell()
    await leave(mailing, anna)
    assert server.accepted[-1]["Subject"] == "Hilltop Clinic: your booking is cancelled"


@pytest.mark.parametrize("language", sorted(languages([TEMPLATES])))
def test_it_is_said_in_every_language_with_the_time_and_in_other_words(language: str) -> None:
    values = {"venue": "Hilltop", "label": "", "name": "", "day": "DAY", "time": "TIME", "link": "", "stop": ""}
    renderer = Renderer([TEMPLATES])
    mail = renderer.mail("withdrawn", language, values)
    theirs = renderer.mail("cancelled", language, values)
    for said, other in ((mail.text, theirs.text), (mail.html, theirs.html)):
        assert "DAY" in said and "TIME" in said and said != other
    assert "Hilltop" in mail.subject and mail.subject == theirs.subject
