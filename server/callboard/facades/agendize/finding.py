"""What a path names: a queue of the caller's, and a registration in it; and how either is answered."""

from collections.abc import Sequence
from typing import Any

from callboard.domain.directory import BySerial, Named, Unknown
from callboard.domain.model import Location, Queue
from callboard.domain.standing import Standing
from callboard.facades.agendize.kept import Kept, kept_of
from callboard.facades.agendize.models import OldRegistration, Registration
from callboard.facades.agendize.registration import of_version, registration
from callboard.facades.agendize.translation import STATUSES
from callboard.foreign.operation import Asked
from callboard.http import Forbidden
from callboard.services import Services
from callboard.standing import after, standing
from callboard.store.transitions import Done

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
    location, queue = queue_of(asked)
    ref = asked.ids["registrationId"]
    found = await standing(asked.services.reads, named(location, ref), asked.services.clock())
    if found.queue.id != queue.id or STATUSES[found.ticket.state] is None:
        raise Unknown("ticket", ref)
    return found


def named(location: Location, ref: str) -> Named:
    """The ticket that is meant: by its serial, or by its id. Whether there is one remains to be seen."""
    serial = serial_of(ref)
    return ref if serial is None else BySerial(location.id, serial)


async def ticket_of(services: Services, ref: str) -> str:
    """The id of the ticket that is meant, wherever it is."""
    serial = serial_of(ref)
    return ref if serial is None else await services.reads.ticket_of_serial(serial)


def serial_of(ref: str) -> int | None:
    """None for what is no number. Raises Unknown for one that no serial can be."""
    if not (ref.isascii() and ref.isdigit()):
        return None
    if len(ref) > 10 or int(ref) >= LARGEST:
        raise Unknown("ticket", ref)
    return int(ref)


async def shown(services: Services, found: Sequence[Standing], version: str) -> list[Any]:
    """As they are answered: registrations of that version. All are of one location."""
    if not found:
        return []
    owner = services.directory.organization(found[0].location.id)
    kept = [kept_of(each.person) if each.person else Kept() for each in found]
    numbers = await _numbers_elsewhere(services, owner.id, found, kept)
    url = services.settings.url
    return [
        of_version(registration(each, its, owner, url, await _files(services, each, its), numbers), version)
        for each, its in zip(found, kept, strict=True)
    ]


async def shown_now(services: Services, ticket: str, version: str) -> Registration | OldRegistration:
    """As it is answered after a change."""
    return await shown_one(services, await standing(services.reads, ticket, services.clock()), version)


async def shown_after(services: Services, done: Done, version: str) -> Registration | OldRegistration:
    """As it is answered after a command that was to show it."""
    return await shown_one(services, after(services.directory, done), version)


async def shown_one(services: Services, found: Standing, version: str) -> Registration | OldRegistration:
    answer: Registration | OldRegistration = (await shown(services, [found], version))[0]
    return answer


async def _files(services: Services, found: Standing, kept: Kept) -> str:
    return await services.reads.attachments(found.ticket.id) if kept.next_file > 1 else ""


async def _numbers_elsewhere(
    services: Services, organization: str, found: Sequence[Standing], kept: Sequence[Kept]
) -> dict[str, str]:
    """The numbers of customers who took their tickets another way, by their ids."""
    people = [each.person for each, its in zip(found, kept, strict=True) if not its.client]
    unknown = {person.customer for person in people if person and person.customer}
    known = await services.customers.several(organization, sorted(unknown)) if unknown else {}
    return {id: str(customer.number) for id, customer in known.items()}


def _has_queue(services: Services, organization: str, ref: str) -> bool:
    try:
        services.directory.find_queue(organization, ref)
    except Unknown:
        return False
    return True
