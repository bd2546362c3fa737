"""Errors as they say them: a status that is none of success, and an object with `error` at its top."""

from starlette.requests import Request
from starlette.responses import Response

from callboard import http
from callboard.facades.agendize.models import Shape
from callboard.facades.agendize.translation import REFUSED
from callboard.foreign.faults import Fault


class Wrong(Shape, frozen=True, kw_only=True):
    code: int
    message: str


class Error(Shape, frozen=True, kw_only=True):
    error: Wrong


ALWAYS = {
    400: "Something in the request does not fit; the message names every field",
    401: "Who is asking is not known: token and apiKey, or a Bearer token",
    403: "The queue belongs to another account",
    404: "There is no such queue or registration",
    408: "The body came too slowly",
    413: "The body is too long",
    415: "The body is not JSON",
    429: "Too many requests",
    503: "The store does not answer; the same request may be sent again",
}


def fault(fault: Fault, request: Request) -> Response:
    status = REFUSED[fault.refusal] if fault.refusal else 400 if fault.status == 422 else fault.status
    said = "; ".join(f"{each.where}: {each.what}" if each.where else each.what for each in fault.mistakes)
    return http.answer(Error(error=Wrong(code=status, message=said or fault.message)), status, fault.headers)
