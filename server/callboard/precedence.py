"""Who tells screens goes first: what is worked out in a thread meanwhile waits.

Each write to a socket lets go of the lock that Python's threads share, and a thread that computes takes it for
milliseconds. A sweep over ten thousand sockets would so come to a standstill until the thread is done.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE_S = 1.0  # of one who gives way: where screens are told without a pause, the rest is done beside it


class Precedence:
    """Taken on the loop, any number of times at once; given by threads."""

    def __init__(self) -> None:
        self._takers = 0
        self._free = threading.Event()
        self._free.set()

    def take(self) -> None:
        self._takers += 1
        self._free.clear()

    def let_go(self) -> None:
        """Once for each time that it was taken."""
        self._takers -= 1
        if not self._takers:
            self._free.set()

    @contextmanager
    def taken(self) -> Iterator[None]:
        self.take()
        try:
            yield
        finally:
            self.let_go()

    def giving_way(
        self, patience_s: float = PATIENCE_S, clock: Callable[[], float] = time.monotonic
    ) -> Callable[[], None]:
        """For one piece of work in a thread, which calls it often: it waits while somebody has taken precedence, in all
        no longer than the patience lasts."""
        left = patience_s

        def give_way() -> None:
            nonlocal left
            if self._takers and left > 0:
                began = clock()
                self._free.wait(left)
                left -= clock() - began

        return give_way
