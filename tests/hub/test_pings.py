"""Who is pinged when."""

from typing import cast

from callboard.hub.lean import Lean
from callboard.hub.pings import Pings


def test_in_a_round_everybody_is_due_once_and_about_as_many_at_each_look() -> None:
    here = [cast(Lean, object()) for _ in range(23)]
    pings = Pings(10)
    for _ in range(2):
        rounds = [pings.due(lambda: here) for _ in range(10)]
        assert sorted(id(each) for some in rounds for each in some) == sorted(map(id, here))
        assert max(map(len, rounds)) == 3


def test_who_comes_amid_a_round_is_due_in_the_next() -> None:
    here = [cast(Lean, object())]
    pings = Pings(2)
    assert pings.due(here.copy) == here
    here.append(cast(Lean, object()))
    assert pings.due(here.copy) == []
    assert pings.due(here.copy) + pings.due(here.copy) == here


def test_where_nobody_is_nobody_is_due() -> None:
    assert Pings(1).due(list) == []
