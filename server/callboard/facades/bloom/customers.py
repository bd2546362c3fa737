"""Customers: they register, sign in, change what is known of them, and read it."""

from typing import Any

from callboard.contact import mail_address
from callboard.domain.customer import Customer, mark
from callboard.facades.bloom import kept, providers, tokens
from callboard.facades.bloom.errors import busy, missing, refused
from callboard.facades.bloom.models.bodies import Attributes, Login, Register
from callboard.facades.bloom.models.customers import Details, Opened, User
from callboard.facades.bloom.models.envelope import Status
from callboard.facades.bloom.organizations import limit, organization_of
from callboard.facades.bloom.translation import when
from callboard.foreign.operation import Asked
from callboard.http import Problem
from callboard.services import Services
from callboard.store.customers import Taken
from callboard.store.passwords import Busy


async def register(asked: Asked[Register, Any]) -> Opened:
    """A new customer, who is signed in at once. By password or by a provider's token; by both, where both are given."""
    body, services = asked.body, asked.services
    organization = (await organization_of(asked.request, asked.services)).id
    await limit(asked.request, services, "join")
    given = await _given(services, body)
    if not body.password and not given["external_id"]:
        raise missing("username", "password")
    if not given["username"]:
        raise missing("username")
    if await services.customers.find(organization, username=given["username"]):
        raise _exists()
    await _refuse_registered(services, organization, given["email"])
    try:
        customer = await services.customers.put(
            organization, password=body.password or None, unique=("external_id",), **given
        )
    except Taken:
        raise _exists() from None
    except Busy:
        raise busy() from None
    return Opened(True, await tokens.make(services, customer))


async def login(asked: Asked[Login, Any]) -> Opened:
    """A new token, by username and password or by a provider's token. What is said besides is changed first."""
    organization = (await organization_of(asked.request, asked.services)).id
    customer = await _signed_in(asked, organization)
    if asked.body.customer_attribute is not None:
        customer = await _change(asked.services, customer, asked.body.customer_attribute)
    return Opened(True, await tokens.make(asked.services, customer))


async def details(asked: Asked[Any, Any]) -> Details:
    """Who the token's customer is."""
    owner = tokens.owner(asked)
    where = next(iter(asked.services.directory.locations_of(owner.organization.id)), None)
    return Details(Status(), user(owner.customer, owner.vt_token, where.time_zone if where else "UTC"))


def user(customer: Customer, vt_token: str, time_zone: str) -> User:
    more = kept.kept(customer)
    return User(
        id=customer.id,
        username=customer.username,
        first_name=customer.first_name,
        last_name=customer.last_name,
        display_name=kept.shown_name(customer),
        phone=customer.phone or None,
        email=customer.email or None,
        vt_token=vt_token,
        oauth_provider=more.oauth_provider or None,
        push_notification_key=customer.push_key or None,
        address=more.address or None,
        created_at=when(time_zone, customer.created_at) or "",
        updated_at=when(time_zone, customer.changed_at) or "",
        app_count=0,
        ticket_warning=more.ticket_warning,
        preferred_language=customer.locale or None,
    )


async def _given(services: Services, body: Register) -> dict[str, str]:
    """The new customer's fields. What the body does not say, the provider may."""
    found = await providers.identity(services, body.oauth_provider, body.oauth_token)
    provider = (body.oauth_provider or "").lower()
    external = providers.external_id(provider, found) if found else ""
    email = _email(body.email or (found.email if found else ""))
    return {
        "username": (body.username or "").strip() or email or external,
        "external_id": external,
        "email": email,
        "phone": (body.phone or "").strip(),
        "push_key": body.pushnotification or "",
        "first_name": (body.first_name or (found.first_name if found else "")).strip(),
        "last_name": (body.last_name or (found.last_name if found else "")).strip(),
        "extra": kept.put("", kept.Kept(oauth_provider=provider)) if provider else "",
    }


async def _signed_in(asked: Asked[Login, Any], organization: str) -> Customer:
    body, services = asked.body, asked.services
    await limit(asked.request, services, "login")
    if body.oauth_provider:
        found = await providers.identity(services, body.oauth_provider, body.oauth_token)
        name = providers.external_id(body.oauth_provider, found) if found else ""
        customer = await services.customers.find(organization, external_id=name)
    elif body.username and body.password:
        customer = await _by_password(services, organization, body.username, body.password)
    else:
        raise missing("username", "password")
    if customer is None or not customer.active:
        raise refused("bad_credentials", "Nobody is registered with that.")
    return customer


async def _by_password(services: Services, organization: str, username: str, password: str) -> Customer | None:
    """A try counts against the account before it is looked at, so that many at once are not more than many."""
    account = f"{organization}:{mark('username', username)}"
    await services.take("account", account)
    try:
        customer = await services.customers.sign_in(organization, username, password)
    except Busy:
        await services.give_back("account", account)
        raise busy() from None
    if customer is not None:
        await services.give_back("account", account)
    return customer


async def _change(services: Services, customer: Customer, now: Attributes) -> Customer:
    """What is given; null is nothing, an empty text removes. Nothing is changed when it raises Problem or Invalid."""
    push_key = now.push_notification_key if now.pushnotification is None else now.pushnotification
    given = {
        "first_name": now.first_name,
        "last_name": now.last_name,
        "phone": now.phone,
        "email": None if now.email is None else _email(now.email),
        "locale": now.preferred_language,
        "push_key": push_key,
    }
    fields = {name: value.strip() for name, value in given.items() if value is not None}
    if fields.get("email") not in (None, "", customer.email):
        await _refuse_registered(services, customer.organization, fields["email"], customer.id)

    def make(known: Customer) -> dict[str, str]:
        more = kept.replaced(kept.kept(known), name=now.name, address=now.address, ticket_warning=now.ticket_warning)
        return fields | {"extra": kept.put(known.extra, more)}

    return await services.customers.change(customer.organization, customer.id, make)


async def _refuse_registered(services: Services, organization: str, email: str, own: str = "") -> None:
    """Whoever can sign in has their address to themselves: a reset is sent there. Those whom only staff know do not
    keep anybody from registering, nor does the customer whose own id it is."""
    registered = await services.customers.registered(organization, email) if email else []
    if any(customer.id != own for customer in registered):
        raise _exists()


def _exists() -> Problem:
    return refused("user_exists", "Somebody is registered with that name or address already.")


def _email(text: str) -> str:
    address = mail_address(text)
    if address is None:
        raise refused("invalid", "email must be an e-mail address.")
    return address
