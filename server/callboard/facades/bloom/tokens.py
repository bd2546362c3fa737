"""`vt_token`: what it looks like, where it is sent back, and whose it is.

How it is sent back is nowhere said, so every likely place is looked at. It begins with the organization's id, so that
a client which has signed in need not say it again.
"""

from dataclasses import dataclass
from typing import Any, cast

from starlette.requests import Request

from callboard.auth import Caller
from callboard.domain.customer import Customer
from callboard.domain.directory import Unknown
from callboard.domain.model import Organization
from callboard.errors import Invalid
from callboard.facades.bloom import reading
from callboard.facades.bloom.organizations import bearer, is_key, named
from callboard.foreign.operation import Asked
from callboard.http import Denied, Problem
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


async def caller(request: Request, services: Services) -> Caller:
    """Who asks, of a call that is the customer's own; `owner` has the rest. It is looked at before anything else.

    Raises Denied, in the same words for a token of nobody and of another organization than is named.
    """
    found = await _whose(request, services, sent(request) or await _in_body(request))
    if found is None:
        raise Denied("The vt_token is missing, unknown or over: log in first.")
    request.state.owner = found
    return Caller("visitor", organization=found.organization.id, id=f"customer:{found.customer.id}")


def owner(asked: Asked[Any, Any]) -> Owner:
    """Whose call it is, of one that is a customer's own."""
    return cast(Owner, asked.request.state.owner)


async def find(asked: Asked[Any, Any]) -> Owner | None:
    """Who asks, of a call that is for everybody: where a token says so."""
    return await _whose(asked.request, asked.services, sent(asked.request))


def sent(request: Request) -> str:
    """The token as it came: as a bearer, in a header or the query; empty when in none."""
    authorization = bearer(request)
    given = ["" if is_key(authorization) else authorization]
    given += [request.headers.get(name, "") for name in HEADERS]
    given += [request.query_params.get("vt_token", "")]
    return next(filter(None, given), "")


async def _in_body(request: Request) -> str:
    """What can be read of a body; what is wrong with it is told to who may know."""
    try:
        body = await reading.read(request, object)
    except (Invalid, Problem):
        return ""
    token = body.get("vt_token") if isinstance(body, dict) else None
    return token if isinstance(token, str) else ""


async def _whose(request: Request, services: Services, token: str) -> Owner | None:
    name, dot, secret = token.partition(".")
    try:
        organization = services.directory.find_organization(name)
    except Unknown:
        return None
    if not dot or organization.id != name:
        return None
    customer = await services.customers.of_token(organization.id, secret)
    if customer is None or await named(request, services) not in (None, organization):
        return None
    return Owner(customer, organization, token)
