"""One machine for all that leaves the house: events become deliveries, and what is due is sent."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

from callboard.delivery.attempt import Attempts
from callboard.delivery.lane import Lane
from callboard.delivery.model import Delivery, Instead, Plan, encode
from callboard.domain.events import Event
from callboard.endless import goes_on
from callboard.errors import StoreAway
from callboard.store.outbox import Item, Leased, Outbox
from callboard.store.stream import Group

BATCH = 20  # events acknowledged together, and so read again together after a crash
BLOCK_MS = 2000  # how long a read waits for events
LOOK_MS = 5000  # and a lane for what others have scheduled
AWAY_S = 1  # between looks for a store that is away
ALONE_MS = 6000  # a reader that is silent for so long has lost its turn
FORGOTTEN_MS = 3_600_000  # what went stale so long ago is not even put on record

log = logging.getLogger(__name__)


class Worker:
    """Reads the events of some partitions with their groups, asks `plan` what follows from each, and sends it.

    An event is acknowledged when its deliveries are on their due lists, so none is missed; ids are derived, so reading
    one twice schedules nothing twice. Any number of workers may share the work; `in_order`: of each partition one of
    them reads at a time, and begins with what the one before left, so that deliveries are scheduled as events were.
    """

    def __init__(
        self,
        groups: Mapping[int, Group],
        outbox: Outbox,
        plan: Callable[[Event], Awaitable[Plan]],
        attempts: Attempts,
        lanes: Mapping[str, int],
        clock: Callable[[], int],
        random: Callable[[], float],
        *,
        in_order: bool = False,
    ) -> None:
        self.attempts = attempts
        self._groups = groups
        self._outbox = outbox
        self._plan = plan
        self._lanes = {name: Lane(name, limit, random) for name, limit in lanes.items()}
        self._clock = clock
        self._in_order = in_order
        self._stopping = asyncio.Event()
        self._turn = 0

    async def run(self, *, until_idle: bool = False) -> None:
        """Until `stop`; or until the streams are read and nothing is due, as far as the clock stands still."""
        try:
            if until_idle:
                while await self._read_all() | await self._send_all():
                    pass
                return
            async with asyncio.TaskGroup() as tasks:
                readers = [tasks.create_task(self._read_on(group)) for group in self._groups.values()]
                for lane in self._lanes.values():
                    tasks.create_task(self._send_on(lane))
                await self._stopping.wait()
                await _end(readers)
        finally:
            if self._in_order:
                await self._let_go()
            for group in self._groups.values():
                await group.close()
            await self.attempts.close()

    def stop(self) -> None:
        """Takes up nothing new; `run` returns when what is under way has ended."""
        self._stopping.set()
        for lane in self._lanes.values():
            lane.woken.set()

    def _goes_on(self) -> bool:
        return not self._stopping.is_set() and goes_on()

    # From events to due lists

    async def _read_on(self, group: Group) -> None:
        while self._goes_on():
            try:
                await group.start()
                await self._in_turn(group)
            except StoreAway:
                await asyncio.sleep(AWAY_S)

    async def _in_turn(self, group: Group) -> None:
        """What others have left comes first, whenever the turn comes to this worker."""
        begins, done = True, list[Event]()
        while self._goes_on():
            if self._in_order and not await group.alone(ALONE_MS):
                await group.ack(done)
                begins, done = True, []
                await asyncio.sleep(AWAY_S)
            elif begins:
                done = await self._read(group, done, idle_ms=0)
                begins = self._in_order and bool(done)
            else:
                done = await self._read(group, done, block_ms=BLOCK_MS)
        await group.ack(done)

    async def _let_go(self) -> None:
        """So that another one need not wait; it will, where the store is away."""
        with suppress(StoreAway):
            for group in self._groups.values():
                await group.alone(0)

    async def _read_all(self) -> bool:
        read = False
        for group in self._groups.values():
            await group.start()
            done = await self._read(group, [], idle_ms=0)
            while done:
                read = True
                done = await self._read(group, done, idle_ms=0)
        return read

    async def _read(
        self, group: Group, done: list[Event], *, block_ms: int | None = None, idle_ms: int = 60_000
    ) -> list[Event]:
        """Those that are scheduled now, to be acknowledged with the next read."""
        events = await group.read(count=BATCH, block_ms=block_ms, idle_ms=idle_ms, done=done)
        for event in events:
            await self._schedule(event)
        return events

    async def _schedule(self, event: Event) -> None:
        try:
            plan = await self._plan(event)
        except StoreAway:
            raise
        except Exception as error:  # one event that breaks the plan must not stop the others
            log.error("event=%s kind=%s broke=%s", event.id, event.kind, type(error).__name__)
            return
        now = self._clock()
        items = [item(delivery) for delivery in plan.schedule if now - delivery.until < FORGOTTEN_MS]
        old = [delivery.id for delivery in plan.schedule if now - delivery.until >= FORGOTTEN_MS]
        if plan.schedule or plan.bar:
            await self._outbox.schedule(event.location, items, (*plan.bar, *old), now)
            for each in items:
                self._lanes[each.lane].woken.set()

    # From due lists to the world

    async def _send_on(self, lane: Lane) -> None:
        async with asyncio.TaskGroup() as sends:
            while self._goes_on():
                lane.woken.clear()
                try:
                    _, pause_ms = await self._start_due(lane, sends)
                except StoreAway:
                    pause_ms = AWAY_S * 1000
                if self._goes_on():
                    with suppress(TimeoutError):
                        async with asyncio.timeout(pause_ms / 1000):
                            await lane.woken.wait()

    async def _send_all(self) -> bool:
        sent = False
        for lane in self._lanes.values():
            started = 1
            while started:
                async with asyncio.TaskGroup() as sends:
                    started, _ = await self._start_due(lane, sends)
                sent = sent or started > 0
        return sent

    async def _start_due(self, lane: Lane, sends: asyncio.TaskGroup) -> tuple[int, int]:
        """Starts what is due and has room. How many, and for how many ms there is nothing more to start."""
        now = self._clock()
        started, pause_ms = 0, max(LOOK_MS if now >= lane.rests_until else lane.rests_until - now, 1)
        self._turn += 1
        if not lane.room(now):
            return started, pause_ms
        next_due = await self._outbox.next_due(list(self._groups), lane.name)
        for number in _from([each for each in self._groups if each in next_due], self._turn):
            room = lane.room(now)
            if not room:
                break
            if next_due[number] > now:
                pause_ms = min(pause_ms, next_due[number] - now)
                continue
            leased, due = await self._outbox.lease(number, lane.name, now, room)
            for one in leased:
                lane.begun()
                sends.create_task(self._send(lane, one))
            started += len(leased)
            if due is not None:
                pause_ms = min(pause_ms, max(due - now, 1))
        return started, pause_ms

    async def _send(self, lane: Lane, leased: Leased) -> None:
        answer = None
        try:
            answer = await self.attempts.make(leased)
        finally:
            lane.ended(answer, self._clock())
        if isinstance(answer, Instead):
            self._lanes[answer.lane].woken.set()


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancels until they have ended: one cancellation may be swallowed, see `Worker._goes_on`."""
    while going := [task for task in tasks if not task.done()]:
        for task in going:
            task.cancel()
        await asyncio.wait(going, timeout=0.1)


def _from(numbers: list[int], start: int) -> list[int]:
    """All of them, from another one each time: under load no partition comes first for ever."""
    start %= max(1, len(numbers))
    return numbers[start:] + numbers[:start]


def item(delivery: Delivery) -> Item:
    return Item(
        id=delivery.id,
        lane=delivery.lane,
        body=encode(delivery),
        at=delivery.at,
        after=delivery.after,
        quiet=delivery.quiet,
        quiet_ms=delivery.quiet_ms,
        line=delivery.line,
        place=delivery.place,
        bars=delivery.bars,
    )
