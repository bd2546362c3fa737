"""How answers are written: as JSON or XML, whichever the address asks for; and what goes wrong, with its number."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from callboard import http
from callboard.facades.bloom import errors, xml
from callboard.facades.bloom.models.envelope import Failure
from callboard.foreign import reading
from callboard.foreign.faults import Fault
from callboard.foreign.routes import NO_ADDRESS

NAMELESS = frozenset({"", "v2", "v2/queuemanagement"})  # what stands before the name of an operation
MEDIA = {"json": "application/json", "xml": "application/xml"}


def query(request: Request, type: Any) -> Any:
    """What the address asks for. Raises Problem for a format that there is not, before anything is done."""
    if _format(request) not in MEDIA:
        raise errors.refused("unknown_format", "The format must be json or xml.")
    return reading.query(request, type)


def media(request: Request) -> str:
    return MEDIA.get(_format(request), MEDIA["json"])


def write(value: Any, status: int, request: Request) -> Response:
    """Nobody may keep it."""
    if media(request) == MEDIA["json"]:
        return http.answer(value, status)
    return Response(xml.write(value), status, {"Cache-Control": "no-store"}, MEDIA["xml"])


def fault(fault: Fault, request: Request) -> Response:
    """`{success: false, errno, message}`, with 200 where the status is not for proxies or about a token."""
    code = fault.code
    if fault is NO_ADDRESS:
        rest = str(request.path_params.get("rest", "")).strip("/")
        code = "no_operation" if rest in NAMELESS else "unknown_operation"
    message = "; ".join(f"{each.where}: {each.what}".removeprefix(": ") for each in fault.mistakes) or fault.message
    response = write(Failure(False, errors.errno(code), message), errors.status(fault.status), request)
    response.headers.update(fault.headers)
    return response


def _format(request: Request) -> str:
    """Of the path, else of the query, where it may be left out; capitals or not."""
    given = request.path_params.get("format") or request.query_params.get("format") or "json"
    return str(given).lower()
