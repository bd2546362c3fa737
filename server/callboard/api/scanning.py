"""What a scanner read, at a kiosk or a desk: it leads to a ticket, and whoever has a booking has arrived with it."""

import re
from typing import Annotated

from msgspec import Meta, Struct

from callboard import auth
from callboard.api.operation import Asked, Operation, words
from callboard.api.shapes import Taking, TicketBrief, brief
from callboard.domain.directory import Unknown
from callboard.domain.documents import Phone, Wait
from callboard.domain.model import State, Ticket
from callboard.domain.typed import Id, Locale
from callboard.errors import Refused
from callboard.http import Denied, Forbidden
from callboard.services import Services

# The address of a ticket's page, on whatever host it was printed, or what makes it one person's.
OWN = re.compile(r"(?:\S*/t/)?([A-Za-z0-9_-]{26})(?:[/?#]\S*)?")
TO_COME = (State.RESERVED, State.BOOKED)
OVERTAKEN = words("still_waiting already_called already_serving on_hold ticket_closed")


class Scan(Taking, frozen=True, kw_only=True):
    code: Annotated[str, Meta(min_length=1, max_length=4000, description="all that the scanner read, as text")]
    location: Id | None = None  # where it was read: tickets of others are refused
    locale: Locale | None = None  # of the names in the answer; else the location's first
    force: bool = False  # also too early or too late; for staff


class Scanned(Struct, frozen=True, kw_only=True):
    """A ticket as it stands now; `queue` and `desk` are names, `desk` empty unless it is called there."""

    ticket: TicketBrief
    checked_in: bool  # by this scan
    queue: str
    desk: str
    ahead: int | None
    wait: Wait | None


async def _scan(asked: Asked[Scan, None]) -> Scanned:
    services, body = asked.services, asked.body
    if body.force and asked.caller.kind == "visitor":
        raise Denied
    ticket = await _ticket_of(services, body.code.strip())
    _check_place(asked, ticket)
    checked_in = ticket.state in TO_COME and await _check_in(asked, ticket.id)
    ticket = await services.reads.ticket(ticket.id)
    return _scanned(ticket, await services.screens.phone(ticket.id), checked_in, body.locale)


async def _ticket_of(services: Services, code: str) -> Ticket:
    """Raises Unknown, always for a secret: whatever is tried here may be a guess."""
    try:
        if own := OWN.fullmatch(code):
            return await services.reads.ticket(await services.reads.ticket_of_token(own[1]))
        found = (ticket for read in services.codes if (ticket := read(code)))
        return await services.reads.ticket(next(found, ""))
    except Unknown:
        raise Unknown("token", "") from None


def _check_place(asked: Asked[Scan, None], ticket: Ticket) -> None:
    if asked.caller.kind != "visitor" and not auth.may(asked.caller, ticket.location, asked.services.directory):
        raise Unknown("token", "")
    if asked.body.location not in (None, ticket.location):
        raise Forbidden("The ticket is of another location.", "elsewhere")


async def _check_in(asked: Asked[Scan, None], ticket: str) -> bool:
    """False when somebody else did meanwhile."""
    try:
        await asked.services.store.check_in(ticket, force=asked.body.force, once=asked.once)
    except Refused as no:
        if no.refusal in OVERTAKEN:
            return False
        raise
    return True


def _scanned(ticket: Ticket, document: Phone, checked_in: bool, locale: str | None) -> Scanned:
    said = document.names.get(locale or "") or document
    return Scanned(
        ticket=brief(ticket),
        checked_in=checked_in,
        queue=said.queue,
        desk=said.desk if ticket.state in (State.CALLED, State.SERVING) else "",
        ahead=document.ahead,
        wait=document.wait,
    )


OPERATIONS = (
    Operation(
        name="scan",
        method="POST",
        path="/scan",
        tag="visitors",
        summary="Reads a code from a scanner: whoever has a booking is checked in",
        do=_scan,
        takes=Scan,
        answers=Scanned,
        refuses=words("too_early too_late staff_only"),
        once=True,
        open=True,
        limit="own",
        finds=True,
        forbids=True,
    ),
)
