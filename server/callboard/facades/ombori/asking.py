"""What every operation starts with, and how it answers: the queue and the position of the path, and who may."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from msgspec import structs

from callboard.auth import Caller
from callboard.domain.model import Location, Person
from callboard.domain.standing import Standing
from callboard.errors import Invalid, Mistake, Refusal, Refused
from callboard.facades.ombori import access
from callboard.facades.ombori.kept import Kept, contact, kept, put, said
from callboard.facades.ombori.models import BookingIn, Position, Said
from callboard.facades.ombori.moments import moment
from callboard.facades.ombori.options import API, options_of
from callboard.facades.ombori.position import language, position
from callboard.foreign.operation import Asked
from callboard.foreign.person import change_person
from callboard.standing import after, standing
from callboard.store.transitions import Done

A = TypeVar("A")
B = TypeVar("B")
Q = TypeVar("Q")

OPEN_KEY = 16


def public(do: Callable[[Asked[B, Q]], Awaitable[A]], limit: str) -> Callable[[Asked[B, Q]], Coroutine[Any, Any, A]]:
    """An operation that is open to everybody, where the location is. `limit` is the bucket of those without a key."""

    async def open_to_all(asked: Asked[B, Q]) -> A:
        caller = await access.caller(asked.request, asked.services)
        access.demand(caller, asked.request, access.place(asked.request)[0])
        if caller.kind == "visitor":
            await asked.services.limit(asked.request, limit)
        return await do(replace(asked, caller=caller, once=_once(asked, caller)))

    return open_to_all


def _once(asked: Asked[Any, Any], caller: Caller) -> str | None:
    """The idempotency key as the caller's own. A visitor's opens what it made, so it must not be easy to guess."""
    if asked.once is None:
        return None
    given = asked.once.partition(":")[2]
    if caller.kind == "visitor" and len(given) < OPEN_KEY:
        raise Invalid([Mistake("Idempotency-Key", f"must be at least {OPEN_KEY} characters")])
    return f"{caller.id}:{given}"


async def held(asked: Asked[Any, Any]) -> Standing:
    """The position of the path, as it stands now."""
    location, _ = access.place(asked.request)
    return await access.standing_at(asked.request, location, asked.ids["position"])


async def settled(asked: Asked[Any, Any], do: Callable[[str], Awaitable[Done]], same: Refusal) -> Position:
    """The position of the path after a command that shows it. Refused as `same`, it is so already, and that is no
    refusal."""
    ticket = access.ticket_at(asked.request, access.place(asked.request)[0], asked.ids["position"])
    try:
        done = await do(ticket)
    except Refused as refused:
        if refused.refusal is Refusal.NOT_FOUND:
            access.missed(asked.request)
        if refused.refusal is not same:
            raise
        return await shown(asked, ticket)
    return answered(asked, after(asked.services.directory, done))


def answered(asked: Asked[Any, Any], found: Standing) -> Position:
    """As the organization of the path wants it; who serves it is told to keys alone."""
    return position(found, options_of(access.tenant(asked.request)), staff=asked.caller.kind == "key")


async def shown(asked: Asked[Any, Any], ticket: str) -> Position:
    """A position after what was done to it."""
    return answered(asked, await standing(asked.services.reads, ticket, asked.services.clock()))


def slot(booking: BookingIn, location: Location) -> tuple[int, int]:
    """Start and end in ms. Raises Invalid."""
    start = moment(booking.start, location, "booking.start")
    end = moment(booking.end, location, "booking.end")
    if end <= start:
        raise Invalid([Mistake("booking.end", "must be after the start")])
    return start, end


async def taken(asked: Asked[Any, Any], done: Done, given: Mapping[str, Any]) -> Position:
    """A booking that was just made of what was given. The answer to an idempotency key may be of an earlier one."""
    ticket = done.ticket
    assert ticket is not None, "whoever takes a ticket has one"
    if asked.once is not None:
        return await shown(asked, ticket.id)
    location, queue = asked.services.directory.queue(ticket.queue)
    said = {field: value for field, value in given.items() if field in Person.__struct_fields__}
    now = Standing(
        ticket=ticket,
        person=Person(token=done.token, **said),
        location=location,
        queue=queue,
        desk=None,
        ahead=None,
        wait_min=None,
        average_min=0,
        queue_waiting=0,
        seq=done.event.seq,
        epoch="",
    )
    return answered(asked, now)


def who(body: Said, location: Location, booking: BookingIn | None) -> dict[str, Any]:
    """What the store is told of whoever takes a ticket. Raises Invalid."""
    given: dict[str, Any] = contact(body, location)
    given["extra"] = put("", said(Kept(), body, booking))
    given["source"] = API
    if body.locale:
        given["locale"] = language(body.locale, location)
    if body.number_of_people is not None:
        given["party"] = body.number_of_people
    return given


async def change(asked: Asked[Any, Any], now: Standing, body: Said, booking: BookingIn | None) -> Standing:
    """The slot, the ticket and what is kept of the person become as the body says; answers what stands then. Raises
    Invalid before anything is changed; the slot is first, since it may be refused."""
    location, ticket = now.location, now.ticket
    if ticket.closed_at is not None:
        raise Refused(Refusal.TICKET_CLOSED)
    said(kept(now.person), body, booking)
    store, once = asked.services.store, asked.once
    if booking:
        start, end = slot(booking, location)
        if (start, end) != (ticket.slot_at, ticket.slot_end):
            done = await store.reschedule(ticket.id, slot_at=start, slot_end=end, once=once and f"{once}:slot")
            ticket = done.ticket or ticket
    if changes := _ticket_changes(now, body):
        done = await store.change_ticket(ticket.id, once=once and f"{once}:ticket", **changes)
        ticket = done.ticket or ticket

    async def given(person: Person) -> dict[str, str]:
        found = contact(body, location) | {"extra": put(person.extra, said(kept(person), body, booking))}
        return {field: value for field, value in found.items() if value != getattr(person, field)}

    # What is said again changes nothing, so this needs no idempotency key.
    person = await change_person(asked.services, ticket.id, now.person, given, API)
    return structs.replace(now, ticket=ticket, person=person)


def _ticket_changes(now: Standing, body: Said) -> dict[str, Any]:
    wanted = {"party": body.number_of_people, "locale": body.locale and language(body.locale, now.location)}
    return {field: value for field, value in wanted.items() if value not in (None, getattr(now.ticket, field))}
