"""Operations on positions of any kind: join, get, update, cancel."""

from callboard.domain.model import CloseReason, State
from callboard.errors import Refusal, Refused
from callboard.facades.ombori import access
from callboard.facades.ombori.asking import change, held, shown, stands, who
from callboard.facades.ombori.models import Change, Join, Joined, Joining, Position
from callboard.facades.ombori.position import position
from callboard.facades.ombori.translation import STATUS
from callboard.foreign.operation import Asked


async def join(asked: Asked[Join, None]) -> Joined:
    """A new ticket; with an id, a change of the one that there is (O2)."""
    location, queue = access.place(asked.request)
    body = asked.body.position or Joining()
    if body.id:
        before = await access.standing_at(asked.request, location, body.id)
        ticket = before.ticket.id
        await change(asked, before, body, None)
    else:
        done = await asked.services.store.join(queue.id, once=asked.once, **who(body, location, None))
        assert done.ticket is not None, "whoever joins has a ticket"
        ticket = done.ticket.id
    now = await stands(asked, ticket)
    url = f"{asked.services.settings.url}/t/{now.person.token}" if now.person else ""
    return Joined(position_url=url, position=position(now, staff=True))


async def get(asked: Asked[None, None]) -> Position:
    now = await held(asked)
    return position(now, staff=asked.caller.kind == "key")


async def update(asked: Asked[Change, None]) -> Position:
    now = await held(asked)
    await change(asked, now, asked.body, asked.body.booking)
    return await shown(asked, now.ticket.id)


async def cancel(asked: Asked[None, None]) -> Position:
    """Once more answers the same, also for who was rejected otherwise; a completed one is a conflict."""
    now = await held(asked)
    try:
        await asked.services.store.cancel(now.ticket.id, reason=CloseReason.CUSTOMER, once=asked.once)
    except Refused as refused:
        found = await shown(asked, now.ticket.id)
        if refused.refusal is not Refusal.TICKET_CLOSED or found.status != STATUS[State.CANCELLED]:
            raise
        return found
    return await shown(asked, now.ticket.id)
