"""The locations of one partition: learns from their events, and works out what is expected of their lines."""

from __future__ import annotations

import asyncio
import importlib
import logging
import time
import traceback
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import replace

from callboard.domain.events import Event
from callboard.domain.expected import Expected
from callboard.domain.model import Location, State, Ticket
from callboard.errors import StoreAway
from callboard.precedence import Precedence
from callboard.store.learned import Learning
from callboard.store.reads import Reads

if TYPE_CHECKING:
    from callboard.estimating.followed import Followed

EVERY_MS = 1000  # a location is worked out at most so often, ...
REST = 50  # ... and a fiftieth of the time at most, ...
STALE_MS = 15_000  # ... but so often in any case while somebody waits, ...
QUIET_MS = 60_000  # ... and so often while nobody does
AGAIN_MS = 60_000  # a location whose estimate has failed is tried again after so long, ...
ENOUGH = 3  # ... and after so many failures in a row without what was learned, which they may come from

T = TypeVar("T")
log = logging.getLogger(__name__)


class Part:
    """The locations of one partition. Raises StoreAway, and then everything is read again. `spent_s` tells a thread how
    much of a core it has taken."""

    def __init__(
        self,
        reads: Reads,
        learning: Learning,
        clock: Callable[[], int],
        precedence: Precedence | None = None,
        threads: Executor | None = None,
        spent_s: Callable[[], float] = time.thread_time,
    ) -> None:
        self._reads = reads
        self._learning = learning
        self._clock = clock
        self._precedence = precedence or Precedence()
        self._threads = threads
        self._spent_s = spent_s
        self._followed: dict[str, Followed] = {}
        self._told: dict[str, Expected] = {}
        self._rests_until: dict[str, int] = {}
        self._tallies: dict[str, str] = {}  # as they are kept
        self._learned: dict[str, Followed] = {}  # something that is not kept yet
        self._sizes: dict[str, int] = {}  # of what is kept
        self._failures: dict[str, int] = {}  # in a row
        self._tries_at: dict[str, int] = {}

    async def take(self, locations: Sequence[Location], events: Sequence[Event]) -> None:
        """Learns from these events, and works out what is due. One location that breaks its estimate does not stop the
        others; it is tried again as its lines are then."""
        for location in locations:
            if self._clock() < self._tries_at.get(location.id, 0):
                continue
            here = [event for event in events if event.location == location.id]
            if await self._tried(location.id, self._take(location, here)):
                self._failures.pop(location.id, None)

    async def keep(self) -> int:
        """What was learned from all that was taken: then those events need not be read again. How long it is."""
        names = list(self._learned)
        for name in names:
            await self._tried(name, self._keep(self._learned[name], None, tell=False))
        return sum(self._sizes.get(name, 0) for name in names)

    async def _tried(self, location: str, work: Awaitable[None]) -> bool:
        try:
            await work
        except StoreAway:
            raise
        except Exception as error:
            self._fail(location, error)
            return False
        return True

    def _fail(self, location: str, error: Exception) -> None:
        """What the error says may be somebody's; where it was raised is not."""
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("estimate=failed location=%s error=%s\n%s", location, type(error).__name__, where)
        self._forget(location)
        self._failures[location] = self._failures.get(location, 0) + 1
        self._tries_at[location] = self._clock() + AGAIN_MS

    async def _take(self, location: Location, events: Sequence[Event]) -> None:
        followed = await self._of(location)
        if await self._hear(followed, events):
            self._learned[location.id] = followed
        if not self._is_due(followed):
            return
        began, before = self._clock(), self._told.get(location.id)
        expected, spent_ms = await self._in_thread(self._expect, followed, began)
        self._told[location.id] = expected
        self._rests_until[location.id] = began + min(max(EVERY_MS, REST * spent_ms), STALE_MS)
        is_news = before is None or expected.lines != before.lines
        await self._keep(followed, expected, tell=is_news)

    def _expect(self, followed: Followed, at: int) -> tuple[Expected, int]:
        """And how much of a core it took (ms)."""
        began = self._spent_s()
        return followed.expect(at, self._precedence.giving_way()), round((self._spent_s() - began) * 1000)

    def _is_due(self, followed: Followed) -> bool:
        """At once where nothing is expected yet; else when there is news or it is old, and not too often."""
        told, now = self._told.get(followed.location.id), self._clock()
        if told is None:
            return True
        age = now - told.at
        is_old = age >= (STALE_MS if followed.somebody_waits else QUIET_MS)
        return now >= self._rests_until[followed.location.id] and (is_old or told.seq < followed.seen)

    async def _of(self, location: Location) -> Followed:
        followed = self._followed.get(location.id)
        if followed is None:
            # Brings numpy along, which only who has the turn needs.
            module = await self._in_thread(importlib.import_module, "callboard.estimating.followed")
            failures = self._failures.get(location.id, 0)
            learned = await self._learning.load(location.id) if failures < ENOUGH else None
            made: Followed = module.Followed(location, learned)
            followed = self._followed[location.id] = made
            if followed.seen < 0 or failures:
                await self._meet(followed)
        elif followed.location is not location:
            followed.apply(location)
        return followed

    async def _hear(self, followed: Followed, events: Sequence[Event]) -> bool:
        new = [event for event in events if event.seq > followed.seen]
        if new and followed.misses(new[0]):
            await self._meet(followed)
            return True
        return await self._in_thread(followed.hear, new, self._precedence.giving_way()) if new else False

    async def _in_thread(self, do: Callable[..., T], *given: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, do, *given)

    async def _meet(self, followed: Followed) -> None:
        location = followed.location.id
        picture = await self._reads.picture(location, staff=True)
        found: dict[State, list[Ticket]] = {State.WAITING: [], State.BOOKED: []}
        for queue in followed.location.queues:
            each = await self._reads.picture(location, of_queue=(queue.id, [State.WAITING, State.BOOKED]))
            for phone in each.phones.values():
                if phone.ticket is not None:
                    found[phone.ticket.state].append(phone.ticket)
        log.info("met location=%s seq=%d waiting=%d", location, picture.seq, len(found[State.WAITING]))
        followed.meet(picture, found[State.WAITING], found[State.BOOKED], self._clock())

    async def _keep(self, followed: Followed, expected: Expected | None, *, tell: bool) -> None:
        """What the tally says is sent when it says something new: calls are fewer than all that happens."""
        location, learned = followed.location.id, followed.learned
        self._sizes[location] = len(learned.state)
        await asyncio.sleep(0)  # of a long line it is a megabyte
        is_counted = learned.tally == self._tallies.get(location)
        sent = replace(learned, tally="") if is_counted else learned
        if await self._learning.keep(location, sent, expected, tell=tell, at=self._clock()):
            self._tallies[location] = learned.tally
            self._learned.pop(location, None)
        else:  # somebody else is further: begin with what they have
            self._forget(location)

    def _forget(self, location: str) -> None:
        for known in (self._followed, self._learned, self._tallies):
            known.pop(location, None)
