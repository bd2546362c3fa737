"""Subscriptions of other systems: what they want to hear, what there is to say, and what is handed over."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from callboard.domain.events import Event
from callboard.domain.model import Location, Queue, Ticket
from callboard.domain.receiver import Receiver
from callboard.domain.standing import Standing


class Watch(Receiver, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=False):
    """A subscription. The store gives a new one its `id` and `created_at`."""

    organization: str
    id: str = ""
    queue: str = ""  # id of the queue it is about; "" for all of the organization
    name: str = ""
    enabled: bool = True
    fixed: bool = False  # stands in the site file: it cannot be removed from outside
    created_at: int = 0  # ms


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell. `standing.ticket` is the ticket as it stood after the event; person and numbers are those of
    now, so nobody is told of somebody who was erased meanwhile: `standing.person` is None then."""

    id: str  # the same however often it is sent
    event: Event
    standing: Standing
    base_url: str  # what the addresses of people's pages begin with

    @property
    def ticket(self) -> Ticket:
        return self.standing.ticket


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is handed over. The watch's own headers, its authorization, the id and the signatures are added to it; GET
    and DELETE leave the body out."""

    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    method: str = ""  # empty: the watch's own


class Shape(Protocol):
    """The words and fields of one kind of receiver. `scheduled`: what is not taken is tried again for days, on the
    schedule of Standard Webhooks and in no order, and also when the ticket is forgotten."""

    scheduled: bool

    def wants(self, event: Event, watch: Watch) -> bool:
        """Whether the watch is told of it at all. Only asked for events of a ticket in the watch's queues, for both
        when a ticket moves from one to the other."""

    async def render(self, watch: Watch, notice: Notice, reads: Any) -> Outgoing | None:
        """What is sent, written just before it is; None when there is nothing to say. `reads` are the store's Reads.

        What it raises, but StoreAway, is taken for a fault of its own, and tried again a few times.
        """


def watch_of(organization: str, queue: Queue, receiver: Receiver) -> Watch:
    """The subscription that a site file states. Its id follows from what it says, so it outlives an apply."""
    what = "\n".join((organization, queue.id, receiver.shape, receiver.address))
    given = {name: getattr(receiver, name) for name in Receiver.__struct_fields__}
    id = f"site-{hashlib.sha256(what.encode()).hexdigest()[:16]}"
    return Watch(organization=organization, queue=queue.id, id=id, fixed=True, **given)


def by_queue(organization: str, location: Location, stored: Mapping[str, Watch]) -> dict[str, list[Watch]]:
    """The watches of each queue of a location, by its id: those of the site file, and those that are stored. What is
    stored of one in the site file, by its id, takes its place."""
    own = [watch for watch in stored.values() if not watch.fixed]
    fixed = {queue.id: [watch_of(organization, queue, each) for each in queue.watches] for queue in location.queues}
    return {
        queue: [*(stored.get(each.id, each) for each in found), *(each for each in own if each.queue in ("", queue))]
        for queue, found in fixed.items()
    }
