"""How long the wait will be: a range of whole minutes, from what is true now."""

from collections.abc import Callable
from math import ceil, floor, sqrt

from msgspec import Struct

from callboard.domain.documents import Wait

PRIOR = 5  # how many services the configured minutes weigh, before real ones outweigh them
SPREAD = 0.7  # coefficient of variation of one service; lobbies are between 0.6 and 0.8
DOUBT = 0.25  # how far the mean itself may be off
Z80 = 1.2816  # eight in ten of a normal distribution lie within this many deviations


class Load(Struct, frozen=True):
    """What a queue has before a ticket, and what works it off.

    `capacity` is in desks: a desk that also serves another queue where people wait counts in part.
    `free` is how many of them have nobody now.
    """

    ahead: int
    nominal_min: float
    served: int
    served_ms: int
    capacity: float
    free: int


def service_min(load: Load) -> float:
    """The mean service in minutes: today's, drawn towards the configured one while there are few."""
    return (PRIOR * load.nominal_min + load.served_ms / 60_000) / (PRIOR + load.served)


def wait(load: Load) -> Wait | None:
    """The range in which eight of ten should be called; None when no desk is open, for then nothing honest can be said.

    People ahead and half a service, over the desks; the spread of that many services, and doubt about the mean.
    """
    return outlook(load)(load.ahead)


def outlook(load: Load) -> Callable[[int], Wait | None]:
    """`wait` by how many are ahead, everything else of the load being the same for all who ask."""
    if load.capacity <= 0:
        return lambda ahead: None
    mean = service_min(load) / load.capacity
    spread = (SPREAD * mean) ** 2

    def shown(ahead: int) -> Wait:
        if ahead < load.free:
            return Wait(0, 0)
        services = ahead - load.free + 0.5
        likely = services * mean
        deviation = sqrt(services * spread + (DOUBT * likely) ** 2)
        low, high = floor(likely - Z80 * deviation), ceil(likely + Z80 * deviation)
        return Wait(max(0, low), max(1, high))

    return shown
