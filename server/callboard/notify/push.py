"""Notifications on the phone itself (RFC 8030): handed to the push services of a person's browsers, for nothing."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from multidict import CIMultiDict

from callboard.delivery.model import Answer, Delivery, Later, Mark, Never, Sent
from callboard.domain.model import Subscription
from callboard.notify.kinds import CALLS
from callboard.notify.sealed import sealed
from callboard.notify.vapid import Vapid
from callboard.outside.http import Client, Failed, Reply, retry_after_ms
from callboard.outside.pace import Pace, origin_of
from callboard.p256 import read, written
from callboard.store.push_keys import PushKeys

TIMEOUT_S = 4.0  # for one push service's answer: a text must not wait for longer
AT_ONCE = 32  # to one push service
GONE = "the browser is not there any more"


@dataclass(frozen=True, slots=True)
class Pushed:
    """What came of a message, and the ids of browsers that are not there any more."""

    answer: Answer
    gone: tuple[str, ...] = ()


class Push:
    """Speaks to push services. One that is busy or away rests, and holds up no other."""

    def __init__(
        self,
        keys: PushKeys,
        subject: str,
        client: Client,
        clock: Callable[[], int],
        random: Callable[[], float],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._keys = keys
        self._subject = subject
        self._client = client
        self._clock = clock
        self._random_bytes = random_bytes
        self._pace = Pace(random, AT_ONCE)
        self._vapid: Vapid | None = None

    async def send(self, to: Sequence[Subscription], content: bytes, delivery: Delivery, mark: Mark) -> Pushed:
        """To all of a person's browsers at once; taken by one it is out.

        Repeating it is harmless, whatever became of an earlier attempt: a message of a ticket takes the place of the
        one before it, at the push service and on the screen.
        """
        if self._vapid is None:
            self._vapid = Vapid(await self._keys.private(), self._subject, self._clock)
        await mark("pushed")
        vapid = self._vapid
        async with asyncio.TaskGroup() as tasks:
            made = [tasks.create_task(self._hand_over(each, content, delivery, vapid)) for each in to]
        answers = [task.result() for task in made]
        gone = [each.id for each, answer in zip(to, answers, strict=True) if answer == Never(GONE)]
        return Pushed(_together(answers), tuple(gone))

    async def close(self) -> None:
        """It may be used again."""
        await self._client.close()

    async def _hand_over(self, to: Subscription, content: bytes, delivery: Delivery, vapid: Vapid) -> Answer:
        began, origin = self._clock(), origin_of(to.endpoint)
        try:
            body = sealed(content, read(to.p256dh), read(to.auth), self._random_bytes)
        except ValueError:
            return Never("the browser's key is none")
        if wait_ms := self._pace.begin(origin, began):
            return Later("the push service rests", after_ms=wait_ms)
        answer: Answer | None = None
        try:
            headers = _headers(delivery, began) | {"Authorization": vapid.authorization(origin)}
            answer = await self._ask(to.endpoint, headers, body)
        finally:
            self._pace.end(origin, answer, began, self._clock())
        return answer

    async def _ask(self, endpoint: str, headers: dict[str, str], body: bytes) -> Answer:
        try:
            reply = await self._client.send("POST", endpoint, CIMultiDict(headers), body)
        except Failed as failed:
            why = f"push service: {failed.why}"
            return Never(why) if failed.forbidden else Later(why, busy=True)
        return _meaning(reply, self._clock())


def _headers(delivery: Delivery, now: int) -> dict[str, str]:
    """It is kept for as long as it is worth something, and takes the place of an older one of the ticket."""
    topic = hashlib.sha256(delivery.ticket.encode()).digest()[:18]
    return {
        "TTL": str(max((delivery.until - now) // 1000, 0)),
        "Urgency": "high" if delivery.kind in CALLS else "normal",
        "Topic": written(topic),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
    }


def _meaning(reply: Reply, now: int) -> Answer:
    why = f"push service: answered {reply.status}"
    if 200 <= reply.status < 300:
        return Sent(why)
    if reply.status in (404, 410):
        return Never(GONE)
    if reply.status >= 500 or reply.status in (408, 425, 429):
        return Later(why, busy=True, after_ms=retry_after_ms(reply, now))
    return Never(why)


def _together(answers: Sequence[Answer]) -> Answer:
    """The best of them; of several that are to be tried again the soonest. It is a push service that is busy: others in
    the lane go on."""
    if sent := [each for each in answers if isinstance(each, Sent)]:
        return sent[0]
    if later := [each for each in answers if isinstance(each, Later)]:
        soonest = min(later, key=lambda each: each.after_ms or 0)
        return Later(soonest.why, after_ms=soonest.after_ms)
    return answers[-1]
