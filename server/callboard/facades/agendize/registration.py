"""A ticket as a registration of either version."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from msgspec import UNSET, UnsetType, to_builtins

from callboard.contact import e164
from callboard.domain.identity import queue_number
from callboard.domain.model import Location, Organization, Person, State, Ticket
from callboard.domain.names import name_in
from callboard.domain.standing import Standing
from callboard.domain.typed import Text
from callboard.facades.agendize.files import file_id
from callboard.facades.agendize.forms import show_form
from callboard.facades.agendize.kept import Kept, form_of, names
from callboard.facades.agendize.models import (
    Client,
    FormItem,
    Moment,
    OldRegistration,
    Owner,
    QueueName,
    Registration,
)
from callboard.facades.agendize.translation import NEW, OLD, OLD_STATUSES, moment, status_of

NOBODY: Mapping[str, str] = MappingProxyType({})
STARTED = frozenset({State.CALLED, State.SERVING, State.DONE, State.NO_SHOW})


def registration(
    standing: Standing,
    kept: Kept,
    owner: Organization,
    url: str,
    attachments: str = "",
    numbers: Mapping[str, str] = NOBODY,
) -> Registration:
    """As version 2.3 shows it; `kept` is of its person, `url` what links begin with. Only for what `status_of` has a
    word for.

    `numbers` are those of customers, by id, who are not known by what is kept here.
    """
    ticket, person, location = standing.ticket, standing.person, standing.location
    status = status_of(ticket.state)
    assert status is not None, "a booking is no registration"
    ahead = standing.ahead
    root = f"{url}/api/{NEW}/queues/{queue_number(standing.queue)}/registrations/{ticket.serial}"
    return Registration(
        id=str(ticket.serial),
        queue=QueueName(id=str(queue_number(standing.queue)), name=_name(standing.queue.name, location)),
        status=status,
        registered=moment(ticket.joined_at or ticket.created_at, location.time_zone),
        client=client(person, kept, location, url, numbers) if person else Client(),
        waiting_time=UNSET if standing.wait_min is None else standing.wait_min,
        average_waiting_time=standing.average_min,
        owner=Owner(id=owner.id, user_name=_name(owner.name, location)),
        rank=UNSET if ahead is None else ahead + 1,
        number_of_people_ahead=UNSET if ahead is None else ahead,
        form=form(person, kept, attachments, location, root) if person and kept.form else [],
        started=_moment_of(started_at(ticket), location),
        finished=_moment_of(ticket.closed_at if ticket.state is State.DONE else None, location),
    )


def started_at(ticket: Ticket) -> int | None:
    """Since when it is in progress: called and being served are one to them, so it counts from the call on."""
    return (ticket.called_at or ticket.started_at) if ticket.state in STARTED else None


def old(new: Registration) -> OldRegistration:
    """The same as version 2.0 shows it."""
    return OldRegistration(
        id=new.id,
        author=new.owner.user_name,
        queue=new.queue,
        registered=new.registered,
        client=new.client,
        status=OLD_STATUSES[new.status],
    )


def of_version(new: Registration, version: str) -> Registration | OldRegistration:
    return old(new) if version == OLD else new


def plain(new: Registration, version: str) -> dict[str, Any]:
    """As JSON has it."""
    said: dict[str, Any] = to_builtins(of_version(new, version))
    return said


def client(person: Person, kept: Kept, location: Location, url: str, numbers: Mapping[str, str]) -> Client:
    first, last = names(person, kept)
    number = kept.client or numbers.get(person.customer, "")
    typed = kept.phone and (e164(kept.phone, location.country) or "") == person.phone
    return Client(
        id=number or UNSET,
        first_name=first,
        last_name=last,
        email_address=person.email,
        phone_number=kept.phone if typed else person.phone,
        self_link=client_link(url, number) if number else UNSET,
    )


def client_link(url: str, number: str) -> str:
    return f"{url}/api/{NEW}/clients/{number}"


def form(person: Person, kept: Kept, attachments: str, location: Location, root: str) -> list[FormItem]:
    """`root` is where the registration is."""
    return show_form(
        form_of(kept, attachments), location.time_zone, lambda number: f"{root}/files/{file_id(number, person.token)}"
    )


def _name(text: Text, location: Location) -> str:
    return name_in(text, location.languages[0], location.languages[0])


def _moment_of(at: int | None, location: Location) -> Moment | UnsetType:
    return UNSET if at is None else moment(at, location.time_zone)
