"""Who waits in a unit, the oldest first (Q12): for displays."""

from callboard.domain.model import Location, State
from callboard.domain.standing import Standing
from callboard.facades.qflow.asking import Asking
from callboard.facades.qflow.detail import Seen
from callboard.facades.qflow.models import TicketsWaitingResult
from callboard.facades.qflow.moments import written
from callboard.facades.qflow.numbers import number_in_path
from callboard.facades.qflow.units import name_of, short, unit_id, unit_name
from callboard.foreign.operation import Asked
from callboard.standing import of_queue

WAITING = frozenset({State.WAITING})


async def tickets_waiting(asked: Asked[None, None]) -> list[TicketsWaitingResult]:
    """GET Tickets/Waiting/{UnitId}."""
    asking = Asking(asked)
    location = asking.services.directory.find_location(asking.organization.id, str(number_in_path(asked, "UnitId")))
    standings: list[Standing] = []
    for queue in location.queues:
        standings += await of_queue(asking.reads, queue.id, asking.now, states=WAITING)
    standings.sort(key=lambda each: (each.ticket.joined_at or 0, each.ticket.serial))
    return [_row(row, seen, location) for row, seen in enumerate(await asking.all_seen(standings), 1)]


def _row(row: int, seen: Seen, location: Location) -> TicketsWaitingResult:
    """Names are for who may see them: a display shortens them (Q12)."""
    ticket, customer = seen.standing.ticket, seen.customer
    first, last = _names(seen)
    return TicketsWaitingResult(
        row=row,
        process_id=ticket.serial,
        case_id=seen.case_id,
        enqueue_time=written(ticket.joined_at or ticket.created_at, seen.server),
        reception_point_id=seen.codes.figures.reception_point,
        q_code=ticket.label.rstrip("0123456789"),
        q_number=ticket.number,
        subject=None if seen.kept.subject is None else short(seen.kept.subject, 100),
        service_name=short(name_of(seen.standing.queue.name, location), 50),
        unit_id=unit_id(location),
        unit_name=unit_name(location),
        personal_id=(short(customer.personal_id, 50) or None) if customer else None,
        first_name=short(first, 50) or None,
        last_name=short(last, 50) or None,
        is_appointment=ticket.slot_at is not None,
    )


def _names(seen: Seen) -> tuple[str, str]:
    """The customer's; of somebody who only gave a name, its first word and the others (INF)."""
    if seen.customer is not None:
        return seen.customer.first_name, seen.customer.last_name
    first, _, last = (seen.standing.person.name if seen.standing.person else "").strip().partition(" ")
    return first, last
