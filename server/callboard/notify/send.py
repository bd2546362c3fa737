"""Tells one person one thing: read what is true now, write it in their words, hand it to the medium."""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from msgspec.structs import replace

from callboard.contact import masked
from callboard.delivery.model import About, Answer, Delivery, Instead, Later, Mark, Moot, Never, Outcome, Sent
from callboard.notify.calendar import calendar_entry
from callboard.notify.days import clock_time
from callboard.notify.kinds import (
    BOOKING_DELAYED,
    CANCELLED,
    CONFIRMED,
    DELAYED,
    MOVED,
    OF_BOOKINGS,
    TAKEN,
    TELL_WAIT,
    WITHDRAWN,
    delivery_id,
)
from callboard.notify.late import Promise, is_late, runs_late
from callboard.notify.media import Medium
from callboard.notify.notification import UNSUBSCRIBED, Notifications, services
from callboard.notify.overtaken import overtaken, words
from callboard.notify.owner import DISABLED, OwnerMail
from callboard.notify.plan import MINUTE_MS, MOVED_MIN, untrue
from callboard.notify.promised import Promised
from callboard.notify.reach import Reach
from callboard.notify.render import Message, Renderer
from callboard.notify.reset import ResetMail
from callboard.notify.segments import segments
from callboard.notify.situation import Situation, look, values
from callboard.notify.soon import is_soon
from callboard.notify.spending import Spending
from callboard.notify.wanted import is_off, rests_until
from callboard.notify.writing import written
from callboard.store.customers import Customers
from callboard.store.outbox import Outbox
from callboard.store.reads import Reads


class Overtaken(Exception):
    """Something that came later is under way; this is told no more."""

    def __init__(self, moot: Moot) -> None:
        super().__init__(moot.why)
        self.moot = moot


class Notifier:
    """What the delivery machine does with a message to a person. `base_url` is where people reach their pages."""

    def __init__(
        self,
        reads: Reads,
        customers: Customers,
        reach: Reach,
        spending: Spending,
        outbox: Outbox,
        promises: Promised,
        renderer: Renderer,
        media: Mapping[str, Medium],
        base_url: str,
        clock: Callable[[], int],
        notifications: Notifications | None = None,
        owner: str = "",
    ) -> None:
        self._reads = reads
        self._reach = reach
        self._spending = spending
        self._outbox = outbox
        self._promises = promises
        self._renderer = renderer
        self._media = media
        self._base_url = base_url
        self._clock = clock
        self._notifications = notifications
        self._owner = OwnerMail(media["mail"], owner, base_url)
        self._resets = ResetMail(reads, customers, renderer, media["mail"])

    async def send(self, delivery: Delivery, mark: Mark) -> Outcome:
        """Contact details and state are read now, so nothing goes to who is erased, and nothing stale goes out."""
        if delivery.customer:
            return await self._resets.send(delivery, mark)
        if delivery.kind == DISABLED:
            return await self._owner.send(delivery, mark)
        now = await look(self._reads, delivery.ticket)
        if now is None:
            return Outcome(Moot("the person is erased"))
        about = About(label=now.ticket.label)
        if delivery.lane == "push":
            return await self._push(delivery, now, mark)
        to = _address(now, delivery.lane)
        if not to:
            return Outcome(Moot("no address any more"), about)
        medium = self._media[delivery.lane]
        if delivery.trying and (found := await self._found(delivery, medium, to)) is not None:
            return Outcome(found, About(now.ticket.label, masked(to), text=delivery.trying))
        unwanted = await self._reach.unwanted(delivery.lane, to, delivery.ticket, now.person)
        if (not_now := unwanted or await self._not_now(delivery, now)) is not None:
            return Outcome(not_now, about)
        if (withheld := await self._spending.withheld(delivery, to)) is not None:
            return Outcome(withheld, About(now.ticket.label, masked(to)))
        message = self._written(delivery, now)
        if delivery.lane == "mail":
            message = await self._enclosed(message, delivery, now)
        try:
            answer = await medium.send(to, message, delivery, self._unless_overtaken(delivery, mark))
        except Overtaken as over:
            return Outcome(over.moot, about)
        if isinstance(answer, Never) and answer.word:
            await self._reach.failed(delivery.ticket, to, answer.word)
        recipient = to if isinstance(answer, Sent) and answer.shown else masked(to)
        await self._promised(delivery, now, answer)
        return Outcome(answer, About(now.ticket.label, recipient, message.subject, message.text))

    async def about(self, delivery: Delivery) -> About:
        now = await look(self._reads, delivery.ticket) if delivery.ticket else None
        if now is None:
            return About()
        to = services(now) if delivery.lane == "push" else masked(_address(now, delivery.lane))
        return About(now.ticket.label, to)

    async def close(self) -> None:
        for each in (*self._media.values(), self._notifications):
            if each is not None:
                await each.close()

    async def _push(self, delivery: Delivery, now: Situation, mark: Mark) -> Outcome:
        about = About(label=now.ticket.label)
        if (not_now := await self._not_now(delivery, now)) is not None:
            return Outcome(not_now, about)
        number = now.person.phone
        phone = bool(number) and await self._reach.unwanted("sms", number, delivery.ticket, now.person) is None
        if self._notifications is None:  # it was switched off
            return Outcome(Instead("notifications are off", "sms") if phone else Moot("notifications are off"), about)
        if not now.person.pushes:
            return Outcome(self._notifications.otherwise(UNSUBSCRIBED, delivery, phone=phone), about)
        message, marked = self._written(delivery, now), self._unless_overtaken(delivery, mark)
        try:
            outcome = await self._notifications.send(delivery, now, message, marked, phone=phone)
        except Overtaken as over:
            return Outcome(over.moot, about)
        await self._promised(delivery, now, outcome.answer)
        return outcome

    async def _promised(self, delivery: Delivery, now: Situation, answer: Answer) -> None:
        """What they know of their wait from now on."""
        if isinstance(answer, Sent) and delivery.kind in TELL_WAIT:
            await self._promises.keep(delivery, now.wait, now.ticket.travel_min, self._clock())

    async def _found(self, delivery: Delivery, medium: Medium, to: str) -> Answer | None:
        """What became of an attempt whose answer was lost: the other side may have told already."""
        if (said := await self._outbox.said(delivery.location, delivery.id)) is not None:
            return Sent(said.number, segments=segments(delivery.trying) if delivery.lane == "sms" else 0)
        return await medium.find(to, delivery)

    async def _not_now(self, delivery: Delivery, now: Situation) -> Moot | Later | None:
        """Why it is not to be sent, or not before the quiet hours end."""
        kinds = (delivery.kind, CONFIRMED) if delivery.what == WITHDRAWN else (delivery.kind,)
        if any(is_off(now.location, kind, now.ticket.locale) for kind in kinds):
            return Moot("the location does not send this")
        moot = untrue(delivery, now.ticket, is_soon(now.queue, now.ticket, now.ahead, now.wait))
        if moot is None and delivery.kind in OF_BOOKINGS and now.is_over(self._clock()):
            moot = Moot("the booked time is over")
        if (moot := moot or await self._overtaken(delivery) or await self._in_time(delivery, now)) is not None:
            return moot
        wakes_at = rests_until(now.location, delivery.kind, delivery.lane, self._clock())
        if wakes_at is None:
            return None
        why = f"quiet hours until {clock_time(now.location.time_zone, wakes_at)}"
        if wakes_at >= delivery.until:
            return Moot(why)
        return Later(why, after_ms=wakes_at - self._clock(), asked=False)

    async def _overtaken(self, delivery: Delivery) -> Moot | None:
        asked = words(delivery)
        moments = await self._outbox.newest(delivery.location, asked)
        return overtaken(delivery, dict(zip(asked, moments, strict=True)))

    def _unless_overtaken(self, delivery: Delivery, mark: Mark) -> Mark:
        """Asked again at the last moment: a message may have waited for a connection, or for its turn on one."""

        async def marked(what: str) -> None:
            await mark(what)
            if (moot := await self._overtaken(delivery)) is not None:
                raise Overtaken(moot)

        return marked

    async def _in_time(self, delivery: Delivery, now: Situation) -> Moot | None:
        """Why a delay needs no telling."""
        late = True
        if delivery.kind == DELAYED:
            promise = await self._promises.of(delivery)
            if await self._is_being_moved(delivery, promise):
                return Moot("is being told of another queue", again=True)
            late = is_late(promise, now.wait, self._clock())
        if delivery.kind == BOOKING_DELAYED:
            late = runs_late(now.queue, now.wait)
        return None if late else Moot("is in time again", again=True)

    async def _is_being_moved(self, delivery: Delivery, promise: Promise | None) -> bool:
        """Whether a message is under way that says how long it is in another queue than what was said is about."""
        (moved,) = await self._outbox.newest(delivery.location, [delivery_id(MOVED, delivery.ticket, delivery.lane)])
        return (
            moved is not None
            and promise is not None
            and promise.at <= moved
            and self._clock() < moved + MOVED_MIN * MINUTE_MS
        )

    def _written(self, delivery: Delivery, now: Situation) -> Message:
        return written(
            self._renderer,
            now.location,
            WITHDRAWN if delivery.what == WITHDRAWN else delivery.kind,
            delivery.lane,
            now.languages,
            lambda language: values(now, language, self._base_url),
        )

    async def _enclosed(self, message: Message, delivery: Delivery, now: Situation) -> Message:
        """A mail with what it belongs to: the ticket's first one, which of a booking is its confirmation, and the
        calendar."""
        first = delivery_id(TAKEN, now.ticket.id, delivery.lane)
        if now.ticket.slot_at is not None:
            confirmed = delivery_id(CONFIRMED, now.ticket.id, delivery.lane)
            first = confirmed if await self._outbox.seen(delivery.location, confirmed) else first
        calendar = ""
        if delivery.kind in OF_BOOKINGS or (delivery.kind == CANCELLED and not now.ticket.label):
            said = values(now, message.language, self._base_url)
            host = urlsplit(self._base_url).hostname or "callboard"
            calendar = calendar_entry(now.ticket, now.location, said, host)
        return replace(message, first=first, calendar=calendar)


def _address(now: Situation, lane: str) -> str:
    return now.person.phone if lane == "sms" else now.person.email
