"""What stands before every endpoint: limits for bodies, headers that browsers obey, an answer when there is a bug."""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callboard.http import Problem, problem

BODY_S = 30.0

HOST = re.compile(r"[A-Za-z0-9.\-]+(:[0-9]+)?|\[[0-9a-fA-F:.]+\](:[0-9]+)?")

HEADERS: Mapping[str, str] = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # for browsers that do not know frame-ancestors
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), midi=(), serial=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}

NO_LENGTH = Problem(400, "bad_request", "Content-Length is not a number.")

# What an API of its own words says instead of ours; None where the address is ours.
Say = Callable[[Scope, Problem], Response | None]

log = logging.getLogger(__name__)


class Bodies:
    """No body is longer than `limit` or takes longer than `seconds` to come, whoever reads it.

    A length that is announced is refused before anything is read. What is left of a body that was refused is the
    server's to throw away: to close at once would lose the answer.
    """

    def __init__(self, app: ASGIApp, limit: int, seconds: float = BODY_S, say: Say = lambda scope, error: None) -> None:
        self._app = app
        self._limit = limit
        self._seconds = seconds
        self._say = say

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        length = Headers(scope=scope).get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            return await self._refuse(scope, NO_LENGTH)(scope, receive, send)
        if int(length[:20]) > self._limit:
            return await self._refuse(scope, self._too_long())(scope, receive, send)
        await self._app(scope, self._counted(receive), send)

    def _counted(self, receive: Receive) -> Receive:
        deadline = asyncio.get_running_loop().time() + self._seconds
        length, is_complete = 0, False

        async def receive_counted() -> Message:
            nonlocal length, is_complete
            if is_complete:  # from now on it waits for the end of the connection
                return await receive()
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                close = {"Connection": "close"}
                raise Problem(408, "too_slow", "The body took too long to come.", close) from None
            length += len(message.get("body", b""))
            if length > self._limit:
                raise self._too_long()
            is_complete = not message.get("more_body", False)
            return message

        return receive_counted

    def _refuse(self, scope: Scope, error: Problem) -> Response:
        return self._say(scope, error) or _response(error)

    def _too_long(self) -> Problem:
        return Problem(413, "too_large", f"The body must not be longer than {self._limit} bytes.")


class Protected:
    """Adds the headers by which browsers keep pages apart. An answer that has one of them keeps its own."""

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self._app = app
        self._public_host = urlsplit(public_url).netloc

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)

        async def send_protected(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Content-Security-Policy", self._policy(Headers(scope=scope).get("host", "")))
            await send(message)

        await self._app(scope, receive, send_protected)

    def _policy(self, host: str) -> str:
        """Everything from here and nothing from elsewhere. WebSockets are named: to older TVs 'self' is not them."""
        hosts = {each for each in (host, self._public_host) if HOST.fullmatch(each)}
        sockets = "".join(f" {scheme}://{each}" for each in sorted(hosts) for scheme in ("ws", "wss"))
        return (
            f"default-src 'self'; img-src 'self' data:; connect-src 'self'{sockets}; "
            "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )


class Shielded:
    """A bug is logged with the request's id and answered with nothing but that it was one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_begun = False

        async def send_noting(message: Message) -> None:
            nonlocal has_begun
            has_begun = has_begun or message["type"] in BEGINNINGS
            await send(message)

        try:
            await self._app(scope, receive, send_noting)
        except Exception:
            if scope["type"] == "lifespan":
                raise
            log.exception("a bug in request=%s", scope.get("state", {}).get("request_id", "-"))
            if has_begun:
                raise Broken from None  # so that the server ends the connection, and the answer is not taken as whole
            await _deny(scope, receive, send)


class Broken(Exception):
    """An answer broke off; the log has said why."""


BEGINNINGS = frozenset({"http.response.start", "websocket.accept", "websocket.close", "websocket.http.response.start"})


async def _deny(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http" or "websocket.http.response" in scope.get("extensions", {}):
        await problem(500, "failed", "Something went wrong on this side; its log says what.")(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": 1011})


def _response(error: Problem) -> Response:
    return problem(error.status, error.code, error.message, headers=error.headers)
