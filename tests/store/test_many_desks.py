"""Fifty desks call at once: nobody is called twice, nobody is lost, and each desk gets who was due by its queues."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from heapq import heappop, heappush

import pytest

from callboard.domain.directory import Directory
from callboard.domain.events import Event, Kind
from callboard.errors import Refusal, Refused
from callboard.store.keys import partition
from callboard.store.reads import Reads
from callboard.store.redis import Connection
from callboard.store.stream import tail
from callboard.store.transitions import Done, Store
from conftest import Clock
from store.hall import DESKS, PRIORITIES, QUEUES, hall, processes


@pytest.fixture
def directory() -> Directory:
    return hall()


@pytest.fixture
async def stores(connection: Connection, directory: Directory, clock: Clock) -> AsyncIterator[list[Store]]:
    """On a store without data."""
    async with processes(connection.url, directory, clock) as stores:
        yield stores


async def history(connection: Connection, last: int) -> list[Event]:
    """All events of the hall, up to the one with that number, as they stand in the stream."""
    events: list[Event] = []
    async with asyncio.timeout(30), aclosing(tail(connection, {partition("hall"): "0-0"})) as batches:
        async for batch in batches:
            events += batch
            if events and events[-1].seq >= last:
                break
    assert [event.seq for event in events] == list(range(1, last + 1))
    return events


def check_order(events: list[Event], scores: dict[str, float], directory: Directory) -> int:
    """Goes through what happened with lines of its own: each desk got who was due. How many were called."""
    lines: dict[str, list[tuple[float, int, str]]] = {queue: [] for queue in QUEUES}
    called = 0
    for event in events:
        if event.kind == Kind.JOINED:
            heappush(lines[event.queue], (scores[event.ticket], event.seq, event.ticket))  # of equals the first
        elif event.kind == Kind.CALLED:
            serves = directory.desk(event.desk)[1]
            served = [queue for queue in serves.queues if lines[queue]]
            due = served[0] if serves.take == "listed" else min(served, key=lambda queue: lines[queue][0][0])
            assert (event.queue, event.ticket) == (due, heappop(lines[due])[2])
            called += 1
    assert not any(lines.values())
    return called


async def fifty_desks_call(
    count: int, stores: list[Store], connection: Connection, directory: Directory, clock: Clock
) -> str:
    """`count` wait, and a tenth more come while they are called. The figures, in words."""
    dice = random.Random(count)
    scores: dict[str, float] = {}
    done: list[Done] = []
    refused: set[Refusal] = set()

    async def arrive(store: Store, share: int) -> None:
        for _ in range(share):
            clock.pass_(ms=dice.choice([0, 0, 1, 700]))  # some at the same moment
            priority = dice.choice(["", "", "", "", "elderly", "urgent"])
            queue = dice.choice(sorted(QUEUES))
            at = clock.now
            ticket = (await store.join(queue, priority=priority)).ticket
            assert ticket
            assert ticket.joined_at == at
            scores[ticket.id] = at - 60_000 * PRIORITIES.get(priority, 0)

    async def serve(store: Store, name: str, more: Callable[[], bool]) -> None:
        while True:
            last = not more()
            try:
                done.append(await store.call_next(name))
            except Refused as no:
                refused.add(no.refusal)
                if last:
                    return

    for number in range(DESKS):
        await stores[0].open_desk(f"d{number}", staff="ada")
    await asyncio.gather(*(arrive(store, count // len(stores)) for store in stores))
    late = count // 10
    began = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        coming = [tasks.create_task(arrive(store, late // len(stores))) for store in stores]
        for number in range(DESKS):
            tasks.create_task(
                serve(stores[number % len(stores)], f"d{number}", lambda: any(not each.done() for each in coming))
            )
    seconds = time.perf_counter() - began

    total = count + late
    assert refused == {Refusal.QUEUE_EMPTY}
    assert len(scores) == total
    assert Counter(each.event.ticket for each in done) == Counter(list(scores))
    events = await history(connection, DESKS + 2 * total)
    assert check_order(events, scores, directory) == total
    assert {e.id: e for e in events if e.kind == Kind.CALLED} == {each.event.id: each.event for each in done}
    await everybody_was_served(connection, directory, done)
    return f"{total} calls by {DESKS} desks in {seconds:.1f} s, {total / seconds:.0f} a second with {late} arrivals"


async def everybody_was_served(connection: Connection, directory: Directory, done: list[Done]) -> None:
    """What was called last at each desk is there still; everybody before was finished, once."""
    picture = await Reads(connection, directory).picture("hall")
    last = {each.event.desk: each for each in sorted(done, key=lambda each: each.event.seq)}
    assert {desk: state.ticket for desk, state in picture.desks.items() if state.ticket} == {
        desk: each.event.ticket for desk, each in last.items()
    }
    assert all(line.waiting == 0 for line in picture.lines.values())
    assert sum(line.served for line in picture.lines.values()) == len(done) - len(last)
    finished = Counter(each.event.finished for each in done if each.event.finished)
    assert set(finished.values()) == {1}
    assert set(finished) == {each.event.ticket for each in done} - {each.event.ticket for each in last.values()}


async def test_fifty_desks_call_everybody_once_and_in_order(
    stores: list[Store], connection: Connection, directory: Directory, clock: Clock
) -> None:
    await fifty_desks_call(1000, stores, connection, directory, clock)


@pytest.mark.proof
@pytest.mark.timeout(300)
async def test_fifty_desks_call_ten_thousand(
    stores: list[Store],
    connection: Connection,
    directory: Directory,
    clock: Clock,
    capsys: pytest.CaptureFixture[str],
) -> None:
    figures = await fifty_desks_call(10_000, stores, connection, directory, clock)
    with capsys.disabled():
        print(f"\n{connection.url.partition(':')[0]}: {figures}")
