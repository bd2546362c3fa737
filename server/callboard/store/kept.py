"""The tickets of a location that many listen for: each is read once, and again only when the stream tells of it."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import msgspec

from callboard.domain.model import Location, State, Ticket
from callboard.domain.phones import Alike, Seen, seen
from callboard.domain.picture import Picture
from callboard.slices import slices
from callboard.store import scripts, stream
from callboard.store.keys import location_key, partition, script_keys
from callboard.store.pictures import picture
from callboard.store.redis import Connection

AT_ONCE = 500  # tickets that are read, or places that are noted, at a stretch; more would hold up everybody else
MOST_EVENTS = 2_000  # more than that since the last look, and the tickets are read anew
TRIES = 3
GENERATION = 100  # looks: a ticket that nobody has asked for in so many, and as many again, is forgotten

_ticket = msgspec.json.Decoder(Ticket).decode


class Crowd(NamedTuple):
    """One instant of a location: a picture without phones, tickets, and how many are before each that waits."""

    picture: Picture
    tickets: dict[str, Seen | None]
    ahead: dict[str, int]


class Kept:
    """Of one location, for one caller at a time.

    What is kept is as good as what would be read now: the script that tells the places also tells, of the same instant,
    which tickets have events that were not seen yet.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._tickets: dict[str, Seen | None] = {}  # None: there is none of that id
        self._older: dict[str, Seen | None] = {}  # not asked for since the last generation
        self._known: Alike = {}
        self._since = ""  # the newest event that they contain
        self._looks = 0

    async def look(
        self, location: Location, ids: Sequence[str], *, calls: int, first: int, staff: bool
    ) -> Crowd | None:
        """The crowd now, with these tickets at least; None when the stream does not tell enough to be sure of it."""
        self._grow_old()
        arg = {"calls": calls, "first": first, "staff": staff, "phones": []}
        for _ in range(TRIES):
            self._since = self._since or await self._newest(location)
            if not self._since:
                break
            await self._learn(location, ids)
            await asyncio.sleep(0)
            ask = partial(self._ask, location, ids, arg)
            seen, (newest, lines, changed) = await self._connection.whole(location.id, ask, _seq)
            if changed:
                self._update(changed)
                self._since = newest
                return Crowd(seen, self._tickets, await _places(lines))
            self._tickets, self._older, self._since = {}, {}, newest or ""
        return None

    async def _newest(self, location: Location) -> str:
        number = partition(location.id)
        place = (await stream.newest(self._connection, [number]))[number]
        return "" if place == stream.BEGINNING else place

    async def _learn(self, location: Location, ids: Sequence[str]) -> None:
        """Reads those that are not known. They may change meanwhile: the script that follows tells of it."""
        missing = [id for id in ids if id not in self._tickets]
        if not missing:
            return
        again = {id: self._older.pop(id) for id in missing if id in self._older}
        self._tickets |= again
        unknown = [id for id in missing if id not in again]
        key = location_key(location.id, "tickets")
        for start in range(0, len(unknown), AT_ONCE):
            some = unknown[start : start + AT_ONCE]
            raws = await self._connection.call(partial(self._connection.client.hmget, key, some))
            self._tickets |= self._decoded(some, raws)

    async def _ask(self, location: Location, ids: Sequence[str], arg: dict[str, Any]) -> tuple[Picture, Any]:
        asked = {id(one.like): one.like for one in map(self._tickets.__getitem__, ids) if one}
        queues = {like.queue for like in asked.values() if like.state is State.WAITING}
        arg |= {"location": location.id, "queues": list(queues), "since": self._since, "most": MOST_EVENTS}
        argv = [msgspec.json.encode(arg).decode(), *(queue.id for queue in location.queues)]
        keys = script_keys(location, "none")
        found, *told = await scripts.look(self._connection, scripts.crowd(), keys, argv)
        return picture(location, found), told

    def _update(self, changed: Sequence[Sequence[Any]]) -> None:
        """Of the others that changed nobody has asked."""
        for id, ticket in self._decoded(*changed).items():
            if id in self._tickets or self._older.pop(id, None):
                self._tickets[id] = ticket

    def _grow_old(self) -> None:
        self._looks += 1
        if self._looks % GENERATION == 0:
            self._tickets, self._older, self._known = {}, self._tickets, {}

    def _decoded(self, ids: Sequence[str], raws: Sequence[str | None]) -> dict[str, Seen | None]:
        known = self._known
        return {id: seen(_ticket(raw), known) if raw else None for id, raw in zip(ids, raws, strict=True)}


def _seq(answer: tuple[Picture, Any]) -> int:
    return answer[0].seq


async def _places(lines: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in lines:
        async for some in slices(enumerate(line.split()), AT_ONCE):
            found.update((id, ahead) for ahead, id in some)
    return found
