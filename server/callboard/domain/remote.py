"""Whether somebody who is not there may take a ticket: near enough, or enough people or time before them. Pure."""

from math import asin, cos, radians, sin, sqrt

from callboard.domain.model import Remote

Coordinates = tuple[float, float]  # latitude and longitude, in degrees

EARTH_KM = 6371.0088


def may_take(remote: Remote, *, distance_km: float | None, waiting: int, wait_min: float | None) -> bool:
    """One rule that is fulfilled is enough: who is near comes at once, and who has long to wait has time to come.

    A rule of 0 does not count, nor does one about what nobody knows: where somebody is, or how long they will wait.
    Where no rule counts, everybody may; and so where the rules are only told.
    """
    fulfilled = []
    if remote.radius_km and distance_km is not None:
        fulfilled.append(distance_km <= remote.radius_km)
    if remote.min_waiting:
        fulfilled.append(waiting >= remote.min_waiting)
    if remote.min_wait_min and wait_min is not None:
        fulfilled.append(wait_min >= remote.min_wait_min)
    return not remote.enforced or not fulfilled or any(fulfilled)


def distance_km(one: Coordinates, other: Coordinates) -> float:
    """Along the surface, the earth taken as a ball: within 0.6 % of the truth."""
    (north, east), (other_north, other_east) = (tuple(map(radians, each)) for each in (one, other))
    half = sin((other_north - north) / 2) ** 2
    half += cos(north) * cos(other_north) * sin((other_east - east) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(min(1.0, half)))
