"""What is true of a ticket at the moment of telling, and the same as the values of a message in some language."""

import re
from typing import Any

from msgspec import Struct

from callboard.domain.board import booked_wait, desk_of, waits
from callboard.domain.directory import Unknown
from callboard.domain.documents import Wait
from callboard.domain.model import Location, Person, Queue, State, Ticket
from callboard.domain.names import name_in
from callboard.domain.phone import rejoin_until
from callboard.notify.days import clock_time, slot_words
from callboard.stopping import stop_path
from callboard.store.reads import Reads

# What an address is recognised by: a name with any of it is not greeted, so nobody can have us mail their link about.
_ADDRESS = re.compile(r"[/@:<>]|\w\.\w")


class Situation(Struct, frozen=True, kw_only=True):
    """One ticket now. `ahead` only where it waits, and `wait`; that of a booking counts from its time. No wait where
    nothing honest can be said."""

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

    def is_over(self, now: int) -> bool:
        """Whether nobody can check the booking in any more."""
        return self.ticket.slot_at is not None and now > self.ticket.slot_at + round(self.queue.late_min * 60_000)


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
        wait=booked_wait(found.ticket, picture) if ahead is None else waits(location, queue, picture)(ahead),
    )


def values(now: Situation, language: str, base_url: str) -> dict[str, Any]:
    """What templates may use: venue, label, queue, desk (kind, tag, name; or none), ahead, low, high, until, link,
    stop, name; and of a booking day, short_day and time."""
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
        "until": clock_time(now.location.time_zone, until) if until and now.queue.rejoin_min else "",
        "link": f"{base_url}/t/{now.person.token}" if base_url else "",
        "stop": f"{base_url}{stop_path(now.ticket.id, now.person, 'mail')}" if base_url else "",
        "name": greeted(now.person.name),
    }


def greeted(name: str) -> str:
    """The name as a message may say it; empty for what might lead somewhere."""
    return "" if _ADDRESS.search(name) else name
