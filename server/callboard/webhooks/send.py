"""Tells one receiver one thing: written in its shape, signed, handed over; and what its answer means."""

import base64
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from msgspec import structs
from multidict import CIMultiDict

from callboard import __version__
from callboard.delivery.model import About, Answer, Delivery, Later, Mark, Moot, Never, Outcome, Sent
from callboard.domain.directory import Unknown
from callboard.domain.model import Ticket
from callboard.domain.standing import Standing
from callboard.domain.watch import Notice, Outgoing, Shape, Watch, by_queue
from callboard.outside.http import Client, Failed, Reply, retry_after_ms
from callboard.outside.pace import Pace, origin_of
from callboard.standing import standing
from callboard.store.reads import Reads
from callboard.store.signing_keys import SigningKeys
from callboard.store.watches import Watches
from callboard.webhooks import schedule
from callboard.webhooks.oauth import Tokens
from callboard.webhooks.plan import Happened, notice_id, remembered
from callboard.webhooks.sign import signed

REFUSED_MS = 3_600_000  # so long somebody may repair a receiver that answers and refuses
GIVE_UP_MS = 5 * 24 * 3_600_000  # a receiver that has failed for so long is told no more
TOO_LONG = "it has failed for five days and is told no more"
BODILESS = frozenset({"GET", "DELETE"})

Ending = Callable[[Watch, str, int], Awaitable[None]]
"""Called with a watch that is told no more, why, and since when (ms) it failed; again, when a crash comes between."""

log = logging.getLogger(__name__)


async def nobody(watch: Watch, why: str, since: int) -> None:
    """Nobody is told of it."""


class Teller:
    """What the delivery machine does with a notice."""

    def __init__(
        self,
        reads: Reads,
        watches: Watches,
        signing: SigningKeys,
        shapes: Mapping[str, Shape],
        client: Client,
        base_url: str,
        clock: Callable[[], int],
        random: Callable[[], float],
        ending: Ending = nobody,
    ) -> None:
        self._reads = reads
        self._ending = ending
        self._watches = watches
        self._signing = signing
        self._shapes = shapes
        self._client = client
        self._tokens = Tokens(watches, client, clock)
        self._pace = Pace(random)
        self._random = random
        self._base_url = base_url
        self._clock = clock

    async def send(self, delivery: Delivery, mark: Mark) -> Outcome:
        """Nothing is marked: what may have got through is sent again, with the same id."""
        one = remembered(delivery)
        watch = await self._watch(one)
        shape = self._shapes.get(watch.shape) if watch else None
        if watch is None or shape is None or not watch.enabled:
            return Outcome(Moot("nobody wants to be told any more"))
        began, origin = self._clock(), origin_of(watch.address)
        if wait_ms := self._pace.begin(origin, began):
            return Outcome(Later(delivery.why or "waits for those before it", after_ms=wait_ms, asked=False))
        answer: Answer | None = None
        try:
            answer = await self._tell(watch, shape, one, delivery)
        finally:
            self._pace.end(origin, answer, began, self._clock())
        # It is the receiver that is busy: others in the lane go on.
        answer = replace(answer, busy=False) if isinstance(answer, Later) else answer
        if isinstance(answer, Later) and shape.scheduled:
            answer = self._scheduled(answer, delivery)
        return Outcome(answer, _about(one.ticket, watch))

    async def about(self, delivery: Delivery) -> About:
        one = remembered(delivery)
        watch = await self._watch(one)
        return _about(one.ticket, watch) if watch else About(label=one.ticket.label)

    async def close(self) -> None:
        await self._client.close()

    async def _watch(self, one: Happened) -> Watch | None:
        """As it is now."""
        stored = await self._watches.all(one.organization)
        try:
            queues = by_queue(one.organization, self._reads.directory.location(one.event.location), stored)
        except Unknown:
            return None
        return next((watch for each in queues.values() for watch in each if watch.id == one.watch), None)

    async def _tell(self, watch: Watch, shape: Shape, one: Happened, delivery: Delivery) -> Answer:
        now = await self._standing(one) or (self._alone(one) if shape.scheduled else None)
        if now is None:
            return Moot("the ticket is forgotten")
        notice = Notice(notice_id(one), one.event, as_it_stood(now, one.ticket), self._base_url)
        outgoing = await shape.render(watch, notice, self._reads)
        if outgoing is None:
            return Moot("there was nothing to say")
        try:
            reply = await self._post(watch, notice.id, outgoing)
        except Failed as failed:
            return await self._failed(watch, failed)
        return await self._answered(watch, shape, delivery, reply)

    async def _standing(self, one: Happened) -> Standing | None:
        try:
            return await standing(self._reads, one.ticket.id, self._clock())
        except Unknown:
            return None

    def _alone(self, one: Happened) -> Standing | None:
        """What is left of a ticket that is forgotten: as it stood."""
        location = self._reads.directory.location(one.event.location)
        queue = next((queue for queue in location.queues if queue.id == one.ticket.queue), None)
        if queue is None:
            return None
        return Standing(
            ticket=one.ticket,
            person=None,
            location=location,
            queue=queue,
            desk=None,
            ahead=None,
            wait_min=None,
            average_min=0,
            queue_waiting=0,
            seq=one.event.seq,
            epoch="",
        )

    def _scheduled(self, answer: Later, delivery: Delivery) -> Later | Never:
        """When its schedule says, or when the receiver does."""
        after_ms = schedule.pause_ms(delivery.asked, self._random)
        if after_ms is None:
            return Never(f"{answer.why}: given up after {delivery.asked + 1} attempts")
        return replace(answer, after_ms=after_ms if answer.after_ms is None else max(after_ms, answer.after_ms))

    async def _post(self, watch: Watch, id: str, outgoing: Outgoing) -> Reply:
        method = outgoing.method or watch.method
        body = b"" if method in BODILESS else outgoing.body
        headers = CIMultiDict({"User-Agent": f"callboard/{__version__}", **outgoing.headers})
        if method in BODILESS:
            headers.pop("Content-Type", None)
        headers.update(watch.headers)
        keys = await self._signing.of(watch.organization, watch.signing_keys)
        headers.update(signed(id, self._clock(), body, keys))
        if watch.basic:
            who = f"{watch.basic.username}:{watch.basic.password}"
            headers["Authorization"] = f"Basic {base64.b64encode(who.encode()).decode()}"
        sent = None if method in BODILESS else body
        if watch.oauth2 is None:
            return await self._client.send(method, watch.address, headers, sent)
        token = await self._tokens.access(watch, watch.oauth2)
        headers["Authorization"] = f"Bearer {token}"
        reply = await self._client.send(method, watch.address, headers, sent)
        if reply.status == 401:
            token = await self._tokens.access(watch, watch.oauth2, refused=token)
            headers["Authorization"] = f"Bearer {token}"
            reply = await self._client.send(method, watch.address, headers, sent)
        return reply

    async def _failed(self, watch: Watch, failed: Failed) -> Answer:
        if await self._failed_for_days(watch, failed.why):
            return Never(f"{failed.why}: {TOO_LONG}")
        return Never(failed.why) if failed.forbidden else Later(failed.why, busy=True)

    async def _failed_for_days(self, watch: Watch, why: str) -> bool:
        """Whether it has, and so is told no more until staff enable it: the log and the API say so."""
        fares = await self._watches.note(watch, why, delivered=False)
        if fares.failing_since is None or self._clock() - fares.failing_since < GIVE_UP_MS:
            return False
        await self._ending(watch, f"{why}: {TOO_LONG}", fares.failing_since)
        await self._watches.disable(watch, f"{why}: {TOO_LONG}")
        log.warning("watch=%s organization=%s disabled=failed_for_five_days", watch.id, watch.organization)
        return True

    async def _answered(self, watch: Watch, shape: Shape, delivery: Delivery, reply: Reply) -> Answer:
        why = f"answered {reply.status}"
        if 200 <= reply.status < 300:
            await self._watches.note(watch, why, delivered=True)
            return Sent(why)
        if reply.status == 410:
            await self._ending(watch, f"{why}: it wants no more", delivery.at)
            await self._watches.disable(watch, f"{why}: it wants no more")
            return Never(f"{why}: it wants no more")
        if await self._failed_for_days(watch, why):
            return Never(f"{why}: {TOO_LONG}")
        wait_ms = retry_after_ms(reply, self._clock())
        if reply.status >= 500 or reply.status in (408, 425, 429):
            return Later(why, busy=True, after_ms=wait_ms)
        if not shape.scheduled and self._clock() - delivery.at >= REFUSED_MS:
            return Never(why)
        return Later(why, after_ms=wait_ms)


def as_it_stood(now: Standing, ticket: Ticket) -> Standing:
    """The ticket, desk and queue of the event beside the person and the numbers of now; no place in a line where it
    does not stand any more. Who called it is a name, so events leave it out."""
    location = now.location
    waits = ticket.state == now.ticket.state and ticket.queue == now.ticket.queue
    return structs.replace(
        now,
        ticket=structs.replace(ticket, staff=now.ticket.staff if ticket.last_called_at else ""),
        queue=next((queue for queue in location.queues if queue.id == ticket.queue), now.queue),
        desk=next((desk for desk in location.desks if desk.id == ticket.desk), None),
        ahead=now.ahead if waits else None,
        wait_min=now.wait_min if waits else None,
    )


def _about(ticket: Ticket, watch: Watch) -> About:
    """Of the address only the host: the rest of it may hold a secret."""
    return About(label=ticket.label, recipient=urlsplit(watch.address).hostname or "", subject=watch.shape)
