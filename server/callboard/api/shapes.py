"""What the API takes and answers: these types read the requests and describe them in the OpenAPI document."""

from typing import Annotated

from msgspec import Meta, Struct

from callboard.domain import consent, model
from callboard.domain.directory import Directory
from callboard.domain.documents import Wait
from callboard.domain.names import name_in
from callboard.domain.picture import DeskState
from callboard.domain.typed import Id, Locale

# Control characters, line separators, and the marks that turn a text's direction around for everything after it.
_SEEN = r"[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]"
_DIGIT = "0-9\u0660-\u0669\u06f0-\u06f9"  # Latin, Arabic, Persian

Name = Annotated[
    str,
    Meta(max_length=80, pattern=rf"^{_SEEN}*$(?!\n)", extra={"words": "text in one line, without control characters"}),
]
Phone = Annotated[
    str,
    Meta(
        max_length=32,
        pattern=rf"^([+(]*[{_DIGIT}][{_DIGIT} ()./\xa0\u2010-\u2015-]*)?$(?!\n)",
        description="a number without + is one of the location's country",
        extra={"words": "a phone number such as +46 70 174 06 05"},
    ),
]
Email = Annotated[
    str,
    Meta(
        max_length=254,
        pattern=r"^([^\s@\x00-\x1f\x7f-\x9f]+@[^\s@\x00-\x1f\x7f-\x9f]+\.[^\s@\x00-\x1f\x7f-\x9f]+)?$(?!\n)",
        extra={"words": "an e-mail address such as me@example.org"},
    ),
]
Moment = Annotated[int, Meta(ge=0, le=4_102_444_800_000, description="milliseconds since 1970")]
TravelMin = Annotated[int, Meta(ge=0, le=240)]
Places = Annotated[int, Meta(ge=0, le=1000)]


class Taking(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request's body: keys that nobody knows are refused."""


class Nothing(Taking, frozen=True, kw_only=True):
    """No field is taken."""


class Read(Taking, frozen=True, kw_only=True):
    """What a person read of how they are written to, beside the field where they gave a number or an address."""

    words: Annotated[
        str,
        Meta(
            min_length=1, max_length=1000, pattern=rf"^{_SEEN}+$(?!\n)", extra={"words": "what was read, in one line"}
        ),
    ]
    language: Locale


class AtDesk(Taking, frozen=True, kw_only=True):
    """The desk that acts, where it is not the one that has the ticket."""

    desk: Id | None = None


class Asking(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request's query: a word that nobody knows is refused, and so is one that stands there twice."""


class InLanguage(Asking, frozen=True, kw_only=True):
    lang: Locale | None = None  # of names and texts; else Accept-Language, else the location's first


class Mistake(Struct, frozen=True):
    field: str
    message: str


class Ticket(Struct, frozen=True, kw_only=True):
    """A ticket as staff and machines see it. Moments end in `_at`: milliseconds since 1970."""

    id: str
    label: str
    state: model.State
    location: str
    queue: str
    desk: str
    priority: str
    locale: str
    source: str
    created_at: int
    joined_at: int | None
    slot_at: int | None
    called_at: int | None
    started_at: int | None
    closed_at: int | None
    close_reason: model.CloseReason | None
    held_by: str
    calls: int  # how often it was announced in this call
    retry_count: int
    postponed: int
    travel_min: int  # how long the person takes to come; 0: they have not said
    rev: int  # grows with every change of this ticket


class TicketBrief(Struct, frozen=True, kw_only=True):
    """A ticket as its holder sees it."""

    id: str
    label: str
    state: model.State
    queue: str


class TicketAnswer(Struct, frozen=True):
    """What a command on a ticket answers: the ticket as it stands after it."""

    ticket: Ticket


class BriefAnswer(Struct, frozen=True):
    ticket: TicketBrief


class Desk(Struct, frozen=True, kw_only=True):
    id: str
    tag: str
    name: str
    kind: str
    location: str
    location_name: str
    open: bool
    staff: str


class Consent(Struct, frozen=True, kw_only=True):
    """What was agreed to when a number or an address was given: the words that were read. Without words those who gave
    it vouch: staff, api, or the API of that name."""

    through: str  # join, kiosk, page, staff, api, or an API's name
    at: int
    words: str
    language: str
    version: str  # the same for all who read the same words


class Consents(Struct, frozen=True, kw_only=True):
    phone: Consent | None
    email: Consent | None


class Holder(Struct, frozen=True, kw_only=True):
    """Who holds a ticket."""

    name: str
    phone: str
    email: str
    consent: Consents


class Standing(Struct, frozen=True, kw_only=True):
    """A ticket and where it stands; `position` counts from 1, and is null when it does not wait."""

    ticket: Ticket
    position: int | None
    ahead: int | None
    wait: Wait | None
    person: Holder | None  # null when erased


def ticket_shape(ticket: model.Ticket) -> Ticket:
    return Ticket(**{name: getattr(ticket, name) for name in Ticket.__struct_fields__})


def holder_shape(person: model.Person) -> Holder:
    consents = {way: _consent(person.consent.get(way)) for way in consent.WAYS}
    return Holder(name=person.name, phone=person.phone, email=person.email, consent=Consents(**consents))


def _consent(given: consent.Consent | None) -> Consent | None:
    return Consent(**{name: getattr(given, name) for name in Consent.__struct_fields__}) if given else None


def brief(ticket: model.Ticket) -> TicketBrief:
    return TicketBrief(id=ticket.id, label=ticket.label, state=ticket.state, queue=ticket.queue)


def desk_shape(directory: Directory, desk: str, state: DeskState, lang: str) -> Desk:
    location, config = directory.desk(desk)
    first = location.languages[0]
    return Desk(
        id=config.id,
        tag=config.tag,
        name=name_in(config.name, lang, first),
        kind=config.kind,
        location=location.id,
        location_name=name_in(location.name, lang, first),
        open=state.open,
        staff=state.staff,
    )
