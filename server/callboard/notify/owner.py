"""The owner is told by mail what nobody would see otherwise: a system that is told no more of what happens."""

from collections.abc import Callable
from html import escape

import msgspec
from msgspec import Struct

from callboard.contact import masked
from callboard.delivery.model import About, Delivery, Mark, Moot, Outcome, encode
from callboard.domain.directory import Directory
from callboard.notify.media import Medium
from callboard.notify.render import Message
from callboard.store.outbox import Item, Outbox
from callboard.store.reads import Reads

DISABLED = "webhook_disabled"
LANE = "mail"
WORTH_MS = 3 * 24 * 3_600_000


class Ended(Struct, frozen=True, kw_only=True):
    """Which system, by its host alone, and why."""

    webhook: str
    host: str
    why: str


class OwnerRequests:
    """Called with an organization, what ended and since when (ms), it sees to it that the owner hears of it, once
    however often it is asked. Raises StoreAway."""

    def __init__(self, reads: Reads, outbox: Outbox, owner: str, clock: Callable[[], int]) -> None:
        self._reads = reads
        self._outbox = outbox
        self._owner = owner
        self._clock = clock

    async def __call__(self, organization: str, ended: Ended, since: int) -> None:
        location = _first_location(self._reads.directory, organization)
        if not self._owner or not location:
            return
        now = self._clock()
        delivery = Delivery(
            id=f"{DISABLED}:{ended.webhook}:{LANE}:{since}",
            kind=DISABLED,
            lane=LANE,
            location=location,
            at=now,
            until=now + WORTH_MS,
            what=msgspec.json.encode(ended).decode(),
        )
        await self._outbox.schedule(location, [Item(id=delivery.id, lane=LANE, body=encode(delivery), at=now)], (), now)


class OwnerMail:
    """What the delivery machine does with such a mail. Operators read English, as in the log."""

    def __init__(self, medium: Medium, owner: str, base_url: str) -> None:
        self._medium = medium
        self._owner = owner
        self._base_url = base_url

    async def send(self, delivery: Delivery, mark: Mark) -> Outcome:
        if not self._owner:
            return Outcome(Moot("no address any more"))
        message = self._message(msgspec.json.decode(delivery.what, type=Ended))
        answer = await self._medium.send(self._owner, message, delivery, mark)
        return Outcome(answer, About("", masked(self._owner), message.subject, message.text))

    def _message(self, ended: Ended) -> Message:
        text = (
            f"The webhook {ended.webhook} to {ended.host} is told no more of what happens: {ended.why}.\n\n"
            "When its receiver is in order again, enable it: POST /api/v1/webhooks/enable"
            f' with {{"webhook": "{ended.webhook}"}} at {self._base_url}.\n'
        )
        paragraphs = "".join(f"<p>{escape(each)}</p>" for each in text.strip().split("\n\n"))
        subject = f"Callboard: a webhook to {ended.host} is told no more"
        return Message(language="en", text=text, html=paragraphs, subject=subject, venue="Callboard")


def _first_location(directory: Directory, organization: str) -> str:
    """In whose partition it is scheduled."""
    return next((each.id for each in directory.locations_of(organization)), "")
