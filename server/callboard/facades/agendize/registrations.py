"""Registrations: listed, read, made, changed, deleted."""

import asyncio
from functools import partial
from typing import Any

from msgspec.structs import replace

from callboard.domain.directory import Unknown
from callboard.domain.model import CLOSED, CloseReason, Person, Queue, State
from callboard.domain.standing import Standing
from callboard.errors import Invalid, Mistake, Refusal, Refused
from callboard.facades.agendize.files import file_id, number_of
from callboard.facades.agendize.finding import (
    named,
    queue_of,
    registration_of,
    shown,
    shown_after,
    shown_now,
    shown_one,
)
from callboard.facades.agendize.forms import Form, bound, read_form, show_form
from callboard.facades.agendize.kept import FACADE, Kept, attachments_of, extra_with, form_of, kept_of
from callboard.facades.agendize.models import (
    Filter,
    FormItem,
    OldRegistration,
    OldRegistrations,
    Registration,
    Registrations,
    SentRegistration,
)
from callboard.facades.agendize.moving import move
from callboard.facades.agendize.people import Visitor, changed_visitor, new_visitor
from callboard.facades.agendize.translation import OLD, STATUSES, state_of, states_of
from callboard.foreign.operation import Asked
from callboard.foreign.person import change_person
from callboard.http import Problem
from callboard.standing import of_queue

Answer = Registration | OldRegistration

OPEN = frozenset(state for state, word in STATUSES.items() if word) - CLOSED


async def list_(asked: Asked[Any, Filter], version: str) -> Registrations | OldRegistrations:
    _, queue = queue_of(asked)
    services = asked.services
    states = states_of(asked.query.status)
    found = await of_queue(services.reads, queue.id, services.clock(), states=states)
    items = await shown(services, found, version)
    return OldRegistrations(items=items) if version == OLD else Registrations(items=items)


async def get(asked: Asked[Any, Any], version: str) -> Answer:
    return await shown_one(asked.services, await registration_of(asked), version)


async def create(asked: Asked[SentRegistration, Any], version: str) -> Answer:
    location, queue = queue_of(asked)
    body, services = asked.body, asked.services
    _same_queue(asked, queue)
    state = state_of(body.status) if body.status else State.WAITING
    form = await asyncio.to_thread(read_form, body.form) if body.form else Form()
    visitor = await new_visitor(services.customers, asked.caller.organization, body.client or None, bound(form.items))
    kept = _named(Kept(form=form.items, next_file=form.next), visitor)
    person = visitor.fields(location)
    store = services.store.showing
    done = await store.join(
        queue.id,
        once=asked.once,
        source=FACADE,
        name=person["name"],
        phone=person["phone"],
        email=person["email"],
        customer=person["customer"],
        extra=extra_with("", kept),
        attachments=attachments_of(form),
    )
    assert done.ticket is not None, "whoever joins is given a ticket"
    if state is not State.WAITING:
        done = await store.correct(done.ticket.id, state=state, once=asked.once and f"{asked.once}:status")
    return await shown_after(services, done, version)


async def update(asked: Asked[SentRegistration, Any], version: str) -> Answer:
    """Fields that are not sent stay. Everything is checked before anything is changed."""
    found = await registration_of(asked)
    body, services = asked.body, asked.services
    if body.id and str(body.id) not in (str(found.ticket.serial), found.ticket.id):
        raise Invalid([Mistake("id", "must be the registration of the path")])
    state = state_of(body.status) if body.status else None
    if state and found.ticket.state is State.CANCELLED:
        raise Refused(Refusal.TICKET_CLOSED)
    to_queue = _other_queue(asked, found)
    if found.person is None and _speaks_of_client(body):
        raise Problem(409, "erased", "The client was erased; nothing is kept of them any more.")
    if state and found.ticket.state in CLOSED:  # only an open one takes the rest
        if found.person:
            await _changes(asked, found, found.person)
        await move(asked, found.ticket, state)
    await change_person(services, found.ticket.id, found.person, partial(_changes, asked, found), FACADE)
    if to_queue:
        await services.store.transfer(found.ticket.id, queue=to_queue)
    if state and found.ticket.state not in CLOSED:
        await move(asked, found.ticket, state)
    return await shown_now(services, found.ticket.id, version)


async def delete(asked: Asked[Any, Any]) -> None:
    """It is not in any list any more, unless deleted ones are asked for. The second time nothing happens."""
    location, queue = queue_of(asked)
    ticket = named(location, asked.ids["registrationId"])
    try:
        await asked.services.store.only(queue=queue.id, states=OPEN).cancel(ticket, reason=CloseReason.STAFF)
    except Refused as refused:
        if refused.refusal is not Refusal.NOT_FOUND:
            raise
        await _delete_closed(asked)


async def _delete_closed(asked: Asked[Any, Any]) -> None:
    """Or one that was not open a moment ago."""
    found = await registration_of(asked)
    store, ticket = asked.services.store, found.ticket
    if ticket.state is State.CANCELLED:
        return
    if ticket.state in CLOSED:
        await store.correct(ticket.id, state=State.CANCELLED, reason=CloseReason.STAFF)
    else:
        await store.cancel(ticket.id, reason=CloseReason.STAFF)


def _other_queue(asked: Asked[SentRegistration, Any], found: Standing) -> str:
    """Where it is to go on, if another queue is named. Raises Invalid for one of another location."""
    ref = asked.body.queue.id if asked.body.queue else None
    if not ref:
        return ""
    try:
        location, queue = asked.services.directory.find_queue(asked.caller.organization, str(ref))
    except Unknown:
        raise Invalid([Mistake("queue.id", "is not the id of a queue")]) from None
    if location.id != found.location.id:
        raise Invalid([Mistake("queue.id", "must be a queue of the same company")])
    return queue.id if queue.id != found.queue.id else ""


def _same_queue(asked: Asked[SentRegistration, Any], queue: Queue) -> None:
    ref = asked.body.queue.id if asked.body.queue else None
    if ref and not _is(asked, str(ref), queue):
        raise Invalid([Mistake("queue.id", "must be the queue of the path")])


def _is(asked: Asked[Any, Any], ref: str, queue: Queue) -> bool:
    try:
        return asked.services.directory.find_queue(asked.caller.organization, ref)[1].id == queue.id
    except Unknown:
        return False


def _speaks_of_client(body: SentRegistration) -> bool:
    return bool(body.client) or isinstance(body.form, list)


async def _changes(asked: Asked[SentRegistration, Any], found: Standing, person: Person) -> dict[str, str]:
    """What is to change of the person; nothing of what they are already."""
    body, services = asked.body, asked.services
    if not _speaks_of_client(body):
        return {}
    kept, attachments = kept_of(person), await services.reads.attachments(found.ticket.id)
    now: dict[str, str] = {}
    if isinstance(body.form, list):
        kept, now["attachments"] = await asyncio.to_thread(_filled, body.form, kept, attachments, found, person.token)
    if body.client:
        visitor = await changed_visitor(services.customers, asked.caller.organization, body.client, person, kept)
        kept = _named(kept, visitor)
        now |= visitor.fields(found.location)
    now["extra"] = extra_with(person.extra, kept)
    was = {name: attachments if name == "attachments" else getattr(person, name) for name in now}
    return {name: value for name, value in now.items() if value != was[name]}


def _filled(sent: list[FormItem], kept: Kept, attachments: str, found: Standing, token: str) -> tuple[Kept, str]:
    """With the form that is sent in place of the one that was there; and its files."""
    before = form_of(kept, attachments)
    shown = show_form(before, found.location.time_zone, lambda number: file_id(number, token))
    after = read_form(sent, before, shown, lambda link: number_of(link.rpartition("/")[2], token))
    return replace(kept, form=after.items, next_file=after.next), attachments_of(after)


def _named(kept: Kept, visitor: Visitor) -> Kept:
    return replace(kept, client=visitor.number, first=visitor.first, last=visitor.last, phone=visitor.phone)
