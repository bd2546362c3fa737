"""A location's estimate, fact by fact: what falls due is promised, the fact is learned, the newcomer gets a promise.

The state depends on the facts alone, never on who asked when: whoever follows the same facts has the same state.
"""

from collections.abc import Iterator

from msgspec import Struct

from callboard.domain.wait.facts import AnyFact, Called, Cancelled, Created
from callboard.domain.wait.learn import advance
from callboard.domain.wait.lobby import Lobby
from callboard.domain.wait.outlook import Outlook, forecast
from callboard.domain.wait.pause import Pause, at_once
from callboard.domain.wait.plain import plain_s
from callboard.domain.wait.promise import bucket_of, settle_promises
from callboard.domain.wait.state import Promised, State

EVERY_S = 120  # promises are kept on this grid, and when somebody comes
ONCE_S = 1.0  # but not twice within this


def follow(state: State, lobby: Lobby, fact: AnyFact) -> bool:
    """False, and nothing changed, if the state has seen the fact already."""
    if fact.seq and fact.seq <= state.seq:
        return False
    keep_due(state, lobby, fact.t)
    take(state, lobby, fact)
    return True


def take(state: State, lobby: Lobby, fact: AnyFact, pause: Pause = at_once) -> Outlook | None:
    """The fact itself, once what fell due before is kept. What everybody was told, if it brought promises; then it may
    `pause` as a forecast does."""
    state.seq = fact.seq or state.seq + 1
    if isinstance(fact, Called | Cancelled) and (ticket := state.waiting.get(fact.ticket)):
        settle_promises(state, ticket, fact.t, called=isinstance(fact, Called))
    advance(state, lobby, fact)
    if isinstance(fact, Created) and fact.t >= state.kept_at + ONCE_S:
        return keep(state, lobby, fact.t, pause)
    return None


def keep_due(state: State, lobby: Lobby, until: float, pause: Pause = at_once) -> Outlook | None:
    """Makes the promises that fall due by then, each once; `follow` does, before each fact. What was told last."""
    said = None
    for moment in due(state, until):
        said = keep(state, lobby, moment, pause)
    return said


def due(state: State, until: float) -> Iterator[float]:
    """The moments of the grid after the last promise, up to the next fact; none while nobody waits, few after a gap."""
    if not state.waiting:
        return
    first = int(state.kept_at // EVERY_S) + 1
    last = int(until // EVERY_S)
    for n in range(max(first, last - 720 // (EVERY_S // 60)), last + 1):
        yield float(n * EVERY_S)


def keep(state: State, lobby: Lobby, now: float, pause: Pause = at_once) -> Outlook:
    """Remembers what everybody was told: the promised moment, and the range at first and with each smaller bucket."""
    said = forecast(state, lobby, now, pause)
    for name, told in said.tickets.items():
        ticket = state.waiting[name]
        if told.likely_s is None or told.low_s is None or told.high_s is None:
            ticket.call_at = ticket.shown = None
            continue
        ticket.call_at, ticket.shown = now + told.likely_s, (now + told.low_s, now + told.high_s)
        bucket = bucket_of(told.ahead)
        if not ticket.promised or bucket < ticket.promised[-1].bucket:
            plain = plain_s(state, lobby, ticket, told.ahead) if not ticket.promised else 0.0
            ticket.promised.append(Promised(now, bucket, told.low_s, told.high_s, told.likely_s, plain))
    state.kept_at = now
    return said


class Scored(Struct, frozen=True):
    """One call against what was told at arrival; seconds. `plain_s`: people ahead times the mean, over the desks.
    `within_last`: within what was shown last, on the grid or when somebody came."""

    wait_s: float
    low_s: float
    likely_s: float
    high_s: float
    plain_s: float
    within_last: bool

    @property
    def within(self) -> bool:
        return self.low_s <= self.wait_s <= self.high_s


def scored(state: State, fact: AnyFact) -> Scored | None:
    """To be asked when what fell due is kept and the fact not yet taken: of a call of somebody who had no slot and
    found no free desk."""
    ticket = state.waiting.get(fact.ticket) if isinstance(fact, Called) else None
    if ticket is None or ticket.slot is not None or ticket.found_free or not ticket.promised:
        return None
    first, last = ticket.promised[0], ticket.shown
    within_last = last is not None and last[0] <= fact.t <= last[1]
    return Scored(fact.t - first.at, first.low_s, first.likely_s, first.high_s, first.plain_s, within_last)
