"""An endpoint said once: what it takes, who may, what it does, what it answers and refuses.

The same words read the request and describe it in the OpenAPI document, so the two cannot part.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from msgspec import Struct
from msgspec.structs import fields
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from callboard import auth, http
from callboard.api import reading
from callboard.auth import Caller
from callboard.domain.directory import Directory
from callboard.errors import Mistake, Refusal
from callboard.services import Services, services_of

B = TypeVar("B")  # the body
Q = TypeVar("Q")  # the query

# From the ids of the path and the plain body.
MoreMistakes = Callable[[Services, Mapping[str, str], Mapping[str, Any]], list[Mistake]]

ROOT = "/api/v1"
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
    gives: Mapping[str, str] = field(default_factory=dict)  # what other paths name, by where it stands in the answer

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
        return self.takes is not None and any(each.required for each in fields(self.takes))


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
    ids, more = request.path_params, operation.more_mistakes
    body = operation.takes and await reading.body(
        request, operation.takes, more and (lambda plain: more(services, ids, plain))
    )
    query = operation.asks and reading.query(request, operation.asks)
    value = await operation.do(Asked(request, services, caller, ids, body, query, reading.once(request, caller)))
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
