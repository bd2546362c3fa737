"""What facts teach: how long things take, who does not come, when desks are there; that it stays small, and cheap."""

import json
import time
from functools import cache

from bench.lobby import KINDS, log
from callboard.domain.wait import State, encode, forecast
from callboard.domain.wait.absence import no_show
from callboard.domain.wait.facts import AnyFact, Created, DayStart
from callboard.domain.wait.learn import advance
from callboard.domain.wait.lobby import Lobby
from callboard.domain.wait.log import read
from callboard.domain.wait.rates import factor, service_s


@cache
def days(kind: str, count: int) -> tuple[Lobby, tuple[AnyFact, ...]]:
    lobby, facts = read(json.dumps(line).encode() for line in log(kind, 5, days=count))
    return lobby, tuple(facts)


def learned(kind: str, count: int) -> tuple[Lobby, State]:
    lobby, facts = days(kind, count)
    state = State()
    for fact in facts:
        advance(state, lobby, fact)
    return lobby, state


def test_the_configured_minutes_give_way_to_what_services_take() -> None:
    lobby, state = learned("light", 10)
    for name, configured, real, _ in KINDS["light"].services:
        assert service_s(State(), lobby, name) == configured * 60 + 30
        assert abs(service_s(state, lobby, name) / (real * 60 + 25) - 1) < 0.2


def test_what_all_desks_have_in_common_belongs_to_the_services() -> None:
    _, state = learned("regime_shift", 4)
    weights = [(desk.speed.n, factor(state, name)) for name, desk in state.desks.items()]
    assert abs(sum(n * f for n, f in weights) / sum(n for n, _ in weights) - 1) < 1e-9
    assert max(f for _, f in weights) > 1.05 > 0.95 > min(f for _, f in weights)


def test_who_waited_long_comes_less_often() -> None:
    _, state = learned("noshow_heavy", 5)
    chances = no_show(state)
    assert chances[0] < chances[-1] and 0.2 < chances[1] < 0.6


def test_a_desk_that_goes_at_noon_every_day_is_expected_to() -> None:
    lobby, facts = days("lunch_drop", 6)
    state = State()
    at = 5 * 86_400 + 11.9 * 3600
    for fact in facts:
        if fact.t < at:
            advance(state, lobby, fact)
    for i in range(24):
        advance(state, lobby, Created(t=at, ticket=f"more{i}", service="A"))
    said = forecast(state, lobby, at)
    state.past = []
    assert (said.newcomers["A"].high_s or 0) > 1.15 * (forecast(state, lobby, at).newcomers["A"].high_s or 0)


def test_a_forgotten_ticket_does_not_make_the_site_slow() -> None:
    lobby, facts = days("light", 1)
    state = State()
    for fact in facts[: len(facts) // 2]:
        advance(state, lobby, fact)
    desk = next(iter(state.desks.values()))
    desk.ticket, desk.service, desk.called_at = "forgotten", "A", state.at
    state.speed.x = state.speed.n = 0.0
    advance(state, lobby, DayStart(t=state.at + 20 * 3600, day=1))
    assert state.speed.x < 8


def test_a_state_stays_small_for_ever() -> None:
    _, state = learned("priority_mix", 12)
    assert len(encode(state)) < 8_000
    assert len(state.shapes) == 300 and len(state.past) == 10 and len(state.booked_waits) <= 60


def test_a_fact_costs_the_same_with_ten_or_with_a_thousand_waiting() -> None:
    lobby, facts = days("overloaded", 1)

    def cost(waiting: int) -> float:
        state = State()
        for fact in facts[:60]:
            advance(state, lobby, fact)
        some = next(iter(state.waiting.values()))
        state.waiting.update({f"more{i}": some for i in range(waiting)})
        best = float("inf")
        for _ in range(5):
            began = time.perf_counter()
            for fact in facts[60:160]:
                if not isinstance(fact, Created | DayStart):
                    advance(state, lobby, fact)
            best = min(best, time.perf_counter() - began)
        return best

    assert cost(1000) < 3 * cost(10)
