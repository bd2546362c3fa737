"""The documents of many phones at one instant, encoded: what they share is written once, and each adds its own."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec
from msgspec import Struct

from callboard.domain.board import booked_wait, waits
from callboard.domain.documents import Phone, Wait
from callboard.domain.model import Location, Queue, Ticket
from callboard.domain.phone import phase, phone
from callboard.domain.picture import Picture

OWN = frozenset({"label", "phase", "ahead", "wait"})  # what two people who wait side by side are told differently

_encode = msgspec.json.Encoder().encode


Alike = dict[tuple[object, ...], Ticket]


class Seen(Struct, frozen=True, gc=False):
    """A ticket as far as its document shows it: its label, and one that is like it in everything else."""

    label: str
    like: Ticket


def seen(ticket: Ticket, known: Alike) -> Seen:
    """Ten thousand who wait side by side are like the first of them, which `known` keeps."""
    return Seen(ticket.label, known.setdefault(alike(ticket), ticket))


class Mould(NamedTuple):
    """A document cut where something of one's own belongs; of a ticket, and of all that are like it."""

    ticket: Ticket
    queue: Queue
    outlook: Callable[[int], Wait | None]
    booked: Wait | None
    pieces: list[bytes]


class Phones:
    """Writes for any tickets of one picture what `phone` says of each, byte for byte as it is encoded.

    Ten thousand who wait differ in their label and their place, so a document is mostly a join of pieces.
    """

    def __init__(self, location: Location, picture: Picture, now: int) -> None:
        self._location = location
        self._picture = picture
        self._now = now
        self._moulds: dict[int, Mould] = {}
        self._outlooks: dict[str, Callable[[int], Wait | None]] = {}

    def write(self, seen: Seen, ahead: int | None) -> bytes:
        """`ahead` as `phone` takes it."""
        mould = self._moulds.get(id(seen.like))
        if mould is None:
            mould = self._moulds[id(seen.like)] = self._mould(seen.like, ahead)
        front, state, names, between, rest = mould.pieces
        shown = mould.booked if ahead is None else mould.outlook(ahead)
        now = _encode(phase(mould.queue, seen.like, ahead, shown))
        return b"".join((front, _encode(seen.label), state, now, names, _encode(ahead), between, _encode(shown), rest))

    def _mould(self, ticket: Ticket, ahead: int | None) -> Mould:
        document = phone(self._location, ticket, ahead, self._picture, self._now)
        pieces = [b'{"type":"ticket"']
        for name in Phone.__struct_fields__:
            pieces[-1] += b',"%b":' % name.encode()
            if name in OWN:
                pieces.append(b"")
            else:
                pieces[-1] += _encode(getattr(document, name))
        pieces[-1] += b"}"
        queue = next(queue for queue in self._location.queues if queue.id == ticket.queue)
        return Mould(ticket, queue, self._outlook(queue), booked_wait(ticket, self._picture), pieces)

    def _outlook(self, queue: Queue) -> Callable[[int], Wait | None]:
        if queue.id not in self._outlooks:
            self._outlooks[queue.id] = waits(self._location, queue, self._picture)
        return self._outlooks[queue.id]


def alike(ticket: Ticket) -> tuple[object, ...]:
    """All that `phone` looks at in a ticket, but for its label."""
    return (
        *(ticket.queue, ticket.state, ticket.locale, ticket.desk, ticket.call, ticket.called_at, ticket.slot_at),
        *(ticket.closed_at, ticket.close_reason, ticket.postponed, ticket.rating, ticket.travel_min),
    )
