"""Work over many listeners in slices, so that whatever else is to be done gets in between."""

import asyncio
import logging
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

from callboard.precedence import Precedence

STEP = 64  # calls
REST = object()  # what a job yields that has done enough for this turn of the loop: what it did is work for the next

T = TypeVar("T")
log = logging.getLogger(__name__)


def each(items: Iterable[T], do: Callable[[T], object]) -> Iterator[None]:
    """Do it with every one, as a job for `Sweep`."""
    for number, item in enumerate(items, 1):
        do(item)
        if number % STEP == 0:
            yield


class Sweep:
    """Jobs are iterators, each step of which is short. They take turns, so a small one does not wait for a large one,
    and after `slice_s` the loop is let go; a step that comes when the time is over is the last. While there are jobs it
    has taken `precedence`."""

    def __init__(
        self,
        slice_s: float = 0.003,
        clock: Callable[[], float] = time.perf_counter,
        precedence: Precedence | None = None,
    ) -> None:
        self._slice_s = slice_s
        self._precedence = precedence or Precedence()
        self._clock = clock  # not the loop's: that of uvloop stands still while a callback runs
        self._jobs: deque[Iterator[object]] = deque()
        self._is_going = False

    def add(self, job: Iterator[object]) -> None:
        """Begins at the next turn of the loop, so what comes in this one may still become part of what the job does."""
        self._jobs.append(job)
        if not self._is_going:
            self._is_going = True
            self._precedence.take()
            asyncio.get_running_loop().call_soon(self._slice)

    def _slice(self) -> None:
        end = self._clock() + self._slice_s
        resting: list[Iterator[object]] = []
        while self._jobs and self._clock() < end:
            job = self._jobs.popleft()
            try:
                said = next(job)
            except StopIteration:
                continue
            except Exception:
                log.exception("a sweep over listeners broke off")
            else:
                (resting if said is REST else self._jobs).append(job)
        self._jobs.extend(resting)
        self._is_going = bool(self._jobs)
        if self._is_going:
            asyncio.get_running_loop().call_soon(self._slice)
        else:
            self._precedence.let_go()


class Pending(Generic[T]):
    """What comes at any time, and is done by a sweep in the order in which it came, at most so many in one turn of the
    loop. One that fails keeps none of the others."""

    def __init__(self, sweep: Sweep, do: Callable[[T], object], most: int = sys.maxsize) -> None:
        self._sweep = sweep
        self._do = do
        self._most = most
        self._items: deque[T] = deque()
        self._is_going = False

    def add(self, item: T) -> None:
        """It will be done in another turn of the loop."""
        self._items.append(item)
        if not self._is_going:
            self._is_going = True
            self._sweep.add(self._work())

    def _work(self) -> Iterator[object]:
        done = 0
        while self._items:
            try:
                self._do(self._items.popleft())
            except Exception:
                log.exception("what came could not be done")
            done += 1
            yield REST if done % self._most == 0 else None
        self._is_going = False
