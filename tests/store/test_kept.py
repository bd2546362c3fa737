"""Tickets that are kept: after any commands a look at the crowd says what a read of everything says."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from callboard.domain.directory import Directory
from callboard.domain.model import CloseReason, State
from callboard.domain.phones import alike
from callboard.errors import Refused
from callboard.store import kept
from callboard.store.kept import Kept
from callboard.store.reads import Reads
from callboard.store.redis import Connection
from callboard.store.transitions import Store
from conftest import Clock
from store.story import ticket_of

QUEUES = ("general", "lab", "advice")
DESKS = ("d1", "d2", "d3")


async def agrees(looking: Kept, reads: Reads, directory: Directory, ids: list[str]) -> None:
    """The look says what is read by itself, ticket by ticket."""
    crowd = await looking.look(directory.location("main"), ids, calls=9, first=3, staff=True)
    whole = await reads.picture("main", phones=ids, calls=9, first=3, staff=True)
    assert crowd
    found = {id: (one.label, alike(one.like)) if (one := crowd.tickets[id]) else None for id in ids}
    alone = {
        id: (msgspec.json.encode(one.ticket.label), alike(one.ticket)) if one.ticket else None
        for id, one in whole.phones.items()
    }
    assert found == alone
    waiting = {id for id, state in whole.phones.items() if state.ticket and state.ticket.state is State.WAITING}
    assert {id: crowd.ahead.get(id) for id in waiting} == {id: whole.phones[id].rank for id in waiting}
    whole.phones.clear()
    assert crowd.picture == whole


class Asked:
    """A client that counts what it is asked, and does something in between if it is told to."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.commands: list[str] = []
        self.before: dict[str, Callable[[], Awaitable[object]]] = {}

    def __getattr__(self, name: str) -> Any:
        async def ask(*args: Any, **options: Any) -> Any:
            self.commands.append(name)
            if act := self.before.pop(name, None):
                await act()
            return await getattr(self._inner, name)(*args, **options)

        return ask


@pytest.fixture
def asked(connection: Connection) -> Asked:
    return Asked(connection.client)


@pytest.fixture
def looking(connection: Connection, asked: Asked) -> Kept:
    client: Any = asked
    return Kept(Connection(connection.url, client, wait_s=2))


async def anything(store: Store, ids: list[str], clock: Clock, chance: random.Random) -> None:
    """Some command, whether it is taken or refused."""
    ticket, desk, queue = chance.choice(ids), chance.choice(DESKS), chance.choice(QUEUES)
    commands: list[Callable[[], Awaitable[Any]]] = [
        *(lambda: store.call_next(desk),) * 4,
        *(lambda: store.undo(desk),) * 2,
        lambda: store.join(queue),
        lambda: store.book(queue, slot_at=clock.now),
        lambda: store.check_in(ticket, force=True),
        lambda: store.open_desk(desk, staff="kim"),
        lambda: store.call(ticket, desk),
        lambda: store.recall(ticket),
        lambda: store.put_back(ticket, places=1),
        lambda: store.start(ticket),
        lambda: store.finish(ticket),
        lambda: store.no_show(ticket),
        lambda: store.rejoin(ticket, force=True),
        lambda: store.postpone(ticket, places=2, force=True),
        lambda: store.hold(ticket, held_by=desk),
        lambda: store.release(ticket),
        lambda: store.transfer(ticket, queue=queue),
        lambda: store.cancel(ticket, reason=CloseReason.STAFF),
        lambda: store.correct(ticket, state=chance.choice([State.WAITING, State.SERVING, State.DONE])),
        lambda: store.change_ticket(ticket, locale=chance.choice(["en", "sv"])),
        lambda: store.feedback(ticket, rating=4),
        lambda: store.note(ticket, text="late"),
        lambda: store.erase(ticket),
        lambda: store.close_queue(queue),
        lambda: store.open_queue(queue),
    ]
    try:
        done = await chance.choice(commands)()
    except Refused:
        return
    if done.ticket and done.ticket.id not in ids:
        ids.append(done.ticket.id)


@pytest.mark.parametrize("seed", range(12))
async def test_after_any_commands_a_look_says_what_a_read_says(
    seed: int, looking: Kept, store: Store, reads: Reads, directory: Directory, clock: Clock
) -> None:
    chance = random.Random(seed)
    ids = [ticket_of(await store.join("general")) for _ in range(4)]
    for desk in DESKS:
        await store.open_desk(desk, staff="kim")
    for step in range(60):
        for _ in range(chance.choice([1, 1, 2, 5])):
            clock.pass_(s=chance.choice([0, 1, 20]))
            await anything(store, ids, clock, chance)
        if step == 40:
            clock.pass_(h=24)
            await store.reset("main")
        some = ids if chance.random() < 0.7 else chance.sample(ids, 3)
        await agrees(looking, reads, directory, some)


async def test_a_call_is_one_question_however_many_wait(
    looking: Kept, asked: Asked, store: Store, reads: Reads, directory: Directory
) -> None:
    ids = [ticket_of(await store.join("general")) for _ in range(30)]
    await store.open_desk("d1", staff="kim")
    await agrees(looking, reads, directory, ids)
    asked.commands.clear()
    await store.call_next("d1")
    await agrees(looking, reads, directory, ids)
    assert asked.commands == ["evalsha"]


async def test_what_changes_between_the_records_and_the_places_is_not_missed(
    looking: Kept, asked: Asked, store: Store, reads: Reads, directory: Directory
) -> None:
    ids = [ticket_of(await store.join("general")) for _ in range(3)]
    await store.open_desk("d1", staff="kim")
    asked.before["evalsha"] = lambda: store.call_next("d1")
    await agrees(looking, reads, directory, ids)
    asked.before["evalsha"] = lambda: store.transfer(ids[1], queue="lab")
    await agrees(looking, reads, directory, ids)


async def test_a_look_that_fails_half_way_leaves_nothing_wrong_behind(
    looking: Kept, asked: Asked, store: Store, reads: Reads, directory: Directory
) -> None:
    ids = [ticket_of(await store.join("general")) for _ in range(4)]
    await store.open_desk("d1", staff="kim")

    async def fail() -> None:
        await store.call_next("d1")
        raise ValueError("no answer")

    for _ in range(3):
        asked.before["evalsha"] = fail
        with pytest.raises(ValueError, match="no answer"):
            await looking.look(directory.location("main"), ids, calls=9, first=3, staff=True)
        await agrees(looking, reads, directory, ids)


async def test_a_stream_that_was_cut_or_is_another_one_is_not_believed(
    looking: Kept, connection: Connection, store: Store, reads: Reads, directory: Directory
) -> None:
    ids = [ticket_of(await store.join("general")) for _ in range(3)]
    await store.open_desk("d1", staff="kim")
    await agrees(looking, reads, directory, ids)
    (stream,) = [key async for key in connection.client.scan_iter("*:events")]
    await store.call_next("d1")
    await connection.client.xtrim(stream, maxlen=0, approximate=False)
    assert await looking.look(directory.location("main"), ids, calls=9, first=3, staff=True) is None
    await store.finish(ids[0])
    await agrees(looking, reads, directory, ids)


async def test_a_store_that_lost_the_last_events_is_believed_all_the_same(
    looking: Kept, connection: Connection, store: Store, reads: Reads, directory: Directory
) -> None:
    """As after a failover to a replica that had not heard of them: what was kept is of a time that never was."""
    ids = [ticket_of(await store.join("general")) for _ in range(3)]
    await store.open_desk("d1", staff="kim")
    keys = [key async for key in connection.client.scan_iter("*")]
    replica = {key: await connection.client.dump(key) for key in keys}
    await store.call_next("d1")
    await agrees(looking, reads, directory, ids)
    for key, value in replica.items():
        await connection.client.restore(key, 0, value, replace=True)
    await store.join("lab")
    await agrees(looking, reads, directory, ids)


async def test_more_events_than_are_looked_at_lead_to_a_new_beginning(
    looking: Kept, store: Store, reads: Reads, directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MOST_EVENTS", 3)
    ids = [ticket_of(await store.join("general")) for _ in range(8)]
    await store.open_desk("d1", staff="kim")
    await agrees(looking, reads, directory, ids)
    for _ in range(5):
        await store.call_next("d1")
    await agrees(looking, reads, directory, ids)


async def test_tickets_that_nobody_asks_for_any_more_are_forgotten_in_time(
    looking: Kept, store: Store, reads: Reads, directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "GENERATION", 2)
    ids = [ticket_of(await store.join("general")) for _ in range(6)]
    await store.open_desk("d1", staff="kim")
    await agrees(looking, reads, directory, ids)
    for _ in range(4):
        await store.call_next("d1")
        await agrees(looking, reads, directory, ids[:2])
    assert set(looking._tickets) | set(looking._older) == set(ids[:2])
    await agrees(looking, reads, directory, ids)


async def test_where_nothing_has_ever_happened_there_is_nothing_to_be_sure_of(
    looking: Kept, directory: Directory
) -> None:
    nobody = "00000000-0001-8000-8000-000000000000"
    assert await looking.look(directory.location("main"), [nobody], calls=9, first=3, staff=True) is None


async def test_whatever_comes_in_between_a_look_is_of_one_instant(
    looking: Kept, store: Store, directory: Directory
) -> None:
    """Who waits has a place, and nobody else, while the line is worked off as fast as it goes."""
    ids = [ticket_of(await store.join("general")) for _ in range(40)]
    await store.open_desk("d1", staff="kim")

    async def work() -> None:
        for _ in range(40):
            await store.call_next("d1")

    working = asyncio.ensure_future(work())
    while not working.done():
        crowd = await looking.look(directory.location("main"), ids, calls=0, first=0, staff=False)
        assert crowd
        waiting = [id for id in ids if (found := crowd.tickets[id]) and found.like.state is State.WAITING]
        assert [crowd.ahead[id] for id in waiting] == list(range(len(waiting)))
        assert crowd.picture.lines["general"].waiting == len(waiting)
        assert len(crowd.ahead) == len(waiting)
    await working
