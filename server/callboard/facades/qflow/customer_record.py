"""A customer as this API writes one, and what of one is kept where."""

from typing import Any
from zoneinfo import ZoneInfo

from callboard.contact import e164, mail_address, mail_mistakes
from callboard.domain.customer import Customer
from callboard.errors import Invalid, Mistake
from callboard.facades.qflow import kept, models
from callboard.facades.qflow.moments import parsed, respelled
from callboard.facades.qflow.units import short

# Of the record (Q11) to the customer whom everybody knows.
SHARED = {
    "personal_id": "personal_id",
    "first_name": "first_name",
    "last_name": "last_name",
    "ext_ref": "external_id",
    "notification_consent": "consent",
    "is_active": "active",
}
# And what nobody else here knows.
KEPT = (
    "personal_id_type_id",
    "personal_id_type_ext_ref",
    "tel_number1",
    "tel_number2",
    "dob",
    "sex",
    "notes",
    "custom_properties",
)


def record(customer: Customer, zone: ZoneInfo) -> models.Customer:
    """All sixteen fields. What nobody has said is null, but for Sex, whose 0 says that."""
    here = kept.with_customer(customer)
    return models.Customer(
        customer_id=customer.number,
        personal_id=short(customer.personal_id, 30) or None,
        personal_id_type_id=here.personal_id_type_id,
        personal_id_type_ext_ref=here.personal_id_type_ext_ref,
        first_name=short(customer.first_name, 50) or None,
        last_name=short(customer.last_name, 50) or None,
        email=short(customer.email, 100) or None,
        tel_number1=_telephone(customer, here),
        tel_number2=here.tel_number2,
        dob=_birth(here.dob, zone),
        sex=here.sex or 0,
        notes=here.notes,
        ext_ref=short(customer.external_id, 200) or None,
        notification_consent=customer.consent,
        is_active=customer.active,
        custom_properties=here.custom_properties,
    )


def fields(given: models.Customer, known: Customer | None, country: str, zone: ZoneInfo) -> dict[str, Any]:
    """What `Customers.put` takes for it. Raises Invalid for what is neither an address nor a date."""
    _check(given, zone)
    put = {ours: value for name, ours in SHARED.items() if (value := getattr(given, name)) is not None}
    if given.email is not None:
        put["email"] = mail_address(given.email)
    if given.tel_number1 is not None:  # one that takes no texts is kept as it was typed, and not written to
        put["phone"] = e164(given.tel_number1, country) or ""
    here = kept.with_customer(known) if known else kept.KeptOfCustomer()
    more = kept.changed(here, phone=put.get("phone"), **{name: getattr(given, name) for name in KEPT})
    return put | {"extra": kept.text(known.extra if known else "", more)}


def contact(customer: Customer | None) -> dict[str, Any]:
    """Who a ticket is for. Who does not want to be written to is known by name alone."""
    if customer is None:
        return {}
    who = {"customer": customer.id, "name": short(f"{customer.first_name} {customer.last_name}".strip(), 80)}
    return who if customer.consent is False else who | {"phone": customer.phone, "email": customer.email}


def _check(given: models.Customer, zone: ZoneInfo) -> None:
    mistakes = mail_mistakes(given.email, "Email")
    if given.dob and parsed(given.dob, zone) is None:
        mistakes.append(Mistake("DOB", "must be a date such as 1980-05-01T00:00:00"))
    if mistakes:
        raise Invalid(mistakes)


def _telephone(customer: Customer, here: kept.KeptOfCustomer) -> str | None:
    """As it was typed here, unless another system has changed the number since."""
    return here.tel_number1 if here.tel_number1 and here.phone == customer.phone else short(customer.phone, 25) or None


def _birth(text: str | None, zone: ZoneInfo) -> str | None:
    """On the clock that it was given on: a birthday must not move with a zone."""
    return respelled(text, zone) if text else None
