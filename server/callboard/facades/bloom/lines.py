"""How the queues of a location stand, in the same numbers as every ticket's."""

from collections.abc import Mapping
from dataclasses import dataclass

from callboard.domain.hours import opening
from callboard.domain.model import Location
from callboard.services import Services
from callboard.standing import minutes


@dataclass(frozen=True, slots=True)
class Line:
    """`average_min` is also what somebody who comes now would wait."""

    waiting: int
    is_open: bool
    average_min: int
    served: int  # today


async def lines(services: Services, location: Location) -> Mapping[str, Line]:
    """By queue id, of one instant."""
    picture = await services.reads.picture(location.id)
    is_here = is_open(location, services.clock())
    return {
        queue.id: Line(
            line.waiting,
            is_here and line.open,
            minutes(location, queue, picture, line.waiting),
            line.served,
        )
        for queue in location.queues
        for line in (picture.lines[queue.id],)
    }


def is_open(location: Location, now: int) -> bool:
    return opening(location, now)[0]
