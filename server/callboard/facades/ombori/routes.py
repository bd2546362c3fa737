"""The addresses, as they stand below `.../organizations/{tenant}`, and what each takes and answers."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from callboard import http
from callboard.facades.ombori import access, bookings, positions
from callboard.facades.ombori.asking import public
from callboard.facades.ombori.faults import ALWAYS, fault
from callboard.facades.ombori.models import (
    Book,
    Change,
    Join,
    Joined,
    Position,
    Problem,
    Reserve,
    Slot,
    SlotsAsked,
)
from callboard.facades.ombori.options import API
from callboard.facades.ombori.origins import shared
from callboard.foreign.operation import Face, Operation

POSITION = "/queues/{queue}/positions/{position}"
RESERVATION = "/queues/{queue}/reservations/{position}"

OPERATIONS: tuple[Operation[Any, Any], ...] = (
    Operation(
        name="join",
        method="POST",
        path="/queues/{queue}/join",
        summary="Takes a ticket, or with an id changes one",
        do=positions.join,
        takes=Join,
        answers=Joined,
        errors=(409,),
    ),
    Operation(
        name="position",
        method="GET",
        path=POSITION,
        summary="A ticket, booking or reservation as it is now",
        do=public(positions.get, "own"),
        answers=Position,
        open=True,
    ),
    Operation(
        name="update",
        method="PATCH",
        path=POSITION,
        summary="Changes what is said of a position, and the slot of one that has one",
        do=positions.update,
        takes=Change,
        answers=Position,
        errors=(409,),
    ),
    Operation(
        name="cancel",
        method="PUT",
        path=f"{POSITION}/cancel-position",
        summary="Cancels a ticket, booking or reservation",
        do=public(positions.cancel, "own"),
        answers=Position,
        errors=(409,),
        open=True,
    ),
    Operation(
        name="book",
        method="POST",
        path="/queues/{queue}/bookings",
        summary="Books a slot",
        do=public(bookings.book, "join"),
        takes=Book,
        answers=Position,
        errors=(409,),
        open=True,
    ),
    Operation(
        name="reserve",
        method="POST",
        path="/queues/{queue}/reservations",
        summary="Keeps a slot until it is confirmed or cancelled",
        do=bookings.reserve,
        takes=Reserve,
        answers=Position,
        errors=(409,),
    ),
    Operation(
        name="change_reservation",
        method="PATCH",
        path=RESERVATION,
        summary="Changes a reservation that is not confirmed yet",
        do=bookings.change_reservation,
        takes=Reserve,
        answers=Position,
        errors=(409,),
    ),
    Operation(
        name="confirm",
        method="POST",
        path=f"{RESERVATION}/confirm",
        summary="Makes a reservation a booking",
        do=bookings.confirm,
        answers=Position,
        errors=(409,),
    ),
    Operation(
        name="timeslots",
        method="GET",
        path="/queues/{queue}/timeslots",
        summary="Slots of a queue, and whether they may still be had",
        do=public(bookings.timeslots, "look"),
        asks=SlotsAsked,
        answers=list[Slot],
        open=True,
    ),
)


def write(value: Any, status: int, request: Request) -> Response:
    """JSON, for pages from elsewhere too."""
    return http.answer(value, status, shared(request))


face = Face(
    name=API,
    title="Queues",
    about="Positions, bookings and reservations, by the paths and fields that Ombori's integrators know.",
    roots=access.ROOTS,
    operations=OPERATIONS,
    caller=access.keyed,
    fault=fault,
    write=write,
    error=Problem,
    always=ALWAYS,
    security={"ApiKey": {"type": "apiKey", "in": "header", "name": "ApiKey"}},
)
