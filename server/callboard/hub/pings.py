"""Everybody is pinged in turn, a few at a time, so that their answers do not come all at once."""

import math
from collections.abc import Callable

from callboard.hub.lean import Lean


class Pings:
    """Whoever was there at the beginning of a round of so many `looks` is due at one of them."""

    def __init__(self, looks: int) -> None:
        self._looks = looks
        self._look = 0
        self._left: list[Lean] = []
        self._share = 0

    def due(self, everybody: Callable[[], list[Lean]]) -> list[Lean]:
        """At this look."""
        if self._look == 0:
            self._left = everybody()
            self._share = math.ceil(len(self._left) / self._looks)
        self._look = (self._look + 1) % self._looks
        due, self._left = self._left[: self._share], self._left[self._share :]
        return due
