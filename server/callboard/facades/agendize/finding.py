"""What a path names: a queue of the caller's, and a registration in it; and how either is answered."""

from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from callboard.domain.directory import Unknown
from callboard.domain.model import Location, Queue
from callboard.domain.standing import Standing
from callboard.facades.agendize.kept import kept_of
from callboard.facades.agendize.models import OldRegistration, Registration
from callboard.facades.agendize.registration import client_link, of_version, registration
from callboard.facades.agendize.translation import STATUSES
from callboard.foreign.operation import Asked
from callboard.http import Forbidden
from callboard.services import Services
from callboard.standing import standing

LARGEST = 2**31


def queue_of(asked: Asked[Any, Any]) -> tuple[Location, Queue]:
    """The queue in the path. Raises Unknown, and Forbidden for one of another account."""
    directory, ref, mine = asked.services.directory, asked.ids["queueId"], asked.caller.organization
    try:
        return directory.find_queue(mine, ref)
    except Unknown:
        others = {site.organization.id for site in directory.sites} - {mine}
        if any(_has_queue(asked.services, other, ref) for other in others):
            raise Forbidden("The queue belongs to another account.") from None
        raise


async def registration_of(asked: Asked[Any, Any]) -> Standing:
    """The registration in the path, which is in the queue there. Raises as `queue_of`."""
    _, queue = queue_of(asked)
    ref = asked.ids["registrationId"]
    found = await standing(asked.services.reads, await ticket_of(asked.services, ref), asked.services.clock())
    if found.queue.id != queue.id or STATUSES[found.ticket.state] is None:
        raise Unknown("ticket", ref)
    return found


async def ticket_of(services: Services, ref: str) -> str:
    """The id of the ticket that is meant: by its serial, or by the id itself."""
    if not (ref.isascii() and ref.isdigit()):
        return ref
    if len(ref) > 10 or int(ref) >= LARGEST:
        raise Unknown("ticket", ref)
    return await services.reads.ticket_of_serial(int(ref))


async def shown(services: Services, found: Standing, version: str) -> Registration | OldRegistration:
    """As it is answered."""
    kept = kept_of(found.person) if found.person else None
    attachments = await services.reads.attachments(found.ticket.id) if kept and kept.next_file > 1 else ""
    owner = services.directory.organization(found.location.id)
    made = registration(found, owner, services.settings.url, attachments)
    if found.person and found.person.customer and made.client.id is UNSET:
        made = await _with_client_id(services, made, owner.id, found.person.customer)
    return of_version(made, version)


async def shown_now(services: Services, ticket: str, version: str) -> Registration | OldRegistration:
    """As it is answered after a change."""
    return await shown(services, await standing(services.reads, ticket, services.clock()), version)


async def _with_client_id(services: Services, made: Registration, organization: str, customer: str) -> Registration:
    """Of a ticket that was taken another way, by somebody who is known."""
    known = await services.customers.find(organization, id=customer)
    if known is None:
        return made
    number = str(known.number)
    return replace(made, client=replace(made.client, id=number, self_link=client_link(services.settings.url, number)))


def _has_queue(services: Services, organization: str, ref: str) -> bool:
    try:
        services.directory.find_queue(organization, ref)
    except Unknown:
        return False
    return True
