"""Fifty desks do all kinds of things at once, and undo them: nobody's ticket is taken from their hands."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from callboard.domain.directory import Directory
from callboard.domain.model import CloseReason
from callboard.errors import Refusal, Refused
from callboard.store.reads import Reads
from callboard.store.redis import Connection
from callboard.store.transitions import Done, Store
from conftest import START, Clock
from oracle import Desk, Oracle, Queue
from store.hall import DESKS, QUEUES, hall, processes


@pytest.fixture
def directory() -> Directory:
    return hall()


@pytest.fixture
async def stores(connection: Connection, directory: Directory, clock: Clock) -> AsyncIterator[list[Store]]:
    """On a store without data."""
    async with processes(connection.url, directory, clock) as stores:
        yield stores


class Bustle:
    """Desks that do one thing after the other with whatever ticket comes to hand, and write down what succeeded."""

    def __init__(self, tickets: list[str], seed: int) -> None:
        self.tickets = tickets
        self.done: list[tuple[Done, str, dict[str, Any]]] = []
        self.refused: Counter[tuple[str, str]] = Counter()
        self._dice = random.Random(seed)

    async def act(self, store: Store, desk: str) -> None:
        ticket = self._dice.choice(self.tickets)
        at_mine = [
            done.event.ticket for done, _, _ in self.done[-200:] if done.event.desk == desk and done.event.ticket
        ]
        mine = at_mine[-1] if at_mine else ticket
        give: list[tuple[str, Callable[[], Awaitable[Done]], dict[str, Any]]] = [
            ("call_next", lambda: store.call_next(desk), {"desk": desk}),
            ("call", lambda: store.call(ticket, desk), {"id": ticket, "desk": desk}),
            ("put_back", lambda: store.put_back(mine, desk), {"id": mine, "desk": desk, "places": 0}),
            ("start", lambda: store.start(mine, desk), {"id": mine, "desk": desk}),
            ("finish", lambda: store.finish(mine, desk), {"id": mine, "desk": desk}),
            ("no_show", lambda: store.no_show(mine, desk), {"id": mine, "desk": desk}),
            ("rejoin", lambda: store.rejoin(ticket), {"id": ticket}),
            ("hold", lambda: store.hold(mine, desk, held_by="pool"), {"id": mine, "desk": desk, "held_by": "pool"}),
            ("release", lambda: store.release(ticket, desk), {"id": ticket, "desk": desk}),
            (
                "transfer",
                lambda: store.transfer(mine, desk, queue="q1"),
                {"id": mine, "desk": desk, "queue": "q1", "keep_arrival": True},
            ),
            ("cancel", lambda: store.cancel(ticket, reason=CloseReason.STAFF), {"id": ticket, "desk": ""}),
            ("undo", lambda: store.undo(desk), {"desk": desk}),
        ]
        command, ask, args = self._dice.choices(give, weights=[6, 3, 4, 2, 1, 1, 2, 4, 3, 4, 0.1, 8])[0]
        try:
            self.done.append((await ask(), command, args))
        except Refused as no:
            self.refused[command, no.refusal] += 1


def replay(bustle: Bustle, model: Oracle) -> None:
    """Gives the model what succeeded, in the order of the events: it must say the same each time."""
    index = {id: n for n, id in enumerate(bustle.tickets)}
    for done, command, args in sorted(bustle.done, key=lambda each: each[0].event.seq):
        event = done.event
        given = {("n" if name == "id" else name): index[v] if name == "id" else v for name, v in args.items()}
        if command == "undo":
            others = {n.ticket for name, n in model.desks.items() if name != event.desk}
        model.now = event.at
        assert model.do(command, **given) == event.kind, f"{command} {given} as event {event.seq}"
        assert model.seq == event.seq
        ticket = model.tickets[index[event.ticket]]
        assert done.ticket
        assert (done.ticket.state, done.ticket.queue, done.ticket.desk) == (ticket.state, ticket.queue, ticket.desk)
        if command == "undo":
            assert ticket.n not in others, "undo took a ticket from another desk"
        at_desks = [n.ticket for n in model.desks.values() if n.ticket is not None]
        assert len(at_desks) == len(set(at_desks))


@pytest.mark.parametrize("seed", range(4))
async def test_undo_among_fifty_busy_desks_restores_nothing_that_another_desk_has(
    seed: int, stores: list[Store], reads: Reads, directory: Directory, clock: Clock
) -> None:
    """Whatever the desks did at once is what they would have done one after the other, in the order of the events."""
    model = Oracle(
        queues={id: Queue(tag, {}) for id, tag in QUEUES.items()},
        desks={each.id: Desk(list(each.queues), each.take) for each in directory.location("hall").desks},
        now=START,
    )
    tickets = []
    for name in model.desks:
        await stores[0].open_desk(name, staff="ada")
        model.do("open_desk", desk=name)
    for number in range(60):
        clock.pass_(s=1)
        model.now = clock.now
        queue = sorted(QUEUES)[number % len(QUEUES)]
        ticket = (await stores[0].join(queue)).ticket
        model.do("join", queue=queue, priority="")
        assert ticket
        tickets.append(ticket.id)

    bustle = Bustle(tickets, seed)

    async def work(number: int) -> None:
        for _ in range(12):
            clock.pass_(ms=1)
            await bustle.act(stores[number % len(stores)], f"d{number}")

    await asyncio.gather(*(work(number) for number in range(DESKS)))
    replay(bustle, model)
    assert sum(command == "undo" for _, command, _ in bustle.done) >= 5
    assert bustle.refused["undo", Refusal.CHANGED_SINCE] >= 1

    picture = await reads.picture("hall", first=100, phones=tickets)
    for queue, line in picture.lines.items():
        assert [ticket.id for ticket in line.first] == [tickets[ticket.n] for ticket in model.line(queue)]
    for name, state in picture.desks.items():
        held = model.desks[name].ticket
        assert state.ticket == ("" if held is None else tickets[held])
