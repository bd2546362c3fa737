"""The estimate is a function of the facts: the same ones give the same state, and one that was seen changes nothing."""

from callboard.domain.wait import Desk, Lobby, State, decode, encode, follow, forecast
from callboard.domain.wait.facts import AnyFact, Called, Created, DayStart, DeskOpened, Finished, Started

LOBBY = Lobby(services={"a": 300.0}, desks={"d1": Desk(("a",)), "d2": Desk(("a",))})
NINE = 9 * 3600.0


def morning() -> list[AnyFact]:
    """Two desks, six people; the first two are served, one of them is done."""
    facts: list[AnyFact] = [DayStart(t=NINE - 60), DeskOpened(t=NINE, desk="d1"), DeskOpened(t=NINE, desk="d2")]
    facts += [Created(t=NINE + i, ticket=f"t{i}", service="a") for i in range(1, 7)]
    facts += [Called(t=NINE + 8, ticket="t1", desk="d1"), Called(t=NINE + 9, ticket="t2", desk="d2")]
    facts += [Started(t=NINE + 20, ticket="t1", desk="d1"), Started(t=NINE + 21, ticket="t2", desk="d2")]
    facts += [Finished(t=NINE + 301, ticket="t1", desk="d1")]
    return facts


def after(facts: list[AnyFact]) -> State:
    state = State()
    for fact in facts:
        follow(state, LOBBY, fact)
    return state


def test_the_same_facts_give_the_same_state_and_numbers() -> None:
    one, other = after(morning()), after(morning())
    assert encode(one) == encode(other)
    assert forecast(one, LOBBY, NINE + 400) == forecast(other, LOBBY, NINE + 400)


def test_a_state_survives_the_store_bit_for_bit_in_the_middle_of_anything() -> None:
    facts = morning()
    for cut in range(len(facts)):
        state = decode(encode(after(facts[:cut])))
        for fact in facts[cut:]:
            follow(state, LOBBY, fact)
        assert encode(state) == encode(after(facts))


def test_a_fact_that_comes_again_changes_nothing() -> None:
    state = after(morning())
    before = encode(state)
    assert not follow(state, LOBBY, Created(t=NINE + 500, seq=state.seq, ticket="new", service="a"))
    assert encode(state) == before
    assert follow(state, LOBBY, Created(t=NINE + 500, seq=state.seq + 1, ticket="new", service="a"))
    assert "new" in state.waiting


def test_to_ask_changes_nothing() -> None:
    state = after(morning())
    before = encode(state)
    forecast(state, LOBBY, NINE + 400)
    assert encode(state) == before


def test_who_is_further_back_waits_longer_and_a_newcomer_longest() -> None:
    said = forecast(after(morning()), LOBBY, NINE + 302)
    waits = [said.tickets[f"t{i}"].likely_s or 0 for i in range(3, 7)]
    assert waits == sorted(waits) and waits[0] < 60 < waits[1]
    assert [said.tickets[f"t{i}"].ahead for i in range(3, 7)] == [0, 1, 2, 3]
    assert said.newcomers["a"].ahead == 4 and (said.newcomers["a"].likely_s or 0) > waits[-1]
