"""The waiting room again, in plain Python and without looking at the store: what every command must do and say."""

from copy import copy
from dataclasses import dataclass, field
from typing import Any

YOUNG_MS = 60_000
KEEP_MS = 24 * 3_600_000
MIN = 60_000

WRONG = {
    "reserved": "not_checked_in",
    "booked": "not_checked_in",
    "waiting": "still_waiting",
    "called": "already_called",
    "serving": "already_serving",
    "held": "on_hold",
    "done": "ticket_closed",
    "no_show": "ticket_closed",
    "cancelled": "ticket_closed",
}
CLOSED = ("done", "no_show", "cancelled")


class No(Exception):
    """A refusal."""


@dataclass
class Ticket:
    n: int  # order of issue
    queue: str
    state: str
    head: float
    slot: int | None = None
    made: int = 0  # when, of one with a slot
    label: str = ""
    score: float | None = None
    joined: int | None = None
    called: int | None = None
    started: int | None = None
    closed: int | None = None
    reason: str = ""
    desk: str = ""
    held_by: str = ""
    retries: int = 0
    postponed: int = 0
    first_call: int = 0
    calls: int = 0
    changes: int = 0
    gone: bool = False


@dataclass
class Desk:
    queues: list[str]
    take: str
    open: bool = False
    ticket: int | None = None


@dataclass
class Queue:
    tag: str
    priorities: dict[str, float]
    finish_on_next: bool = True
    max_waiting: int | None = None
    booking_head: float = 0
    open: bool = True
    number: int = 0
    served: int = 0
    served_ms: int = 0


@dataclass
class Undo:
    at: int
    before: dict[int, Ticket]
    after: dict[int, Ticket]
    desks_before: dict[str, int | None]
    desks_after: dict[str, int | None]
    served: tuple[str, int] | None


@dataclass
class Oracle:
    queues: dict[str, Queue]
    desks: dict[str, Desk]
    now: int
    tickets: list[Ticket] = field(default_factory=list)
    undos: dict[str, Undo] = field(default_factory=dict)
    seq: int = 0

    def line(self, queue: str) -> list[Ticket]:
        waiting = [t for t in self.tickets if t.state == "waiting" and t.queue == queue]
        return sorted(waiting, key=lambda t: (t.score, t.n))

    def called(self) -> list[Ticket]:
        return sorted((t for t in self.tickets if t.first_call and not t.gone), key=lambda t: -t.first_call)

    def do(self, command: str, **args: Any) -> str:
        """The kind of event that follows, or the word of the refusal."""
        try:
            return str(getattr(self, command)(**args))
        except No as no:
            return f"no: {no}"

    # helpers of the model

    def _get(self, n: int, *states: str) -> Ticket:
        ticket = self.tickets[n]
        if ticket.gone:
            raise No("not_found")
        if ticket.state not in states:
            raise No(WRONG[ticket.state])
        return ticket

    def _snapshot(self) -> tuple[dict[int, Ticket], dict[str, int | None]]:
        return {t.n: copy(t) for t in self.tickets}, {d: desk.ticket for d, desk in self.desks.items()}

    def _done(self, kind: str, actor: str, was: Any, served: tuple[str, int] | None = None) -> str:
        self.seq += 1
        if actor:
            tickets, desks = was
            changed = [t.n for t in self.tickets if t.n in tickets and t != tickets[t.n]]
            for n in changed:
                self.tickets[n].changes = tickets[n].changes + 1
            moved = [d for d, desk in self.desks.items() if desk.ticket != desks[d]]
            self.undos[actor] = Undo(
                self.now,
                {n: tickets[n] for n in changed},
                {n: copy(self.tickets[n]) for n in changed},
                {d: desks[d] for d in moved},
                {d: self.desks[d].ticket for d in moved},
                served,
            )
        else:
            tickets, _ = was
            for t in self.tickets:
                if t.n in tickets and t != tickets[t.n]:
                    t.changes += 1
        return kind

    def _wait(self, ticket: Ticket, arrival: float) -> None:
        if not ticket.label:
            queue = self.queues[ticket.queue]
            queue.number += 1
            ticket.label = f"{queue.tag}{queue.number:03d}"
        ticket.state, ticket.joined, ticket.score = "waiting", self.now, arrival - ticket.head

    def _off_desk(self, ticket: Ticket) -> None:
        for desk in self.desks.values():
            if desk.ticket == ticket.n:
                desk.ticket = None

    def _uncall(self, ticket: Ticket) -> None:
        self._off_desk(ticket)
        ticket.desk, ticket.called, ticket.started, ticket.first_call, ticket.calls = "", None, None, 0, 0

    def _close(self, ticket: Ticket, state: str, reason: str) -> None:
        self._off_desk(ticket)
        ticket.state, ticket.reason, ticket.closed, ticket.held_by = state, reason, self.now, ""

    def _count(self, ticket: Ticket) -> tuple[str, int]:
        queue, ms = self.queues[ticket.queue], self.now - (ticket.started or ticket.called or 0)
        queue.served, queue.served_ms = queue.served + 1, queue.served_ms + ms
        return ticket.queue, ms

    def _call(self, ticket: Ticket, desk: str) -> tuple[str, int] | None:
        current = self.desks[desk].ticket
        served = None
        if current is not None:
            served = self._count(self.tickets[current])
            self._close(self.tickets[current], "done", "served")
        ticket.state, ticket.desk, ticket.called, ticket.held_by = "called", desk, self.now, ""
        ticket.first_call, ticket.calls = self.seq + 1, 1
        self.desks[desk].ticket = ticket.n
        return served

    def _free(self, desk: str) -> None:
        if not self.desks[desk].open:
            raise No("desk_closed")
        current = self.desks[desk].ticket
        if current is not None and not self.queues[self.tickets[current].queue].finish_on_next:
            raise No("desk_busy")

    def _mine(self, ticket: Ticket, desk: str) -> str:
        if desk and ticket.desk and ticket.desk != desk:
            raise No("wrong_desk")
        return desk or ticket.desk

    def _behind(self, ticket: Ticket, places: int) -> float:
        line = self.line(ticket.queue)
        target = line[min(line.index(ticket) + places, len(line) - 1)]
        assert ticket.score is not None
        assert target.score is not None
        return ticket.score if target is ticket else target.score + 0.001

    # the commands

    def join(self, queue: str, priority: str) -> str:
        config = self.queues[queue]
        if not config.open:
            raise No("queue_closed")
        if config.max_waiting and len(self.line(queue)) >= config.max_waiting:
            raise No("queue_full")
        ticket = Ticket(len(self.tickets), queue, "", config.priorities.get(priority, 0) * MIN)
        self.tickets.append(ticket)
        self._wait(ticket, self.now)
        return self._done("joined", "", self._snapshot())

    def book(self, queue: str, slot: int, state: str) -> str:
        config = self.queues[queue]
        if not config.open:
            raise No("queue_closed")
        self.tickets.append(Ticket(len(self.tickets), queue, state, config.booking_head * MIN, slot, self.now))
        return self._done(state, "", self._snapshot())

    def confirm(self, n: int) -> str:
        was = self._snapshot()
        if not self.tickets[n].gone and self.tickets[n].state == "booked":
            raise No("already_booked")
        self._get(n, "reserved").state = "booked"
        return self._done("confirmed", "", was)

    def check_in(self, n: int, force: bool) -> str:
        was = self._snapshot()
        ticket = self._get(n, "reserved", "booked")
        assert ticket.slot is not None
        late = self.now > ticket.slot + 15 * MIN
        if not force and self.now < ticket.slot - 30 * MIN:
            raise No("too_early")
        if not force and late:
            raise No("too_late")
        self._wait(ticket, self.now if late else max(ticket.slot, ticket.made))
        return self._done("checked_in", "", was)

    def activate(self, n: int) -> str:
        was = self._snapshot()
        ticket = self._get(n, "booked")
        assert ticket.slot is not None
        if self.now < ticket.slot:
            raise No("too_early")
        self._wait(ticket, max(ticket.slot, ticket.made))
        return self._done("activated", "", was)

    def call_next(self, desk: str) -> str:
        was = self._snapshot()
        self._free(desk)
        serves = self.desks[desk]
        firsts = [self.line(queue)[0] for queue in serves.queues if self.line(queue)]
        if not firsts:
            raise No("queue_empty")
        ticket = firsts[0] if serves.take == "listed" else min(firsts, key=lambda t: t.score or 0)
        return self._done("called", desk, was, self._call(ticket, desk))

    def call(self, n: int, desk: str) -> str:
        was = self._snapshot()
        ticket = self._get(n, "waiting", "held")
        self._free(desk)
        return self._done("called", desk, was, self._call(ticket, desk))

    def recall(self, n: int, desk: str) -> str:
        was = self._snapshot()
        ticket = self._get(n, "called")
        actor = self._mine(ticket, desk)
        ticket.calls += 1
        return self._done("recalled", actor, was)

    def put_back(self, n: int, desk: str, places: int) -> str:
        was = self._snapshot()
        ticket = self._get(n, "called")
        actor = self._mine(ticket, desk)
        self._uncall(ticket)
        ticket.state, ticket.retries = "waiting", ticket.retries + 1
        if places:
            ticket.score = self._behind(ticket, places)
        return self._done("put_back", actor, was)

    def start(self, n: int, desk: str) -> str:
        was = self._snapshot()
        ticket = self._get(n, "called")
        actor = self._mine(ticket, desk)
        ticket.state, ticket.started = "serving", self.now
        return self._done("started", actor, was)

    def finish(self, n: int, desk: str) -> str:
        was = self._snapshot()
        ticket = self._get(n, "called", "serving")
        actor = self._mine(ticket, desk)
        served = self._count(ticket)
        self._close(ticket, "done", "served")
        return self._done("finished", actor, was, served)

    def no_show(self, n: int, desk: str) -> str:
        was = self._snapshot()
        ticket = self._get(n, "called")
        actor = self._mine(ticket, desk)
        self._close(ticket, "no_show", "no_show")
        return self._done("no_show", actor, was)

    def rejoin(self, n: int) -> str:
        was = self._snapshot()
        ticket = self._get(n, "no_show")
        assert ticket.closed is not None
        if self.now > ticket.closed + 15 * MIN:
            raise No("too_late")
        self._uncall(ticket)
        if ticket.score is None:  # it was missed before it ever waited
            self._wait(ticket, self.now)
        ticket.state, ticket.closed, ticket.reason = "waiting", None, ""
        return self._done("rejoined", "", was)

    def postpone(self, n: int, places: int, minutes: int) -> str:
        was = self._snapshot()
        ticket = self._get(n, "waiting")
        if ticket.postponed >= 2:
            raise No("limit_reached")
        if places:
            ticket.score = self._behind(ticket, places)
        assert ticket.score is not None
        ticket.score, ticket.postponed = ticket.score + minutes * MIN, ticket.postponed + 1
        return self._done("postponed", "", was)

    def hold(self, n: int, desk: str, held_by: str) -> str:
        was = self._snapshot()
        ticket = self._get(n, "waiting", "called", "serving")
        actor = self._mine(ticket, desk)
        self._uncall(ticket)
        ticket.state, ticket.held_by = "held", held_by
        return self._done("held", actor, was)

    def release(self, n: int, desk: str) -> str:
        was = self._snapshot()
        ticket = self._get(n, "held")
        ticket.state, ticket.held_by = "waiting", ""
        return self._done("released", desk, was)

    def transfer(self, n: int, desk: str, queue: str, keep_arrival: bool) -> str:
        was = self._snapshot()
        ticket = self._get(n, "reserved", "booked", "waiting", "called", "serving", "held")
        actor = self._mine(ticket, desk)
        if ticket.queue == queue:
            raise No("same_queue")
        score, joined = ticket.score, ticket.joined
        self._uncall(ticket)
        ticket.queue, ticket.held_by = queue, ""
        ticket.head = self._priority_head(ticket, queue)
        self._wait(ticket, self.now)
        if keep_arrival and score is not None:
            ticket.score, ticket.joined = score, joined
        return self._done("transferred", actor, was)

    def _priority_head(self, ticket: Ticket, queue: str) -> float:
        name = self.priority_of.get(ticket.n, "")
        return self.queues[queue].priorities.get(name, 0) * MIN

    priority_of: dict[int, str] = field(default_factory=dict)

    def cancel(self, n: int, desk: str) -> str:
        was = self._snapshot()
        ticket = self._get(n, "reserved", "booked", "waiting", "called", "serving", "held")
        actor = self._mine(ticket, desk) if desk else ""
        self._close(ticket, "cancelled", "staff")
        return self._done("cancelled", actor, was)

    def correct(self, n: int, desk: str, to: str) -> str:
        was = self._snapshot()
        reason = {"done": "served", "no_show": "no_show", "cancelled": "staff"}.get(to, "")
        same = self.tickets[n].reason == reason
        ticket = self._get(n, *(state for state in WRONG if state != to or not same))
        actor, served = desk or ticket.desk, None
        if to == "waiting" or (to == "serving" and ticket.state != "called"):
            self._uncall(ticket)
        if to in ("waiting", "serving"):
            ticket.closed, ticket.reason, ticket.held_by = None, "", ""
        if to == "waiting":
            self._wait(ticket, self.now)
        elif to == "serving":
            score, joined = ticket.score, ticket.joined
            self._wait(ticket, self.now)  # draws a number where there is none
            ticket.score = ticket.score if score is None else score
            ticket.joined = self.now if joined is None else joined
            ticket.state, ticket.started = "serving", self.now
            ticket.called = self.now if ticket.called is None else ticket.called
        else:
            if to == "done" and ticket.state in ("called", "serving"):
                served = self._count(ticket)
            self._close(ticket, to, reason)
        return self._done("corrected", actor, was, served)

    def undo(self, desk: str) -> str:
        last = self.undos.get(desk)
        if last is None or self.now > last.at + YOUNG_MS:
            raise No("nothing_to_undo")
        same = all(self.tickets[n] == t for n, t in last.after.items())
        if not same or any(self.desks[d].ticket != t for d, t in last.desks_after.items()):
            raise No("changed_since")
        for n, ticket in last.before.items():
            self.tickets[n] = copy(ticket)
        for d, held in last.desks_before.items():
            self.desks[d].ticket = held
        if last.served:
            queue = self.queues[last.served[0]]
            queue.served, queue.served_ms = queue.served - 1, queue.served_ms - last.served[1]
        del self.undos[desk]
        self.seq += 1
        return "undone"

    def open_desk(self, desk: str) -> str:
        self.desks[desk].open = True
        self.undos.pop(desk, None)
        self.seq += 1
        return "desk_opened"

    def close_desk(self, desk: str) -> str:
        if not self.desks[desk].open:
            raise No("desk_closed")
        if self.desks[desk].ticket is not None:
            raise No("desk_busy")
        self.desks[desk].open = False
        self.undos.pop(desk, None)
        self.seq += 1
        return "desk_closed"

    def open_queue(self, queue: str) -> str:
        self.queues[queue].open = True
        self.seq += 1
        return "queue_opened"

    def close_queue(self, queue: str) -> str:
        if not self.queues[queue].open:
            raise No("queue_closed")
        self.queues[queue].open = False
        self.seq += 1
        return "queue_closed"

    def reset(self, began: int) -> str:
        """The new day began at that moment."""
        for ticket in self.tickets:
            future = ticket.slot is not None and ticket.slot >= began
            if ticket.state in ("booked", "waiting", "held") and not future:
                self._close(ticket, "cancelled", "reset")
            elif ticket.state in ("called", "serving"):
                self._close(ticket, "done", "served")
            if ticket.closed is not None and ticket.closed <= self.now - KEEP_MS:
                ticket.gone = True
        for desk in self.desks.values():
            desk.open, desk.ticket = False, None
        for queue in self.queues.values():
            queue.number = queue.served = queue.served_ms = 0
        for ticket in self.tickets:
            if ticket.closed is not None:
                ticket.first_call = 0
        self.undos.clear()
        self.seq += 1
        return "reset"
