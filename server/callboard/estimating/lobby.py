"""A location of the site file as the estimate knows lobbies."""

from callboard.domain.hours import DAYS
from callboard.domain.model import Location
from callboard.domain.model import Week as Hours
from callboard.domain.wait import Desk, Lobby
from callboard.domain.wait.lobby import Range, Week


def lobby_of(location: Location) -> Lobby:
    """Tickets are called by their scores, and each desk takes its queues as it is told to. A desk that nobody has
    planned is not in the calendar."""
    return Lobby(
        services={queue.id: queue.service_min * 60 for queue in location.queues},
        desks={desk.id: Desk(desk.queues, listed=desk.take == "listed") for desk in location.desks},
        order="score",
        hours=_week(location.hours),
        calendar={desk.id: _week(planned) for desk in location.desks if (planned := desk.staffed or location.staffed)},
    )


def _week(hours: Hours) -> Week:
    return tuple(tuple(map(_range, hours.get(day, ()))) for day in DAYS) if hours else ()


def _range(hours: str) -> Range:
    start, end = (int(time[:2]) * 3600 + int(time[3:]) * 60 for time in hours.split("-"))
    return float(start), float(end)
