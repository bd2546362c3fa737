"""What of a position the core has no word for. It is kept with the person, and erased with them."""

from typing import Any

import msgspec
from msgspec import Struct

from callboard import opaque
from callboard.contact import e164, mail_address
from callboard.domain.model import Location, Person
from callboard.errors import Invalid, Mistake
from callboard.facades.ombori.models import (
    Appointment,
    BookingIn,
    CustomData,
    Notification,
    NotificationSettings,
    RegistrationData,
    Said,
    Tag,
    VirtualAppointment,
)

KEY = "ombori"
DEEPEST = 20  # what may be of any form is read again and again, so it is not nested without end
NAME_LONGEST = 80


class Kept(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """None: nothing was said of it."""

    locale: str | None = None
    notification: Notification | None = None
    customer_info: list[str] | None = None
    tags: list[Tag] | None = None
    number_of_people: int | None = None
    custom_data: CustomData | None = None
    registration_data: RegistrationData | None = None
    virtual_appointment: VirtualAppointment | None = None
    appointment: Appointment | None = None


def kept(person: Person | None) -> Kept:
    """Of somebody erased, and of a ticket that came another way, nothing."""
    try:
        return msgspec.convert(opaque.of(person.extra, KEY), Kept) if person else Kept()
    except msgspec.ValidationError:  # somebody else wrote there
        return Kept()


def put(extra: str, now: Kept) -> str:
    """The person's opaque text with this in it."""
    return opaque.put(extra, KEY, msgspec.to_builtins(now))


def said(before: Kept, now: Said, booking: BookingIn | None) -> Kept:
    """With what a request says besides. Raises Invalid for what is nested too deeply."""
    deep = [name for name in ("custom_data", "registration_data", "notification") if _depth(getattr(now, name))]
    if deep:
        raise Invalid([Mistake(name, f"must not be nested deeper than {DEEPEST} levels") for name in deep])
    given = {name: getattr(now, name) for name in Said.__struct_fields__}
    if booking:
        given["virtual_appointment"] = virtual(booking)
        given["appointment"] = booking.appointment
    return msgspec.structs.replace(before, **{name: value for name, value in given.items() if value is not None})


def virtual(booking: BookingIn) -> VirtualAppointment | None:
    """Of both input forms: an object, or a boolean that says whether it is one, with or without isEnabled beside it."""
    form = booking.virtual_appointment
    if isinstance(form, VirtualAppointment):
        return form if form.is_enabled else VirtualAppointment(is_enabled=False)
    if form is None and booking.is_enabled is None:
        return None
    return VirtualAppointment(is_enabled=bool(form is not False and booking.is_enabled is not False))


def contact(now: Said, location: Location) -> dict[str, str]:
    """What the core is told of the person, by its own names: only what the request speaks of.

    A number or an address that cannot be is kept and answered as it came (the sample's "+48000" is one), and nothing is
    sent there.
    """
    given: dict[str, str] = {}
    if now.notification:
        settings = now.notification.settings
        given["phone"] = phone(settings, location)
        given["email"] = email(settings)
    if now.customer_info is not None:
        given["name"] = name(now.customer_info)
    return given


def phone(settings: NotificationSettings, location: Location) -> str:
    return e164(settings.to or "", location.country) or ""


def email(settings: NotificationSettings) -> str:
    return mail_address(settings.recipient or "") or ""


def name(customer_info: list[str]) -> str:
    """What staff call the person: a list holds first and last name and sometimes a number of theirs, which is none."""
    parts = (" ".join(part.split()) for part in customer_info if not any(map(str.isdigit, part)))
    shown = "".join(c for c in " ".join(filter(None, parts)) if c.isprintable())
    return shown[:NAME_LONGEST].strip()


def _depth(value: Any) -> bool:
    """Whether it is nested too deeply."""
    level = [value.settings.devices if isinstance(value, Notification) else value]
    for _ in range(DEEPEST):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return False
    return True


def _inside(value: Any) -> list[Any]:
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return [each for each in inner if isinstance(each, dict | list)]
