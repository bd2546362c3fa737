"""Every key name. All keys of a partition carry its hash tag, so one Redis and a cluster are the same code."""

import zlib

from callboard.domain.model import Location

PARTITIONS = 16

# The order in which a script receives a location's keys; `lua/prelude.lua` names them in the same order.
FIXED = (
    *("state", "tickets", "people", "tokens", "calls", "desks", "queues", "slots", "held", "closed", "undo"),
    *("diary", "theirs", "attachments", "elsewhere", "expected"),
)


def partition(location: str) -> int:
    """Which partition a location belongs to; it never changes, so `PARTITIONS` must not either."""
    return (zlib.crc32(location.encode()) >> 24) % PARTITIONS


def tag(number: int) -> str:
    return f"cb:{{p{number:02d}}}"


def events(number: int) -> str:
    """The one stream of a partition."""
    return f"{tag(number)}:events"


def serials(number: int) -> str:
    """Which ticket has which serial, and the last that was drawn."""
    return f"{tag(number)}:serials"


def reading(number: int, group: str) -> str:
    """Who alone reads a partition's events for a group."""
    return f"{tag(number)}:reading:{group}"


def archiving(number: int) -> str:
    """Who moves a partition's old events into files."""
    return f"{tag(number)}:archiving"


def location_key(location: str, name: str) -> str:
    return f"{tag(partition(location))}:{location}:{name}"


def script_keys(location: Location, once: str) -> list[str]:
    """KEYS of a script on one location: events, the fixed ones, the partition's serials, the idempotency record, each
    queue's waiting line."""
    keys = [events(partition(location.id))]
    keys += [location_key(location.id, name) for name in FIXED]
    keys.append(serials(partition(location.id)))
    keys.append(location_key(location.id, f"once:{once}"))
    return keys + [location_key(location.id, f"waiting:{queue.id}") for queue in location.queues]


def outbox_key(number: int, user: str, name: str) -> str:
    """What one user of the delivery machine has to send in a partition: work, leases, seen, records, due:<lane>."""
    return f"{tag(number)}:outbox:{user}:{name}"


def accounts_key(name: str) -> str:
    """Users, the setup link, API keys and sessions: in one slot, so that a script may touch several."""
    return f"cb:{{accounts}}:{name}"


def customers_key(organization: str, name: str) -> str:
    """Customers of one organization, their indices, sessions and resets: in one slot."""
    return f"cb:{{customers:{organization}}}:{name}"


def watches_key(organization: str, name: str) -> str:
    """The watches of one organization, how each fares, and the access tokens they were given: in one slot."""
    return f"cb:{{watches:{organization}}}:{name}"


def window(name: str) -> str:
    """How often somebody has done something lately, by a fingerprint."""
    return f"cb:{{window:{name}}}"


def learned_key(location: str) -> str:
    """What was learned of a location's waits, and how far its events have been followed for that."""
    return location_key(location, "learned")


def budget_key(organization: str, name: str) -> str:
    """What an organization has spent on texts lately, by fingerprints of numbers and by location: in one slot."""
    return f"cb:{{budget:{organization}}}:{name}"


def opt_outs_key(lane: str, whose: str) -> str:
    """Addresses that want nothing any more, by their marks, each with the moment since when: in one slot."""
    return f"cb:{{opt_outs}}:{lane}:{whose}"


def talk_key(kind: str, of: str) -> str:
    """What is remembered of somebody who writes to us, by a fingerprint of their number or text; a slot each."""
    return f"cb:{{talk:{of}}}:{kind}"
