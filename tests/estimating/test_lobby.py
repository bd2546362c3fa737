"""A location of the site file, as the estimate knows it."""

from dataclasses import dataclass

import pytest
from msgspec.structs import replace

from callboard.domain.model import Location, Week
from callboard.domain.wait import State, follow, forecast
from callboard.domain.wait.facts import AnyFact, Created, DayStart, DeskOpened
from callboard.estimating.lobby import lobby_of
from callboard.store.transitions import Store

HOUR = 3600.0
MONDAY = 4 * 86_400.0  # day 0 is a Thursday


@dataclass
class Planned:
    """The location of the tests, with a plan for its first desk alone."""

    location: Location

    def desk(self, week: Week) -> Location:
        first, *others = self.location.desks
        return replace(self.location, desks=(replace(first, staffed=week), *others))


@pytest.fixture
def planned(store: Store) -> Planned:
    return Planned(store.directory.location("main"))


def test_without_a_plan_desks_are_learned(planned: Planned) -> None:
    assert not lobby_of(planned.location).calendar


def test_a_desk_has_its_own_plan_or_that_of_its_location(planned: Planned) -> None:
    one = planned.location.desks[0].id
    assert {*lobby_of(planned.desk({"mon": ("09:00-12:30",)})).calendar} == {one}
    calendar = lobby_of(replace(planned.desk({"mon": ("09:00-12:30",)}), staffed={"tue": ("10:00-24:00",)})).calendar
    assert calendar[one] == (((9 * HOUR, 12.5 * HOUR),), (), (), (), (), (), ())
    assert all(calendar[desk.id][1] == ((10 * HOUR, 24 * HOUR),) for desk in planned.location.desks[1:])


def test_who_comes_before_a_planned_break_is_told_of_it(planned: Planned) -> None:
    """On the first day of all: nothing but the plan can tell."""
    week: Week = {"mon": ("09:00-12:00", "13:00-17:00")}
    desk = planned.location.desks[0].id
    alone = replace(planned.location, desks=planned.location.desks[:1])
    likely = []
    for location in (alone, replace(alone, staffed=week)):
        lobby, state, now = lobby_of(location), State(), MONDAY + 11 * HOUR + 55 * 60
        facts: list[AnyFact] = [
            DayStart(t=MONDAY, day=4),
            DeskOpened(t=MONDAY + 9 * HOUR, desk=desk),
            *(Created(t=now + n, ticket=f"t{n}", service="general", score=now + n) for n in range(4)),
        ]
        for fact in facts:
            follow(state, lobby, fact)
        told = forecast(state, lobby, now + 4).tickets["t3"].likely_s
        assert told is not None
        likely.append(told)
    assert likely[0] < 40 * 60
    assert likely[1] > 60 * 60
