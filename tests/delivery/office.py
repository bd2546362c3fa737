"""A user of the delivery machine that only writes down what it was given."""

import asyncio
from collections.abc import Awaitable, Callable

from callboard.delivery.attempt import Attempts
from callboard.delivery.model import About, Answer, Delivery, Mark, Outcome, Plan, Sent
from callboard.delivery.worker import Worker
from callboard.domain.events import Event
from callboard.store.keys import partition
from callboard.store.outbox import Outbox
from callboard.store.redis import Connection
from callboard.store.stream import Group
from conftest import START, Clock

LANES = {"fast": 8, "slow": 2}
PARTITION = partition("main")


def delivery(id: str, lane: str = "fast", *, ticket: str = "", minutes: float = 5, at: int = START) -> Delivery:
    return Delivery(
        id=id, kind="told", lane=lane, location="main", ticket=ticket, at=at, until=at + round(minutes * 60_000)
    )


class Told:
    """Sends by writing down. `answers` may hold what a delivery meets instead, by id: an answer, or something to do."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.answers: dict[str, Answer | Callable[[], Awaitable[Answer]]] = {}
        self.under_way = 0
        self.most_at_once = 0
        self.something = asyncio.Event()
        self.closed = 0

    async def send(self, delivery: Delivery, mark: Mark) -> Outcome:
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        try:
            await mark("something")
            answer = self.answers.get(delivery.id, Sent())
            self.sent.append(delivery.id)
            self.something.set()
            return Outcome(answer if not callable(answer) else await answer(), About(label="A001"))
        finally:
            self.under_way -= 1

    async def about(self, delivery: Delivery) -> About:
        return About(label="A001")

    async def close(self) -> None:
        self.closed += 1


class Office:
    """A worker over one partition. `plans` says what follows from an event, by ticket id; else one delivery a lane."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self.clock = clock
        self.connection = connection
        self.outbox = Outbox(connection, "told", list(LANES))
        self.told = Told()
        self.planned: list[str] = []
        self.worker = self.another()

    async def plan(self, event: Event) -> Plan:
        self.planned.append(event.kind)
        return Plan(schedule=tuple(delivery(f"{event.seq}:{lane}", lane, at=event.at) for lane in LANES))

    def another(self, consumer: str = "one", *, in_order: bool = False) -> Worker:
        attempts = Attempts(self.outbox, self.told, self.clock, lambda: 0.5)
        return Worker(
            {PARTITION: Group(self.connection, "told", PARTITION, consumer)},
            self.outbox,
            lambda event: self.plan(event),
            attempts,
            LANES,
            clock=self.clock,
            random=lambda: 0.5,
            in_order=in_order,
        )

    async def states(self) -> dict[str, str]:
        return {record.id: record.state for record in await self.outbox.recent(["main"], 1000)}
