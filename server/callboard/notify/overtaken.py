"""What has made a message superfluous: nobody reads what was so before something that they were told already."""

from collections.abc import Mapping

from callboard.delivery.model import Delivery, Moot
from callboard.notify.kinds import (
    ALMOST,
    CONFIRMED,
    DELAYED,
    MOVED,
    OF_WAITING,
    REBOOKED,
    REMINDER,
    TAKEN,
    calls_of,
    delivery_id,
)

BARRED = "barred:"  # in front of an id that is not scheduled any more


def words(delivery: Delivery) -> list[str]:
    """The ids and quiet words of what may have: of the same ticket, by the same way."""
    almost = delivery_id(ALMOST, delivery.ticket, delivery.lane)
    moved, rebooked, reminded = (
        delivery_id(kind, delivery.ticket, delivery.lane) for kind in (MOVED, REBOOKED, REMINDER)
    )
    called = calls_of(delivery.ticket, delivery.lane)
    return [called, moved, almost, BARRED + almost, rebooked, reminded, delivery.quiet]


def overtaken(delivery: Delivery, moments: Mapping[str, int | None]) -> Moot | None:
    """Why it is told no more, by the moments (ms) of the newest that were scheduled or barred of each of `words`."""
    called, moved, almost, barred, rebooked, reminded, same = (moments[word] for word in words(delivery))
    if delivery.kind in OF_WAITING and _is_later(called, delivery.at - 1):
        return Moot("was called already")
    if delivery.kind == ALMOST and barred is not None:
        return Moot("was called already")
    if delivery.kind == DELAYED and called is not None:
        return Moot("was called already")
    if delivery.kind == DELAYED and almost is not None and barred is None:
        return Moot("is almost there already")
    if delivery.kind == TAKEN and _is_later(moved, delivery.at - 1):
        return Moot("was sent on to another queue")
    # "Almost" is only scheduled behind "taken", though what brought them near may have happened before they came.
    is_near = _is_later(almost, delivery.at - 1) if delivery.kind == MOVED else almost is not None
    if delivery.kind in (TAKEN, MOVED) and barred is None and is_near:
        return Moot("is almost there already")
    if delivery.kind == CONFIRMED and _is_later(rebooked, delivery.at - 1):
        return Moot("the booking has moved")
    if delivery.kind in (CONFIRMED, REBOOKED) and _is_later(reminded, delivery.at - 1):
        return Moot("was reminded of it already")
    if delivery.quiet and _is_later(same, delivery.at):
        return Moot("told anew since")
    return None


def _is_later(moment: int | None, than: int) -> bool:
    return moment is not None and moment > than
