"""From what the script of a picture answers to the picture."""

from typing import Any

import msgspec
from msgspec import Struct

from callboard.domain.expected import Expected
from callboard.domain.model import Location, Person, Ticket
from callboard.domain.picture import Day, DeskState, Line, PhoneState, Picture, UndoState

_ticket = msgspec.json.Decoder(Ticket).decode
_person = msgspec.json.Decoder(Person).decode
_expected = msgspec.json.Decoder(Expected).decode
_desk = msgspec.json.Decoder(DeskState).decode


class _Undo(Struct):
    kind: str
    at: int
    label: str = ""


def picture(location: Location, answer: list[Any]) -> Picture:
    """Tickets of a queue that the site no longer has are left out: nobody can be told where they wait."""
    (seq, epoch, day), desks, lines, calls, phones, staff, at_desks, expected = answer
    held, booked, closed, undo = staff or ([], [], [], [])
    queues = {queue.id for queue in location.queues}

    def known(raws: list[str | None]) -> list[Ticket]:
        return [ticket for ticket in tickets(raws) if ticket.queue in queues]

    def phone(raw: str | None, rank: int | None, person: str | None) -> PhoneState:
        found = known([raw])
        return PhoneState(found[0], rank, _person(person) if person else None) if found else PhoneState(None, None)

    return Picture(
        location=location.id,
        seq=int(seq or 0),
        epoch=epoch or "",
        day=day or "",
        desks={desk: _desk(raw) for desk, raw in _pairs(desks)},
        lines={line[0]: _line(line) for line in lines},
        calls=known(calls),
        at_desks={ticket.desk: ticket for ticket in known(at_desks)},
        phones={id: phone(raw, rank, person) for id, raw, rank, person in phones},
        held=known(held),
        booked=known(booked),
        closed=known(closed),
        undo={desk: _undo(raw) for desk, raw in _pairs(undo)},
        expected=_expected(expected) if expected else None,
    )


def _line(line: list[Any]) -> Line:
    """No figure is below zero: what yesterday's ticket takes back today was not counted today."""
    _, waiting, closed, served, served_ms, first, day = line
    figures = (max(0, int(figure or 0)) for figure in day)
    return Line(waiting, not closed, int(served or 0), int(served_ms or 0), tickets(first), Day(*figures))


def _undo(raw: str) -> UndoState:
    undo = msgspec.json.decode(raw, type=_Undo)
    return UndoState(undo.kind, undo.label, undo.at)


def _pairs(flat: list[str]) -> list[tuple[str, str]]:
    return list(zip(flat[::2], flat[1::2], strict=True))


def tickets(raws: list[str | None]) -> list[Ticket]:
    """Those of them that there are."""
    return [_ticket(raw) for raw in raws if raw]
