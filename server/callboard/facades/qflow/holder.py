"""Who an appointment is for and what is kept with it, when it is made and when it moves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from callboard.domain.consent import Consent
from callboard.domain.customer import Customer
from callboard.domain.model import Location
from callboard.facades.qflow import kept
from callboard.facades.qflow.booking_models import AppointmentCreation, AppointmentReschedule
from callboard.facades.qflow.customer_record import contact
from callboard.facades.qflow.detail import Seen

SOURCE = "qflow"
PERSONAL = ("name", "phone", "email", "customer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """`person` is their name, addresses and customer; `consent` what they have agreed to; `extra` what other APIs keep
    with them."""

    person: dict[str, str]
    kept: kept.Kept
    locale: str
    source: str = SOURCE
    party: int = 1
    extra: str = ""
    consent: Mapping[str, Consent] = field(default_factory=dict)

    def of_new_ticket(self) -> dict[str, Any]:
        """What the store is told when a ticket is made for them."""
        more = {"locale": self.locale, "source": self.source, "party": self.party, "consent": self.consent}
        return {**self.person, **more, "extra": kept.text(self.extra, self.kept)}

    def of_kept_slot(self, extra: str) -> dict[str, str]:
        """And when they are given one that was made for nobody known yet."""
        return {**self.person, "extra": kept.text(extra, self.kept)}


def of_new(body: AppointmentCreation, customer: Customer, location: Location) -> Holder:
    noted = kept.Kept(
        subject=body.subject,
        ext_ref=body.ext_ref,
        notes=body.notes,
        classifications=body.classifications or [],
        appointment_type_id=body.appointment_type_id or None,
    )
    return Holder(person=contact(customer), kept=noted, locale=locale(body.language_code, location))


def of_moved(old: Seen, body: AppointmentReschedule, location: Location) -> Holder:
    """The person of the old process, and what was kept with it but for its Notes (Q4)."""
    person, ticket, known = old.standing.person, old.standing.ticket, old.kept
    noted = kept.Kept(
        created_at=known.created_at or ticket.created_at,
        subject=known.subject if body.subject is None else body.subject,
        ext_ref=known.ext_ref if body.ext_ref is None else body.ext_ref,
        notes=body.notes,
        classifications=known.classifications,
        custom_properties=known.custom_properties,
        appointment_type_id=body.appointment_type_id or known.appointment_type_id,
    )
    return Holder(
        person={name: getattr(person, name) for name in PERSONAL} if person else {},
        kept=noted,
        locale=locale(ticket.locale, location),
        source=ticket.source,
        party=ticket.party,
        extra=person.extra if person else "",
        consent=person.consent if person else {},
    )


def locale(code: str | None, location: Location) -> str:
    """The language of a code such as en-AU, if the location speaks it; else the location's first."""
    language = (code or "").strip().replace("_", "-").partition("-")[0].lower()
    return language if language in location.languages else location.languages[0]
