"""A status that is written: staff's word counts, whatever the rules of the day say, but for one that is deleted."""

from typing import Any

from callboard.domain.model import State, Ticket
from callboard.errors import Refusal, Refused
from callboard.facades.agendize.options import options_of
from callboard.foreign.operation import Asked

TRIES = 5  # each that fails is one that somebody else has moved in the same instant


async def move(asked: Asked[Any, Any], ticket: Ticket, state: State) -> None:
    """From the state that it is in; to be there already is no mistake. One that is deleted, be it in the same instant,
    is not brought back: raises Refused."""
    for _ in range(TRIES):
        if ticket.state is State.CANCELLED:
            break
        if ticket.state is state:
            return
        try:
            return await _correct(asked, ticket, state)
        except Refused:
            before, ticket = ticket, await asked.services.reads.ticket(ticket.id)
            if ticket.state is before.state:
                raise
    raise Refused(Refusal.TICKET_CLOSED)


async def _correct(asked: Asked[Any, Any], ticket: Ticket, state: State) -> None:
    store = asked.services.store
    if ticket.state is State.HELD and state is State.WAITING:
        await store.release(ticket.id)
        return
    options = options_of(asked.services.directory.organization(ticket.location))
    await store.correct(ticket.id, state=state, expected=ticket.state, keep_place=options.keep_place)
