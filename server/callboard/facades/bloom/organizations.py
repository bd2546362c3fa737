"""Whose request it is: the addresses do not say it."""

from contextlib import suppress

from starlette.requests import Request

from callboard.auth import key_caller
from callboard.domain.directory import Directory, Unknown
from callboard.domain.model import Organization
from callboard.facades.bloom.errors import refused
from callboard.services import Services

NAME = "bloom"


async def organization_of(request: Request, services: Services) -> Organization:
    """Of a request without a token: what it names, else the only one there is. Raises Problem."""
    organization = await named(request, services)
    if organization is not None:
        return organization
    only = {site.organization.id: site.organization for site in services.directory.sites}
    if len(only) != 1:
        raise refused(
            "which_organization",
            "There are several organizations here: send the parameter organization, a key of one, or ask a host whose "
            "name begins with the organization's.",
        )
    return next(iter(only.values()))


async def named(request: Request, services: Services) -> Organization | None:
    """The first of a key, the query's `organization` and the host's first label that names one; None: nothing does.

    Raises Problem for a parameter that names none, and for one that is not the key's; Denied for a key that is none.
    """
    directory, key = services.directory, bearer(request)
    name = request.query_params.get("organization", "")
    wanted = _find(directory, name) if name else None
    if name and wanted is None:
        raise refused("which_organization", "There is no organization of that name.")
    if is_key(key):
        own = _find(directory, (await key_caller(services, key, NAME)).organization)
        if wanted not in (None, own):
            raise refused("which_organization", "The key is another organization's.")
        return own
    label = request.headers.get("host", "").partition(":")[0].partition(".")[0].lower()
    return wanted or _find(directory, label)


async def limit(request: Request, services: Services, bucket: str) -> None:
    """One more from this address; raises TooMany. A program asks for many people and is not counted: that its key is
    one was looked at before."""
    if not is_key(bearer(request)):
        await services.limit(request, bucket)


def bearer(request: Request) -> str:
    """What the request comes with: a key of an organization, or a customer's token; empty when with neither."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def is_key(secret: str) -> bool:
    """No customer's token begins so."""
    return secret.startswith("cb_")


def _find(directory: Directory, name: str) -> Organization | None:
    with suppress(Unknown):
        return directory.find_organization(name)
    return None
