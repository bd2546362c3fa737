"""The documents of many phones at one instant, encoded: what they share is written once, and each adds its own."""

from collections.abc import Callable

import msgspec
from msgspec import Struct

from callboard.domain.board import booked_wait, waits
from callboard.domain.documents import Phone, Wait
from callboard.domain.model import Location, Queue, Ticket
from callboard.domain.phone import phase, phone
from callboard.domain.picture import Picture

OWN = ("label", "phase", "ahead", "wait")  # what two people who wait side by side are told differently

_encode = msgspec.json.Encoder().encode


Alike = dict[tuple[object, ...], Ticket]


class Seen(Struct, frozen=True, gc=False):
    """A ticket as far as its document shows it: its label, encoded, and one that is like it in everything else."""

    label: bytes
    like: Ticket


def seen(ticket: Ticket, known: Alike) -> Seen:
    """Ten thousand who wait side by side are like the first of them, which `known` keeps."""
    return Seen(_encode(ticket.label), known.setdefault(alike(ticket), ticket))


class Mould(Struct, frozen=True):
    """A document cut where something of one's own belongs; of a ticket, and of all that are like it. Who has more than
    `near` before them is told what to do by the wait alone, and `far` has by the wait what is around their place."""

    ticket: Ticket
    queue: Queue
    near: int
    outlook: Callable[[int], Wait | None]
    booked: Wait | None
    pieces: list[bytes]
    far: dict[Wait | None, tuple[bytes, bytes]]

    def around(self, ahead: int | None, wait: Wait | None) -> tuple[bytes, bytes]:
        """What a document has before the place, with the label in front of it, and what behind."""
        _, state, names, between, rest = self.pieces
        now = _encode(phase(self.queue, self.ticket, ahead, wait))
        return b"".join((state, now, names)), b"".join((between, _encode(wait), rest))


class Phones:
    """Writes for any tickets of one picture what `phone` says of each, byte for byte as it is encoded: `head`, which
    all begin with, and behind it what `write` answers.

    Ten thousand who wait differ in their label and their place, so a document is mostly a join of pieces.
    """

    def __init__(self, location: Location, picture: Picture, now: int) -> None:
        self._location = location
        self._picture = picture
        self._now = now
        self.head = b'{"type":"ticket","seq":%d,"epoch":%b,"at":%d' % (picture.seq, _encode(picture.epoch), now)
        self._moulds: dict[int, Mould] = {}
        self._outlooks: dict[str, Callable[[int], Wait | None]] = {}

    def write(self, seen: Seen, ahead: int | None) -> bytes:
        """`ahead` as `phone` takes it."""
        mould = self._moulds.get(id(seen.like))
        if mould is None:
            mould = self._moulds[id(seen.like)] = self._mould(seen.like, ahead)
        wait = mould.booked if ahead is None else mould.outlook(ahead)
        if ahead is None or ahead <= mould.near:
            around = mould.around(ahead, wait)
        elif (known := mould.far.get(wait)) is not None:
            around = known
        else:
            around = mould.far[wait] = mould.around(ahead, wait)
        return b"".join((mould.pieces[0], seen.label, around[0], _encode(ahead), around[1]))

    def _mould(self, ticket: Ticket, ahead: int | None) -> Mould:
        document = phone(self._location, ticket, ahead, self._picture, self._now)
        pieces = [b""]
        for name in Phone.__struct_fields__[Phone.__struct_fields__.index(OWN[0]) :]:
            pieces[-1] += b',"%b":' % name.encode()
            if name in OWN:
                pieces.append(b"")
            else:
                pieces[-1] += _encode(getattr(document, name))
        pieces[-1] += b"}"
        queue = next(queue for queue in self._location.queues if queue.id == ticket.queue)
        booked = booked_wait(ticket, self._picture)
        return Mould(ticket, queue, queue.almost_ahead, self._outlook(queue), booked, pieces, {})

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
