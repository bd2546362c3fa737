"""A new password for who has forgotten theirs: a mail with a secret that works once."""

from collections.abc import Iterable
from typing import Any

from callboard.domain.customer import Customer
from callboard.facades.bloom import tokens
from callboard.facades.bloom.errors import busy, missing, refused
from callboard.facades.bloom.models.bodies import NewPassword
from callboard.facades.bloom.models.customers import Opened
from callboard.facades.bloom.models.envelope import Success
from callboard.facades.bloom.models.queries import ByEmail
from callboard.facades.bloom.organizations import limit, named, organization_of
from callboard.foreign.operation import Asked
from callboard.services import Services
from callboard.store.passwords import Busy


async def reset(asked: Asked[Any, ByEmail]) -> Success:
    """Sends the mail, if somebody is registered with that address; nobody is told whether. HEAD sends nothing."""
    services, email = asked.services, asked.query.email
    organization = (await organization_of(asked.request, asked.services)).id
    if not email:
        raise missing("email")
    if asked.request.method == "HEAD":
        return Success()
    await limit(asked.request, services, "login")
    await services.mail_reset(organization, email)
    return Success()


async def change(asked: Asked[NewPassword, Any]) -> Opened:
    """Whoever has the secret of the mail chooses a new password, and is signed in; the old tokens open nothing more."""
    body, services = asked.body, asked.services
    if not body.token or not body.password:
        raise missing("token", "password")
    if body.password != body.repeat_password:
        raise refused("invalid", "password and repeat_password are not the same.")
    said = await named(asked.request, services)
    await limit(asked.request, services, "login")
    known = [said] if said else [site.organization for site in services.directory.sites]
    try:
        customer = await _use(services, {each.id for each in known}, body.token, body.password)
    except Busy:
        raise busy() from None
    if customer is None:
        raise refused("bad_credentials", "The token of the mail was used already, or is too old.")
    return Opened(True, await tokens.make(services, customer))


async def _use(services: Services, organizations: Iterable[str], secret: str, password: str) -> Customer | None:
    """The mail does not say the organization, and need not: a secret is of one only."""
    for organization in organizations:
        customer = await services.customers.use_reset(organization, secret, password)
        if customer is not None:
            return customer
    return None
