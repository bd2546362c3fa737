"""A ticket as a position: who may see it decides how much of it."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from callboard.domain.identity import queue_uuid
from callboard.domain.model import Location, Person, State, Ticket
from callboard.domain.reminder import reminder_at
from callboard.domain.standing import Standing
from callboard.facades.ombori.code import code_of
from callboard.facades.ombori.kept import Kept, email, kept, name, phone
from callboard.facades.ombori.models import (
    Booking,
    Feedback,
    Notification,
    NotificationSettings,
    Position,
    ServedBy,
    Station,
)
from callboard.facades.ombori.moments import iso
from callboard.facades.ombori.options import Options
from callboard.facades.ombori.registration import registration_data
from callboard.facades.ombori.translation import PRIORITY, STATUS, label_of, status_of, type_of

MINUTE_MS = 60_000
SERVED = frozenset({State.CALLED, State.SERVING, State.DONE})


def position(standing: Standing, options: Options, *, staff: bool = False) -> Position:
    """The whole model, as its organization wants it. `staff`: who served it is said too, which is not for everybody who
    has a position's id."""
    ticket, now = standing.ticket, kept(standing.person)
    type = type_of(ticket.source, ticket.slot_at)
    return Position(
        id=ticket.id,
        location=None,  # in every sample of an answer (S0, S2, O2)
        type=type,
        priority=PRIORITY[type],
        status=status_of(ticket.state, options),
        label=label_of(ticket.label, ticket.number),
        queue=queue_uuid(standing.queue),
        created_at=iso(ticket.created_at),
        qr_code=code_of(ticket.id),
        **_person(standing, now, options),
        **_booking(standing, now),
        **_moments(ticket, options),
        **_service(standing, staff),
        **_numbers(standing),
    )


def _person(standing: Standing, now: Kept, options: Options) -> dict[str, Any]:
    """Of somebody erased only the language is left."""
    ticket, person = standing.ticket, standing.person
    given: dict[str, Any] = {"locale": locale_of(now.locale, standing.location, ticket.locale)}
    if person is None:
        return given
    found = {
        "notification": _notification(person, now, standing.location),
        "customer_info": _customer_info(person, now),
        "registration_data": registration_data(now.registration_data or _typed(person, ticket), options),
        "tags": now.tags,
        "custom_data": now.custom_data,
        "number_of_people": ticket.party if now.number_of_people or ticket.party != 1 else None,
    }
    return given | {field: value for field, value in found.items() if value is not None}


def language(locale: str, location: Location) -> str:
    """The one of the location's languages that a locale means; its first for one that nobody speaks there."""
    said = locale.lower().replace("_", "-").partition("-")[0]
    return said if said in location.languages else location.languages[0]


def locale_of(said: str | None, location: Location, now: str) -> str:
    """As it was said, as long as it is still the ticket's."""
    return said if said and language(said, location) == now else now


def _notification(person: Person, now: Kept, location: Location) -> Notification | None:
    """As it was said, but for a number or an address that the person has changed elsewhere since."""
    said = now.notification
    if said is None:
        settings = NotificationSettings(from_="", to=person.phone, recipient=person.email)
        type = "phoneNumber" if person.phone else "email"
        return Notification(type=type, settings=settings) if person.phone or person.email else None
    settings = said.settings
    if settings.to != person.phone and phone(settings, location) != person.phone:
        settings = replace(settings, to=person.phone)
    if settings.recipient != person.email and email(settings) != person.email:
        settings = replace(settings, recipient=person.email)
    return replace(said, settings=settings)


def _customer_info(person: Person, now: Kept) -> list[str] | None:
    if now.customer_info is not None and name(now.customer_info) == person.name:
        return now.customer_info
    return [person.name] if person.name else None


def _typed(person: Person, ticket: Ticket) -> dict[str, Any] | None:
    """What was typed at our own join page or kiosk. S0 fixes the key of the phone number."""
    if ticket.source not in ("join", "kiosk"):
        return None
    typed = {"name": person.name, "phone": person.phone, "email": person.email}
    return {field: {"value": value} for field, value in typed.items() if value} or None


def _booking(standing: Standing, now: Kept) -> dict[str, Any]:
    ticket, queue = standing.ticket, standing.queue
    if ticket.slot_at is None:
        return {}
    end = ticket.slot_end or ticket.slot_at + round(queue.slot_min * MINUTE_MS)
    reminded_at = ticket.reminded_at or reminder_at(queue, ticket)
    return {
        "booking": Booking(
            start=iso(ticket.slot_at),
            end=iso(end),
            virtual_appointment=now.virtual_appointment,
            appointment=now.appointment,
        ),
        "booking_reminder_at": iso(reminded_at) if reminded_at is not None else None,
    }


def _moments(ticket: Ticket, options: Options) -> dict[str, Any]:
    done, rejected = ticket.state == State.DONE, STATUS[ticket.state] == "rejected"
    served_at = ticket.closed_at if done else None
    moments: Mapping[str, int | None] = {
        "called_at": ticket.last_called_at or ticket.called_at,  # stays through a retry (O11)
        "fulfilled_at": ticket.started_at or (None if options.serving_tab else served_at),
        "completed_at": served_at if options.serving_tab else None,
        "rejected_at": ticket.closed_at if rejected else None,
        "activated_at": ticket.joined_at if ticket.slot_at is not None else None,  # O17
    }
    return {field: iso(at) for field, at in moments.items() if at is not None}


def _service(standing: Standing, staff: bool) -> dict[str, Any]:
    """Who was put back in the queue, or removed from it, has nobody and no station (O11)."""
    ticket, desk = standing.ticket, standing.desk
    given: dict[str, Any] = {}
    if ticket.state not in SERVED:
        return given
    if desk:
        given["station"] = Station(desk.id, desk.tag)
    if staff and ticket.staff:
        given["served_by"] = ServedBy(id=ticket.staff, email=ticket.staff if "@" in ticket.staff else "")
        given["served_by_id"] = ticket.staff
        if ticket.started_at is not None:
            given["fulfilled_by"] = ticket.staff
    return given


def _numbers(standing: Standing) -> dict[str, Any]:
    ticket, person = standing.ticket, standing.person
    given: dict[str, Any] = {}
    if ticket.retry_count:
        given["retry_count"] = ticket.retry_count  # O11
    if standing.ahead is not None:
        given["number_in_the_queue"] = standing.ahead + 1  # O2b, O9; that it counts from 1 is a guess
    if ticket.rating:
        given["feedback"] = Feedback(ticket.rating, person.comment if person else "")  # guess
    return given
