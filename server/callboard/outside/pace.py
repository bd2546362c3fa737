"""How much may be under way to each receiver: one that is dead or slow waits for itself and holds up nobody else."""

from collections.abc import Callable
from urllib.parse import urlsplit

from callboard.delivery.lane import Lane
from callboard.delivery.model import Answer

AT_ONCE = 8  # to one receiver, unless said otherwise
FIRST_GUESS_MS = 100  # how long a request takes, before one was made
LONGEST_APART_MS = 1000
FURTHEST_MS = 60_000
MOST = 4096  # receivers remembered


class _Receiver:
    """What is told to wait gets a moment of its own, a little after the one before: not all come back at once."""

    def __init__(self, random: Callable[[], float], at_once: int) -> None:
        self.lane = Lane("", at_once, random)
        self._at_once = at_once
        self._takes_ms = float(FIRST_GUESS_MS)
        self._next = 0.0

    def wait_ms(self, now: int) -> int:
        apart = min(max(self._takes_ms / self._at_once, 1), LONGEST_APART_MS)
        self._next = max(self._next, now, self.lane.rests_until) + apart
        if self._next > max(now, self.lane.rests_until) + FURTHEST_MS:
            self._next = max(now, self.lane.rests_until) + apart
        return round(self._next) - now

    def took(self, ms: int) -> None:
        self._takes_ms += (ms - self._takes_ms) / 8


class Pace:
    """`random` spreads the rests."""

    def __init__(self, random: Callable[[], float], at_once: int = AT_ONCE) -> None:
        self._random = random
        self._at_once = at_once
        self._receivers: dict[str, _Receiver] = {}

    def begin(self, origin: str, now: int) -> int:
        """0 when one more request may be made now, and then `end` has to be called; else for how many ms it may not."""
        receiver = self._receivers.pop(origin, None) or _Receiver(self._random, self._at_once)
        self._receivers[origin] = receiver  # the one used last stands last
        while len(self._receivers) > MOST:
            del self._receivers[next(iter(self._receivers))]
        if not receiver.lane.room(now):
            return receiver.wait_ms(now)
        receiver.lane.begun()
        return 0

    def end(self, origin: str, answer: Answer | None, began: int, now: int) -> None:
        """None: nothing was learned of the receiver."""
        if receiver := self._receivers.get(origin):
            receiver.lane.ended(answer, now)
            receiver.took(max(now - began, 1))


def origin_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.lower()}"
