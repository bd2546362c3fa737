"""A set of few."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callboard.hub.few import Few


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3))))
def test_it_holds_what_was_added_and_not_taken_away_in_the_order_of_adding(steps: list[tuple[bool, int]]) -> None:
    few, members = Few[int](), dict[int, None]()
    for adds, member in steps:
        if adds:
            few.add(member)
            members.setdefault(member)
        else:
            few.discard(member)
            members.pop(member, None)
        assert list(few) == list(members)
        assert len(few) == len(members)
        assert [number in few for number in range(4)] == [number in members for number in range(4)]


@pytest.mark.parametrize("last", [1, 2])
def test_with_nobody_it_is_false(last: int) -> None:
    few = Few[int]()
    assert not few
    few.add(1)
    few.add(last)
    assert few
