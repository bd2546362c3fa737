"""A customer: somebody whom an organization knows from one visit to the next, and who may sign in."""

import hashlib
import unicodedata
from collections.abc import Mapping

from msgspec import Struct

# By which a customer can be found again.
IDENTITIES = ("number", "username", "email", "personal_id", "external_id")


class Customer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`rev` grows when what was given out before must open nothing any more: with another password."""

    id: str
    number: int  # small, unique in the organization, never reused
    organization: str
    created_at: int
    changed_at: int
    username: str = ""  # signs in with it; empty: cannot
    password: str = ""  # its hash; never answered
    personal_id: str = ""
    external_id: str = ""  # under which another system knows them
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    email: str = ""
    locale: str = ""
    push_key: str = ""
    consent: bool | None = None  # to being written to
    active: bool = True
    extra: str = ""  # what a facade wants kept; the core never reads it
    rev: int = 0


def display_name(customer: Customer) -> str:
    return f"{customer.first_name} {customer.last_name}".strip() or customer.username


def same_as(field: str, value: str) -> str:
    """What makes two identities the same: neither capitals nor blanks around them do; empty for none. What another
    system made up is taken letter by letter."""
    plain = unicodedata.normalize("NFKC", value).strip()
    return plain if field == "external_id" else plain.casefold()


def marks(customer: Customer | None) -> Mapping[str, str]:
    """What stands in the index of each identity that a customer has: of one length, and telling nothing."""
    if customer is None:
        return {}
    plain = {field: same_as(field, str(getattr(customer, field))) for field in IDENTITIES}
    return {field: f"{mark(field, value)}:{customer.id}" for field, value in plain.items() if value}


def mark(field: str, value: str) -> str:
    """How the index knows a value, whoever has it."""
    return hashlib.sha256(same_as(field, value).encode()).hexdigest()[:32]
