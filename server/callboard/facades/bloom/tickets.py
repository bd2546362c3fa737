"""A customer's tickets: listed, taken, given up."""

from collections.abc import Iterable
from typing import Any

from callboard.contact import e164, mail_address
from callboard.domain.directory import Unknown
from callboard.domain.model import CloseReason, Location, Queue, State
from callboard.domain.standing import Standing
from callboard.errors import Refusal, Refused
from callboard.facades.bloom import kept, shown, tokens, translation
from callboard.facades.bloom.errors import missing, no_values, refused
from callboard.facades.bloom.models.bodies import Cancel, Create, Wish
from callboard.facades.bloom.models.envelope import Success
from callboard.facades.bloom.models.tickets import Created, Ticket, Tickets
from callboard.facades.bloom.nearness import refuse_far
from callboard.facades.bloom.organizations import NAME, limit
from callboard.facades.bloom.tokens import Owner
from callboard.foreign.operation import Asked
from callboard.services import Services
from callboard.standing import after, standing, standings

CANCELLABLE = frozenset({State.WAITING, State.CALLED, State.HELD})


async def list_all(asked: Asked[Any, Any]) -> Tickets:
    """All of the customer's that are not forgotten, the newest first."""
    owner = tokens.owner(asked)
    return Tickets(True, await own(asked.services, owner))


async def read(asked: Asked[Any, Any]) -> Tickets:
    """One, in a list all the same."""
    owner = tokens.owner(asked)
    return Tickets(True, [shown.ticket(await _own(asked.services, owner, asked.ids["ticket_id"]), owner.customer)])


async def create(asked: Asked[Create, Any]) -> Created:
    """One ticket: the request holds a list and the answer has one, so a list of several is refused."""
    owner = tokens.owner(asked)
    await limit(asked.request, asked.services, "join")
    if len(asked.body.tickets) != 1:
        raise refused("invalid", "tickets must hold exactly one ticket.")
    wish = asked.body.tickets[0]
    location, queue = _place(asked.services, owner, wish)
    if not location.public_join:
        raise refused("at_the_desk", "Tickets of this location are taken at the desk.")
    await refuse_far(asked.services, location, queue, wish.coordinates or asked.body.coordinates)
    done = await asked.services.store.showing.join(queue.id, once=asked.once, **_who(owner, location))
    return Created(True, shown.ticket(after(asked.services.directory, done), owner.customer))


async def cancel(asked: Asked[Cancel, Any]) -> Success:
    """While it waits, is called or parked."""
    owner = tokens.owner(asked)
    if not asked.body.ticket:
        raise missing("ticket")
    theirs = asked.services.store.only(customer=owner.customer.id, states=CANCELLABLE)
    try:
        await theirs.cancel(asked.body.ticket, reason=CloseReason.CUSTOMER, once=asked.once)
    except Unknown:
        raise no_values("ticket") from None
    except Refused as error:
        if error.refusal is not Refusal.NOT_FOUND:
            raise
        await _own(asked.services, owner, asked.body.ticket)
        raise refused("not_cancellable", "The ticket is being served, or closed already.") from None
    return Success()


async def own(services: Services, owner: Owner) -> list[Ticket]:
    """The customer's at all locations of the organization; those that this API does not know left out."""
    where = [location.id for location in services.directory.locations_of(owner.organization.id)]
    tickets = await services.reads.tickets_of_customer(owner.customer.id, where)
    found = []
    for location in dict.fromkeys(ticket.location for ticket in tickets):
        ids = [ticket.id for ticket in tickets if ticket.location == location]
        found += await standings(services.reads, location, ids, services.clock())
    return listed(found, owner)


def listed(found: Iterable[Standing], owner: Owner) -> list[Ticket]:
    """Those that are shown, the newest first."""
    known = [each for each in found if translation.is_shown(each.ticket)]
    known.sort(key=lambda each: (each.ticket.created_at, each.ticket.serial), reverse=True)
    return [shown.ticket(each, owner.customer) for each in known]


async def _own(services: Services, owner: Owner, id: str) -> Standing:
    """Raises Problem for one that is not the customer's as for one that is not there."""
    try:
        found = await standing(services.reads, id, services.clock())
    except Unknown:
        raise no_values("ticket") from None
    whose = services.directory.organization(found.location.id).id
    is_own = found.person is not None and found.person.customer == owner.customer.id
    if not is_own or whose != owner.organization.id or not translation.is_shown(found.ticket):
        raise no_values("ticket")
    return found


def _place(services: Services, owner: Owner, wish: Wish) -> tuple[Location, Queue]:
    """Where the ticket is wanted. The location may be left out, for a service is of one."""
    if not wish.service_id:
        raise missing("service_id")
    try:
        location, queue = services.directory.find_queue(owner.organization.id, wish.service_id)
        master = services.directory.find_location(owner.organization.id, wish.master_id) if wish.master_id else location
    except Unknown:
        raise no_values("service at that location") from None
    if master.id != location.id:
        raise no_values("service at that location")
    return location, queue


def _who(owner: Owner, location: Location) -> dict[str, Any]:
    """Who has told anybody that they do not want to be written to is known by name alone."""
    customer = owner.customer
    language, is_written_to = kept.language(customer), customer.consent is not False
    return {
        "name": kept.called_name(customer),
        "phone": (is_written_to and e164(customer.phone, location.country)) or "",
        "email": (is_written_to and mail_address(customer.email)) or "",
        "customer": customer.id,
        "locale": language if language in location.languages else location.languages[0],
        "source": NAME,
        "almost_ahead": kept.kept(customer).ticket_warning,
        "one_each": not location.remote.several_tickets,
    }
