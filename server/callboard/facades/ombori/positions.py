"""Operations on positions of any kind: join, get, update, cancel."""

from callboard.domain.model import CloseReason, State
from callboard.errors import Refusal, Refused
from callboard.facades.ombori import access
from callboard.facades.ombori.asking import answered, change, held, settled, who
from callboard.facades.ombori.models import Change, Join, Joined, Joining, Position
from callboard.facades.ombori.translation import STATUS
from callboard.foreign.operation import Asked
from callboard.standing import after


async def join(asked: Asked[Join, None]) -> Joined:
    """A new ticket; with an id, a change of the one that there is (O2)."""
    location, queue = access.place(asked.request)
    body = asked.body.position or Joining()
    if body.id:
        now = await change(asked, await access.standing_at(asked.request, location, body.id), body, None)
    else:
        done = await asked.services.store.showing.join(queue.id, once=asked.once, **who(body, location, None))
        now = after(asked.services.directory, done)
    url = f"{asked.services.settings.url}/t/{now.person.token}" if now.person else ""
    return Joined(position_url=url, position=answered(asked, now))


async def get(asked: Asked[None, None]) -> Position:
    return answered(asked, await held(asked))


async def update(asked: Asked[Change, None]) -> Position:
    return answered(asked, await change(asked, await held(asked), asked.body, asked.body.booking))


async def cancel(asked: Asked[None, None]) -> Position:
    """Once more answers the same, also for who was rejected otherwise; a completed one is a conflict."""
    store, once = asked.services.store.showing, asked.once
    found = await settled(
        asked, lambda ticket: store.cancel(ticket, reason=CloseReason.CUSTOMER, once=once), Refusal.TICKET_CLOSED
    )
    if found.status != STATUS[State.CANCELLED]:
        raise Refused(Refusal.TICKET_CLOSED)
    return found
