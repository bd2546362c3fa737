"""What is true of a ticket at the moment of telling, and the same as the values of a message in some language."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from msgspec import Struct

from callboard.domain.board import desk_of, load
from callboard.domain.directory import Unknown
from callboard.domain.documents import Wait
from callboard.domain.estimate import wait
from callboard.domain.model import Location, Person, Queue, State, Ticket
from callboard.domain.names import name_in
from callboard.domain.phone import rejoin_until
from callboard.store.reads import Reads

# What an address is recognised by: a name with any of it is not greeted, so nobody can have us mail their link about.
_ADDRESS = re.compile(r"[/@:<>]|\w\.\w")
_COMMA_LANGUAGES = ("de", "pl", "pt")  # between the day of the week and the date


class Situation(Struct, frozen=True, kw_only=True):
    """One ticket now. `ahead` and `wait` only where it waits; no wait where nothing honest can be said."""

    location: Location
    queue: Queue
    ticket: Ticket
    person: Person
    ahead: int | None
    wait: Wait | None

    @property
    def languages(self) -> tuple[str, ...]:
        """In which to tell it, the person's own first."""
        return (self.ticket.locale, *self.location.languages)


async def look(reads: Reads, ticket: str) -> Situation | None:
    """None when the ticket is forgotten or its person erased. Raises StoreAway."""
    try:
        location = reads.directory.location_of_ticket(ticket)
    except Unknown:
        return None
    picture = await reads.picture(location.id, phones=[ticket])
    found = picture.phones[ticket]
    person = await reads.person(ticket)
    queue = next((q for q in location.queues if found.ticket and q.id == found.ticket.queue), None)
    if found.ticket is None or person is None or queue is None:
        return None
    ahead = found.rank if found.ticket.state == State.WAITING else None
    return Situation(
        location=location,
        queue=queue,
        ticket=found.ticket,
        person=person,
        ahead=ahead,
        wait=None if ahead is None else wait(load(location, queue, picture, ahead)),
    )


def values(now: Situation, language: str, base_url: str) -> dict[str, Any]:
    """What templates may use: venue, label, queue, desk (kind, tag, name; or none), ahead, low, high, until, link,
    name; and of a booking day, short_day and time."""
    fallback = now.location.languages[0]
    desk = desk_of(now.location, now.ticket)
    until = rejoin_until(now.queue, now.ticket)
    return {
        "venue": name_in(now.location.name, language, fallback),
        "label": now.ticket.label,
        "queue": "" if now.queue.sensitive else name_in(now.queue.name, language, fallback),
        "desk": {"kind": desk.kind, "tag": desk.tag, "name": name_in(desk.name, language, fallback)} if desk else None,
        "ahead": now.ahead,
        "low": now.wait.low if now.wait else None,
        "high": now.wait.high if now.wait and now.wait.high else None,
        **slot_words(now.location.time_zone, now.ticket.slot_at, language),
        "until": _clock_time(now.location.time_zone, until) if until and now.queue.rejoin_min else "",
        "link": f"{base_url}/t/{now.person.token}" if base_url else "",
        "name": greeted(now.person.name),
    }


def greeted(name: str) -> str:
    """The name as a message may say it; empty for what might lead somewhere."""
    return "" if _ADDRESS.search(name) else name


def placeholders(given: Mapping[str, Any]) -> dict[str, str]:
    """The same values under the names that administrators type. A ticket's tag and its number make its label."""
    desk = given["desk"] or {"tag": None, "name": None}
    tag = given["label"].rstrip("0123456789")
    named = {
        "ticket.label": given["label"],
        "ticket.tag": tag,
        "ticket.number": given["label"].removeprefix(tag),
        "ticket.link": given["link"],
        "ticket.customers_ahead": given["ahead"],
        "ticket.service.name": given["queue"],
        "ticket.desk.tag": desk["tag"],
        "ticket.desk.name": desk["name"],
        "queue.name": given["queue"],
        "location.name": given["venue"],
        "desk.tag": desk["tag"],
        "desk.name": desk["name"],
        "people.ahead": given["ahead"],
        "wait.low": given["low"],
        "wait.high": given["high"],
        "booking.day": given["day"],
        "booking.time": given["time"],
    }
    return {name: str(value) for name, value in named.items() if value is not None}


def slot_words(time_zone: str, at: int | None, language: str) -> dict[str, str]:
    """A booking's day, short_day and time, as the language writes a date without its year."""
    if at is None:
        return {"day": "", "short_day": "", "time": ""}
    day = datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(time_zone)).date()
    within = _day_and_month(language)
    comma = "," if language in _COMMA_LANGUAGES else ""
    return {
        "day": format_date(day, f"EEEE{comma} {within}", language),
        "short_day": format_date(day, f"EEE {within.replace('MMMM', 'MMM')}", language).rstrip("."),
        "time": _clock_time(time_zone, at),
    }


def _day_and_month(language: str) -> str:
    """The pattern of a date without its year, the day first: "d. MMMM", "d 'de' MMMM"."""
    found = re.match(r"d\.?(?: 'de')? MMMM", Locale.parse(language).date_formats["long"].pattern)
    return found[0] if found else "d MMMM"


def _clock_time(time_zone: str, at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(time_zone)):%H:%M}"
