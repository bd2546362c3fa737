"""Who an appointment is for and what is kept with it, when it is made and when it moves."""

from typing import Any

from callboard.domain.customer import Customer
from callboard.domain.model import Location
from callboard.facades.qflow import kept
from callboard.facades.qflow.booking_models import AppointmentCreation, AppointmentReschedule
from callboard.facades.qflow.customer_record import contact
from callboard.facades.qflow.detail import Seen

SOURCE = "qflow"


def of_new(body: AppointmentCreation, customer: Customer, location: Location) -> dict[str, Any]:
    """What the store is told of the person."""
    who = contact(customer) | {"source": SOURCE, "extra": kept.text("", kept_of(body))}
    return who | {"locale": locale(body.language_code, location)}


def kept_of(body: AppointmentCreation) -> kept.Kept:
    return kept.Kept(
        subject=body.subject,
        ext_ref=body.ext_ref,
        notes=body.notes,
        classifications=body.classifications or [],
        appointment_type_id=body.appointment_type_id or None,
    )


def of_moved(old: Seen, body: AppointmentReschedule, location: Location) -> dict[str, Any]:
    """The person of the old process, and what was kept with it but for its Notes (Q4)."""
    person, ticket, known = old.standing.person, old.standing.ticket, old.kept
    more = kept.Kept(
        created_at=known.created_at or ticket.created_at,
        subject=known.subject if body.subject is None else body.subject,
        ext_ref=known.ext_ref if body.ext_ref is None else body.ext_ref,
        notes=body.notes,
        classifications=known.classifications,
        custom_properties=known.custom_properties,
        appointment_type_id=body.appointment_type_id or known.appointment_type_id,
    )
    who = {"source": ticket.source, "locale": locale(ticket.locale, location), "party": ticket.party}
    if person is None:
        return who | {"extra": kept.text("", more)}
    names = ("name", "phone", "email", "customer")
    return who | {name: getattr(person, name) for name in names} | {"extra": kept.text(person.extra, more)}


def locale(code: str | None, location: Location) -> str:
    """The language of a code such as en-AU, if the location speaks it; else the location's first."""
    language = (code or "").strip().replace("_", "-").partition("-")[0].lower()
    return language if language in location.languages else location.languages[0]
