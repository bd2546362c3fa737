"""Every command on the waiting room: each is one script, atomic, one event, one round trip."""

import hashlib
import os
from collections.abc import Callable, Collection, Mapping
from copy import copy
from datetime import date
from typing import Any, Self, TypedDict, Unpack

import msgspec
from msgspec.structs import replace

from callboard.domain.consent import WAYS, Consent, by_way
from callboard.domain.directory import BySerial, Directory, Named, Unknown, make_token, ticket_id_tail
from callboard.domain.events import Event
from callboard.domain.hours import business_day, day_starts_at, opening
from callboard.domain.model import CloseReason, Location, Queue, State, Subscription, Ticket
from callboard.domain.picture import Picture
from callboard.errors import Refusal, Refused, StoreAway
from callboard.store import scripts
from callboard.store.keys import PARTITIONS, partition, script_keys
from callboard.store.pictures import picture
from callboard.store.redis import Connection

ONCE_MS = 24 * 3600 * 1000  # how long an idempotency key of a caller is remembered
RETRY_MS = 60 * 1000  # and our own, which only guards against a lost answer
UNDO_MS = 60 * 1000
BEHIND = 3  # how often the store may be found to have lost something in one command
NOTES, NOTE_LONGEST = 5, 320
PERSONAL = ("name", "phone", "email", "customer", "extra")
PUSHES = 3  # browsers that are told of one ticket
KEEP_MS = 24 * 3600 * 1000  # closed tickets are kept this long, or as long as their people are


class Who(TypedDict, total=False):
    """What is said of a person and their ticket when it is taken. Without a locale it is the location's first.

    `customer` is whose ticket it is, where known; with `one_each` they may have one open ticket at the location.
    `consent` is what they agreed to when they gave a number or an address, or by "phone" and "email" what for each;
    without one the source vouches. `extra` and `attachments` are kept with the person, erased with them, and never
    looked into.
    """

    name: str
    phone: str
    email: str
    consent: Consent | Mapping[str, Consent]
    customer: str
    extra: str
    attachments: str
    locale: str
    source: str
    priority: str
    party: int
    almost_ahead: int
    travel_min: int
    one_each: bool


class Are(TypedDict, total=False):
    """What tickets may be asked to be: in a queue, in some states, a customer's."""

    queue: str
    states: Collection[State]
    customer: str


class Done(msgspec.Struct, frozen=True):
    """What a transition did. `ticket` is as it stands after it; `token` is given to who took a ticket.

    `picture` is there where the store was to show: the location now, with the ticket and its person among the phones.
    """

    event: Event
    ticket: Ticket | None = None
    token: str = ""
    picture: Picture | None = None


class _Answer(msgspec.Struct, frozen=True):
    event: Event | None = None
    ticket: Ticket | None = None
    token: str = ""
    refused: Refusal | None = None
    again: str = ""


_decode = msgspec.json.Decoder(_Answer).decode


class Store:
    """The transitions. All raise Refused (nothing changed), Unknown (no such thing) or StoreAway (send it again).

    `once` is an idempotency key: the same key gives the first answer again for a day, refusals too. Without one a
    command still acts at most once, however often a lost answer makes it be sent.
    """

    def __init__(
        self,
        connection: Connection,
        directory: Directory,
        clock: Callable[[], int],
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.connection = connection
        self.directory = directory
        self.clock = clock
        self._random = random
        self._policies: dict[str, tuple[Location, dict[str, Any]]] = {}
        self._shows = False
        self._only: dict[str, Any] | None = None
        connection.restore = self.restore

    @property
    def showing(self) -> Self:
        """The same commands; those on a ticket answer in the same trip how everything stands right after them, and
        after a repeated one how it stands now."""
        shown = copy(self)
        shown._shows = True
        return shown

    def only(self, **are: Unpack[Are]) -> Self:
        """The same commands on tickets, for who may know of those that are so alone: any other is not found."""
        limited = copy(self)
        limited._only = {name: value for name, value in are.items() if name != "states"}
        if "states" in are:
            limited._only["states"] = dict.fromkeys(are["states"], True)
        return limited

    # Taking a ticket

    async def join(self, queue: str, *, once: str | None = None, force: bool = False, **who: Unpack[Who]) -> Done:
        """A ticket that waits.

        The number is the queue's next, never given twice until the reset. Refused outside opening hours, and when the
        queue is closed or full, unless forced.
        """
        return await self._take("join", queue, once, force, who)

    async def reserve(
        self,
        queue: str,
        *,
        slot_at: int,
        slot_end: int | None = None,
        once: str | None = None,
        force: bool = False,
        **who: Unpack[Who],
    ) -> Done:
        """A slot kept for somebody; it expires only if the queue says so. Refused when the slot is full."""
        return await self._take("reserve", queue, once, force, who, slot_at, slot_end)

    async def book(
        self,
        queue: str,
        *,
        slot_at: int,
        slot_end: int | None = None,
        once: str | None = None,
        force: bool = False,
        **who: Unpack[Who],
    ) -> Done:
        """A ticket with a time slot; its number is drawn when it checks in. Refused when the slot is full."""
        return await self._take("book", queue, once, force, who, slot_at, slot_end)

    async def reschedule(
        self, ticket: Named, *, slot_at: int, slot_end: int | None = None, force: bool = False, once: str | None = None
    ) -> Done:
        """A reservation or booking gets another slot; one that expires has its time anew."""
        return await self._ticket("reschedule", ticket, once, slot_at=slot_at, slot_end=slot_end, force=force)

    async def remind(self, ticket: Named, *, once: str | None = None) -> Done:
        """Its person is told that the booking comes soon; refused the second time."""
        return await self._ticket("remind", ticket, once)

    async def confirm(self, ticket: Named, *, once: str | None = None) -> Done:
        """A reservation becomes a booking."""
        return await self._ticket("confirm", ticket, once)

    async def check_in(self, ticket: Named, *, force: bool = False, once: str | None = None) -> Done:
        """A booking starts to wait, as if it had arrived at its slot, or when it was made if that was later; forced
        after its window, at the real arrival."""
        return await self._ticket("check_in", ticket, once, force=force)

    async def activate(self, ticket: Named, *, once: str | None = None) -> Done:
        """A booking whose slot has come starts to wait by itself."""
        return await self._ticket("activate", ticket, once)

    # At a desk

    async def call_next(self, desk: str, *, queue: str = "", once: str | None = None) -> Done:
        """The first waiting ticket that the desk serves is called to it; nobody else can get the same one.

        With `queue` the first of that one, be it one of the desk's or not. What the desk had is finished by the same
        script, if its queue says so, and named in the event.
        """
        location, config = self.directory.desk(desk)
        if queue and self.directory.queue(queue)[0].id != location.id:
            raise Unknown("queue", queue)
        serves = (queue,) if queue else config.queues
        return await self._run("call_next", location, once, desk=desk, serves=serves, take=config.take)

    async def call(self, ticket: Named, desk: str, *, once: str | None = None) -> Done:
        """A chosen ticket is called to a desk, out of turn."""
        return await self._at_desk("call", ticket, desk, once)

    async def recall(self, ticket: Named, desk: str = "", *, once: str | None = None) -> Done:
        """Announced again, in the same place on the board."""
        return await self._at_desk("recall", ticket, desk, once)

    async def put_back(self, ticket: Named, desk: str = "", *, places: int = 0, once: str | None = None) -> Done:
        """Waits again, in its old place or `places` further back."""
        return await self._at_desk("put_back", ticket, desk, once, places=places)

    async def start(self, ticket: Named, desk: str = "", *, once: str | None = None) -> Done:
        """The person is there."""
        return await self._at_desk("start", ticket, desk, once)

    async def finish(self, ticket: Named, desk: str = "", *, once: str | None = None) -> Done:
        """The visit is over."""
        return await self._at_desk("finish", ticket, desk, once)

    async def no_show(self, ticket: Named, desk: str = "", *, once: str | None = None) -> Done:
        """Nobody came."""
        return await self._at_desk("no_show", ticket, desk, once)

    async def hold(self, ticket: Named, desk: str = "", *, held_by: str = "", once: str | None = None) -> Done:
        """Parked with a desk (the acting one unless named) or a pool, "pool" where neither is said."""
        return await self._at_desk("hold", ticket, desk, once, held_by=held_by or desk or "pool")

    async def release(self, ticket: Named, desk: str = "", *, once: str | None = None) -> Done:
        """Parked no longer: waits in its old place."""
        return await self._at_desk("release", ticket, desk, once)

    async def transfer(
        self, ticket: Named, desk: str = "", *, queue: str, keep_arrival: bool = True, once: str | None = None
    ) -> Done:
        """Goes on in another queue of the location, with its number; its arrival counts there unless told not to."""
        if self.directory.queue(queue)[0].id != self.directory.location_of_ticket(ticket).id:
            raise Unknown("queue", queue)
        return await self._at_desk("transfer", ticket, desk, once, queue=queue, keep_arrival=keep_arrival)

    async def undo(self, desk: str, *, once: str | None = None) -> Done:
        """The desk's last transition is taken back exactly, within a minute, if nobody has touched its tickets since.

        What was announced or sent stays said.
        """
        location, _ = self.directory.desk(desk)
        return await self._run("undo", location, once, desk=desk, young_ms=UNDO_MS)

    async def open_desk(self, desk: str, *, staff: str, once: str | None = None) -> Done:
        """Somebody sits down; whoever was there is relieved, and the ticket stays with the desk."""
        location, _ = self.directory.desk(desk)
        return await self._run("open_desk", location, once, desk=desk, staff=staff)

    async def close_desk(self, desk: str, *, once: str | None = None) -> Done:
        """The desk stops serving; refused while a ticket is there."""
        location, _ = self.directory.desk(desk)
        return await self._run("close_desk", location, once, desk=desk)

    # The person

    async def rejoin(self, ticket: Named, *, force: bool = False, once: str | None = None) -> Done:
        """A missed ticket waits again in its old place, within the queue's time for that."""
        return await self._ticket("rejoin", ticket, once, force=force)

    async def postpone(
        self, ticket: Named, *, places: int = 0, minutes: float = 0, force: bool = False, once: str | None = None
    ) -> Done:
        """Lets `places` others go first, or moves back by `minutes`; as often as the queue allows."""
        return await self._ticket("postpone", ticket, once, places=places, ms=round(minutes * 60_000), force=force)

    async def cancel(
        self, ticket: Named, desk: str = "", *, reason: CloseReason, followed_by: str = "", once: str | None = None
    ) -> Done:
        """Over without a visit. A ticket of the location that takes its place is found by what this one was known by:
        see `Reads.ticket_known_as`."""
        return await self._at_desk("cancel", ticket, desk, once, reason=reason, followed_by=followed_by or None)

    async def correct(
        self,
        ticket: Named,
        desk: str = "",
        *,
        state: State,
        reason: CloseReason = CloseReason.STAFF,
        expected: State | None = None,
        keep_place: bool = False,
        once: str | None = None,
    ) -> Done:
        """Says what state a ticket is really in: waiting (at the end of its line, or with `keep_place` where it stood
        before), serving, done, no_show or cancelled.

        The rules of the day are not asked. `reason` is that of a cancelling. Refused when it is in that state already,
        and for that reason, and when it is not in the one that is `expected`.
        """
        reasons = {State.DONE: CloseReason.SERVED, State.NO_SHOW: CloseReason.NO_SHOW, State.CANCELLED: reason}
        how = {"to": state, "reason": reasons.get(state), "expected": expected, "keep_place": keep_place or None}
        return await self._at_desk("correct", ticket, desk, once, **how)

    async def change_person(
        self,
        ticket: Named,
        *,
        extra_was: str | None = None,
        consent: Consent | Mapping[str, Consent] | None = None,
        once: str | None = None,
        **changes: str,
    ) -> Done:
        """Changes name, phone, email, customer, extra or attachments of the person; an empty text removes it.

        `consent` is kept beside a number or an address that is new, or that is given once more with words read; without
        one, who uses our own API vouches. Who makes the new `extra` of the old one says what that was: refused when it
        has changed since.
        """
        how = by_way(consent, "api")
        return await self._ticket("change_person", ticket, once, changes=changes, extra_was=extra_was, consent=how)

    async def subscribe(self, ticket: Named, push: Subscription, *, once: str | None = None) -> Done:
        """A browser shows notifications from now on; of more than `PUSHES` the oldest gives way."""
        return await self._ticket("subscribe", ticket, once, push=push, most=PUSHES)

    async def unsubscribe(self, ticket: Named, id: str, *, once: str | None = None) -> Done:
        """It does not any more. Closed tickets may be told so too, and so may who has none of that id."""
        return await self._ticket("unsubscribe", ticket, once, push=id)

    async def change_ticket(
        self,
        ticket: Named,
        *,
        party: int | None = None,
        locale: str | None = None,
        travel_min: int | None = None,
        once: str | None = None,
    ) -> Done:
        """Changes how many people come, the language they read, or how long they take to come: 0 when nobody knows."""
        return await self._ticket("change_ticket", ticket, once, party=party, locale=locale, travel_min=travel_min)

    async def feedback(self, ticket: Named, *, rating: int, comment: str = "", once: str | None = None) -> Done:
        """What the person says of a visit that is done: 1 to 5, and words, which are theirs and erased with them."""
        return await self._ticket("feedback", ticket, once, rating=rating, comment=comment)

    async def note(
        self, ticket: Named, *, text: str | None = None, no_texts: str | None = None, once: str | None = None
    ) -> Done:
        """What the person has written to the staff, the last of it kept and cut to what a desk shows; and why texts do
        not reach them, or that they do. Staff see it, and it is erased with the person."""
        cut = text and " ".join(text.split())[:NOTE_LONGEST]
        return await self._ticket("note", ticket, once, text=cut, most=NOTES if cut else None, no_texts=no_texts)

    async def erase(self, ticket: Named, *, once: str | None = None) -> Done:
        """Forgets the person behind a ticket, and its page."""
        return await self._ticket("erase", ticket, once)

    # The location

    async def open_queue(self, queue: str, *, once: str | None = None) -> Done:
        location, _ = self.directory.queue(queue)
        return await self._run("open_queue", location, once, queue=queue)

    async def close_queue(self, queue: str, *, once: str | None = None) -> Done:
        """Takes nobody more; who waits is still served."""
        location, _ = self.directory.queue(queue)
        return await self._run("close_queue", location, once, queue=queue)

    async def reset(self, location: str) -> Done | None:
        """Turns the location's day over when its local reset time has passed; None when that was done already."""
        where = self.directory.location(location)
        began_at = day_starts_at(where, date.fromisoformat(business_day(where, self.clock())))
        kept_ms = max(KEEP_MS, round(where.erase_after_h * 3_600_000))
        args = {"clears": where.reset_clears, "keep_ms": kept_ms, "began_at": began_at}
        answer, _ = await self._ask("reset", where, None, args)
        return Done(answer.event) if answer.event else None

    async def restore(self, location: str) -> Done | None:
        """Brings a store that has lost something up to what this process has seen of it, so that no number, serial or
        call comes twice; None when it has lost nothing, or somebody else was faster."""
        where = self.directory.location(location)
        answer, _ = await self._ask("restore", where, None, self.connection.marks.of(location))
        return Done(answer.event) if answer.event else None

    async def _take(
        self,
        script: str,
        queue: str,
        once: str | None,
        force: bool,
        who: Who,
        slot_at: int | None = None,
        slot_end: int | None = None,
    ) -> Done:
        location, config = self.directory.queue(queue)
        token = make_token(location.id, self._random(16))
        source = who.get("source", "api")
        person = {name: value for name, value in who.items() if name in PERSONAL and value}
        if any(way in person for way in WAYS):
            consents = by_way(who.get("consent"), source).items()
            person["consent"] = {
                way: replace(each, at=each.at or self.clock()) for way, each in consents if way in person
            }
        priority = who.get("priority", "")
        args = {
            "queue": queue,
            "force": force,
            "open": opening(location, self.clock())[0],
            "token": token,
            "id_tail": ticket_id_tail(location.id, self._random(6)),
            "person": msgspec.json.encode({"token": token, **person}).decode(),
            "priority": priority,
            "head_start_ms": head_start_ms(config, priority, slot_at is not None),
            "locale": who.get("locale") or location.languages[0],
            "source": source,
            "party": who.get("party"),
            "almost_ahead": who.get("almost_ahead") or None,
            "travel_min": who.get("travel_min") or None,
            "customer": who.get("customer") or None,
            "phone": who.get("phone") or None,
            "one_each": who.get("one_each", False) and bool(who.get("customer")),
            "attachments": who.get("attachments") or None,
            "slot_at": slot_at,
            "slot_end": slot_end,
            "expires_at": self._expires_at(config) if script == "reserve" else None,
        }
        return await self._run(script, location, once, **args)

    def _expires_at(self, queue: Queue) -> int | None:
        return self.clock() + round(queue.reserve_min * 60_000) if queue.reserve_min else None

    async def _ticket(self, script: str, ticket: Named, once: str | None, **args: Any) -> Done:
        return await self._run(script, self.directory.location_of_ticket(ticket), once, ticket=_name(ticket), **args)

    async def _at_desk(self, script: str, ticket: Named, desk: str, once: str | None, **args: Any) -> Done:
        location = self.directory.location_of_ticket(ticket)
        if desk and self.directory.desk(desk)[0].id != location.id:
            raise Unknown("desk", desk)
        return await self._run(script, location, once, ticket=_name(ticket), desk=desk or None, **args)

    async def _run(self, script: str, location: Location, once: str | None, **args: Any) -> Done:
        answer, shown = await self._ask(script, location, once, args)
        if answer.again == "reset":
            await self.reset(location.id)
            answer, shown = await self._ask(script, location, once, args)
        if answer.refused is not None:
            raise Refused(answer.refused)
        assert answer.event is not None, f"{script} answered without an event"
        return Done(answer.event, answer.ticket, answer.token, shown)

    async def _ask(
        self, script: str, location: Location, once: str | None, args: dict[str, Any]
    ) -> tuple[_Answer, Picture | None]:
        for _ in range(BEHIND):
            answer, shown = await self._send(script, location, once, args)
            if answer.event is not None:
                self.connection.marks.hear([answer.event])
            if answer.again != "behind":
                return answer, shown
            await self.restore(location.id)
        raise StoreAway("the store loses what it has said")

    async def _send(
        self, script: str, location: Location, once: str | None, args: dict[str, Any]
    ) -> tuple[_Answer, Picture | None]:
        now = self.clock()
        number = partition(location.id)
        drawn = self._random(15).hex()
        key = f"c:{once}" if once else f"r:{drawn[12:]}"
        arg = {
            **{name: value for name, value in args.items() if value is not None},
            "command": script,
            "at": now,
            "location": location.id,
            "partition": number,
            "partitions": PARTITIONS,
            "day": args.get("day") or business_day(location, now),
            "epoch": drawn[:12],  # taken when there is none, or a new one is due
            "seen": self.connection.marks.seq(location.id),
            "last_serial": self.connection.marks.serial(number),
            "once": fingerprint(script, args),
            "once_ms": ONCE_MS if once else RETRY_MS,
            "policies": self._policy(location),
        }
        if self._shows:
            arg["shows"] = True
        if self._only is not None and "ticket" in args:
            arg["only"] = self._only
        argv = [msgspec.json.encode(arg).decode(), *(queue.id for queue in location.queues)]
        answer = await scripts.run(self.connection, scripts.source(script), script_keys(location, key), argv)
        if isinstance(answer, str):
            return _decode(answer), None
        return _decode(answer[0]), picture(location, answer[1])

    def _policy(self, location: Location) -> dict[str, Any]:
        """What scripts need to know of each queue; made once for a location as long as its configuration stands."""
        known = self._policies.get(location.id)
        if known is None or known[0] is not location:
            known = (location, {queue.id: queue_policy(queue) for queue in location.queues})
            self._policies[location.id] = known
        return known[1]


def _name(ticket: Named) -> str | int:
    """As the scripts of its location are told it."""
    return ticket.serial if isinstance(ticket, BySerial) else ticket


def head_start_ms(queue: Queue, priority: str, booking: bool) -> int:
    """How much earlier than it did a ticket counts as having arrived."""
    return round(60_000 * (queue.priorities.get(priority, 0) + (queue.booking_head_start_min if booking else 0)))


def queue_policy(queue: Queue) -> dict[str, Any]:
    """What of a queue's configuration the scripts decide by. No key is null: Lua has no use for one."""
    policy = {
        "tag": queue.tag,
        "max_waiting": queue.max_waiting,
        "finish_on_next": queue.finish_on_next,
        "early_ms": round(queue.early_min * 60_000),
        "late_ms": round(queue.late_min * 60_000),
        "reserve_ms": round(queue.reserve_min * 60_000) if queue.reserve_min else None,
        "staff_checks_in": queue.check_in_by == "staff",
        "slot_places": queue.slot_places,
        "target_ms": round(queue.target_min * 60_000),
        "rejoin_ms": round(queue.rejoin_min * 60_000),
        "postpone_max": queue.postpone_max,
        "head_starts": {name: head_start_ms(queue, name, False) for name in ("", *queue.priorities)},
    }
    return {name: value for name, value in policy.items() if value is not None}


# Made anew for each try of a command, and so no part of what makes two commands the same.
_DRAWN = {"token", "id_tail", "person", "expires_at", "open"}


def fingerprint(script: str, args: dict[str, Any]) -> str:
    """Tells whether an idempotency key comes again for the same command."""
    same = {name: value for name, value in args.items() if name not in _DRAWN}
    return script + hashlib.sha256(msgspec.json.encode(same, order="sorted")).hexdigest()[:16]
