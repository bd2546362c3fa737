"""What is told: to whom a desk is free, before the doors open, to bookings, and in whatever order desks call."""

import numpy as np
import pytest

from callboard.domain.wait import Desk, Forecast, Lobby, State, follow, forecast, shown
from callboard.domain.wait.facts import AnyFact, Booked, Called, Created, DayStart, DeskClosed, DeskOpened

NINE = 9 * 3600.0
ALL_DAY = (((NINE, NINE + 8 * 3600),),) * 7
LOBBY = Lobby(services={"a": 300.0, "b": 300.0}, desks={"d1": Desk(("a", "b"))}, hours=ALL_DAY)


def after(lobby: Lobby, *facts: AnyFact) -> State:
    state = State()
    for fact in (DayStart(t=NINE - 3600), *facts):
        follow(state, lobby, fact)
    return state


def come(ticket: str, after_s: float, service: str = "a", **more: float) -> Created:
    return Created(t=NINE + after_s, ticket=ticket, service=service, score=more.get("score"), slot=more.get("slot"))


OPEN = DeskOpened(t=NINE, desk="d1")


def test_who_finds_a_free_desk_is_told_now_and_only_as_many_as_desks_are_free() -> None:
    said = forecast(after(LOBBY, OPEN, come("one", 60), come("two", 61)), LOBBY, NINE + 62)
    assert [said.tickets["one"].free, said.tickets["two"].free, said.newcomers["a"].free] == [True, False, False]
    assert shown(said.tickets["one"], LOBBY, NINE + 62).kind == "now"
    told = shown(said.tickets["two"], LOBBY, NINE + 62)
    assert told.kind == "range" and 0 < told.low_min < 6 < told.high_min


def test_a_desk_that_leaves_people_waiting_is_not_free() -> None:
    state = after(LOBBY, OPEN, come("one", 0))
    assert forecast(state, LOBBY, NINE + 60).tickets["one"].free
    left_alone = forecast(state, LOBBY, NINE + 400).tickets["one"]
    assert not left_alone.free and (left_alone.high_s or 0) > 300


def test_before_the_doors_open_the_wait_counts_from_the_opening_hours() -> None:
    told = forecast(after(LOBBY, come("one", -600)), LOBBY, NINE - 600).tickets["one"]
    assert told.low_s is not None and told.high_s is not None
    assert 540 <= told.low_s <= told.high_s <= 1500


def test_after_the_last_hours_no_number_is_made_up_but_the_next_opening_time_is_known() -> None:
    late = NINE + 9 * 3600
    only_monday = Lobby(services=LOBBY.services, desks=LOBBY.desks, hours=(((NINE, NINE + 3600),), *((),) * 6))
    tuesday = NINE + 5 * 86_400  # day 0 is a Thursday
    state = after(only_monday, Created(t=tuesday, ticket="one", service="a"))
    told = forecast(state, only_monday, tuesday).tickets["one"]
    assert told.low_s is told.high_s is told.likely_s is None or (told.low_s or 0) > 3600
    assert shown(Forecast(0), only_monday, tuesday).opens_at == NINE + 11 * 86_400
    assert shown(Forecast(0), LOBBY, late).opens_at == NINE + 86_400


def test_a_head_start_goes_first_in_the_forecast_as_at_the_desk() -> None:
    said = forecast(
        after(LOBBY, OPEN, come("early", 0, score=NINE), come("first", 30, score=NINE - 3600)), LOBBY, NINE + 31
    ).tickets
    assert (said["first"].ahead, said["early"].ahead) == (0, 1)
    assert (said["first"].likely_s or 0) < (said["early"].likely_s or 0)


def test_a_desk_that_serves_by_list_takes_the_first_queue_first() -> None:
    listed = Lobby(services=LOBBY.services, desks={"d1": Desk(("b", "a"), listed=True)}, hours=ALL_DAY)
    facts: list[AnyFact] = [OPEN, come("a1", 1), come("a2", 2), come("b1", 3, "b")]
    by_arrival = forecast(after(LOBBY, *facts), LOBBY, NINE + 4)
    by_list = forecast(after(listed, *facts), listed, NINE + 4)
    assert (by_arrival.tickets["b1"].ahead, by_list.tickets["b1"].ahead) == (2, 0)
    assert (by_list.newcomers["b"].likely_s or 0) < (by_list.tickets["a2"].likely_s or 0)


def test_where_desks_have_lists_of_their_own_each_takes_first_what_it_lists_first() -> None:
    crossed = Lobby(services=LOBBY.services, desks={"d1": Desk(("a", "b"), True), "d2": Desk(("b", "a"), True)})
    facts: list[AnyFact] = [OPEN, come("b1", 1, "b"), come("a1", 2)]
    alone = forecast(after(crossed, *facts), crossed, NINE + 3)
    assert (alone.tickets["b1"].ahead, alone.tickets["a1"].ahead) == (1, 0)
    many = [come(f"a{n}", n) for n in range(2, 12)]
    both = forecast(after(crossed, OPEN, DeskOpened(t=NINE, desk="d2"), *many), crossed, NINE + 20)
    assert (both.newcomers["b"].high_s or 0) < (both.newcomers["a"].low_s or 0)


def test_a_desk_that_goes_by_arrival_keeps_to_it_beside_one_with_a_list() -> None:
    mixed = Lobby(services=LOBBY.services, desks={"d1": Desk(("b", "a")), "d2": Desk(("b", "a"), True)})
    facts: list[AnyFact] = [OPEN, come("a1", 1), come("b1", 2, "b")]
    said = forecast(after(mixed, *facts), mixed, NINE + 3)
    assert (said.tickets["a1"].ahead, said.tickets["b1"].ahead) == (0, 1)


def test_a_ticket_that_no_desk_serves_gets_no_number() -> None:
    nobody = Lobby(services={"a": 300.0, "b": 300.0}, desks={"d1": Desk(("a",))}, hours=ALL_DAY)
    said = forecast(after(nobody, OPEN, come("b1", 1, "b")), nobody, NINE + 2)
    assert said.tickets["b1"].likely_s is None and said.newcomers["b"].likely_s is None
    assert shown(said.tickets["b1"], nobody, NINE + 2).kind == "closed"


def test_a_booking_is_told_what_is_waited_from_the_slot_on() -> None:
    facts: list[AnyFact] = [OPEN]
    for i in range(12):
        slot = NINE + 600 * (i + 1)
        facts += [Booked(t=slot - 500, booking=f"b{i}", service="a", slot=slot)]
        facts += [Created(t=slot - 400, ticket=f"b{i}", booking=f"b{i}", service="a", slot=slot, score=slot)]
        facts += [Called(t=slot + 240, ticket=f"b{i}", desk="d1")]
    end = facts[-1].t
    facts += [Booked(t=end, booking="mine", service="a", slot=end + 7200)]
    told = forecast(after(LOBBY, *facts), LOBBY, end).bookings["a"]
    assert told.low_s is not None and told.high_s is not None and told.low_s <= 240 <= told.high_s <= 600


def test_on_the_first_day_a_booking_is_told_the_rest_of_a_service() -> None:
    night = NINE - 8 * 3600
    booked = Booked(t=night, booking="mine", service="a", slot=float(NINE + 3600))
    said = forecast(after(LOBBY, booked), LOBBY, night + 1).bookings
    assert set(said) == {"a"}
    assert said["a"].low_s == 0 and 120 <= (said["a"].high_s or 0) <= LOBBY.services["a"] + 60


def test_a_staff_calendar_knows_of_lunch_on_the_first_day() -> None:
    noon = NINE + 3 * 3600
    lunch = Lobby(
        services=LOBBY.services,
        desks=LOBBY.desks,
        hours=ALL_DAY,
        calendar={"d1": (((NINE, noon), (noon + 3600, noon + 5 * 3600)),) * 7},
    )
    facts: list[AnyFact] = [DeskOpened(t=NINE, desk="d1"), *(come(f"t{i}", 3 * 3600 - 120 + i) for i in range(4))]
    known, unknown = (forecast(after(lobby, *facts), lobby, noon - 60).tickets["t3"] for lobby in (lunch, LOBBY))
    assert (known.low_s or 0) > 3600 > (unknown.high_s or 0)


def test_who_closes_for_good_takes_the_wait_of_all_others_with_it() -> None:
    two = Lobby(services={"a": 300.0}, desks={"d1": Desk(("a",)), "d2": Desk(("a",))}, hours=ALL_DAY)
    facts: list[AnyFact] = [OPEN, DeskOpened(t=NINE, desk="d2"), *(come(f"t{i}", 60 + i) for i in range(12))]
    both = forecast(after(two, *facts), two, NINE + 100).tickets["t11"].likely_s or 0
    one = forecast(after(two, *facts, DeskClosed(t=NINE + 99, desk="d2")), two, NINE + 100).tickets["t11"].likely_s or 0
    assert one > 1.6 * both


@pytest.mark.parametrize("many", [1, 40, 250, 450])
def test_every_number_is_a_number_however_many_wait(many: int) -> None:
    facts = [Created(t=NINE + i / 1000, ticket=f"t{i}", service="ab"[i % 2]) for i in range(many)]
    said = forecast(after(LOBBY, OPEN, *facts), LOBBY, NINE + 2).tickets
    likely = [said[f"t{i}"].likely_s for i in range(many)]
    assert np.isfinite(np.array([each for each in likely if each is not None])).all() and likely[0] is not None


LISTED = Lobby(
    services={"a": 300.0, "b": 300.0},
    desks={"d1": Desk(("a", "b"), listed=True), "d2": Desk(("b", "a"), listed=True)},
    hours=ALL_DAY,
)


@pytest.mark.parametrize("lobby", [LOBBY, LISTED])
def test_of_a_long_line_it_can_pause_at_every_ticket_and_says_the_same(lobby: Lobby) -> None:
    state, pauses = after(lobby, OPEN, *(come(f"t{n}", n, "ab"[n % 2]) for n in range(60))), list[int]()
    told = forecast(state, lobby, NINE + 90, lambda: pauses.append(1))
    assert len(pauses) >= 2 * 60
    assert told == forecast(state, lobby, NINE + 90)
