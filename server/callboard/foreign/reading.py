"""How such an API reads and answers where it does not say otherwise: JSON, and fields that nobody knows are let be."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from callboard import http
from callboard.decode import convert, decode_json
from callboard.errors import Invalid
from callboard.http import Problem


async def body(request: Request, type: Any) -> Any:
    """JSON as `type`. Raises Invalid with every mistake, Problem 415 for what says that it is something else."""
    if not is_json(request):
        raise Problem(415, "unsupported_media_type", "The body has to be JSON: Content-Type: application/json.")
    raw = await request.body() or b"null"
    try:
        return decode_json(raw, type)
    except Invalid as error:
        return _again(raw, type, error)


def _again(raw: bytes, type: Any, error: Invalid) -> Any:
    """As JSON schema has it, and programs in languages without whole numbers send it, 2.0 is whole."""
    try:
        return convert(_whole(decode_json(raw, object)), type)
    except RecursionError:
        raise error from None


def _whole(value: Any) -> Any:
    match value:
        case dict():
            return {name: _whole(inner) for name, inner in value.items()}
        case list():
            return [_whole(inner) for inner in value]
        case float() if value.is_integer():
            return int(value)
    return value


def query(request: Request, type: Any) -> Any:
    """The query as `type`; of a word that stands there twice, the last counts. Raises Invalid."""
    return convert(dict(request.query_params), type, strict=False)


def write(value: Any, status: int, request: Request) -> Response:
    """JSON that nobody may keep; None has no body."""
    return http.answer(value, status)


def json_media(request: Request) -> str:
    return "application/json"


def is_json(request: Request) -> bool:
    """Whether the body says that it is JSON, or does not say anything."""
    kind, _, rest = request.headers.get("content-type", "application/json").partition(";")
    charset = rest.partition("charset=")[2].strip().strip('"').lower()
    encoded = request.headers.get("content-encoding", "identity").lower() != "identity"
    if encoded or charset not in ("", "utf-8", "utf8"):
        return False
    return kind.strip().lower() == "text/json" or http.JSON.fullmatch(kind.strip().lower()) is not None
