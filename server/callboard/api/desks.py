"""Desks: which there are, who sits there, whom they call."""

from typing import Any

from msgspec import Struct

from callboard.api.language import chosen
from callboard.api.operation import Asked, Operation, words
from callboard.api.shapes import Desk, InLanguage, Name, Nothing, Taking, TicketAnswer, desk_shape, ticket_shape
from callboard.auth import Caller
from callboard.domain.picture import DeskState
from callboard.services import Services
from callboard.store.transitions import Done


class OpenDesk(Taking, frozen=True, kw_only=True):
    staff: Name | None = None  # who sits down; else who is signed in


class Desks(Struct, frozen=True):
    desks: list[Desk]


class DeskAnswer(Struct, frozen=True):
    desk: Desk


async def desks_of(services: Services, caller: Caller, lang: str | None = None) -> list[Desk]:
    """All desks of the caller's organization as they are now."""
    found = []
    for location in services.directory.locations:
        if services.directory.organization(location.id).id == caller.organization:
            states = (await services.reads.picture(location.id)).desks
            found += [
                desk_shape(services.directory, desk.id, states.get(desk.id, DeskState()), lang or location.languages[0])
                for desk in location.desks
            ]
    return found


async def _desks(asked: Asked[None, InLanguage]) -> Desks:
    return Desks(await desks_of(asked.services, asked.caller, asked.query.lang))


async def _open(asked: Asked[OpenDesk, None]) -> DeskAnswer:
    staff = (asked.body.staff or "").strip() or asked.caller.name
    await asked.services.store.open_desk(asked.ids["desk"], staff=staff, once=asked.once)
    return await _state(asked)


async def _close(asked: Asked[Nothing, None]) -> DeskAnswer:
    await asked.services.store.close_desk(asked.ids["desk"], once=asked.once)
    return await _state(asked)


async def _call_next(asked: Asked[Nothing, None]) -> TicketAnswer:
    return _ticket(await asked.services.store.call_next(asked.ids["desk"], once=asked.once))


async def _undo(asked: Asked[Nothing, None]) -> TicketAnswer:
    return _ticket(await asked.services.store.undo(asked.ids["desk"], once=asked.once))


async def _state(asked: Asked[Any, None]) -> DeskAnswer:
    directory, name = asked.services.directory, asked.ids["desk"]
    location, _ = directory.desk(name)
    states = (await asked.services.reads.picture(location.id)).desks
    lang = chosen(asked.request, location.languages)
    return DeskAnswer(desk_shape(directory, name, states.get(name, DeskState()), lang))


def _ticket(done: Done) -> TicketAnswer:
    assert done.ticket is not None, "a desk calls, and takes back, tickets"
    return TicketAnswer(ticket_shape(done.ticket))


OPERATIONS = (
    Operation(
        name="desks",
        method="GET",
        path="/desks",
        tag="desks",
        summary="All desks of the organization",
        do=_desks,
        asks=InLanguage,
        answers=Desks,
        gives={"desk": "/desks/0/id"},
    ),
    Operation(
        name="open_desk",
        method="POST",
        path="/desks/{desk}/open",
        tag="desks",
        summary="Somebody sits down; whoever was there is relieved",
        do=_open,
        takes=OpenDesk,
        answers=DeskAnswer,
        once=True,
    ),
    Operation(
        name="close_desk",
        method="POST",
        path="/desks/{desk}/close",
        tag="desks",
        summary="The desk stops serving",
        do=_close,
        takes=Nothing,
        answers=DeskAnswer,
        refuses=words("desk_closed desk_busy"),
        once=True,
    ),
    Operation(
        name="call_next",
        method="POST",
        path="/desks/{desk}/call_next",
        tag="desks",
        summary="Calls the first waiting ticket that the desk serves; nobody else gets the same one",
        do=_call_next,
        takes=Nothing,
        answers=TicketAnswer,
        refuses=words("desk_closed desk_busy queue_empty"),
        gives={"ticket": "/ticket/id"},
        once=True,
    ),
    Operation(
        name="undo",
        method="POST",
        path="/desks/{desk}/undo",
        tag="desks",
        summary="Takes the desk's last transition back, within a minute; what was announced stays said",
        do=_undo,
        takes=Nothing,
        answers=TicketAnswer,
        refuses=words("nothing_to_undo changed_since"),
        once=True,
    ),
)
