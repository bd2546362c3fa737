"""Those who come to listen are let in a few at a time: nobody else waits behind ten thousand who come back at once."""

import logging
from collections import deque
from collections.abc import Callable, Iterator

from callboard.hub.sweep import Sweep

log = logging.getLogger(__name__)


class Door:
    """In the order in which they came. Each knock is of a connection that is there already, so there are no more."""

    def __init__(self, slice_s: float = 0.002) -> None:
        self._sweep = Sweep(slice_s)  # of handshakes, each of which has a task in the next turn of the loop
        self._waiting: deque[Callable[[], object]] = deque()
        self._is_open = False

    def knock(self, come_in: Callable[[], object]) -> None:
        """It will be called, in another turn of the loop."""
        self._waiting.append(come_in)
        if not self._is_open:
            self._is_open = True
            self._sweep.add(self._let_in())

    def _let_in(self) -> Iterator[None]:
        while self._waiting:
            try:
                self._waiting.popleft()()
            except Exception:
                log.exception("one who came could not be let in")
            yield
        self._is_open = False
