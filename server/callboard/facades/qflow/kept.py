"""What the vendor wants kept with a ticket or a customer and nothing else here knows: one key of the opaque text."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from callboard import opaque
from callboard.domain.customer import Customer
from callboard.domain.model import Person
from callboard.facades.qflow.models import pascal

KEY = "qflow"
T = TypeVar("T", bound=Struct)


class Kept(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=pascal):
    """With a ticket. `created_at` is that of the first process of a case that was moved."""

    created_at: int | None = None
    subject: str | None = None
    ext_ref: str | None = None
    notes: str | None = None
    classifications: list[str] = []
    custom_properties: Mapping[str, str] = {}
    appointment_type_id: int | None = None
    procedure_ext_ref: str | None = None
    procedure_option_ext_ref: str | None = None
    cancellation_reason_id: int | None = None
    cancellation_reason_ext_ref: str | None = None
    cancellation_comment: str | None = None


class KeptOfCustomer(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=pascal):
    """With a customer. Telephone numbers as they were typed; `phone` is what was made of the first of them."""

    personal_id_type_id: int | None = None
    personal_id_type_ext_ref: str | None = None
    phone: str | None = None
    tel_number1: str | None = None
    tel_number2: str | None = None
    dob: str | None = None
    sex: int | None = None
    notes: str | None = None
    custom_properties: Mapping[str, str] = {}


def with_ticket(person: Person | None) -> Kept:
    return _read(person.extra if person else "", Kept)


def with_customer(customer: Customer) -> KeptOfCustomer:
    return _read(customer.extra, KeptOfCustomer)


def text(extra: str, kept: Kept | KeptOfCustomer) -> str:
    """The opaque text with this in it; what others keep there stays."""
    return opaque.put(extra, KEY, msgspec.to_builtins(kept))


def changed(kept: T, **given: Any) -> T:
    """With what is given; what is None stays."""
    return replace(kept, **{name: value for name, value in given.items() if value is not None})


def _read(extra: str, type: type[T]) -> T:
    """Somebody else may have written anything there; what does not fit is nothing."""
    try:
        return msgspec.convert(opaque.of(extra, KEY), type)
    except msgspec.ValidationError:
        return type()
