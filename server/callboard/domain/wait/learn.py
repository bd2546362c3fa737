"""What each fact teaches (wait.md 5.2): O(1) in the number of tickets, each fact once."""

from math import exp

from callboard.domain.wait import facts
from callboard.domain.wait.absence import wait_bucket
from callboard.domain.wait.arrivals import fade
from callboard.domain.wait.bookings import bring, expect, missed, served
from callboard.domain.wait.line import enter, leave
from callboard.domain.wait.lobby import DAY, Lobby
from callboard.domain.wait.rates import expected_s, factor, prior_weight, service_s, settle, shape_variance, slowness
from callboard.domain.wait.state import RING, DeskState, State
from callboard.domain.wait.timeline import close_span, keep_day, open_span

MEMORY_S = 75 * 60  # tau: what the present speed forgets
FORGOTTEN = 6  # a desk busy for so many times what it should take has forgotten its ticket
LONG_GAP_S = 6 * 3600
BATCH = 20
SERVICES = (300.0, 1000.0)  # the last that a service's mean remembers: where speed drifts, where it does not
DESK_SERVICES = 300  # and a desk's
LONGEST_SHAPE = 8.0


def advance(state: State, lobby: Lobby, fact: facts.AnyFact) -> None:
    """Takes one fact in. What it cannot belong to (a desk's end of a ticket that it does not have) teaches nothing."""
    _pass_time(state, lobby, fact.t)
    match fact:
        case facts.DayStart():
            _day(state, lobby, fact)
        case facts.Booked():
            expect(state, fact)
        case facts.Unbooked():
            state.bookings.pop(fact.booking, None)
        case facts.Created():
            enter(state, lobby, fact)
            bring(state, fact)
        case facts.Called():
            _called(state, fact)
        case facts.Started():
            _started(state, fact)
        case facts.Finished():
            _finished(state, lobby, fact)
        case facts.NoShow():
            _no_show(state, lobby, fact)
        case facts.Released():
            _released(state, lobby, fact)
        case facts.Cancelled():
            if leave(state, fact.ticket):
                state.gave_up += 1
        case facts.Withdrawn():
            leave(state, fact.ticket)
        case facts.DeskOpened():
            _staff(state, fact.desk, fact.t, True)
        case facts.DeskClosed():
            _staff(state, fact.desk, fact.t, False)


def _pass_time(state: State, lobby: Lobby, now: float) -> None:
    """5.2.1: G_n and G_x fade, G_x grows by the services that the busy time should have brought."""
    gone = max(0.0, now - state.at)
    kept = exp(-gone / MEMORY_S)
    state.speed.n *= kept
    state.speed.x = state.speed.x * kept + _expected(state, lobby, now)
    if gone > LONG_GAP_S:
        state.speed.n, state.speed.x = state.speed.n * 0.1, state.speed.x * 0.1
    state.waited_min += state.walk_ins * gone / 60
    if any(desk.open for desk in state.desks.values()):
        state.open_s += min(gone, LONG_GAP_S)
    state.at = max(state.at, now)


def _expected(state: State, lobby: Lobby, now: float) -> float:
    """R over the time since the last fact: services that the busy desks should have brought, but for those that have
    forgotten theirs."""
    total = 0.0
    for name, desk in state.busy():
        expected = expected_s(state, lobby, desk.service, name)
        until = min(now, desk.called_at + FORGOTTEN * expected)
        total += max(0.0, until - max(state.at, desk.called_at)) / expected
    return total


def _day(state: State, lobby: Lobby, fact: facts.DayStart) -> None:
    if state.days:
        keep_day(state, lobby)
        fade(state)
    state.day, state.days = int(fact.t // DAY), state.days + 1
    if not fact.stays:
        state.waiting.clear()
        state.walk_ins = 0
    missed(state)
    state.gave_up *= 0.8
    state.waited_min *= 0.8


def _called(state: State, fact: facts.Called) -> None:
    desk = state.desk(fact.desk)
    ticket = state.waiting.get(fact.ticket)
    if ticket is None:
        return
    leave(state, fact.ticket)
    if ticket.slot is not None:
        served(state, ticket.slot, fact.t)
    if desk.open and desk.freed_at and ticket.since < desk.freed_at:
        _gap(state, fact.t - desk.freed_at)
    desk.ticket, desk.service, desk.called_at, desk.started = fact.ticket, ticket.service, fact.t, False
    desk.waited_s = fact.t - ticket.since


def _gap(state: State, idle: float) -> None:
    """5.2.4: from one customer to the next; and how long those are away who are not there."""
    state.gap_s += 0.03 * (min(idle, 900) - state.gap_s)
    if idle > 120:
        state.away_s += 0.1 * (min(idle, 3600) - state.away_s)


def _started(state: State, fact: facts.Started) -> None:
    desk = state.desk(fact.desk)
    if desk.ticket == fact.ticket:
        desk.started = True


def _finished(state: State, lobby: Lobby, fact: facts.Finished) -> None:
    """5.2.2"""
    desk = state.desk(fact.desk)
    if desk.ticket != fact.ticket:
        return
    variance = shape_variance(state)
    c, f = service_s(state, lobby, desk.service), factor(state, fact.desk)
    weight = prior_weight(state, variance)
    g = slowness(state, weight)
    took = max(1.0, fact.t - desk.called_at)
    state.speed.n += 1
    state.mean_s += (min(took, LONGEST_SHAPE * c) - state.mean_s) * (0.02 if state.mean_s else 1.0)
    state.shapes.append(round(1000 * min(LONGEST_SHAPE, took / (c * f * g))))
    if len(state.shapes) > RING:
        del state.shapes[0]
    state.service(desk.service).add(min(took / f, 8 * c), _memory(weight))
    desk.speed.add(min(LONGEST_SHAPE, took / (c * g)), DESK_SERVICES)
    settle(state, lobby)
    _drift(state, took / (c * f), variance)
    state.absent.presses += 0.05 * (desk.started - state.absent.presses)
    _present(state, desk.waited_s)
    _free(desk, fact.t)


def _memory(weight: float) -> float:
    """As many as the long-run mean weighs against the present speed, doubled: a stable site averages over more."""
    least, most = SERVICES
    return min(most, max(least, 2 * weight))


def _drift(state: State, ratio: float, variance: float) -> None:
    """v, how far batches of 20 stray from the mean beyond what chance explains."""
    speed = state.speed
    speed.batch.n += 1
    speed.batch.s += min(LONGEST_SHAPE, ratio)
    if speed.batch.n < BATCH:
        return
    seen = (speed.batch.s / BATCH - 1) ** 2 - variance / BATCH
    speed.drift += (seen - speed.drift) / min(speed.drift_n, 60)
    speed.drift_n += 1
    speed.batch.n = speed.batch.s = 0


def _no_show(state: State, lobby: Lobby, fact: facts.NoShow) -> None:
    """5.2.3"""
    desk = state.desk(fact.desk)
    if desk.ticket != fact.ticket:
        return
    absent, took = state.absent, fact.t - desk.called_at
    bucket = wait_bucket(desk.waited_s)
    _present(state, desk.waited_s)
    absent.a += 1
    absent.by_wait_a[bucket] += 1
    absent.time_s += 0.1 * (min(took, 900) - absent.time_s)
    _take_back(state, lobby, fact.desk, fact.t)
    _free(desk, fact.t)


def _present(state: State, waited_s: float) -> None:
    state.absent.n += 1
    state.absent.by_wait_n[wait_bucket(waited_s)] += 1


def _released(state: State, lobby: Lobby, fact: facts.Released) -> None:
    desk = state.desk(fact.desk)
    if desk.ticket == fact.ticket:
        _take_back(state, lobby, fact.desk, fact.t)
        _free(desk, fact.t)


def _take_back(state: State, lobby: Lobby, name: str, now: float) -> None:
    """No service was worked off in that time: out of G_x with it."""
    desk = state.desk(name)
    expected = expected_s(state, lobby, desk.service, name)
    busy = min(now - desk.called_at, FORGOTTEN * expected)
    state.speed.x = max(0.0, state.speed.x - busy / expected)


def _free(desk: DeskState, now: float) -> None:
    desk.ticket, desk.service, desk.started, desk.freed_at = "", "", False, now


def _staff(state: State, name: str, now: float, opens: bool) -> None:
    """5.2.6"""
    desk = state.desk(name)
    state.staffed_at = now
    if opens and not desk.open:
        open_span(state, desk, now)
        desk.freed_at = now
    elif not opens and desk.open:
        close_span(state, desk, now)
    desk.open = opens
