"""Everything that goes wrong, in the one form that the vendor's hosts answer: a status code and a sentence."""

from collections.abc import Mapping, Sequence

from starlette.requests import HTTPConnection
from starlette.responses import Response

from callboard import http
from callboard.errors import Mistake
from callboard.facades.ombori.models import Problem
from callboard.facades.ombori.origins import is_preflight, leave, shared
from callboard.facades.ombori.translation import REFUSED
from callboard.foreign.faults import Fault

# What any call may answer, in OpenAPI's words.
ALWAYS = {
    400: "The request cannot be understood",
    401: "The ApiKey is missing, unknown, or another organization's",
    404: "There is no such organization, queue or position",
    405: "The address does not take this method",
    413: "The body is too long",
    415: "The body is not JSON",
    429: "Too many requests",
    503: "The store does not answer just now",
}


def fault(fault: Fault, request: HTTPConnection) -> Response:
    """Documented nowhere: what hosts of this kind answer (README). No operation takes OPTIONS, so browsers that ask
    whether a page may ask come here."""
    if fault.status == 405 and is_preflight(request):
        return leave(request)
    return say(_status(fault), _words(fault.message, fault.mistakes), {**fault.headers, **shared(request)})


def say(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    kept = {name: value for name, value in (headers or {}).items() if name != "WWW-Authenticate"}
    return http.answer(Problem(status_code=status, message=message), status, kept)


def _status(fault: Fault) -> int:
    if fault.refusal is not None:
        return REFUSED[fault.refusal]
    return 400 if fault.status == 422 else fault.status


def _words(message: str, mistakes: Sequence[Mistake]) -> str:
    """A request may have several mistakes, and the form has one sentence."""
    return "; ".join(f"{each.where}: {each.what}" if each.where else each.what for each in mistakes) or message
