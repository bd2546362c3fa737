"""What people were told of their wait, as it is kept: of each delivery's ticket, by its way."""

from collections.abc import Mapping, Sequence

import msgspec

from callboard.delivery.model import Delivery
from callboard.domain.documents import Wait
from callboard.notify.kinds import DELAYED, delivery_id
from callboard.notify.late import Promise
from callboard.store.promises import Promises

WAYS = ("sms", "mail")  # a push stands for a text

_decode = msgspec.json.Decoder(Promise).decode


class Promised:
    """All raise StoreAway. A crash after a message and before it is kept costs a notice, and never brings one twice."""

    def __init__(self, promises: Promises) -> None:
        self._promises = promises

    async def keep(self, delivery: Delivery, wait: Wait | None, travel_min: int, now: int) -> None:
        """The delivery has said so."""
        nth = int(delivery.what) if delivery.kind == DELAYED else 0
        before = await self.of(delivery)
        delays = max(nth, before.delays if before else 0)
        promise = Promise(at=now, wait=wait, travel_min=travel_min, delays=delays)
        text = msgspec.json.encode(promise).decode()
        await self._promises.keep(delivery.location, _name(delivery.ticket, delivery.lane), text)

    async def of(self, delivery: Delivery) -> Promise | None:
        (text,) = await self._promises.of(delivery.location, [_name(delivery.ticket, delivery.lane)])
        return _decode(text) if text else None

    async def of_all(self, location: str, tickets: Sequence[str]) -> Mapping[tuple[str, str], Promise]:
        """By ticket and way, those that there are."""
        asked = [(ticket, way) for ticket in tickets for way in WAYS]
        texts = await self._promises.of(location, [_name(*each) for each in asked])
        return {each: _decode(text) for each, text in zip(asked, texts, strict=True) if text}

    async def turn(self, location: str, every_ms: int) -> bool:
        return await self._promises.turn(location, every_ms)


def _name(ticket: str, lane: str) -> str:
    return delivery_id("", ticket, lane)[1:]
