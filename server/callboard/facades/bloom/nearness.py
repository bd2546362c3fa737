"""Who may take a ticket from where they are, and how far locations are from somewhere."""

from callboard.domain.model import Location, Queue
from callboard.domain.remote import Coordinates, distance_km, may_take
from callboard.facades.bloom.errors import refused
from callboard.facades.bloom.lines import lines
from callboard.http import Problem
from callboard.services import Services


def read(text: str) -> Coordinates:
    """`lat,lon`; a third part, as the document's first location has, is the height. Raises Problem."""
    parts = text.split(",")
    try:
        latitude, longitude, *_ = (float(part) for part in parts)
    except ValueError:
        raise _wrong() from None
    if not (len(parts) in (2, 3) and abs(latitude) <= 90 and abs(longitude) <= 180):
        raise _wrong()
    return latitude, longitude


async def refuse_far(services: Services, location: Location, queue: Queue, here: str | None) -> None:
    """Raises Problem for who may not take a ticket from there, by the location's rules. Who does not say where they
    are is not asked how far away."""
    remote, there = location.remote, location.coordinates
    far = distance_km(read(here), there) if here and there else None
    if not remote.enforced:
        return
    line = (await lines(services, location))[queue.id]
    if not may_take(remote, distance_km=far, waiting=line.waiting, wait_min=line.average_min):
        raise refused("far_away", "Tickets are not taken from so far away while so few people wait.")


def _wrong() -> Problem:
    return refused("invalid", "coordinates must be latitude and longitude, such as 41.57257,-8.42638.")
