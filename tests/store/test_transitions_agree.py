"""Random commands: the real store and the plain model say the same, order the same and end in the same state."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from callboard.domain.directory import Directory
from callboard.domain.model import CLOSED, CloseReason, Site, State
from callboard.errors import Refused
from callboard.store.reads import Reads
from callboard.store.redis import Connection
from callboard.store.transitions import Store
from conftest import SITE, START, Clock
from oracle import Desk, Oracle, Queue

QUEUES = st.sampled_from(["general", "lab", "advice"])
DESKS = st.sampled_from(["d1", "d2", "d3"])
ACTORS = st.sampled_from(["", "d1", "d2", "d3"])
PRIORITIES = st.sampled_from(["", "", "", "elderly", "urgent"])
WHICH = st.integers(0, 10**6)
SINCE_RESET_MS = 44_000_000  # from 04:00 in Stockholm to the time of day of START
FITS = {
    "recall": ("called",),
    "start": ("called",),
    "finish": ("called", "serving"),
    "no_show": ("called",),
    "release": ("held",),
}


def fresh_oracle() -> Oracle:
    return Oracle(
        queues={
            "general": Queue("A", {"elderly": 15, "urgent": 10000}),
            "lab": Queue("B", {}, finish_on_next=False, booking_head=10),
            "advice": Queue("C", {}, max_waiting=5),
        },
        desks={
            "d1": Desk(["general", "lab"], "listed"),
            "d2": Desk(["general", "advice"], "arrival"),
            "d3": Desk(["lab"], "listed"),
        },
        now=START,
    )


class Agreement(RuleBasedStateMachine):
    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.connection = Connection.open(self.url)
        self.wait(self.connection.client.flushall())
        self.clock = Clock()
        directory = Directory([msgspec.convert(SITE, Site)])
        self.store = Store(self.connection, directory, self.clock)
        self.reads = Reads(self.connection, directory)
        self.oracle = fresh_oracle()
        self.ids: list[str] = []
        self.labels: set[tuple[int, str]] = set()
        self.day = 0

    def teardown(self) -> None:
        self.wait(self.connection.close())
        self.loop.close()

    def wait(self, what: Awaitable[Any]) -> Any:
        return self.loop.run_until_complete(what)

    def agree(self, real: Awaitable[Any], command: str, **args: Any) -> None:
        self.oracle.now = self.clock.now
        expected = self.oracle.do(command, **args)
        try:
            done = self.wait(real)
            said = str(done.event.kind)
            assert done.event.seq == self.oracle.seq
            if command in ("join", "book"):
                self.ids.append(done.ticket.id)
        except Refused as no:
            said = f"no: {no.refusal}"
        assert said == expected, f"{command} {args}: the store says {said}, the model {expected}"

    def pick(self, which: int, *states: str) -> int:
        """Mostly a ticket that the command is for; now and then any."""
        fitting = [t.n for t in self.oracle.tickets if t.state in states and not t.gone]
        return fitting[which % len(fitting)] if fitting and which % 8 else which % len(self.ids)

    @initialize(desks=st.sets(DESKS, min_size=1), waiting=st.lists(QUEUES, min_size=2, max_size=6))
    def morning(self, desks: set[str], waiting: list[str]) -> None:
        for desk in sorted(desks):
            self.desk(desk, True)
        for queue in waiting:
            self.join(queue, "")

    some = precondition(lambda self: bool(self.ids))

    @rule(queue=QUEUES, priority=PRIORITIES)
    def join(self, queue: str, priority: str) -> None:
        before = len(self.ids)
        self.agree(self.store.join(queue, priority=priority), "join", queue=queue, priority=priority)
        if len(self.ids) > before:
            self.oracle.priority_of[before] = priority

    @rule(queue=QUEUES, minutes=st.integers(-20, 60), reserve=st.booleans())
    def book(self, queue: str, minutes: int, reserve: bool) -> None:
        slot = self.clock.now + minutes * 60_000
        take = self.store.reserve if reserve else self.store.book
        state = "reserved" if reserve else "booked"
        self.agree(take(queue, slot_at=slot), "book", queue=queue, slot=slot, state=state)

    @some
    @rule(which=WHICH)
    def confirm(self, which: int) -> None:
        n = self.pick(which, "reserved")
        self.agree(self.store.confirm(self.ids[n]), "confirm", n=n)

    @some
    @rule(which=WHICH, force=st.booleans())
    def check_in(self, which: int, force: bool) -> None:
        n = self.pick(which, "reserved", "booked")
        self.agree(self.store.check_in(self.ids[n], force=force), "check_in", n=n, force=force)

    @some
    @rule(which=WHICH)
    def activate(self, which: int) -> None:
        n = self.pick(which, "booked")
        self.agree(self.store.activate(self.ids[n]), "activate", n=n)

    @rule(desk=DESKS)
    def call_next(self, desk: str) -> None:
        self.agree(self.store.call_next(desk), "call_next", desk=desk)

    @some
    @rule(which=WHICH, desk=DESKS)
    def call(self, which: int, desk: str) -> None:
        n = self.pick(which, "waiting", "held")
        self.agree(self.store.call(self.ids[n], desk), "call", n=n, desk=desk)

    @some
    @rule(which=WHICH, desk=ACTORS, command=st.sampled_from(["recall", "start", "finish", "no_show", "release"]))
    def at_desk(self, which: int, desk: str, command: str) -> None:
        n = self.pick(which, *FITS[command])
        self.agree(getattr(self.store, command)(self.ids[n], desk), command, n=n, desk=desk)

    @some
    @rule(which=WHICH, desk=ACTORS, places=st.integers(0, 3))
    def put_back(self, which: int, desk: str, places: int) -> None:
        n = self.pick(which, "called")
        self.agree(self.store.put_back(self.ids[n], desk, places=places), "put_back", n=n, desk=desk, places=places)

    @some
    @rule(which=WHICH)
    def rejoin(self, which: int) -> None:
        n = self.pick(which, "no_show")
        self.agree(self.store.rejoin(self.ids[n]), "rejoin", n=n)

    @some
    @rule(which=WHICH, places=st.integers(0, 4), minutes=st.integers(0, 10))
    def postpone(self, which: int, places: int, minutes: int) -> None:
        n = self.pick(which, "waiting")
        real = self.store.postpone(self.ids[n], places=places, minutes=minutes)
        self.agree(real, "postpone", n=n, places=places, minutes=minutes)

    @some
    @rule(which=WHICH, desk=ACTORS, held_by=st.sampled_from(["pool", "d1"]))
    def hold(self, which: int, desk: str, held_by: str) -> None:
        n = self.pick(which, "waiting", "called", "serving")
        self.agree(self.store.hold(self.ids[n], desk, held_by=held_by), "hold", n=n, desk=desk, held_by=held_by)

    @some
    @rule(which=WHICH, desk=ACTORS, queue=QUEUES, keep=st.booleans())
    def transfer(self, which: int, desk: str, queue: str, keep: bool) -> None:
        n = self.pick(which, "waiting", "called", "serving", "held", "booked")
        real = self.store.transfer(self.ids[n], desk, queue=queue, keep_arrival=keep)
        self.agree(real, "transfer", n=n, desk=desk, queue=queue, keep_arrival=keep)

    @some
    @rule(which=WHICH, desk=ACTORS)
    def cancel(self, which: int, desk: str) -> None:
        n = self.pick(which, "waiting", "called", "serving", "held", "booked")
        self.agree(self.store.cancel(self.ids[n], desk, reason=CloseReason.STAFF), "cancel", n=n, desk=desk)

    @some
    @rule(which=WHICH, desk=ACTORS, to=st.sampled_from([State.WAITING, State.SERVING, *sorted(CLOSED)]))
    def correct(self, which: int, desk: str, to: State) -> None:
        n = self.pick(which, "waiting", "called", "serving", "held", "booked", "done", "no_show", "cancelled")
        self.agree(self.store.correct(self.ids[n], desk, state=to), "correct", n=n, desk=desk, to=str(to))

    @rule(desk=DESKS)
    def undo(self, desk: str) -> None:
        self.agree(self.store.undo(desk), "undo", desk=desk)

    @rule(desk=DESKS, open=st.sampled_from([True, True, True, False]))
    def desk(self, desk: str, open: bool) -> None:
        if open:
            self.agree(self.store.open_desk(desk, staff="ada"), "open_desk", desk=desk)
        else:
            self.agree(self.store.close_desk(desk), "close_desk", desk=desk)

    @rule(queue=QUEUES, open=st.sampled_from([True, True, False]))
    def queue(self, queue: str, open: bool) -> None:
        if open:
            self.agree(self.store.open_queue(queue), "open_queue", queue=queue)
        else:
            self.agree(self.store.close_queue(queue), "close_queue", queue=queue)

    @rule(ms=st.sampled_from([0, 1, 1000, 30_000, 61_000, 300_000, 960_000]))
    def time_passes(self, ms: int) -> None:
        if self.clock.now + ms < START + self.day * 86_400_000 + 10 * 3_600_000:  # the day turns over by its own rule
            self.clock.now += ms

    @precondition(lambda self: self.day < 3)
    @rule()
    def night(self) -> None:
        self.day += 1
        self.clock.now = START + self.day * 86_400_000
        before = self.wait(self.reads.picture("main"))
        if not before.day:  # nothing was ever drawn here: there is no day to turn over
            self.wait(self.store.reset("main"))
            self.oracle.now = self.clock.now
            self.oracle.reset(self.clock.now - SINCE_RESET_MS)
            return
        self.agree(self.store.reset("main"), "reset", began=self.clock.now - SINCE_RESET_MS)

    @invariant()
    def the_same_state(self) -> None:
        picture = self.wait(self.reads.picture("main", first=500, calls=60, phones=self.ids, staff=True))
        for name, queue in self.oracle.queues.items():
            line = picture.lines[name]
            assert [t.id for t in line.first] == [self.ids[t.n] for t in self.oracle.line(name)]
            assert (line.open, line.served, line.served_ms) == (queue.open, queue.served, queue.served_ms)
        for name, desk in self.oracle.desks.items():
            real = picture.desks.get(name)
            assert (real.open if real else False) == desk.open
            assert (real.ticket if real else "") == ("" if desk.ticket is None else self.ids[desk.ticket])
        assert [t.id for t in picture.calls] == [self.ids[t.n] for t in self.oracle.called()][:60]
        for ticket in self.oracle.tickets:
            self.same_ticket(picture.phones[self.ids[ticket.n]].ticket, ticket)

    def same_ticket(self, real: Any, model: Any) -> None:
        if model.gone:
            assert real is None
            return
        assert (real.state, real.queue, real.label) == (model.state, model.queue, model.label)
        assert (float(real.score) if real.score else None) == model.score
        assert (real.joined_at, real.called_at, real.started_at) == (model.joined, model.called, model.started)
        assert (real.closed_at, real.close_reason or "") == (model.closed, model.reason)
        assert (real.held_by, real.retry_count, real.postponed) == (model.held_by, model.retries, model.postponed)
        assert real.calls == model.calls

    @invariant()
    def no_ticket_at_two_desks(self) -> None:
        held = [desk.ticket for desk in self.oracle.desks.values() if desk.ticket is not None]
        assert len(held) == len(set(held))


def agree(url: str, examples: int, steps: int) -> None:
    class Here(Agreement):
        pass

    Here.url = url
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


@pytest.mark.timeout(180)
def test_the_store_does_what_the_model_does(store_url: str) -> None:
    agree(store_url, 60, 50)
