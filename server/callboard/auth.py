"""Who asks: staff by their session, a machine by its key, or a visitor; and what is theirs to see."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Literal

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from callboard.domain.directory import Directory, Unknown
from callboard.http import Denied, Forbidden
from callboard.hub.origin import is_own, origin_of
from callboard.services import Services, services_of
from callboard.settings import Settings
from callboard.store.accounts import User, user_id
from callboard.store.secret import same

COOKIE = "callboard"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `id` is theirs alone, and is no secret; a visitor has none of their own."""

    kind: Literal["staff", "key", "visitor"]
    name: str = ""
    organization: str = ""
    roles: frozenset[str] = frozenset()
    csrf: str = ""
    id: str = "visitor"

    @property
    def is_staff(self) -> bool:
        """Somebody who has signed in, in this browser."""
        return self.kind == "staff"


VISITOR = Caller("visitor")


async def caller(request: HTTPConnection, *, extend: bool = True) -> Caller:
    """Who asks, which keeps their session alive unless told not to.

    Staff who write without their page's X-CSRF-Token are visitors: it may be another site's page. Raises Denied for a
    key that is none, Forbidden for a write from a page that is not ours, or with a wrong token.
    """
    if (secret := _bearer(request)) is not None:
        return await key_caller(services_of(request), secret)
    check_origin(request)
    found = await session(request, extend=extend)
    if found is None or not _writes(request):
        return found or VISITOR
    tokens = request.headers.getlist("x-csrf-token")
    if not tokens:
        return VISITOR
    if len(tokens) > 1 or not same(tokens[0], found.csrf):
        raise Forbidden("The page is out of date; load it again.", "csrf")
    return found


async def staff(request: HTTPConnection) -> Caller:
    """Staff or a machine. Raises Denied for visitors, Forbidden where the page's token is missing."""
    found = await caller(request)
    if found.kind != "visitor":
        return found
    if _writes(request) and await session(request):
        raise Forbidden("The header X-CSRF-Token is missing.", "csrf")
    raise Denied


def may(caller: Caller, location: str, directory: Directory) -> bool:
    """Whether the location belongs to the caller's organization."""
    return caller.kind != "visitor" and directory.organization(location).id == caller.organization


def allow(caller: Caller, location: str, directory: Directory) -> None:
    """Raises Unknown for a location of another organization: it is answered as one that is not there, so that nobody
    learns what is."""
    if not may(caller, location, directory):
        raise Unknown("location", location)


def origin_ok(connection: HTTPConnection, settings: Settings) -> bool:
    """Whether a request comes from a page of ours, or from no page at all."""
    origins, host = connection.headers.getlist("origin"), connection.headers.get("host", "")
    return not origins or is_own(origins, connection.scope["scheme"], host, origin_of(settings.public_url))


def check_origin(request: HTTPConnection) -> None:
    """Raises Forbidden for a write from a page that is not ours."""
    if _writes(request) and not origin_ok(request, services_of(request).settings):
        raise Forbidden("This page may not send that.", "forbidden_origin")


async def session(request: HTTPConnection, *, extend: bool = True) -> Caller | None:
    """Who has signed in in this browser, whatever the request is."""
    services = services_of(request)
    token = request.cookies.get(cookie_name(services.settings), "")
    user = await services.accounts.session_user(token, extend=extend) if token else None
    return None if user is None else _staff(user, token)


async def begin_session(request: Request, user: User) -> tuple[Caller, str]:
    """Who they are from now on, and the secret for the cookie. A session that the browser had before ends."""
    services = services_of(request)
    if old := request.cookies.get(cookie_name(services.settings)):
        await services.accounts.sessions.end(old)
    token = await services.accounts.sessions.begin(user.name, user.rev)
    return _staff(user, token), token


def give_cookie(response: Response, token: str, settings: Settings) -> None:
    """The cookie goes with the browser; how long the session lasts is the store's to say."""
    response.set_cookie(
        cookie_name(settings), token, path="/", secure=is_https(settings), httponly=True, samesite="lax"
    )


async def end_session(request: Request, response: Response) -> None:
    """Signs out in this browser, and everybody else who may have its cookie."""
    services = services_of(request)
    name, secure = cookie_name(services.settings), is_https(services.settings)
    if token := request.cookies.get(name):
        await services.accounts.sessions.end(token)
    response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="lax")


def cookie_name(settings: Settings) -> str:
    """Over https a browser takes a `__Host-` cookie from nobody but this very host."""
    return f"__Host-{COOKIE}" if is_https(settings) else COOKIE


def is_https(settings: Settings) -> bool:
    return settings.url.startswith("https://")


def _bearer(request: HTTPConnection) -> str | None:
    """The key that is sent. Another scheme is not for us: it may be a proxy's."""
    headers = request.headers.getlist("authorization")
    keys = [header[7:].strip() for header in headers if header[:7].lower() == "bearer "]
    if len(keys) > 1:
        raise Denied("Send one key.")
    return keys[0] if keys else None


async def key_caller(services: Services, secret: str, api: str = "") -> Caller:
    """The machine that has this key, for one of the APIs; "" is our own. Raises Denied, also where it opens another."""
    key = await services.accounts.keys.find(secret)
    if key is None or key.api not in ("", api):
        raise Denied("The key is unknown or was revoked.", "unknown_key")
    return Caller("key", key.name, key.organization, frozenset({"api"}), id=f"key:{key.id}")


def _staff(user: User, token: str) -> Caller:
    return Caller(
        "staff", user.name, user.organization, frozenset(user.roles), _csrf(token), f"staff:{user_id(user.name)}"
    )


def _csrf(token: str) -> str:
    """What a page of ours sends along with writes. It follows from the session's secret, which no script can read, and
    does not lead back to it."""
    digest = hmac.digest(token.encode(), b"csrf", hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _writes(request: HTTPConnection) -> bool:
    return request.scope.get("method", "GET") not in SAFE
