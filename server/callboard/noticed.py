"""Our own words for webhooks: what happened, to which ticket, and as it stood; ids alone, nobody's name or number."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Struct

from callboard.domain.events import Event, Kind
from callboard.domain.model import CloseReason, State
from callboard.domain.watch import Notice, Outgoing, Watch

SHAPE = "callboard"
# What happens to a ticket and shows in it. The rest is of a person's words and addresses, or of a desk or a queue.
TOLD = tuple(
    kind
    for kind in Kind
    if kind
    not in (
        *(Kind.DESK_OPENED, Kind.DESK_CLOSED, Kind.QUEUE_OPENED, Kind.QUEUE_CLOSED, Kind.RESET, Kind.EXPECTED),
        *(Kind.RESTORED, Kind.NOTED, Kind.PERSON_CHANGED),
    )
)


class Ticket(Struct, frozen=True, kw_only=True):
    """As in the API, but for who called it. `rev` grows with every change of the ticket: the highest is the newest."""

    id: str
    label: str
    state: State
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
    close_reason: CloseReason | None
    held_by: str
    calls: int
    retry_count: int
    postponed: int
    rev: int


class Data(Struct, frozen=True, kw_only=True):
    """`seq` counts the location's events; `before` is the state that the ticket was in; `position` counts from 1."""

    seq: int
    before: str
    ticket: Ticket
    position: int | None
    wait_min: int | None


class Body(Struct, frozen=True, kw_only=True):
    """As the Standard Webhooks specification has it: what, when, and the rest."""

    type: str
    timestamp: str
    data: Data


class OwnShape:
    """A watch's options are the kinds that it wants, as JSON; none: all of `TOLD`. What is told needs no person and no
    line, so it is worth telling as long as the schedule goes on, the ticket forgotten or not."""

    scheduled = True

    def wants(self, event: Event, watch: Watch) -> bool:
        return event.kind in (wanted(watch) or TOLD)

    async def render(self, watch: Watch, notice: Notice, reads: Any) -> Outgoing | None:
        event, standing = notice.event, notice.standing
        given = {name: getattr(notice.ticket, name) for name in Ticket.__struct_fields__}
        data = Data(
            seq=event.seq,
            before=event.before,
            ticket=Ticket(**given),
            position=None if standing.ahead is None else standing.ahead + 1,
            wait_min=standing.wait_min,
        )
        body = Body(type=f"ticket.{event.kind}", timestamp=moment(event.at), data=data)
        return Outgoing(msgspec.json.encode(body))


def wanted(watch: Watch) -> tuple[Kind, ...]:
    return msgspec.json.decode(watch.options, type=tuple[Kind, ...]) if watch.options else ()


def options(kinds: tuple[Kind, ...]) -> str:
    return msgspec.json.encode(kinds).decode() if kinds else ""


def moment(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
