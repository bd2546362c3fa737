"""Who waits: entering the line and leaving it."""

from callboard.domain.wait.arrivals import arrive
from callboard.domain.wait.facts import Created
from callboard.domain.wait.lobby import Lobby
from callboard.domain.wait.state import State, Waiting


def enter(state: State, lobby: Lobby, fact: Created) -> None:
    """Begins to wait, or changes its place; what it was promised stays."""
    before = state.waiting.get(fact.ticket)
    ticket = Waiting(
        service=fact.service,
        since=before.since if before else fact.t if fact.since is None else min(fact.since, fact.t),
        row=before.row if before else state.tickets,
        prio=fact.prio,
        slot=fact.slot,
        score=fact.score,
    )
    if before:
        ticket.found_free, ticket.call_at, ticket.promised = before.found_free, before.call_at, before.promised
        ticket.shown = before.shown
        state.walk_ins -= before.slot is None
    else:
        ticket.found_free = finds_free(state, lobby, ticket, fact.t)
        state.tickets += 1
        arrive(state, fact)
    state.waiting[fact.ticket] = ticket
    state.walk_ins += ticket.slot is None


def leave(state: State, ticket: str) -> Waiting | None:
    gone = state.waiting.pop(ticket, None)
    if gone:
        state.walk_ins -= gone.slot is None
    return gone


def finds_free(state: State, lobby: Lobby, ticket: Waiting, now: float) -> bool:
    """Whether a desk that serves it is open and idle, and nobody who waits is called to it before."""
    idle = {
        name
        for name, desk in state.desks.items()
        if desk.open and not desk.ticket and name in lobby.desks and ticket.service in lobby.desks[name].services
    }
    if not idle:
        return False
    order = lobby.order_at(now)
    key = order(ticket)
    rivals = sum(
        order(other) < key and any(other.service in lobby.desks[desk].services for desk in idle)
        for other in state.waiting.values()
    )
    return rivals < len(idle)
