"""Desks that each take another queue first and help with the rest: what is told there, against days as they go."""

import heapq
import random
from collections.abc import Iterator
from itertools import count

from callboard.domain.wait import Desk, Lobby, State, follow, forecast
from callboard.domain.wait.facts import AnyFact, Called, Created, DayStart, DeskClosed, DeskOpened, Finished, Started

NINE, DAY = 9 * 3600.0, 86_400.0
CROSSED = Lobby(
    services={"a": 300.0, "b": 300.0, "c": 300.0},
    desks={
        "d1": Desk(("a", "b"), listed=True),
        "d2": Desk(("b", "a"), listed=True),
        "d3": Desk(("c", "a"), listed=True),
        "d4": Desk(("c", "b")),
    },
)
AN_HOUR = {"a": 17.0, "b": 14.0, "c": 13.0}


def days(number: int, chance: random.Random) -> Iterator[AnyFact]:
    """Six hours each; whoever came is served, as each desk has it."""
    names = count()
    for day in range(number):
        began = day * DAY + NINE
        yield DayStart(t=day * DAY)
        yield from (DeskOpened(t=began, desk=desk) for desk in CROSSED.desks)
        comes: list[tuple[float, str, str]] = []
        for service, rate in AN_HOUR.items():
            t = began
            while (t := t + chance.expovariate(rate / 3600)) < began + 6 * 3600:
                comes.append((t, service, f"t{next(names)}"))
        yield from served(sorted(comes), chance)
        yield from (DeskClosed(t=began + 11 * 3600, desk=desk) for desk in CROSSED.desks)


def served(comes: list[tuple[float, str, str]], chance: random.Random) -> Iterator[AnyFact]:
    free = [(0.0, desk) for desk in CROSSED.desks]  # a heap
    lines: dict[str, list[tuple[float, str]]] = {service: [] for service in CROSSED.services}
    later: list[AnyFact] = []

    def due(until: float) -> Iterator[AnyFact]:
        later.sort(key=lambda fact: fact.t)
        while later and later[0].t <= until:
            yield later.pop(0)

    def call(now: float) -> Iterator[AnyFact]:
        for at, desk in sorted(free):
            own = [service for service in CROSSED.desks[desk].services if lines[service]]
            if at > now or not own:
                continue
            service = own[0] if CROSSED.desks[desk].listed else min(own, key=lambda each: lines[each][0])
            _, ticket = lines[service].pop(0)
            ends = now + chance.gammavariate(2.5, 300 / 2.5)
            free.remove((at, desk))
            heapq.heappush(free, (ends + 15, desk))
            later.extend([Started(t=now + 20, ticket=ticket, desk=desk), Finished(t=ends, ticket=ticket, desk=desk)])
            yield Called(t=now, ticket=ticket, desk=desk)

    while comes or any(lines.values()):
        now = min([comes[0][0]] if comes else [], default=1e12)
        now = min([now, *(at for at, desk in free if any(lines[each] for each in CROSSED.desks[desk].services))])
        now = max(now, 0.0)
        yield from due(now)
        if comes and comes[0][0] <= now:
            at, service, ticket = comes.pop(0)
            lines[service].append((at, ticket))
            yield Created(t=at, ticket=ticket, service=service, score=at)
            now = at
        yield from call(now)
    yield from due(1e12)


def test_eight_in_ten_are_called_within_a_range_that_knows_who_calls_them_first() -> None:
    """By arrival alone, ranges of the third queue would be 17 minutes wide, though a desk takes it first."""
    state, turn = State(), count()
    told: dict[str, tuple[str, float, float, float]] = {}
    called: dict[str, list[tuple[bool, float]]] = {service: [] for service in CROSSED.services}
    for fact in days(4, random.Random(5)):
        if isinstance(fact, Called) and fact.ticket in told:
            service, at, low, high = told.pop(fact.ticket)
            called[service].append((low - 30 <= fact.t - at <= high + 30, high - low))
        follow(state, CROSSED, fact)
        if isinstance(fact, Created) and fact.t > 2 * DAY and next(turn) % 3 == 0:
            said = forecast(state, CROSSED, fact.t).tickets[fact.ticket]
            if not said.free and said.low_s is not None and said.high_s is not None:
                told[fact.ticket] = (fact.service, fact.t, said.low_s, said.high_s)
    outcomes = [within for each in called.values() for within, _ in each]
    assert len(outcomes) > 100
    assert 0.7 <= sum(outcomes) / len(outcomes) <= 0.95
    assert sum(width for _, width in called["c"]) / len(called["c"]) < 10 * 60


def test_who_comes_later_and_is_listed_before_somebody_delays_them() -> None:
    """Yesterday people came for b, or as many for a: who waits for a today has those of b before them at this desk."""
    crossed = Lobby(
        services={"a": 300.0, "b": 300.0},
        desks={"d1": Desk(("b", "a"), listed=True), "d2": Desk(("a", "b"), listed=True)},
    )

    def told(came: str) -> float:
        state = State()
        for fact in [*yesterday(came), DayStart(t=DAY, day=1), DeskOpened(t=DAY + NINE, desk="d1"), *waiting()]:
            follow(state, crossed, fact)
        last = forecast(state, crossed, DAY + NINE + 5).tickets["a3"]
        assert last.likely_s is not None
        return last.likely_s

    assert told("b") > told("a") + 300


def yesterday(came: str) -> Iterator[AnyFact]:
    """One every eight minutes, for five minutes each."""
    yield DayStart(t=0)
    yield DeskOpened(t=NINE, desk="d1")
    for n in range(40):
        t, ticket = NINE + n * 480, f"y{n}"
        yield Created(t=t, ticket=ticket, service=came, score=t)
        yield Called(t=t + 5, ticket=ticket, desk="d1")
        yield Started(t=t + 20, ticket=ticket, desk="d1")
        yield Finished(t=t + 300, ticket=ticket, desk="d1")
    yield DeskClosed(t=NINE + 8 * 3600, desk="d1")


def waiting() -> list[AnyFact]:
    began = DAY + NINE
    return [Created(t=began + n, ticket=f"a{n}", service="a", score=began + n) for n in range(4)]
