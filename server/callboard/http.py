"""What all endpoints share: how a body is read, how a value is answered, and the one envelope for everything else."""

import math
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec
from msgspec.structs import fields as fields_of
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.websockets import WebSocket

from callboard.decode import decode_json
from callboard.domain.directory import Unknown
from callboard.errors import Invalid, Mistake, Refusal, Refused, StoreAway
from callboard.rates import TooMany
from callboard.services import services_of

T = TypeVar("T")

# Every refusal in words for whoever integrates; pages have their own, in the reader's language.
MESSAGES: Mapping[Refusal, str] = {
    Refusal.NOT_FOUND: "There is no such ticket.",
    Refusal.NOT_CHECKED_IN: "The ticket is reserved or booked, and has not checked in yet.",
    Refusal.ALREADY_BOOKED: "The reservation is confirmed already.",
    Refusal.STILL_WAITING: "The ticket still waits; it has to be called first.",
    Refusal.ALREADY_CALLED: "The ticket is called already.",
    Refusal.ALREADY_SERVING: "The ticket is being served already.",
    Refusal.ON_HOLD: "The ticket is on hold.",
    Refusal.TICKET_CLOSED: "The ticket is done, missed or cancelled.",
    Refusal.QUEUE_EMPTY: "Nobody waits in any queue that the desk serves.",
    Refusal.QUEUE_CLOSED: "The queue takes nobody more.",
    Refusal.QUEUE_FULL: "The queue is full.",
    Refusal.LOCATION_CLOSED: "The location is closed at this time.",
    Refusal.DESK_CLOSED: "Nobody has opened the desk.",
    Refusal.DESK_BUSY: "The desk still has a ticket, which has to be finished first.",
    Refusal.WRONG_DESK: "The ticket is at another desk.",
    Refusal.SAME_QUEUE: "The ticket is in that queue already.",
    Refusal.TOO_EARLY: "It is too early for that.",
    Refusal.TOO_LATE: "It is too late for that.",
    Refusal.SLOT_FULL: "The slot takes no more bookings.",
    Refusal.HAS_TICKET: "The customer has an open ticket at this location already.",
    Refusal.STAFF_ONLY: "Bookings of this queue are checked in by staff.",
    Refusal.NOT_SERVED: "The visit has not ended yet.",
    Refusal.LIMIT_REACHED: "More time was asked for as often as the queue allows.",
    Refusal.NOTHING_TO_UNDO: "The desk has done nothing lately that could be taken back.",
    Refusal.CHANGED_SINCE: "Somebody has moved the ticket since; taking it back would lose that.",
    Refusal.KEY_REUSED: "The idempotency key was used for another command.",
}
# Nothing has changed, and the ticket's state is why. Two are not about a state: an unknown ticket, and an idempotency
# key that comes with another request (422, as the IETF draft on Idempotency-Key has it).
STATUSES: Mapping[Refusal, int] = dict.fromkeys(Refusal, 409) | {Refusal.NOT_FOUND: 404, Refusal.KEY_REUSED: 422}

JSON = re.compile(r"application/([a-z0-9!#$&^_.-]+\+)?json")


class Problem(Exception):
    """An answer that is not the one asked for: a status, a word for programs, a sentence for people."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})


class Denied(Problem):
    """401: nobody knows who asks."""

    def __init__(self, message: str = "Sign in first, or send a key.", code: str = "not_allowed") -> None:
        super().__init__(401, code, message, {"WWW-Authenticate": "Bearer"})


class Forbidden(Problem):
    """403: it is known who asks, and that they may not."""

    def __init__(self, message: str, code: str = "forbidden") -> None:
        super().__init__(403, code, message)


async def read(request: Request, type: type[T]) -> T:
    """The body as a value. Where all fields may be left out, so may the body.

    Raises Invalid with every mistake; Problem 415 unless it is JSON, 413 and 408 when it is too long or too slow.
    """
    if not _has_body(request) and _may_be_empty(type):
        return decode_json(b"{}", type)
    _require_json(request)
    body = await request.body()
    if body:
        return decode_json(body, type)
    if _may_be_empty(type):
        return decode_json(b"{}", type)
    raise Invalid([Mistake("", "the body is missing")])


def answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """The value as JSON; None has no body. Nothing that the API answers may be kept by a cache."""
    body = b"" if value is None else msgspec.json.encode(value)
    kept = {"Cache-Control": "no-store", **(headers or {})}
    return Response(body, status, kept, None if value is None else "application/json")


def problem(
    status: int,
    code: str,
    message: str,
    fields: Iterable[Mistake] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The one envelope. `fields` says what is wrong where, and is only there for 422."""
    error: dict[str, object] = {"code": code, "message": message}
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        error["fields"] = [{"field": mistake.where, "message": mistake.what} for mistake in fields]
    return answer({"error": error}, status, headers)


def _has_body(request: Request) -> bool:
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


def _may_be_empty(type: Any) -> bool:
    return issubclass(type, msgspec.Struct) and not any(field.required for field in fields_of(type))


def _require_json(request: Request) -> None:
    given = request.headers.getlist("content-type")
    kind, _, parameters = (given[0] if len(given) == 1 else "").partition(";")
    charset = re.search(r"charset\s*=\s*\"?([^\s\";]+)", parameters, re.IGNORECASE)
    if not JSON.fullmatch(kind.strip().lower()) or (charset and charset[1].lower() != "utf-8"):
        raise Problem(415, "unsupported_media_type", "The body has to be JSON: Content-Type: application/json.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Problem(415, "unsupported_media_type", "The body must not be compressed.")


# What exceptions become


def _problem(request: Request, error: Problem) -> Response:
    return _say(request, error.status, error.code, error.message, headers=error.headers)


def _refused(request: Request, error: Refused) -> Response:
    refusal = error.refusal
    fields = [Mistake("Idempotency-Key", MESSAGES[refusal])] if refusal is Refusal.KEY_REUSED else []
    return _say(request, STATUSES[refusal], refusal.value, MESSAGES[refusal], fields)


def _unknown(request: Request, error: Unknown) -> Response:
    """Says neither what was asked for, which may be a secret, nor of what kind: what belongs to another organization
    is answered in the same words. Misses on secrets are counted, and those who guess are told to wait."""
    if error.kind == "token":
        services = services_of(request)
        try:
            services.count(request, "miss")
        except TooMany as too_many:
            return _too_many(request, too_many)
    return _say(request, 404, "not_found", "There is nothing of that name.")


def _invalid(request: Request, error: Invalid) -> Response:
    return _say(request, 422, "invalid", "Something in the request does not fit.", error.mistakes)


def _away(request: Request, error: StoreAway) -> Response:
    return _say(request, 503, "store_away", error.advice, headers={"Retry-After": "1"})


def _too_many(request: Request, error: TooMany) -> Response:
    wait = str(max(1, math.ceil(error.retry_after_s)))
    return _say(request, 429, "too_many_requests", "That was too often; wait a little.", headers={"Retry-After": wait})


def _gone(request: Request, error: ClientDisconnect) -> Response:
    return problem(400, "incomplete", "The body ended early.")  # to nobody


def _http(request: Request, error: HTTPException) -> Response:
    """What the router and the forms say."""
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.NOT_FOUND:
        return _say(request, 404, "not_found", "There is nothing at this address.", headers=headers)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(sorted(_methods(request)))
        return _say(request, 405, "method_not_allowed", "The address does not take this method.", headers=headers)
    code = re.sub(r"\W+", "_", HTTPStatus(error.status_code).phrase).lower()
    return _say(request, error.status_code, code, error.detail, headers=headers)


def _methods(request: Request) -> set[str]:
    """Of all routes that the path leads to: the router itself names those of the first alone."""
    routes: list[BaseRoute] = request.app.routes
    found = [route for route in routes if isinstance(route, Route) and route.matches(request.scope)[0] != Match.NONE]
    return {method for route in found for method in route.methods or ()}


ErrorPage = Callable[[Request, int, str, str], Response | None]


def _say(
    request: Request,
    status: int,
    code: str,
    message: str,
    fields: Iterable[Mistake] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """To a browser that opens a page, a page; to everybody else the envelope."""
    error_page: ErrorPage | None = getattr(request.app.state, "error_page", None)
    page = error_page(request, status, code, message) if error_page and _opens_a_page(request) else None
    if page is None:
        return problem(status, code, message, fields, headers)
    page.headers.update(headers or {})
    return page


def _opens_a_page(request: Request) -> bool:
    if request.scope["type"] != "http" or request.url.path.startswith(("/api/", "/live/")):
        return False
    return request.method in ("GET", "HEAD") and "text/html" in request.headers.get("accept", "")


def _handler(handle: Callable[[Request, Any], Response]) -> Callable[[Any, Any], Awaitable[Response | None]]:
    async def handler(request: Any, error: Any) -> Response | None:
        response = handle(request, error)
        if isinstance(request, WebSocket):  # which was not accepted yet, or the error is a bug
            await request.send_denial_response(response)
            return None
        return response

    return handler


HANDLERS: Mapping[Any, Any] = {
    Problem: _handler(_problem),
    Refused: _handler(_refused),
    Unknown: _handler(_unknown),
    Invalid: _handler(_invalid),
    StoreAway: _handler(_away),
    TooMany: _handler(_too_many),
    ClientDisconnect: _handler(_gone),
    HTTPException: _handler(_http),
}
