"""How the queues of a location stand, in the same numbers as every ticket's."""

from collections.abc import Mapping
from dataclasses import dataclass

from callboard.domain.hours import opening
from callboard.domain.model import Location
from callboard.domain.picture import Picture
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
    return lines_of(location, await services.reads.picture(location.id), services.clock())


def lines_of(location: Location, picture: Picture, now: int) -> Mapping[str, Line]:
    is_here = is_open(location, now)
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
