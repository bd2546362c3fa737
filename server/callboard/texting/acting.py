"""One command of somebody's on their ticket: done with the ordinary commands of the store, once for each text."""

from collections.abc import Mapping

from callboard.domain.model import CloseReason, State, Ticket
from callboard.errors import Refusal, Refused
from callboard.store.transitions import Store

REFUSED: Mapping[Refusal, str] = {
    Refusal.LIMIT_REACHED: "limit",
    Refusal.TOO_LATE: "late",
    Refusal.TOO_EARLY: "early",
}
COMING = (State.RESERVED, State.BOOKED)
# Where a command can be meant for a ticket; a status is always.
FITS: Mapping[str, frozenset[State]] = {
    "more": frozenset({State.WAITING, State.CALLED}),
    "leave": frozenset({*COMING, State.WAITING, State.CALLED, State.HELD}),
    "here": frozenset({*COMING, State.WAITING, State.CALLED}),
    "rejoin": frozenset({State.NO_SHOW}),
}


async def act(store: Store, command: str, ticket: Ticket, text: str, words: str) -> str:
    """What to answer, as `replies.about` has it. `text` is the text's id and `words` what it said: staff read that
    where nothing but they can help, as when somebody who is called needs a moment."""
    try:
        return await _done(store, command, ticket, text, words)
    except Refused as refused:
        return REFUSED.get(refused.refusal, "cannot")


async def _done(store: Store, command: str, ticket: Ticket, text: str, words: str) -> str:
    if command == "status":
        return "status"
    if ticket.state not in FITS[command]:
        return "cannot"
    if command == "leave":
        await store.cancel(ticket.id, reason=CloseReason.CUSTOMER, once=text)
        return "left"
    if command == "rejoin":
        await store.rejoin(ticket.id, once=text)
        return "rejoin"
    if command == "more" and ticket.state is State.WAITING:
        await store.postpone(ticket.id, places=1, once=text)
        return "more"
    if command == "here" and ticket.state in COMING:
        await store.check_in(ticket.id, once=text)
        return "here"
    await note(store, ticket, text, words)
    return "told"


async def note(store: Store, ticket: Ticket, text: str, words: str) -> None:
    """Staff read it at the desk."""
    await store.note(ticket.id, text=words, once=f"{text}:{ticket.id}")
