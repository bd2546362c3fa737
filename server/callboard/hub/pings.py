"""Everybody is pinged in turn, a few at a time, so that their answers do not come all at once."""

import math
from collections.abc import Callable, Iterator
from itertools import islice

from callboard.hub.lean import Lean


class Pings:
    """Whoever was there at the beginning of a round of so many `looks` is due at one of them."""

    def __init__(self, looks: int) -> None:
        self._looks = looks
        self._look = 0
        self._left: Iterator[Lean] = iter(())
        self._share = 0

    def due(self, everybody: Callable[[], Iterator[Lean]], count: int) -> list[Lean]:
        """At this look; `everybody` is gone through as the round goes on, the `count` of them is what it is now."""
        if self._look == 0:
            self._left = everybody()
            self._share = math.ceil(count / self._looks)
        self._look = (self._look + 1) % self._looks
        return list(islice(self._left, self._share if self._look else None))
