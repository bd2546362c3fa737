"""What a watch is sent: the registration as it is after a change, or the body that its schema makes of it."""

from typing import Any

import msgspec

from callboard.domain.events import Event
from callboard.domain.model import State
from callboard.domain.watch import Notice, Outgoing, Watch
from callboard.facades.agendize.kept import Kept, kept_of
from callboard.facades.agendize.registration import plain, registration
from callboard.facades.agendize.schema import fill, read_schema
from callboard.facades.agendize.translation import EVENTS, STATUSES, status_of
from callboard.facades.agendize.watching import Options, options_of

NO_BODY = frozenset({"DELETE", "GET"})


class RegistrationShape:
    """Told of every change of a registration; of a booking only once it waits."""

    scheduled = False

    def wants(self, event: Event, watch: Watch) -> bool:
        word = word_of(event)
        events = options_of(watch).events
        return word is not None and (not events or word in events)

    async def render(self, watch: Watch, notice: Notice, reads: Any) -> Outgoing | None:
        """None for a watch of a ticket that is no registration any more."""
        if STATUSES[notice.ticket.state] is None:
            return None
        if watch.method in NO_BODY:
            return Outgoing(headers={})
        body = await _body(options_of(watch), notice, reads)
        return Outgoing(msgspec.json.encode(body))


def word_of(event: Event) -> str | None:
    """What kind of change it is; None for none that a watch is told of."""
    word = EVENTS[event.kind]
    if word is None or not event.state or STATUSES[State(event.state)] is None:
        return None
    was_registered = not event.before or STATUSES[State(event.before)] is not None
    if event.state == State.CANCELLED:
        return "deleted" if was_registered else None
    return word if was_registered else "created"


async def _body(options: Options, notice: Notice, reads: Any) -> object:
    location = notice.standing.location
    owner = reads.directory.organization(location.id)
    attachments = await reads.attachments(notice.ticket.id)
    kept = kept_of(notice.standing.person) if notice.standing.person else Kept()
    document = plain(registration(notice.standing, kept, owner, notice.base_url, attachments), options.version)
    if options.previous:
        document["previousData"] = _previous(document, notice.event, options.version)
    return document if options.schema is None else fill(read_schema(options.schema), document)


def _previous(document: dict[str, Any], event: Event, version: str) -> dict[str, Any] | None:
    """What of the version before is known: its status, and all that a change of status does not touch."""
    before = status_of(State(event.before), version) if event.before else None
    if before is None:
        return None
    moving = ("waitingTime", "rank", "numberOfPeopleAhead", "started", "finished")
    return {name: value for name, value in document.items() if name not in moving} | {"status": before}
