"""One call of such an API, and the API as a whole."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from callboard.auth import Caller
from callboard.foreign import reading
from callboard.foreign.faults import Fault
from callboard.services import Services

B = TypeVar("B")  # the body
Q = TypeVar("Q")  # the query


@dataclass(frozen=True, slots=True)
class Asked(Generic[B, Q]):
    """A request that was read and allowed. `ids` are those of the path, also of the root; `once` is an idempotency
    key of the caller's own."""

    request: Request
    services: Services
    caller: Caller
    ids: Mapping[str, Any]
    body: B
    query: Q
    once: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Generic[B, Q]):
    """What one method of one path below the root takes, does and answers.

    `answers` is the type of what `do` gives (None: an empty body); a Response that `do` makes itself goes out as it is.
    `errors` are the statuses, in the API's own numbers, that it may answer besides the `Face.always` ones.
    `open`: for everybody, and then `limit` is the bucket that a visitor's address draws from.
    """

    name: str
    method: str
    path: str
    summary: str
    do: Callable[[Asked[B, Q]], Awaitable[Any]]
    takes: Any = None
    asks: Any = None
    answers: Any = None
    status: int = 200
    errors: tuple[int, ...] = ()
    open: bool = False
    limit: str = ""
    body_needed: bool = True


CallerOf = Callable[[Request, Services], Awaitable[Caller]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """A whole API. `roots` may have parameters; all are served alike.

    `caller` says who asks, or raises Denied. `fault` says in the API's words what went wrong, and unknown addresses and
    methods below a root come to it too. `read` and `query` read what a request brings (raise Invalid or Problem),
    `write` answers. `error` is the type of an error's body, `always` what any call may answer, by status; the status of
    success is among them where an error may have it too.
    """

    name: str
    title: str
    roots: tuple[str, ...]
    operations: tuple[Operation[Any, Any], ...]
    caller: CallerOf
    fault: Callable[[Fault, Request], Response]
    error: Any
    always: Mapping[int, str]
    read: Callable[[Request, Any], Awaitable[Any]] = reading.body
    query: Callable[[Request, Any], Any] = reading.query
    write: Callable[[Any, int, Request], Response] = reading.write
    media: Callable[[Request], str] = reading.json_media
    about: str = ""
    security: Mapping[str, Any] = field(default_factory=dict)  # OpenAPI security schemes; any one of them is enough
    openapi: str = "/openapi.json"  # where the description is, below each root
    any_case: bool = False  # addresses below a root are matched in any case, a slash behind them or not


def params(path: str) -> list[str]:
    """The names in a path, without their kinds."""
    return re.findall(r"{(\w+)(?::\w+)?}", path)


def plain(path: str) -> str:
    """The path as OpenAPI writes it."""
    return re.sub(r"{(\w+):\w+}", r"{\1}", path)
