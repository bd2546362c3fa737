"""Everything the site files name, found by id: locations, queues, desks, displays, and where a ticket belongs."""

import base64
import zlib
from collections.abc import Iterable
from typing import NamedTuple, TypeVar

from callboard.domain.identity import (
    location_number,
    location_uuid,
    organization_uuid,
    queue_number,
    queue_uuid,
)
from callboard.domain.model import Desk, Display, Location, Organization, Queue, Site

K = TypeVar("K", str, tuple[str, str, str])
T = TypeVar("T")


class Unknown(LookupError):
    """Nothing has that id. `kind` is a word of the design: location, queue, desk, display, ticket, token."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"no {kind} named {name!r}")
        self.kind = kind
        self.name = name


class BySerial(NamedTuple):
    """A ticket of a location, by its serial."""

    location: str
    serial: int


Named = str | BySerial  # a ticket: by its id, or by its serial where it is known whereabouts it is


def location_tag(location: str) -> int:
    """24 bits that stand for a location inside ticket ids and tokens: either leads to its keys without a read."""
    return zlib.crc32(location.encode()) & 0xFFFFFF


def ticket_id_tail(location: str, random: bytes) -> str:
    """The part of a ticket id that is known before its serial: `-8ttt-8ttt-rrrrrrrrrrrr` (UUIDv8, 6 random bytes)."""
    tag = f"{location_tag(location):06x}"
    return f"-8{tag[:3]}-8{tag[3:]}-{random.hex()}"


def make_token(location: str, random: bytes) -> str:
    """A ticket page's secret: 16 random bytes and the location's tag, 26 characters of base64url."""
    tag = location_tag(location).to_bytes(3, "big")
    return base64.urlsafe_b64encode(random).decode().rstrip("=") + base64.urlsafe_b64encode(tag).decode()


class Directory:
    """The configured world of one process. Ids are unique over all site files; `check_ids` of `site` sees to that."""

    def __init__(self, sites: Iterable[Site]) -> None:
        self.sites = tuple(sites)
        self._organization: dict[str, Organization] = {}
        self._locations: dict[str, Location] = {}
        self._by_tag: dict[int, Location] = {}
        self._queues: dict[str, tuple[Location, Queue]] = {}
        self._desks: dict[str, tuple[Location, Desk]] = {}
        self._displays: dict[str, tuple[Location, Display]] = {}
        self._organizations: dict[str, Organization] = {}
        self._names: dict[tuple[str, str, str], str] = {}  # organization, kind and any name: the id
        for site in self.sites:
            organization = site.organization
            for name in (organization_uuid(organization), organization.id):
                self._organizations[name] = organization
            for location in site.locations:
                self._know(organization.id, location)
                self._organization[location.id] = site.organization
                self._locations[location.id] = location
                self._by_tag[location_tag(location.id)] = location
                self._queues.update((q.id, (location, q)) for q in location.queues)
                self._desks.update((d.id, (location, d)) for d in location.desks)
                self._displays.update((d.id, (location, d)) for d in location.displays)

    @property
    def locations(self) -> tuple[Location, ...]:
        return tuple(self._locations.values())

    def organization(self, location: str) -> Organization:
        """The tenant that a location belongs to."""
        return self._find(self._organization, "location", location)

    def find_organization(self, ref: str) -> Organization:
        """By its id or UUID."""
        return self._find(self._organizations, "organization", ref)

    def find_location(self, organization: str, ref: str) -> Location:
        """One of the organization, by its id, UUID or number."""
        return self.location(self._find(self._names, "location", (organization, "location", ref)))

    def find_queue(self, organization: str, ref: str) -> tuple[Location, Queue]:
        """One of the organization, by its id, UUID or number."""
        return self.queue(self._find(self._names, "queue", (organization, "queue", ref)))

    def locations_of(self, organization: str) -> tuple[Location, ...]:
        return tuple(each for each in self.locations if self._organization[each.id].id == organization)

    def location(self, name: str) -> Location:
        return self._find(self._locations, "location", name)

    def queue(self, name: str) -> tuple[Location, Queue]:
        return self._find(self._queues, "queue", name)

    def desk(self, name: str) -> tuple[Location, Desk]:
        return self._find(self._desks, "desk", name)

    def display(self, name: str) -> tuple[Location, Display]:
        return self._find(self._displays, "display", name)

    def location_of_ticket(self, ticket: Named) -> Location:
        """Read from the id itself; an id that was never ours is unknown."""
        if isinstance(ticket, BySerial):
            return self.location(ticket.location)
        parts = ticket.split("-")
        if len(ticket) != 36 or [len(p) for p in parts] != [8, 4, 4, 4, 12] or parts[2][0] + parts[3][0] != "88":
            raise Unknown("ticket", ticket)
        try:
            tag = int(parts[2][1:] + parts[3][1:], 16)
        except ValueError:
            raise Unknown("ticket", ticket) from None
        return self._find_tag(tag, "ticket", ticket)

    def location_of_token(self, token: str) -> Location:
        """Read from the token itself; the message of the error does not repeat the secret."""
        try:
            tag = int.from_bytes(base64.urlsafe_b64decode(token[22:].encode("ascii")), "big")
        except ValueError:
            raise Unknown("token", "") from None
        if len(token) != 26:
            raise Unknown("token", "")
        return self._find_tag(tag, "token", "")

    def _find_tag(self, tag: int, kind: str, name: str) -> Location:
        found = self._by_tag.get(tag)
        if found is None:
            raise Unknown(kind, name)
        return found

    def _know(self, organization: str, location: Location) -> None:
        """By id as well as by what others call it; an id wins over another one's number."""
        for name in (location_uuid(location), str(location_number(location))):
            self._names.setdefault((organization, "location", name), location.id)
        self._names[organization, "location", location.id] = location.id
        for queue in location.queues:
            for name in (queue_uuid(queue), str(queue_number(queue))):
                self._names.setdefault((organization, "queue", name), queue.id)
            self._names[organization, "queue", queue.id] = queue.id

    @staticmethod
    def _find(table: dict[K, T], kind: str, name: K) -> T:
        found = table.get(name)
        if found is None:
            raise Unknown(kind, name if isinstance(name, str) else name[-1])
        return found
