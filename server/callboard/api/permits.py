"""Who may listen to what: a board everybody, a ticket who has its secret, a desk the staff of its organization."""

from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute

from callboard import auth
from callboard.api.live import live_routes
from callboard.domain.directory import Unknown
from callboard.http import Denied
from callboard.hub.watched import Place
from callboard.lines import Lines, Permit
from callboard.services import services_of


def listening_routes(lines: Lines) -> list[BaseRoute]:
    """The live addresses of this server."""
    return live_routes(lines, board=_board, ticket=_ticket, desk=_desk)


async def _board(connection: HTTPConnection) -> Permit | None:
    location, display = services_of(connection).directory.display(connection.path_params["display"])
    return Permit(Place(location.id, f"board:{display.id}"))


async def _ticket(connection: HTTPConnection) -> Permit | None:
    """A miss of a socket is counted here: it is answered by a close code, and does not come to the handler that counts
    those of requests."""
    services, token = services_of(connection), connection.path_params["token"]
    try:
        ticket = await services.reads.ticket_of_token(token)
    except Unknown:
        if connection.scope["type"] == "websocket":
            services.count(connection, "miss")
        raise
    return Permit(Place(services.directory.location_of_token(token).id, f"ticket:{ticket}"))


async def _desk(connection: HTTPConnection) -> Permit | None:
    async def still() -> bool:
        return await _may_see(connection, desk, extend=False)

    desk = connection.path_params["desk"]
    if not await _may_see(connection, desk):
        return None
    return Permit(Place(services_of(connection).directory.desk(desk)[0].id, f"desk:{desk}"), still)


async def _may_see(connection: HTTPConnection, desk: str, *, extend: bool = True) -> bool:
    """False for whoever is not signed in; raises Unknown for a desk that is not there, or another organization's."""
    try:
        caller = await auth.caller(connection, extend=extend)
    except Denied:
        return False
    if caller.kind == "visitor":
        return False
    directory = services_of(connection).directory
    auth.allow(caller, directory.desk(desk)[0].id, directory)
    return True
