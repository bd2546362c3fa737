"""The two roots of the API and every call below them."""

from collections.abc import Mapping
from typing import Any

from callboard.facades.bloom import (
    answering,
    customers,
    locations,
    passwords,
    queue_management,
    reading,
    rules,
    server_services,
    tickets,
    tokens,
)
from callboard.facades.bloom.models import bodies, queries
from callboard.facades.bloom.models.called import InitialState, LastTickets
from callboard.facades.bloom.models.customers import Details, Opened
from callboard.facades.bloom.models.envelope import Failure, Success
from callboard.facades.bloom.models.locations import Locations, Settings
from callboard.facades.bloom.models.server_services import ServerServices
from callboard.facades.bloom.models.tickets import Created, Tickets
from callboard.facades.bloom.organizations import NAME
from callboard.foreign.operation import Face, Operation

ALWAYS: Mapping[int, str] = {
    200: "Refused: errno and message say why",
    401: "The vt_token, or the key of an organization, is missing, unknown or over",
    408: "The body came too slowly",
    413: "The body is too long",
    429: "Too many requests from this address, or for this account; Retry-After says when to come again",
    503: "The store does not answer; the same request may be sent again",
}
# The first of the places where a token may stand; the others are read too.
TOKEN = {"vt_token": {"type": "http", "scheme": "bearer", "description": "the vt_token of register or login"}}
ABOUT = """\
Virtual tickets: a customer registers, finds a location, takes a ticket and watches it. Everything is answered with
status 200; what is refused is `{"success": false, "errno", "message"}`."""


CUSTOMERS: tuple[Operation[Any, Any], ...] = (
    Operation(
        name="register",
        method="POST",
        path="/customer/register",
        summary="Registers a customer and signs them in",
        do=customers.register,
        takes=bodies.Register,
        asks=queries.Anything,
        answers=Opened,
        open=True,
    ),
    Operation(
        name="login",
        method="POST",
        path="/customer/login",
        summary="Signs a customer in, and changes what customer_attribute says",
        do=customers.login,
        takes=bodies.Login,
        asks=queries.Anything,
        answers=Opened,
        open=True,
    ),
    Operation(
        name="details",
        method="POST",
        path="/customer/details",
        summary="Who has signed in",
        do=customers.details,
        takes=bodies.Own,
        asks=queries.Anything,
        answers=Details,
        body_needed=False,
    ),
    Operation(
        name="resetpassword",
        method="GET",
        path="/customer/resetpassword",
        summary="Mails a secret for a new password to a customer",
        do=passwords.reset,
        asks=queries.ByEmail,
        answers=Success,
        open=True,
    ),
    Operation(
        name="newpassword",
        method="POST",
        path="/customer/newpassword",
        summary="Sets a password with the secret of the mail, and signs the customer in",
        do=passwords.change,
        takes=bodies.NewPassword,
        asks=queries.Anything,
        answers=Opened,
        open=True,
    ),
)

TICKETS: tuple[Operation[Any, Any], ...] = (
    Operation(
        name="tickets",
        method="GET",
        path="/customer/tickets",
        summary="All tickets of the customer",
        do=tickets.list_all,
        asks=queries.Anything,
        answers=Tickets,
    ),
    Operation(
        name="tickets_without_id",
        method="GET",
        path="/customer/tickets/",
        summary="The same, asked with an empty id",
        do=tickets.list_all,
        asks=queries.Anything,
        answers=Tickets,
    ),
    Operation(
        name="ticket",
        method="GET",
        path="/customer/tickets/{ticket_id}",
        summary="One ticket of the customer",
        do=tickets.read,
        asks=queries.Anything,
        answers=Tickets,
    ),
    Operation(
        name="create",
        method="POST",
        path="/ticket/create",
        summary="Takes a ticket",
        do=tickets.create,
        takes=bodies.Create,
        asks=queries.Anything,
        answers=Created,
    ),
    Operation(
        name="cancel",
        method="POST",
        path="/ticket/cancel",
        summary="Gives a ticket up",
        do=tickets.cancel,
        takes=bodies.Cancel,
        asks=queries.Anything,
        answers=Success,
    ),
)

PLACES: tuple[Operation[Any, Any], ...] = (
    Operation(
        name="locations",
        method="GET",
        path="/locations/get",
        summary="Locations with their services, and the customer's own tickets there",
        do=locations.get,
        asks=queries.Where,
        answers=Locations,
        open=True,
    ),
    Operation(
        name="server_services",
        method="GET",
        path="/server_services/get",
        summary="Services with the locations that offer them",
        do=server_services.get,
        asks=queries.Which,
        answers=ServerServices,
        open=True,
    ),
    Operation(
        name="settings",
        method="GET",
        path="/settings/get",
        summary="What is set for virtual tickets",
        do=rules.settings,
        asks=queries.Anything,
        answers=Settings,
        open=True,
    ),
)

SIBLINGS: tuple[Operation[Any, Any], ...] = (
    Operation(
        name="last_tickets",
        method="GET",
        path="/ticket/lastTickets",
        summary="The newest calls of a location, by service",
        do=queue_management.last_tickets,
        asks=queries.LastCalled,
        answers=LastTickets,
        open=True,
    ),
    Operation(
        name="initial_state",
        method="POST",
        path="/v2/queuemanagement/initialstate",
        summary="How the queues of a location stand",
        do=queue_management.initial_state,
        takes=bodies.State,
        asks=queries.ForState,
        answers=InitialState,
        open=True,
        body_needed=False,
    ),
)


def _face(title: str, root: str, operations: tuple[Operation[Any, Any], ...], security: Mapping[str, Any]) -> Face:
    return Face(
        name=NAME,
        title=title,
        roots=(root,),
        operations=operations,
        caller=tokens.caller,
        fault=answering.fault,
        error=Failure,
        always=ALWAYS,
        read=reading.read,
        query=answering.query,
        write=answering.write,
        media=answering.media,
        about=ABOUT,
        security=security,
    )


faces = (
    _face("Virtual tickets", "/vt/api/{format}", (*CUSTOMERS, *TICKETS, *PLACES), TOKEN),
    _face("Queue management", "/restapi", SIBLINGS, {}),
)
