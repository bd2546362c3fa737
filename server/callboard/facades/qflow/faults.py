"""Everything that goes wrong, in the error object of the library that the vendor's site runs on (INF).

`Message`, and beside it `ModelState` for fields, `MessageDetail` for an address that is none, or the `ErrorNumber` of
a rule. What the rest of us answers with 409 or 422 is a 400 here.
"""

from collections.abc import Iterable, Mapping

import msgspec
from msgspec import UNSET, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from callboard.errors import Mistake
from callboard.facades.qflow import codes
from callboard.facades.qflow.answering import answer
from callboard.facades.qflow.models import Model
from callboard.foreign.faults import Fault
from callboard.foreign.routes import NO_ADDRESS
from callboard.http import Problem
from callboard.services import services_of

PARAMETER = "model"  # what the vendor calls the body among its arguments, which stands before each field: a guess
INVALID = "The request is invalid."
DENIED = "Authorization has been denied for this request."
NOT_FOUND = "The record was not found."
BAD_REQUEST = 400


class ErrorBody(Model, frozen=True, kw_only=True):
    message: str
    message_detail: str | UnsetType = UNSET
    model_state: Mapping[str, list[str]] | UnsetType = UNSET
    error_number: int | UnsetType = UNSET


class NoCalendar(Problem):
    """The location is closed at the time that was asked for."""

    def __init__(self) -> None:
        super().__init__(BAD_REQUEST, "no_calendar", "There is no active calendar for that service and date.")


class AlreadyArrived(Problem):
    """Only an appointment that is still to come can be moved or cancelled as one."""

    def __init__(self) -> None:
        super().__init__(BAD_REQUEST, "already_arrived", "The customer of this appointment has arrived already.")


def say(fault: Fault, request: Request) -> Response:
    """What a fault is answered with."""
    if fault.status == 401:
        return _answer(401, ErrorBody(message=DENIED), fault, request)
    if fault.status == 422 and fault.refusal is None:
        state = _model_state(fault.mistakes, request)
        return _answer(BAD_REQUEST, ErrorBody(message=INVALID, model_state=state), fault, request)
    if fault is NO_ADDRESS:
        where = f"Nothing answers at the path '{request.url.path[:200]}'."
        return _answer(404, ErrorBody(message="No HTTP resource was found.", message_detail=where), fault, request)
    number = codes.of(services_of(request).settings.data_dir).error_number.get(fault.code, UNSET)
    if fault.status == 404:
        return _answer(404, ErrorBody(message=NOT_FOUND, error_number=number), fault, request)
    status = BAD_REQUEST if fault.refusal is not None else fault.status
    return _answer(status, ErrorBody(message=fault.message, error_number=number), fault, request)


def _model_state(mistakes: Iterable[Mistake], request: Request) -> dict[str, list[str]]:
    """By the name of the field, behind that of the argument; those of an address and its query stand alone."""
    prefix = "" if request.method in ("GET", "HEAD") else PARAMETER
    state: dict[str, list[str]] = {}
    for mistake in mistakes:
        state.setdefault(".".join(filter(None, (prefix, mistake.where))), []).append(_sentence(mistake.what))
    return state


def _sentence(what: str) -> str:
    return what[:1].upper() + what[1:] + "."


def _answer(status: int, body: ErrorBody, fault: Fault, request: Request) -> Response:
    return answer(msgspec.to_builtins(body), status, request, fault.headers)
