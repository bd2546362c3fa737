"""What of a customer the core has no word for. It is kept with the customer, and erased with them."""

from typing import Any

import msgspec
from msgspec import Struct

from callboard import opaque
from callboard.domain.customer import Customer, display_name

KEY = "bloom"
NAME_LONGEST = 80


class Kept(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`ticket_warning`: with how many people ahead they want to hear that it is almost their turn; 0 leaves it to the
    queue."""

    name: str = ""  # the shown name, where it was said
    address: str = ""
    oauth_provider: str = ""
    ticket_warning: int = 0


def kept(customer: Customer) -> Kept:
    try:
        return msgspec.convert(opaque.of(customer.extra, KEY), Kept)
    except msgspec.ValidationError:  # somebody else wrote there
        return Kept()


def put(extra: str, now: Kept) -> str:
    """The customer's opaque text with this in it."""
    return opaque.put(extra, KEY, msgspec.to_builtins(now))


def shown_name(customer: Customer) -> str:
    return kept(customer).name or display_name(customer)


def called_name(customer: Customer) -> str:
    """As staff see it at a ticket: one line, not too long."""
    return "".join(c for c in " ".join(shown_name(customer).split()) if c.isprintable())[:NAME_LONGEST].strip()


def replaced(before: Kept, **given: Any) -> Kept:
    """With what is given; None is nothing."""
    return msgspec.structs.replace(before, **{name: value for name, value in given.items() if value is not None})


def language(customer: Customer) -> str:
    """The two letters of the language that they prefer; of pt-PT they are pt."""
    return customer.locale[:2].lower()
