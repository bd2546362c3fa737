"""Who is pinged when: everybody once in a round, a share at each look."""

from collections.abc import Iterator
from typing import Any

from callboard.hub.pings import Pings


def test_everybody_is_due_once_in_a_round_a_share_at_a_time() -> None:
    pings, here = Pings(4), list[Any](range(10))
    looks = [pings.due(lambda: iter(here), len(here)) for _ in range(8)]
    assert [len(look) for look in looks] == [3, 3, 3, 1] * 2
    assert [one for look in looks for one in look] == here * 2


def test_who_comes_meanwhile_keeps_nobody_from_their_ping() -> None:
    pings, here = Pings(3), list[Any](range(6))

    def everybody() -> Iterator[Any]:
        yield from here

    first = pings.due(everybody, len(here))
    here[:0] = ["new"] * 6
    rest = [*pings.due(everybody, len(here)), *pings.due(everybody, len(here))]
    assert {*range(6)} <= {*first, *rest}


def test_nobody_is_due_where_nobody_is() -> None:
    pings = Pings(1)
    assert pings.due(lambda: iter(()), 0) == []
