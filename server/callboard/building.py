"""What the fan-out hands out: the documents of some channels of a location, each encoded once for everybody."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, starmap

import msgspec

from callboard.domain.directory import Unknown
from callboard.domain.model import Location, State
from callboard.domain.phones import Alike, Phones, seen
from callboard.hub.protocol import Document, Version
from callboard.screens import Dated, Look, Screens, by_kind, look
from callboard.store.kept import Crowd, Kept

FEW = 20  # phones that are read one by one, whatever the line
SHARE = 40  # and so are more of them, when there are so many times more people whose places would be read for nothing
IDLE_MS = 300_000  # tickets of a location are forgotten when nobody has listened for so long

Names = Mapping[str, Sequence[str]]  # of channels, by kind


@dataclass(slots=True)
class _Hall:
    """A location with many phones. `waiting` is how many waited there last."""

    kept: Kept
    used_at: int
    waiting: int = 0


class Builder:
    """At most one call for a location at a time, the next when all that it answered is taken or given up. Raises
    StoreAway."""

    def __init__(self, screens: Screens) -> None:
        self._screens = screens
        self._encode = msgspec.json.Encoder().encode
        self._halls: dict[str, _Hall] = {}

    async def __call__(self, location: str, channels: Sequence[str]) -> Iterable[Document]:
        """Those that there are, of the kind of the first channel first. What is read is read now; a document is made
        when it is its turn."""
        try:
            where = self._screens.directory.location(location)
        except Unknown:
            return ()
        names = by_kind(channels)
        await asyncio.sleep(0)  # of many it takes milliseconds, and so does each part of what follows
        own, further = self._parted(names)
        tickets = _tickets(channels)
        await asyncio.sleep(0)
        shared, phones = await self._told(where, own, tickets) if own else ((), ())
        others = await self._further(location, further)
        match channels[0].partition(":")[0] if channels else "":
            case "ticket":
                return chain(phones, shared, others)
            case kind if kind in further:
                return chain(others, shared, phones)
        return chain(shared, phones, others)

    def _parted(self, names: Names) -> tuple[Names, Names]:
        views = self._screens.views.keys()
        return {kind: names[kind] for kind in names.keys() - views}, {
            kind: names[kind] for kind in names.keys() & views
        }

    async def _further(self, location: str, names: Names) -> Iterable[Document]:
        channels = [f"{kind}:{name}" for kind, some in names.items() for name in some]
        documents = await self._screens.build(location, channels) if channels else {}
        return starmap(self._encoded, documents.items())

    def _encoded(self, channel: str, document: Dated) -> Document:
        return Document.parted(channel, self._encode(document), Version(document.epoch, document.seq, document.at))

    async def _crowd(self, where: Location, names: Names) -> Crowd:
        """From one look at everybody's places where there are many phones; else each is asked for."""
        phones = names.get("ticket", ())
        if len(phones) >= FEW and (crowd := await self._many(where, phones, look(names))) is not None:
            return crowd
        picture = await self._screens.reads.picture(where.id, phones=phones, **look(names))
        known: Alike = {}
        tickets = {id: seen(state.ticket, known) if state.ticket else None for id, state in picture.phones.items()}
        return Crowd(
            picture, tickets, {id: state.rank for id, state in picture.phones.items() if state.rank is not None}
        )

    async def _many(self, where: Location, phones: Sequence[str], how: Look) -> Crowd | None:
        """None when that would not do."""
        hall = self._hall(where.id)
        if len(phones) * SHARE < hall.waiting:
            return None
        crowd = await hall.kept.look(where, phones, **how)
        if crowd is not None:
            hall.waiting = sum(line.waiting for line in crowd.picture.lines.values())
        return crowd

    async def _told(
        self, where: Location, names: Names, tickets: Sequence[str]
    ) -> tuple[Iterable[Document], Iterable[Document]]:
        """Those of boards and desks, and those of phones."""
        crowd = await self._crowd(where, names)
        people = await self._screens.people(where, names, crowd.picture)
        now = self._screens.clock()
        shared = self._screens.shared(where, names, crowd.picture, people, now)
        phones = self._phones(where, crowd, now, zip(tickets, names.get("ticket", ()), strict=True))
        return starmap(self._encoded, shared.items()), phones

    def _phones(self, where: Location, crowd: Crowd, now: int, asked: Iterable[tuple[str, str]]) -> Iterator[Document]:
        """`asked` are channels, each with the ticket's id."""
        phones = Phones(where, crowd.picture, now)
        head, version = phones.head, Version(crowd.picture.epoch, crowd.picture.seq, now)
        queues, waiting = {queue.id for queue in where.queues}, State.WAITING
        tickets, places = crowd.tickets, crowd.ahead
        for channel, id in asked:
            one = tickets[id]
            if one is not None and (like := one.like).queue in queues:
                ahead = places.get(id) if like.state is waiting else None
                yield Document(channel, head, phones.write(one, ahead), version)

    def _hall(self, location: str) -> _Hall:
        now = self._screens.clock()
        for name in [name for name, hall in self._halls.items() if now - hall.used_at > IDLE_MS]:
            del self._halls[name]
        hall = self._halls.setdefault(location, _Hall(Kept(self._screens.reads.connection), now))
        hall.used_at = now
        return hall


def _tickets(channels: Iterable[str]) -> list[str]:
    """Those of phones; what is a key elsewhere is the same string, so that nobody has to compare it."""
    return [channel for channel in channels if channel.startswith("ticket:")]
