"""Who may do what to which position. A position's id opens it, as at the vendor; a key is the organization's."""

from starlette.requests import HTTPConnection

from callboard import auth
from callboard.auth import VISITOR, Caller
from callboard.domain.directory import Directory, Unknown
from callboard.domain.model import Location, Organization, Queue
from callboard.domain.standing import Standing
from callboard.facades.ombori.options import API, options_of
from callboard.http import Denied
from callboard.services import Services, services_of
from callboard.standing import standing

ROOTS = ("/regions/{region}/queues/v1/organizations/{tenant}", "/api/organizations/{tenant}")
NO_KEY = "Access denied due to a missing ApiKey header."
WRONG_KEY = "Access denied due to an invalid ApiKey."


async def keyed(request: HTTPConnection, services: Services) -> Caller:
    """As `caller`, where nobody comes through without a key."""
    found = await caller(request, services)
    if found.kind == "visitor":
        raise Denied(NO_KEY)
    return found


async def caller(connection: HTTPConnection, services: Services) -> Caller:
    """A machine with a key of the path's organization, or a visitor without one. Raises Denied for any other key: what
    an organization has is not told to another one."""
    keys = connection.headers.getlist("apikey")
    if not keys:
        return VISITOR
    try:
        if len(keys) > 1:
            raise Denied
        found = await auth.key_caller(services, keys[0], API)
        tenant = services.directory.find_organization(connection.path_params.get("tenant", ""))
    except (Denied, Unknown):
        services.count(connection, "miss")
        raise Denied(WRONG_KEY) from None
    if found.organization != tenant.id:
        raise Denied(WRONG_KEY)
    return found


def tenant(connection: HTTPConnection) -> Organization:
    """The organization of the path. Raises Unknown."""
    return services_of(connection).directory.find_organization(connection.path_params["tenant"])


def place(connection: HTTPConnection) -> tuple[Location, Queue]:
    """The queue of the path. Raises Unknown, also for another organization's."""
    directory: Directory = services_of(connection).directory
    return directory.find_queue(tenant(connection).id, connection.path_params["queue"])


def demand(who: Caller, connection: HTTPConnection, location: Location) -> None:
    """Where people take no tickets by themselves, or the organization wants it so, nothing is open to them: raises
    Denied for a visitor."""
    if who.kind == "visitor" and (not location.public_join or options_of(tenant(connection)).key_everywhere):
        raise Denied(NO_KEY)


def ticket_at(connection: HTTPConnection, location: Location, position: str) -> str:
    """The id of a ticket of the location, in whichever queue it is by now; whether there is one is not known yet.
    Raises Unknown."""
    ticket = position.lower()
    try:
        if services_of(connection).directory.location_of_ticket(ticket).id != location.id:
            raise Unknown("ticket", ticket)
    except Unknown:
        missed(connection)
        raise
    return ticket


async def standing_at(connection: HTTPConnection, location: Location, position: str) -> Standing:
    """Where such a ticket stands. Raises Unknown."""
    services = services_of(connection)
    ticket = ticket_at(connection, location, position)
    try:
        return await standing(services.reads, ticket, services.clock())
    except Unknown:
        missed(connection)
        raise


def missed(connection: HTTPConnection) -> None:
    """An id can be guessed: those without a key who name one that there is not are counted. Raises TooMany."""
    if "apikey" not in connection.headers:
        services_of(connection).count(connection, "miss")
