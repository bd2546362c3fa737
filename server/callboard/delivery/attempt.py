"""One leased delivery: try it, and write down how it stands now."""

import logging
from collections import Counter
from collections.abc import Callable
from typing import Protocol

from msgspec.structs import replace

from callboard.delivery.again import DEAD, kept
from callboard.delivery.model import (
    About,
    Answer,
    Delivery,
    Instead,
    Later,
    Mark,
    Moot,
    Never,
    Outcome,
    Sent,
    Unknown,
    decode,
    encode,
)
from callboard.errors import StoreAway
from callboard.store.outbox import LEASE_MS, Apart, Leased, Outbox
from callboard.store.records import Record

CRASHES = 5  # so often a delivery may bring down who sends it before it is given up
LEAVING_MS = 45_000  # so long one whose end is not known keeps others apart: longer than any medium waits for an answer
APART_PAUSE_MS = 250  # a carrier takes a text in less than two of them
FIRST_PAUSE_MS = 2000
LONGEST_PAUSE_MS = 60_000

log = logging.getLogger(__name__)


class Sender(Protocol):
    """What one user of the machine does with a delivery."""

    async def send(self, delivery: Delivery, mark: Mark) -> Outcome:
        """Reads what is true now, and sends it if it is worth it. `delivery.trying` is set when an earlier attempt may
        have got through: then the other side is asked first, where it can be. May raise StoreAway."""

    async def about(self, delivery: Delivery) -> About:
        """What staff may see of one that is not sent any more."""

    async def close(self) -> None:
        """Lets go of connections; it may be used again."""


class LeaseLost(Exception):
    """Somebody else has the delivery now."""


class Attempts:
    """Tries deliveries. `counts` says how many ended in each state, by lane; `count` is told of each."""

    def __init__(
        self,
        outbox: Outbox,
        sender: Sender,
        clock: Callable[[], int],
        random: Callable[[], float],
        count: Callable[[str, str], None] = lambda lane, state: None,
    ) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self._count = count
        self._outbox = outbox
        self._sender = sender
        self._clock = clock
        self._random = random

    async def close(self) -> None:
        await self._sender.close()

    async def make(self, leased: Leased) -> Answer | None:
        """What the other side answered; None when it was not asked, or nothing can be said.

        Does not raise: while the store is away the lease runs out, and the delivery is taken up again.
        """
        try:
            delivery = decode(leased.body)
            return await self._make(replace(leased, apart=delivery.apart), delivery)
        except (StoreAway, LeaseLost) as error:
            log.warning("delivery=%s left=%s", leased.id, type(error).__name__)
            return None

    async def _make(self, leased: Leased, delivery: Delivery) -> Answer | None:
        ended = self._ended(leased, delivery)
        if ended:
            await self._close(leased, delivery, *ended, await self._about(delivery))
            return None
        outcome, delivery = await self._send(leased, delivery)
        await self._settle(leased, delivery, outcome)
        return outcome.answer

    def _ended(self, leased: Leased, delivery: Delivery) -> tuple[str, str] | None:
        """State and detail of one that is not to be tried any more."""
        if leased.lease - 1 - delivery.tries >= CRASHES:
            return "failed", f"given up after {CRASHES} crashes"
        if self._clock() < delivery.until:
            return None
        if delivery.trying:
            return "unknown", f"may have been sent: {delivery.why}"
        return "expired", delivery.why or "came too late"

    async def _send(self, leased: Leased, delivery: Delivery) -> tuple[Outcome, Delivery]:
        async def mark(what: str) -> None:
            nonlocal delivery
            now = self._clock()
            leaving = replace(delivery, trying=what, trying_at=now, why="the answer was lost")
            spared_ms = LEAVING_MS - delivery.apart_ms if delivery.apart_ms else 0
            leaves = (now + spared_ms, now + LEAVING_MS) if delivery.apart else None
            if not await self._outbox.keep(leased, encode(leaving), now + LEASE_MS, leaves):
                raise LeaseLost
            delivery = leaving

        try:
            return await self._sender.send(delivery, mark), delivery
        except Apart:
            answer, why = (Unknown, delivery.why) if delivery.trying else (Later, "another message to them is leaving")
            waits = replace(delivery, tries_before=delivery.tries_before + 1)
            return Outcome(answer(why, after_ms=APART_PAUSE_MS, asked=False)), waits
        except (StoreAway, LeaseLost):
            raise
        except Exception as error:  # one delivery that breaks its sender must not stop the others
            log.error("delivery=%s broke=%s", delivery.id, type(error).__name__)
            why = f"broke: {type(error).__name__}"
            # Not counted as a try, so that it counts as a crash.
            return Outcome(Unknown(why) if delivery.trying else Later(why)), replace(delivery, tries=delivery.tries - 1)

    async def _settle(self, leased: Leased, delivery: Delivery, outcome: Outcome) -> None:
        match outcome.answer:
            case Sent(detail, shown, segments):
                state = "shown" if shown else "sent"
                await self._close(leased, delivery, state, detail, outcome.about, segments=segments)
            case Moot(why, again):
                await self._close(leased, delivery, "skipped", why, outcome.about, again=again)
            case Never(why):
                await self._close(leased, delivery, "failed", why, outcome.about)
            case Later(why, after_ms=after_ms, asked=asked):
                later = replace(delivery, trying="", trying_at=0, asked=delivery.asked + asked)
                await self._put_off(leased, later, why, after_ms)
            case Unknown(why, after_ms=after_ms):
                await self._put_off(replace(leased, apart=""), delivery, why, after_ms)
            case Instead(why, lane):
                await self._hand_over(leased, delivery, why, lane, outcome.about)

    async def _put_off(self, leased: Leased, delivery: Delivery, why: str, after_ms: int | None = None) -> None:
        pause = pause_ms(delivery) * (0.8 + 0.4 * self._random())
        due = min(self._clock() + (round(pause) if after_ms is None else after_ms), delivery.until)
        delivery = replace(delivery, tries=delivery.tries + 1, why=why)
        log.info("delivery=%s later=%s tries=%d", delivery.id, why.replace(" ", "_"), delivery.tries)
        await self._outbox.keep(leased, encode(delivery), due)

    async def _hand_over(self, leased: Leased, delivery: Delivery, why: str, lane: str, about: About) -> None:
        """At no moment is it in both lanes or in neither, and a try in the lane before is no crash in this one."""
        record = self._record(delivery, "instead", why, about)
        tried = leased.lease + 1  # handing over counts as a lease
        moved = replace(delivery, lane=lane, trying="", trying_at=0, tries=tried, tries_before=tried, why=why)
        await self._outbox.hand_over(leased, encode(moved), lane, record)

    async def _close(
        self,
        leased: Leased,
        delivery: Delivery,
        state: str,
        detail: str,
        about: About,
        *,
        again: bool = False,
        segments: int = 0,
    ) -> None:
        record = replace(
            self._record(delivery, state, detail, about),
            segments=segments,
            again=kept(delivery) if state in DEAD else "",
        )
        await self._outbox.close(leased, record, again=again, line=delivery.line)

    def _record(self, delivery: Delivery, state: str, detail: str, about: About) -> Record:
        self.counts[delivery.lane, state] += 1
        self._count(delivery.lane, state)
        log.info("delivery=%s state=%s lane=%s", delivery.id, state, delivery.lane)
        return Record(
            id=delivery.id,
            at=self._clock(),
            medium=delivery.lane,
            kind=delivery.kind,
            location=delivery.location,
            ticket=delivery.ticket,
            state=state,
            detail=detail,
            ticket_label=about.label,
            recipient=about.recipient,
            subject=about.subject,
            text=about.text,
        )

    async def _about(self, delivery: Delivery) -> About:
        """Nothing rather than no end: also one that breaks its sender has to get off the list."""
        try:
            return await self._sender.about(delivery)
        except StoreAway:
            raise
        except Exception as error:
            log.error("delivery=%s broke=%s", delivery.id, type(error).__name__)
            return About()


def pause_ms(delivery: Delivery) -> int:
    """How long it waits after its next try, where nobody asks for more; up to a fifth of that less or more."""
    return min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS << min(max(delivery.tries - delivery.tries_before, 0), 16))
