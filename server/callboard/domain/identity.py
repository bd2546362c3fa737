"""By what other systems know an organization, a location or a queue: a UUID and a small number.

The site file says them where an integration has them already; else they follow from the id, the same in every process.
"""

import uuid
import zlib
from functools import lru_cache

from callboard.domain.model import Location, Organization, Queue

_SPACE = uuid.UUID("6f9b1f0e-5a0e-4f5b-9c53-2f1d8f1c7a10")


def organization_uuid(organization: Organization) -> str:
    return organization.uuid or _uuid("organization", organization.id)


def location_uuid(location: Location) -> str:
    return location.uuid or _uuid("location", location.id)


def queue_uuid(queue: Queue) -> str:
    return queue.uuid or _uuid("queue", queue.id)


def location_number(location: Location) -> int:
    """1 to 2^31 - 1."""
    return location.number or _number("location", location.id)


def queue_number(queue: Queue) -> int:
    """1 to 2^31 - 1."""
    return queue.number or _number("queue", queue.id)


@lru_cache(4096)  # told with every answer, and dear to work out
def _uuid(kind: str, id: str) -> str:
    return str(uuid.uuid5(_SPACE, f"{kind}:{id}"))


def _number(kind: str, id: str) -> int:
    return (zlib.crc32(f"{kind}:{id}".encode()) & 0x7FFFFFFF) or 1
