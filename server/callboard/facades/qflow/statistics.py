"""Figures of units: now, and of the day that has begun (Q13; what they count exactly is INF)."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass

from callboard.domain.hours import opening
from callboard.domain.model import Location, State, Ticket
from callboard.domain.picture import Line
from callboard.facades.qflow.asking import Asking
from callboard.facades.qflow.models import StatisticsUnitResult, UnitsAsked
from callboard.facades.qflow.units import ROOT, root_name, unit_description, unit_id, unit_name
from callboard.foreign.operation import Asked
from callboard.standing import of_queue

IN_SERVICE = (State.CALLED, State.SERVING)
SEEN = 200  # tickets of a line that are looked at


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts and sums (ms) that can be added up over units."""

    serving: int = 0
    serving_ms: int = 0
    waiting: int = 0
    waiting_ms: int = 0
    staff: int = 0
    desks_open: int = 0
    desks: int = 0
    came: int = 0
    served: int = 0
    served_ms: int = 0
    called: int = 0
    called_ms: int = 0
    in_time: int = 0
    left: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


async def units(asked: Asked[None, UnitsAsked]) -> list[StatisticsUnitResult]:
    """GET Statistics/Units: the organization, then each of its locations."""
    asking, query = Asking(asked), asked.query
    tallies = [(location, await _tally(asking, location)) for location in asking.locations]
    rows = [_root(asking, tallies), *(_location(asking, location, tally) for location, tally in tallies)]
    return [row for row in rows if _is_wanted(row, query)]


def _is_wanted(row: StatisticsUnitResult, query: UnitsAsked) -> bool:
    pairs = (
        (query.unit_type, row.unit_type_id),
        (query.unit_level, row.unit_level),
        (query.parent_unit_id, None if row.unit_level == 0 else row.parent_unit_id),
    )
    return all(wanted in (None, has) for wanted, has in pairs)


async def _tally(asking: Asking, location: Location) -> Tally:
    picture = await asking.reads.picture(location.id, first=SEEN)
    is_open = [desk for desk in location.desks if desk.id in picture.desks and picture.desks[desk.id].open]
    desks = Tally(
        staff=len({picture.desks[desk.id].staff for desk in is_open}),
        desks_open=len(is_open),
        desks=len(location.desks),
    )
    served = [await of_queue(asking.reads, queue.id, asking.now, states=IN_SERVICE) for queue in location.queues]
    serving = [_serving(asking, standing.ticket) for standings in served for standing in standings]
    lines = [_of_line(asking, picture.lines[queue.id]) for queue in location.queues]
    return sum((*serving, *lines), desks)


def _serving(asking: Asking, ticket: Ticket) -> Tally:
    begun_at = ticket.started_at or ticket.called_at or asking.now
    return Tally(serving=1, serving_ms=asking.now - begun_at)


def _of_line(asking: Asking, line: Line) -> Tally:
    """Of a longer line, the mean wait so far is that of its first."""
    waits = [asking.now - (ticket.joined_at or asking.now) for ticket in line.first]
    return Tally(
        waiting=line.waiting,
        waiting_ms=sum(waits) * line.waiting // len(waits) if waits else 0,
        came=line.day.came,
        served=line.served,
        served_ms=line.served_ms,
        called=line.day.called,
        called_ms=line.day.called_ms,
        in_time=line.day.in_time,
        left=line.day.left,
    )


def _root(asking: Asking, tallies: list[tuple[Location, Tally]]) -> StatisticsUnitResult:
    name = root_name(asking.organization)
    return StatisticsUnitResult(
        unit_id=ROOT,
        unit_name=name,
        unit_description=name,
        unit_type_id=asking.codes.unit_type.organization,
        parent_unit_id=ROOT,
        unit_level=0,
        is_in_work_hours=any(opening(location, asking.now)[0] for location, _ in tallies),
        **_figures(sum((tally for _, tally in tallies), Tally()), _target_s(asking.locations)),
    )


def _location(asking: Asking, location: Location, tally: Tally) -> StatisticsUnitResult:
    return StatisticsUnitResult(
        unit_id=unit_id(location),
        unit_name=unit_name(location),
        unit_description=unit_description(location),
        unit_type_id=asking.codes.unit_type.location,
        parent_unit_id=ROOT,
        unit_level=1,
        is_in_work_hours=opening(location, asking.now)[0],
        **_figures(tally, _target_s([location])),
    )


def _figures(tally: Tally, target_s: int) -> dict[str, int]:
    return {
        "service_count": tally.serving,
        "avg_service_time": _mean_s(tally.serving_ms, tally.serving),
        "wait_count": tally.waiting,
        "avg_wait_time": _mean_s(tally.waiting_ms, tally.waiting),
        "users_avail": tally.staff,
        "locations_in_use": tally.desks_open,
        "locations": tally.desks,
        "today_count": tally.came,
        "today_service_count": tally.served,
        "today_wait_count": tally.called,
        "today_abandon_count": tally.left,
        "today_avg_wait_time": _mean_s(tally.called_ms, tally.called),
        "today_avg_service_time": _mean_s(tally.served_ms, tally.served),
        "today_sla": round(100 * tally.in_time / tally.called) if tally.called else 100,
        "waiting_time_target": target_s,
    }


def _target_s(locations: Iterable[Location]) -> int:
    """The wait that is aimed at, the strictest where queues differ: TodaySLA is counted by each queue's own."""
    return round(60 * min(queue.target_min for location in locations for queue in location.queues))


def _mean_s(ms: int, count: int) -> int:
    return round(ms / count / 1000) if count else 0
