"""Documents made from the store: one read of a location serves every screen, phone and desk of it."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypedDict
from zoneinfo import ZoneInfo

import msgspec

from callboard.domain.board import board, desk_of, queue_wait
from callboard.domain.desk import SHOWN, desk_view
from callboard.domain.directory import Directory, Unknown
from callboard.domain.documents import Board, BoardQueue, DeskView, Phone
from callboard.domain.hours import opening
from callboard.domain.model import Location, Person, State, Ticket
from callboard.domain.names import name_in
from callboard.domain.order import Why, explain
from callboard.domain.phone import phone
from callboard.domain.picture import Picture
from callboard.explanation import explanation
from callboard.speech import speech
from callboard.store.reads import Reads
from callboard.store.transitions import UNDO_MS

CALLS = 40  # of a location, enough for every screen's lines and for the last number called in each queue


class Dated(Protocol):
    """What every document says of itself; `type`, these three, then what it is about."""

    @property
    def seq(self) -> int: ...
    @property
    def epoch(self) -> str: ...
    @property
    def at(self) -> int: ...


# Tickets of one location told in other words: from their ids and the moment, a document for each that there is.
View = Callable[[Reads, str, Sequence[str], int], Awaitable[Mapping[str, Dated]]]


class Look(TypedDict):
    """Which lists a picture is asked for."""

    calls: int
    first: int
    staff: bool


class LocationView(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody who may join sees of a location."""

    id: str
    name: str
    languages: list[str]
    time_zone: str
    open: bool
    opens_at: int | None
    queues: list[BoardQueue]


class Screens:
    """Builds what is shown. Raises Unknown, and StoreAway when there is nothing to build it from. `views` are further
    kinds of channels, each with what builds its documents."""

    def __init__(self, reads: Reads, clock: Callable[[], int], views: Mapping[str, View] | None = None) -> None:
        self.reads = reads
        self.clock = clock
        self.views = views or {}

    @property
    def directory(self) -> Directory:
        return self.reads.directory

    async def board(self, display: str) -> Board:
        location, _ = self.directory.display(display)
        document = (await self.build(location.id, [f"board:{display}"]))[f"board:{display}"]
        assert isinstance(document, Board)
        return document

    async def phone(self, ticket: str) -> Phone:
        location = self.directory.location_of_ticket(ticket)
        document = (await self.build(location.id, [f"ticket:{ticket}"])).get(f"ticket:{ticket}")
        if not isinstance(document, Phone):
            raise Unknown("ticket", ticket)
        return document

    async def desk(self, desk: str) -> DeskView:
        location, _ = self.directory.desk(desk)
        document = (await self.build(location.id, [f"desk:{desk}"]))[f"desk:{desk}"]
        assert isinstance(document, DeskView)
        return document

    async def location(self, location: str, lang: str) -> LocationView:
        where = self.directory.location(location)
        picture = await self.reads.picture(location)
        is_open, opens_at = opening(where, self.clock())
        return LocationView(
            id=where.id,
            name=name_in(where.name, lang, where.languages[0]),
            languages=list(where.languages),
            time_zone=where.time_zone,
            open=is_open,
            opens_at=opens_at,
            queues=[
                BoardQueue(
                    id=queue.id,
                    tag=queue.tag,
                    name=name_in(queue.name, lang, where.languages[0]),
                    colour=queue.colour,
                    open=picture.lines[queue.id].open,
                    waiting=picture.lines[queue.id].waiting,
                    wait=queue_wait(where, queue, picture),
                )
                for queue in where.queues
            ],
        )

    async def why(self, ticket: str, lang: str) -> tuple[Why, str]:
        """Why a ticket stands where it stands: the facts, and the same in words."""
        location = self.directory.location_of_ticket(ticket)
        picture = await self.reads.picture(location.id, phones=[ticket])
        state = picture.phones[ticket]
        if state.ticket is None:
            raise Unknown("ticket", ticket)
        ahead: list[Ticket] = []
        if state.rank:
            ahead = (await self.reads.order(state.ticket.queue, state.rank))[: state.rank]
        facts = explain(state.ticket, ahead)
        return facts, self._words(location, state.ticket, facts, lang)

    def _words(self, location: Location, ticket: Ticket, why: Why, lang: str) -> str:
        queue = next(queue for queue in location.queues if queue.id == ticket.queue)
        desk = desk_of(location, ticket)
        return explanation(
            lang,
            why,
            queue=name_in(queue.name, lang, location.languages[0]),
            desk=name_in(desk.name, lang, location.languages[0]) if desk else "",
            time=lambda at: datetime.fromtimestamp(at / 1000, ZoneInfo(location.time_zone)).strftime("%H:%M"),
        )

    async def build(self, location: str, channels: Iterable[str]) -> dict[str, Dated]:
        """The documents of several channels of one location (`board:ID`, `ticket:ID`, `desk:ID`) from one read, and
        those of each further kind from one read each.

        A channel whose ticket is gone has none, nor one that is no longer in the site, which may be applied again.
        """
        try:
            where = self.directory.location(location)
        except Unknown:
            return {}
        names = by_kind(channels)
        documents: dict[str, Dated] = {}
        if names.keys() - self.views.keys():
            documents.update(await self._own(where, names))
        for kind in names.keys() & self.views.keys():
            found = await self.views[kind](self.reads, location, names[kind], self.clock())
            documents.update((f"{kind}:{name}", document) for name, document in found.items())
        return documents

    async def _own(self, where: Location, names: Mapping[str, Sequence[str]]) -> dict[str, Dated]:
        tickets = names.get("ticket", ())
        picture = await self.reads.picture(where.id, phones=tickets, **look(names))
        people = await self.people(where, names, picture)
        now = self.clock()
        documents = self.shared(where, names, picture, people, now)
        for name in tickets:
            if (state := picture.phones[name]).ticket is not None:
                ahead = state.rank if state.ticket.state == State.WAITING else None
                documents[f"ticket:{name}"] = phone(where, state.ticket, ahead, picture, now)
        return documents

    def shared(
        self,
        where: Location,
        names: Mapping[str, Sequence[str]],
        picture: Picture,
        people: Mapping[str, Person],
        now: int,
    ) -> dict[str, Dated]:
        """The documents of the boards and desks among the names, from what was read already."""
        desks, boards = names.get("desk", ()), names.get("board", ())
        documents: dict[str, Dated] = {}
        for display in where.displays:
            if display.id in boards:
                documents[f"board:{display.id}"] = board(where, display, picture, now, speech)
        for desk in where.desks:
            if desk.id in desks:
                documents[f"desk:{desk.id}"] = desk_view(where, desk, picture, people, now, UNDO_MS)
        return documents

    async def people(self, where: Location, names: Mapping[str, Sequence[str]], picture: Picture) -> dict[str, Person]:
        """By ticket everybody on the lists that only desks see, when there is a desk among the names."""
        if "desk" not in names:
            return {}
        listed = [ticket.id for line in picture.lines.values() for ticket in line.first]
        listed += [
            ticket.id for ticket in (*picture.held, *picture.booked, *picture.closed, *picture.at_desks.values())
        ]
        return await self.reads.people(where.id, listed)


def by_kind(channels: Iterable[str]) -> dict[str, list[str]]:
    """The names of channels (`board:ID`) by what comes before the colon."""
    names: dict[str, list[str]] = {}
    for channel in channels:
        kind, _, name = channel.partition(":")
        names.setdefault(kind, []).append(name)
    return names


def look(names: Mapping[str, Sequence[str]]) -> Look:
    """How much of a location is read for documents of these kinds."""
    return Look(calls=CALLS, first=SHOWN if "desk" in names else 0, staff="desk" in names)
