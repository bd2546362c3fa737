"""What the fan-out hands out: the documents of some channels of a location, each encoded once for everybody."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from callboard.domain.directory import Unknown
from callboard.domain.model import Location, State
from callboard.domain.phones import Phones
from callboard.hub.protocol import Version
from callboard.screens import Dated, Screens, by_kind, look
from callboard.slices import slices
from callboard.store.kept import Crowd, Kept

FEW = 20  # phones that are read one by one, whatever the line
SHARE = 40  # and so are more of them, when there are so many times more people whose places would be read for nothing
IDLE_MS = 300_000  # tickets of a location are forgotten when nobody has listened for so long

Encoded = dict[str, tuple[bytes, Version]]
Names = Mapping[str, Sequence[str]]


@dataclass(slots=True)
class _Hall:
    """A location with many phones. `waiting` is how many waited there last."""

    kept: Kept
    used_at: int
    waiting: int = 0


class Builder:
    """At most one call for a location at a time. Raises StoreAway."""

    def __init__(self, screens: Screens) -> None:
        self._screens = screens
        self._encode = msgspec.json.Encoder().encode
        self._halls: dict[str, _Hall] = {}

    async def __call__(self, location: str, channels: list[str]) -> Encoded:
        names = by_kind(channels)
        await asyncio.sleep(0)  # of many it takes milliseconds, and so does what follows
        phones = names.get("ticket", [])
        if len(phones) >= FEW and (built := await self._crowded(location, names)) is not None:
            views = [channel for channel in channels if channel.partition(":")[0] in self._screens.views]
            return built | await self._built(location, views)
        return await self._built(location, channels)

    async def _built(self, location: str, channels: Sequence[str]) -> Encoded:
        documents = await self._screens.build(location, channels) if channels else {}
        built: Encoded = {}
        async for some in slices(list(documents.items())):
            built.update((channel, self._encoded(document)) for channel, document in some)
        return built

    def _encoded(self, document: Dated) -> tuple[bytes, Version]:
        return self._encode(document), Version(document.epoch, document.seq, document.at)

    async def _crowded(self, location: str, names: Names) -> Encoded | None:
        """All but the further kinds, from one look at everybody's places; None when that would not do."""
        try:
            where = self._screens.directory.location(location)
        except Unknown:
            return None
        hall = self._hall(location)
        if len(names["ticket"]) * SHARE < hall.waiting:
            return None
        crowd = await hall.kept.look(where, names["ticket"], **look(names))
        if crowd is None:
            return None
        hall.waiting = sum(line.waiting for line in crowd.picture.lines.values())
        people = await self._screens.people(where, names, crowd.picture)
        return await self._told(where, names, crowd, people)

    async def _told(self, where: Location, names: Names, crowd: Crowd, people: Mapping[str, str]) -> Encoded:
        now = self._screens.clock()
        shared = self._screens.shared(where, names, crowd.picture, people, now)
        built = {channel: self._encoded(document) for channel, document in shared.items()}
        version = Version(crowd.picture.epoch, crowd.picture.seq, now)
        phones = Phones(where, crowd.picture, now)
        queues = {queue.id for queue in where.queues}
        async for some in slices(names["ticket"]):
            for name in some:
                seen = crowd.tickets[name]
                if seen is not None and seen.like.queue in queues:
                    ahead = crowd.ahead.get(name) if seen.like.state is State.WAITING else None
                    built[f"ticket:{name}"] = phones.write(seen, ahead), version
        return built

    def _hall(self, location: str) -> _Hall:
        now = self._screens.clock()
        for name in [name for name, hall in self._halls.items() if now - hall.used_at > IDLE_MS]:
            del self._halls[name]
        hall = self._halls.setdefault(location, _Hall(Kept(self._screens.reads.connection), now))
        hall.used_at = now
        return hall
