"""Who asks: a key of an organization, in any of three headers. The help site says nothing of this (INF)."""

import base64
import binascii

from starlette.requests import Request

from callboard import auth
from callboard.auth import Caller
from callboard.domain.directory import Unknown
from callboard.facades.qflow import codes
from callboard.http import Denied
from callboard.services import Services

API = "qflow"
HEADER = "Application-API-Key"  # that of the vendor's hosted product (Q15)
SECURITY = {
    "key": {"type": "apiKey", "in": "header", "name": HEADER},
    "bearer": {"type": "http", "scheme": "bearer", "description": "the same key"},
    "basic": {"type": "http", "scheme": "basic", "description": "the same key as the password, with any name"},
}


async def caller(request: Request, services: Services) -> Caller:
    """Raises Denied. Without a key, the organization that the operator's table lets in so."""
    secret = _secret(request)
    if secret is not None:
        try:
            return await auth.key_caller(services, secret, API)
        except Denied:
            services.count(request, "miss")
            raise
    organization = codes.of(services.settings.data_dir).access.without_key
    if not organization:
        raise Denied
    try:
        id = services.directory.find_organization(organization).id
    except Unknown:
        raise Denied from None
    return Caller("key", "without a key", id, frozenset({"api"}), id=f"without-key:{id}")


def _secret(request: Request) -> str | None:
    """The one key that is sent. Raises Denied for several that differ."""
    authorizations = map(_authorization, request.headers.getlist("authorization"))
    given = [*request.headers.getlist(HEADER), *(each for each in authorizations if each is not None)]
    if len(set(given)) > 1:
        raise Denied
    return given[0] if given else None


def _authorization(header: str) -> str | None:
    """None for a scheme that is none of ours: the hosted product's clients send a user's `JWT` beside the key (Q15)."""
    scheme, _, rest = header.strip().partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest.strip(), validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            raise Denied from None
    return None
