"""The estimate in the product: each event counts once, whoever is killed when, and screens are told what it says."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from callboard.domain.board import queue_wait
from callboard.domain.documents import Wait
from callboard.domain.events import Event, Kind
from callboard.domain.expected import Expected
from callboard.domain.wait import State
from callboard.estimating.followed import Followed
from callboard.estimating.part import Part
from callboard.estimating.worker import NAME, PAUSE_S, Estimating
from callboard.precedence import PATIENCE_S, Precedence
from callboard.screens import Screens
from callboard.store import keys
from callboard.store.keys import partition
from callboard.store.learned import Learned, Learning
from callboard.store.reads import Reads
from callboard.store.redis import Connection
from callboard.store.stream import BEGINNING, Group, tail
from callboard.store.transitions import Store
from conftest import Clock


class Watching:
    """One reader of the events of `main`, who may be killed at any moment and begins anew."""

    def __init__(self, reads: Reads, clock: Clock) -> None:
        self._reads = reads
        self._clock = clock
        self.learning = Learning(reads.connection)
        self.begin()

    def begin(self) -> None:
        self.part = Part(self._reads, self.learning, self._clock, spent_s=lambda: self._clock() / 1000)

    async def events(self) -> list[Event]:
        async for events in tail(self._reads.connection, {partition("main"): BEGINNING}, block_ms=1):
            return events
        raise AssertionError

    async def follow(self) -> None:
        """All that there are, from the first on, as who is not sure what was acknowledged."""
        await self.take(await self.events())

    async def take(self, events: Sequence[Event]) -> None:
        await self.part.take([self._reads.directory.location("main")], events)
        await self.part.keep()

    async def learned(self) -> Learned:
        learned = await self.learning.load("main")
        assert learned is not None
        return learned

    async def expected(self) -> Expected:
        picture = await self._reads.picture("main")
        assert picture.expected is not None
        return picture.expected


@pytest.fixture
def watching(reads: Reads, clock: Clock) -> Watching:
    return Watching(reads, clock)


async def some_visits(store: Store, clock: Clock, visits: int) -> None:
    await store.open_desk("d1", staff="kim")
    for n in range(visits):
        await store.join("general")
        clock.pass_(min=2)
        if n % 3 == 2:
            await store.call_next("d1")
            clock.pass_(min=4)


async def test_events_that_come_again_change_nothing(watching: Watching, store: Store, clock: Clock) -> None:
    await store.join("general")
    await watching.follow()
    await some_visits(store, clock, 9)
    await watching.follow()
    once = await watching.learned()
    await watching.follow()
    watching.begin()
    await watching.follow()
    assert await watching.learned() == once


async def test_who_takes_over_in_the_middle_learns_the_same(watching: Watching, store: Store, clock: Clock) -> None:
    await store.join("general")
    await watching.follow()
    await some_visits(store, clock, 12)
    events = await watching.events()
    location = store.directory.location("main")
    whole = Followed(location, await watching.learned())
    whole.hear(events)
    parts = Followed(location, await watching.learned())
    for event in events:
        parts.hear([event])
        parts = Followed(location, parts.learned)  # killed after each, and begun from what was kept
    assert parts.learned == whole.learned


async def test_a_reader_that_has_fallen_behind_writes_nothing(watching: Watching, store: Store, clock: Clock) -> None:
    await store.join("general")
    await watching.follow()
    old = await watching.learned()
    await store.join("general")
    await watching.follow()
    assert not await watching.learning.keep("main", old, None, tell=False, at=clock())
    assert (await watching.learned()).seen > old.seen


async def test_screens_are_told_what_is_expected(watching: Watching, store: Store, reads: Reads, clock: Clock) -> None:
    location = store.directory.location("main")
    await store.open_desk("d1", staff="kim")
    for _ in range(6):
        await store.join("general")
    await store.call_next("d1")
    await watching.follow()
    told = (await watching.expected()).lines["general"]
    picture = await reads.picture("main")
    shown = queue_wait(location, location.queues[0], picture)
    assert shown == told.at(5).wait and shown is not None and shown.low >= 10
    assert told.at(0).high <= told.at(5).high
    assert (await watching.events())[-1].kind is Kind.EXPECTED


async def test_a_line_that_takes_long_to_work_out_is_worked_out_again_before_screens_forget_it(
    watching: Watching, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect = Followed.expect

    def slow(followed: Followed, at: int, pause: object) -> Expected:
        clock.pass_(s=3)
        return expect(followed, at)

    monkeypatch.setattr(Followed, "expect", slow)
    await store.join("general")
    await watching.follow()
    await store.join("general")
    for seconds, known in (10, 1), (5, 2):
        clock.pass_(s=seconds)
        await watching.follow()
        assert (await watching.expected()).seq == known


async def test_the_working_out_waits_while_screens_are_told(
    reads: Reads, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    precedence, waits = Precedence(), list[float | None]()
    monkeypatch.setattr(precedence._free, "wait", waits.append)
    part, location = Part(reads, Learning(reads.connection), clock, precedence), store.directory.location("main")
    await store.join("general")
    await part.take([location], [])
    assert waits == []
    clock.pass_(s=60)
    with precedence.taken():
        await part.take([location], [])
    assert waits and waits[0] == PATIENCE_S


async def test_a_booking_is_told_on_its_page_what_it_will_wait(
    watching: Watching, store: Store, reads: Reads, clock: Clock
) -> None:
    screens, slot = Screens(reads, clock), clock.now + 30 * 60_000
    booked = (await store.book("general", slot_at=slot)).ticket
    later = (await store.book("general", slot_at=slot + 12 * 3_600_000)).ticket
    assert booked and later
    assert (await screens.phone(booked.id)).wait is None
    await store.open_desk("d1", staff="kim")
    for _ in range(15):
        await store.join("general")
    await watching.follow()
    line = (await watching.expected()).lines["general"].told[-1]
    soon, far = [(await screens.phone(each.id)).wait for each in (booked, later)]
    assert soon and soon.high == line.high - 30 >= 20
    assert far and far.low == 0 and far.high <= 15
    await store.check_in(booked.id)
    assert (await screens.phone(booked.id)).wait != soon


async def test_what_nobody_works_out_any_more_is_gone(
    watching: Watching, store: Store, reads: Reads, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callboard.store.learned.KEEP_MS", 20)
    await store.open_desk("d1", staff="kim")
    await store.join("general")
    await watching.follow()

    async def gone() -> bool:
        return (await reads.picture("main")).expected is None

    async with asyncio.timeout(5):
        while not await gone():  # noqa: ASYNC110  the store tells nobody
            await asyncio.sleep(0.005)
    location = store.directory.location("main")
    assert isinstance(queue_wait(location, location.queues[0], await reads.picture("main")), Wait)


async def test_a_gap_in_the_events_is_met_by_a_look_at_the_lines(
    watching: Watching, store: Store, reads: Reads, clock: Clock
) -> None:
    await store.join("general")
    await watching.follow()
    await some_visits(store, clock, 4)
    last = (await watching.events())[-1]
    await watching.take([last])
    assert (await watching.learned()).seen == last.seq
    clock.pass_(s=20)
    await watching.follow()
    waiting = (await reads.picture("main")).lines["general"].waiting
    assert waiting == 4
    assert len((await watching.expected()).lines["general"].told) == waiting + 1


async def test_of_two_processes_one_works_it_out_and_the_other_goes_on(
    store: Store, reads: Reads, clock: Clock
) -> None:
    await store.open_desk("d1", staff="kim")
    await store.join("general")
    async with estimating(reads, "two", clock):
        async with estimating(reads, "one", clock):
            before = await known(reads)
        await store.join("general")
        assert (await known(reads)).seen == before.seen + 1


@pytest.mark.parametrize("pace", [{"KEEP_S": 3600}, {"KEEP_S": 0, "KEPT_PER_S": 0.01}], ids=["often", "much"])
async def test_what_was_learned_is_kept_now_and_then_and_what_was_not_is_read_again(
    watching: Watching,
    store: Store,
    reads: Reads,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    pace: dict[str, float],
) -> None:
    """Not too often, and not too much of it, since all of it goes to the disk."""
    for name, value in pace.items():
        monkeypatch.setattr(f"callboard.estimating.worker.{name}", value)
    await store.join("general")
    async with estimating(reads, "one", clock):
        await known(reads)
        for _ in range(8):
            await store.join("general")
            async with asyncio.timeout(10):
                while not await all_are_read(reads):  # noqa: ASYNC110  the store tells nobody
                    await asyncio.sleep(0.01)
    before = await watching.learned()
    assert before.seen < 9, "the last of them are not kept"
    async with estimating(reads, "two", clock):
        after = await known(reads)
    never_killed = Followed(store.directory.location("main"), before)
    never_killed.hear(await watching.events())
    never_killed.expect(clock())
    assert after == never_killed.learned


async def test_what_happens_in_quick_succession_is_learned_together(
    reads: Reads, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read for each event would cost a call more than telling a screen of it does."""
    batches, read = list[int](), Group.read

    async def counted(group: Group, **how: Any) -> list[Event]:
        events = await read(group, **how)
        if group.key == keys.events(partition("main")):
            batches.append(len(events))
        return events

    monkeypatch.setattr(Group, "read", counted)
    await store.join("general")
    async with estimating(reads, "one", clock):
        await known(reads)
        while 0 not in batches:  # noqa: ASYNC110  who begins reads on until there is nothing
            await asyncio.sleep(0.01)
        batches.clear()
        began = asyncio.get_running_loop().time()
        for _ in range(40):
            await store.join("general")
        while sum(batches) < 40:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        took_s = asyncio.get_running_loop().time() - began
    assert sum(map(bool, batches)) <= 2 + took_s / PAUSE_S


@asynccontextmanager
async def estimating(reads: Reads, name: str, clock: Clock) -> AsyncIterator[None]:
    """A process that does so meanwhile."""
    running = asyncio.create_task(Estimating(reads, name, clock, Precedence()).run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def known(reads: Reads) -> Learned:
    """What was learned, as soon as that is from all that there is."""
    seq, learning = (await reads.picture("main")).seq, Learning(reads.connection)
    async with asyncio.timeout(10):
        while not ((learned := await learning.load("main")) and learned.seen >= seq):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return learned


async def all_are_read(reads: Reads) -> bool:
    """Whether somebody has read each event, acknowledged or not."""
    client, key = reads.connection.client, keys.events(partition("main"))
    (group,) = [each for each in await client.xinfo_groups(key) if each["name"] == NAME]
    return bool(group["last-delivered-id"] == (await client.xinfo_stream(key))["last-generated-id"])


async def test_what_is_met_belongs_to_its_day(watching: Watching, store: Store, clock: Clock) -> None:
    """At first and behind a gap in which a night went by: desks have been open since this morning."""
    await store.open_desk("d1", staff="kim")
    await watching.follow()
    first = state_of(await watching.learned())
    assert first.day == int(first.at // 86_400) and first.desks["d1"].spans == [(round(first.at % 86_400), -1)]
    clock.pass_(h=24)
    await store.join("general")
    await store.join("general")
    await watching.take((await watching.events())[-1:])
    then = state_of(await watching.learned())
    assert (then.day, then.days) == (first.day + 1, first.days + 1)
    assert [day.day for day in then.past] == [first.day] and then.desks["d1"].spans == [(round(then.at % 86_400), -1)]


def state_of(learned: Learned) -> State:
    return msgspec.json.decode(learned.state, type=State)
