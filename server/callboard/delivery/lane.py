"""How many deliveries of one lane may be under way, and how long it rests when the other side is busy or away."""

import asyncio
from collections.abc import Callable

from callboard.delivery.model import Answer, Later, Moot, Unknown

FIRST_REST_MS = 1000
LONGEST_REST_MS = 30_000
BACK = 128  # so many get through until as many as ever may be under way


class Lane:
    """After a rest one delivery goes ahead alone; when it has got through the others follow, a few more at once with
    each that does. Where the other side takes only so many a second, hardly more are offered."""

    def __init__(self, name: str, limit: int, random: Callable[[], float]) -> None:
        self.name = name
        self.woken = asyncio.Event()  # something was scheduled, or has ended
        self.rests_until = 0
        self._limit = limit
        self._random = random
        self._most = float(limit)  # under way
        self._under_way = 0
        self._failures = 0

    def room(self, now: int) -> int:
        """How many more may start now."""
        if now < self.rests_until:
            return 0
        return max(0, int(self._most) - self._under_way)

    def begun(self) -> None:
        self._under_way += 1

    def ended(self, answer: Answer | None, now: int) -> None:
        """None: nothing was learned of the other side."""
        self._under_way -= 1
        if isinstance(answer, Later | Unknown) and answer.busy:
            if now >= self.rests_until:  # several that fail together count as one failure
                self._failures += 1
                self.rests_until = now + self._rest(answer)
            self._most = 1
        elif answer is not None and _was_asked(answer):
            self._failures = 0
            self._most = min(self._limit, self._most + self._limit / BACK)
        self.woken.set()

    def _rest(self, answer: Later | Unknown) -> int:
        """As long as the other side asked for, else longer with each failure."""
        if isinstance(answer, Later) and answer.after_ms is not None:
            return answer.after_ms
        rest = min(LONGEST_REST_MS, FIRST_REST_MS << min(self._failures - 1, 16))
        return round(rest * (0.8 + 0.4 * self._random()))


def _was_asked(answer: Answer) -> bool:
    """Whether the other side has shown that it is there."""
    return not isinstance(answer, Moot) and not (isinstance(answer, Later | Unknown) and not answer.asked)
