"""One ticket, for staff and machines: where it stands, why it stands there, and forgetting who holds it."""

from msgspec import Struct

from callboard.api.language import chosen
from callboard.api.operation import Asked, Operation
from callboard.api.shapes import InLanguage, Standing, TicketAnswer, holder_shape, ticket_shape
from callboard.domain.order import Why


class Reason(Struct, frozen=True):
    """Why a ticket stands where it stands: in words, and the facts behind them."""

    text: str
    why: Why


async def _ticket(asked: Asked[None, None]) -> Standing:
    services, name = asked.services, asked.ids["ticket"]
    ticket = await services.reads.ticket(name)
    document = await services.screens.phone(name)
    person = await services.reads.person(name)
    return Standing(
        ticket=ticket_shape(ticket),
        position=None if document.ahead is None else document.ahead + 1,
        ahead=document.ahead,
        wait=document.wait,
        person=holder_shape(person) if person else None,
    )


async def _why(asked: Asked[None, InLanguage]) -> Reason:
    location = asked.services.directory.location_of_ticket(asked.ids["ticket"])
    lang = chosen(asked.request, location.languages, asked=asked.query.lang)
    why, text = await asked.services.screens.why(asked.ids["ticket"], lang)
    return Reason(text, why)


async def _erase(asked: Asked[None, None]) -> TicketAnswer:
    done = await asked.services.store.erase(asked.ids["ticket"], once=asked.once)
    assert done.ticket is not None, "erasing is about a ticket"
    return TicketAnswer(ticket_shape(done.ticket))


OPERATIONS = (
    Operation(
        name="ticket",
        method="GET",
        path="/tickets/{ticket}",
        tag="tickets",
        summary="A ticket, where it stands, and who holds it",
        do=_ticket,
        answers=Standing,
    ),
    Operation(
        name="why",
        method="GET",
        path="/tickets/{ticket}/why",
        tag="tickets",
        summary="Why a ticket stands where it stands",
        do=_why,
        asks=InLanguage,
        answers=Reason,
    ),
    Operation(
        name="erase",
        method="DELETE",
        path="/tickets/{ticket}/person",
        tag="tickets",
        summary="Forgets the person behind a ticket, and closes its page",
        do=_erase,
        answers=TicketAnswer,
        once=True,
    ),
)
