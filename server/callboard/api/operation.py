"""An endpoint said once: what it takes, who may, what it does, what it answers and refuses.

The same words read the request and describe it in the OpenAPI document, so the two cannot part.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from msgspec import Struct
from msgspec.structs import fields
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from callboard import auth, http
from callboard.auth import Caller
from callboard.decode import convert, decode_json
from callboard.domain.directory import Directory
from callboard.errors import Invalid, Mistake, Refusal
from callboard.services import Services, services_of

B = TypeVar("B")  # the body
Q = TypeVar("Q")  # the query

# From the ids of the path and the plain body.
MoreMistakes = Callable[[Services, Mapping[str, str], Mapping[str, Any]], list[Mistake]]

ROOT = "/api/v1"
ONCE_PATTERN = r"^[\x21-\x7e]([\x20-\x7e]{0,198}[\x21-\x7e])?$"
BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})


@dataclass(frozen=True, slots=True)
class Asked(Generic[B, Q]):
    """A request that was read and allowed. `ids` are those of the path; `once` is the caller's idempotency key."""

    request: Request
    services: Services
    caller: Caller
    ids: Mapping[str, str]
    body: B
    query: Q
    once: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """What is known from outside of one method of one path below `ROOT`.

    `name` is a command word and the operationId. It is for staff and keys, unless `open` says that it is for everybody.
    """

    name: str
    method: str
    path: str
    tag: str
    summary: str
    answers: type[Struct] | None  # none: an empty answer
    status: int = 200
    takes: type[Struct] | None = None
    asks: type[Struct] | None = None
    refuses: tuple[Refusal, ...] = ()
    once: bool = False  # an Idempotency-Key is honoured
    open: bool = False
    limit: str = ""  # the bucket that a visitor's address draws from
    finds: bool = False  # the body names things, too, that may be unknown
    forbids: bool = False  # some of it is for staff alone

    @property
    def located(self) -> bool:
        """Whether the answer says where to look at what was made."""
        return False

    @property
    def params(self) -> list[str]:
        """The names in the path."""
        return re.findall(r"{(\w+)}", self.path)

    @property
    def body_needed(self) -> bool:
        return self.takes is not None and any(field.required for field in fields(self.takes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Endpoint, Generic[B, Q]):
    """An endpoint and what it does. `do` may raise Refused, Unknown, Invalid, Problem and StoreAway.

    When the path names a desk, queue, ticket or location, only staff and keys of its organization come through to it,
    unless it is open.
    """

    do: Callable[[Asked[B, Q]], Awaitable[Struct]]
    more_mistakes: MoreMistakes | None = None  # of a body whose types do not fit: what is wrong besides
    made_at: Callable[[Any], str] | None = None  # from the answer, the address of what was made

    @property
    def located(self) -> bool:
        return self.made_at is not None


def words(text: str) -> tuple[Refusal, ...]:
    """Refusals by their words, with blanks between."""
    return tuple(Refusal(word) for word in text.split())


def routes(operations: Iterable[Operation[Any, Any]]) -> list[Route]:
    """One route a path, so that what is not allowed is told all that is."""
    by_path: dict[str, dict[str, Operation[Any, Any]]] = {}
    for operation in operations:
        by_path.setdefault(ROOT + operation.path, {})[operation.method] = operation
    return [Route(path, _endpoint(methods), methods=[*methods]) for path, methods in by_path.items()]


def _endpoint(methods: Mapping[str, Operation[Any, Any]]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await _answer(methods["GET" if request.method == "HEAD" else request.method], request)

    return endpoint


async def _answer(operation: Operation[Any, Any], request: Request) -> Response:
    services = services_of(request)
    caller = await _caller(operation, request, services.directory)
    if operation.limit and caller.kind == "visitor":
        await services.limit(request, operation.limit)
    body = None if operation.takes is None else await _body(operation, request, services)
    query, once = _query(operation, request), _once(request, caller)
    value = await operation.do(Asked(request, services, caller, request.path_params, body, query, once))
    headers = {"Location": operation.made_at(value)} if operation.made_at else {}
    return http.answer(value, operation.status, headers)


async def _caller(operation: Operation[Any, Any], request: Request, directory: Directory) -> Caller:
    if operation.open:
        return await auth.caller(request)
    caller = await auth.staff(request)
    for kind, name in request.path_params.items():
        auth.allow(caller, location_of(directory, kind, name), directory)
    return caller


def location_of(directory: Directory, kind: str, name: str) -> str:
    """The location that a thing named in a path belongs to. Raises Unknown."""
    if kind == "ticket":
        return directory.location_of_ticket(name).id
    if kind == "queue":
        return directory.queue(name)[0].id
    if kind == "desk":
        return directory.desk(name)[0].id
    return directory.location(name).id


async def _body(operation: Operation[Any, Any], request: Request, services: Services) -> Any:
    """Raises Invalid with every mistake: those of the types, and of the other fields those that types do not know."""
    try:
        return await http.read(request, cast(type[Any], operation.takes))
    except Invalid as error:
        plain = _plain(await request.body()) if operation.more_mistakes else None
        if operation.more_mistakes is None or plain is None:
            raise
        named = {mistake.where for mistake in error.mistakes}
        more = operation.more_mistakes(services, request.path_params, plain)
        raise Invalid([*error.mistakes, *(mistake for mistake in more if mistake.where not in named)]) from None


def _plain(body: bytes) -> dict[str, Any] | None:
    try:
        plain = decode_json(body, object)
    except Invalid:
        return None
    return plain if isinstance(plain, dict) else None


def _query(operation: Operation[Any, Any], request: Request) -> Any:
    if operation.asks is None:
        return None
    given = request.query_params.multi_items()
    names = [name for name, _ in given]
    twice = [Mistake(name, "stands here twice") for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise Invalid(twice)
    return convert(dict(given), operation.asks, strict=False)


def _once(request: Request, caller: Caller) -> str | None:
    """The caller's own: another's key of the same text is another key."""
    given = request.headers.getlist("idempotency-key")
    if not given:
        return None
    if len(given) > 1 or not re.fullmatch(ONCE_PATTERN, given[0]):
        raise Invalid([Mistake("Idempotency-Key", "must be 1 to 200 printable characters")])
    return f"{caller.id}:{given[0]}"
