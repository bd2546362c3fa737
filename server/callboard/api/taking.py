"""Taking a ticket: now, or for a time; by a visitor, at a kiosk, by staff or by a machine."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from callboard import auth
from callboard.api.operation import ROOT, Asked, Operation, words
from callboard.api.shapes import Email, Moment, Name, Phone, Read, Taking, TicketBrief, TravelMin, brief
from callboard.contact import contact_mistakes, e164, mail_address
from callboard.domain.consent import agreed
from callboard.domain.directory import Unknown
from callboard.domain.model import Location, Queue
from callboard.domain.typed import Id, Locale
from callboard.errors import Invalid, Mistake
from callboard.http import Forbidden
from callboard.services import Services
from callboard.store.transitions import Done, Store

OPEN_KEY = 16  # a visitor's idempotency key opens the ticket that it made, so it must not be easy to guess
PAST_MS = 24 * 3600 * 1000
AHEAD_MS = 366 * 24 * 3600 * 1000


class Take(Taking, frozen=True, kw_only=True):
    """With `slot_at` it is a booking. Only staff and keys give reserve, priority, force, extra, and other sources."""

    queue: Id
    locale: Locale | None = None  # else the location's first language
    name: Name = ""
    phone: Phone = ""
    email: Email = ""
    consent: Read | None = None  # beside a phone or an email that is given; else those who give it vouch
    source: Literal["join", "kiosk", "staff", "api"] | None = None
    travel_min: TravelMin = 0  # how long they take to come: then they are told early enough
    slot_at: Moment | None = None
    reserve: bool = False  # the slot is kept until it is confirmed
    priority: Id | None = None  # one of the queue's
    extra: Annotated[str, Meta(max_length=4000)] = ""  # kept with the person and never read
    force: bool = False  # also when it is closed or full


class Taken(Struct, frozen=True):
    """`token` opens the ticket's page, which is at `url`: a secret of who holds the ticket."""

    ticket: TicketBrief
    token: str
    url: str


async def _take(asked: Asked[Take, None]) -> Taken:
    body, services = asked.body, asked.services
    location, queue = services.directory.queue(body.queue)
    is_staff = auth.may(asked.caller, location.id, services.directory)
    if not is_staff and not location.public_join:
        raise Forbidden("tickets of this location are taken at the desk")
    person = _read(asked, location, queue, is_staff)
    if body.phone and not is_staff:
        await services.limit(asked.request, "numbers")
    done = await _run(services.store, body, once=asked.once, force=body.force, **person)
    assert done.ticket is not None and done.token, "whoever takes a ticket is given it"
    return Taken(brief(done.ticket), done.token, f"{services.settings.url}/t/{done.token}")


async def _run(store: Store, body: Take, **given: Any) -> Done:
    if body.slot_at is None:
        return await store.join(body.queue, **given)
    slot = store.reserve if body.reserve else store.book
    return await slot(body.queue, slot_at=body.slot_at, **given)


def _read(asked: Asked[Take, None], location: Location, queue: Queue, is_staff: bool) -> dict[str, Any]:
    """What the store keeps of a body. Raises `Invalid` with everything that its types could not tell."""
    body = asked.body
    mistakes = list(_mistakes(asked, location, queue))
    if not is_staff:
        mistakes += _not_for_visitors(asked)
    mistakes += contact_mistakes(body.phone, body.email, location)
    if mistakes:
        raise Invalid(mistakes)
    source = body.source or ("api" if is_staff else "join")
    return {
        "name": body.name.strip(),
        "phone": e164(body.phone, location.country) or "",
        "email": mail_address(body.email) or "",
        "extra": body.extra,
        "locale": body.locale or location.languages[0],
        "source": source,
        "consent": body.consent and agreed(source, body.consent.words, body.consent.language),
        "priority": body.priority or "",
        "travel_min": body.travel_min,
    }


def _mistakes(asked: Asked[Take, None], location: Location, queue: Queue) -> Iterator[Mistake]:
    body = asked.body
    if body.locale is not None and body.locale not in location.languages:
        yield Mistake("locale", f"must be one of {', '.join(location.languages)}")
    if body.priority is not None and body.priority not in queue.priorities:
        known = ", ".join(queue.priorities)
        yield Mistake("priority", f"must be one of {known}" if known else "this queue has no priorities")
    if body.consent and not (body.phone or body.email):
        yield Mistake("consent", "is needed only beside a phone or an email")
    if len(body.extra.encode()) > 4000:
        yield Mistake("extra", "must be at most 4000 bytes")
    if body.reserve and body.slot_at is None:
        yield Mistake("slot_at", "is needed beside reserve")
    now = asked.services.clock()
    if body.slot_at is not None and not now - PAST_MS <= body.slot_at <= now + AHEAD_MS:
        yield Mistake("slot_at", "must be a moment (ms since 1970) within a year from now")


def _not_for_visitors(asked: Asked[Take, None]) -> Iterator[Mistake]:
    body = asked.body
    given = {
        "priority": body.priority is not None,
        "force": body.force,
        "reserve": body.reserve,
        "extra": bool(body.extra),
        "source": body.source not in (None, "join", "kiosk"),
    }
    yield from (Mistake(field, "is for staff only") for field, is_given in given.items() if is_given)
    if asked.once is not None and len(asked.request.headers["idempotency-key"]) < OPEN_KEY:
        yield Mistake("Idempotency-Key", f"must be at least {OPEN_KEY} characters, so that nobody guesses it")


def _contact_mistakes(services: Services, ids: Mapping[str, str], given: Mapping[str, Any]) -> list[Mistake]:
    try:
        location, _ = services.directory.queue(given.get("queue", ""))
    except (Unknown, TypeError):
        return []
    return contact_mistakes(given.get("phone"), given.get("email"), location)


OPERATIONS = (
    Operation(
        name="take",
        method="POST",
        path="/tickets",
        tag="visitors",
        summary="Takes a ticket; with slot_at, books one",
        do=_take,
        takes=Take,
        answers=Taken,
        status=201,
        refuses=words("location_closed queue_closed queue_full slot_full has_ticket"),
        once=True,
        open=True,
        limit="join",
        more_mistakes=_contact_mistakes,
        finds=True,
        forbids=True,
        gives={"token": "/token", "ticket": "/ticket/id"},
        made_at=lambda taken: f"{ROOT}/t/{taken.token}",
    ),
)
