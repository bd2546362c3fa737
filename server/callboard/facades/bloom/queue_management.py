"""The sibling API: a location's last calls for displays, and how its queues stand. For everybody, as the board is."""

from collections.abc import Sequence
from typing import Any

from callboard.domain.board import desk_of
from callboard.domain.directory import Unknown
from callboard.domain.identity import location_uuid, queue_uuid
from callboard.domain.model import Location, Queue, Ticket
from callboard.domain.names import name_in
from callboard.facades.bloom import translation
from callboard.facades.bloom.errors import missing, no_values
from callboard.facades.bloom.lines import Line, is_open, lines
from callboard.facades.bloom.models.bodies import State
from callboard.facades.bloom.models.called import Called, InitialState, LastTickets, LocationState, ServiceState
from callboard.facades.bloom.models.queries import ForState, LastCalled
from callboard.facades.bloom.organizations import organization_of
from callboard.foreign.operation import Asked

DEFAULT = 10


async def last_tickets(asked: Asked[Any, LastCalled]) -> LastTickets:
    """The newest calls of a location, `number` in all, by service and the newest first."""
    location = await _location(asked, asked.query.location)
    calls = await _calls(asked, location, asked.query.number)
    by_service: dict[str, list[Called]] = {}
    for queue, ticket in calls:
        by_service.setdefault(queue_uuid(queue), []).append(_called(location, queue, ticket))
    return LastTickets(True, by_service)


async def initial_state(asked: Asked[State, ForState]) -> InitialState:
    """How each queue stands, with its newest calls."""
    body, query = asked.body, asked.query
    location = await _location(asked, body.location_id or query.location_id)
    asked_for = query.quantity_by_service if body.quantity_by_service is None else body.quantity_by_service
    quantity = DEFAULT if asked_for is None else asked_for
    calls = await _calls(asked, location, quantity * len(location.queues)) if quantity else []
    now, queues = asked.services.clock(), await lines(asked.services, location)
    services = [
        _state(location, queue, queues[queue.id], [call for each, call in calls if each is queue][:quantity])
        for queue in location.queues
    ]
    answer = LocationState(location_id=location_uuid(location), isOpen=is_open(location, now), services=services)
    return InitialState(True, answer)


async def _location(asked: Asked[Any, Any], name: str | None) -> Location:
    if not name:
        raise missing("the location's id")
    directory = asked.services.directory
    organization = await organization_of(asked.request, asked.services)
    try:
        return directory.find_location(organization.id, name)
    except Unknown:
        raise no_values("location") from None


async def _calls(asked: Asked[Any, Any], location: Location, number: int) -> Sequence[tuple[Queue, Ticket]]:
    picture = await asked.services.reads.picture(location.id, calls=number)
    queues = {queue.id: queue for queue in location.queues}
    return [(queues[ticket.queue], ticket) for ticket in picture.calls if ticket.queue in queues]


def _called(location: Location, queue: Queue, ticket: Ticket) -> Called:
    """A queue that is not shown on boards is not named here either."""
    desk = desk_of(location, ticket)
    first = location.languages[0]
    return Called(
        ticket_id=ticket.id,
        ticketService="" if queue.sensitive else name_in(queue.name, first, first),
        ticketServiceTag=translation.tag(ticket.label),
        ticketNumber=ticket.number,
        ticketDeskTag=desk.tag if desk else "",
        ticketDeskName=name_in(desk.name, first, first) if desk else "",
        callDate=translation.when(location.time_zone, ticket.announced_at or ticket.called_at) or "",
    )


def _state(location: Location, queue: Queue, line: Line, calls: list[Ticket]) -> ServiceState:
    first = location.languages[0]
    return ServiceState(
        service_id=queue_uuid(queue),
        name="" if queue.sensitive else name_in(queue.name, first, first),
        tag=queue.tag,
        state=translation.OPEN if line.is_open else translation.CLOSED,
        waiting_tickets=line.waiting,
        waiting_avg=translation.average(line.average_min),
        lastTickets=[_called(location, queue, ticket) for ticket in calls],
    )
