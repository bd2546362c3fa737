"""What registrations point at: the queue, the client behind `selfLink`, and the files of a form."""

import base64
from typing import Any

from starlette.responses import Response

from callboard.domain.directory import Unknown
from callboard.domain.identity import queue_number
from callboard.domain.model import Location, Queue
from callboard.domain.names import name_in
from callboard.facades.agendize.files import disposition, number_of, read_files
from callboard.facades.agendize.finding import queue_of, ticket_of
from callboard.facades.agendize.models import Client, QueueResource, Queues
from callboard.facades.agendize.people import find_client, shown_client
from callboard.foreign.operation import Asked
from callboard.services import Services


async def queues(asked: Asked[Any, Any]) -> Queues:
    """All of the account."""
    locations = asked.services.directory.locations_of(asked.caller.organization)
    return Queues(
        items=[_queue(asked.services, location, queue) for location in locations for queue in location.queues]
    )


async def queue(asked: Asked[Any, Any]) -> QueueResource:
    return _queue(asked.services, *queue_of(asked))


async def client(asked: Asked[Any, Any]) -> Client:
    ref = asked.ids["clientId"]
    found = await find_client(asked.services.customers, asked.caller.organization, ref)
    if found is None:
        raise Unknown("customer", ref)
    return shown_client(found, asked.services.settings.url)


async def file(asked: Asked[Any, Any]) -> Response:
    """For everybody who has the link: it is as hard to guess as a key, and opens one file while its person is known."""
    services = asked.services
    ticket = await ticket_of(services, asked.ids["registrationId"])
    person = await services.reads.person(ticket)
    number = number_of(asked.ids["fileId"], person.token) if person else None
    found = read_files(await services.reads.attachments(ticket)).get(number or "")
    if found is None:
        raise Unknown("token", "")
    headers = {
        "Content-Type": found.type,
        "Content-Disposition": disposition(found.name),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }
    return Response(base64.b64decode(found.data), headers=headers)


def _queue(services: Services, location: Location, queue: Queue) -> QueueResource:
    first = location.languages[0]
    owner = services.directory.organization(location.id)
    return QueueResource(
        id=str(queue_number(queue)),
        name=name_in(queue.name, first, first),
        author=name_in(owner.name, first, first),
    )
