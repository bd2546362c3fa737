"""`vt_token`: what it looks like, where it is sent back, and whose it is.

How it is sent back is nowhere said, so every likely place is looked at. It begins with the organization's id, so that
a client which has signed in need not say it again.
"""

from dataclasses import dataclass
from typing import Any

from callboard.domain.customer import Customer
from callboard.domain.directory import Unknown
from callboard.domain.model import Organization
from callboard.facades.bloom.organizations import bearer, is_key, named
from callboard.foreign.operation import Asked
from callboard.http import Denied
from callboard.services import Services

HEADERS = ("vt_token", "vt-token", "x-vt-token")


@dataclass(frozen=True, slots=True)
class Owner:
    """Who has signed in, with which token, and of which organization."""

    customer: Customer
    organization: Organization
    vt_token: str


async def make(services: Services, customer: Customer) -> str:
    """A new one, for somebody who has shown who they are."""
    return f"{customer.organization}.{await services.customers.begin(customer.organization, customer.id)}"


async def owner(asked: Asked[Any, Any]) -> Owner:
    """Who asks. Raises Denied, in the same words for a token of nobody and of another organization than is named."""
    found = await find(asked)
    if found is None:
        raise Denied("The vt_token is missing, unknown or over: log in first.")
    return found


async def find(asked: Asked[Any, Any]) -> Owner | None:
    """Who asks, where the token says so."""
    token = sent(asked)
    name, dot, secret = token.partition(".")
    services = asked.services
    try:
        organization = services.directory.find_organization(name)
    except Unknown:
        return None
    said = await named(asked)
    if not dot or organization.id != name or said not in (None, organization):
        return None
    customer = await services.customers.of_token(organization.id, secret)
    return Owner(customer, organization, token) if customer else None


def sent(asked: Asked[Any, Any]) -> str:
    """The token as it came: as a bearer, in a header, the query or the body; empty when in none."""
    authorization = bearer(asked)
    given = ["" if is_key(authorization) else authorization]
    given += [asked.request.headers.get(name, "") for name in HEADERS]
    given += [asked.query.vt_token, getattr(asked.body, "vt_token", None) or ""]
    return next(filter(None, given), "")
