"""A time for an appointment: on the location's calendar, in a slot that has a place left."""

from collections.abc import Sequence
from datetime import UTC, datetime

from callboard.domain.hours import opening
from callboard.domain.model import Location, Queue
from callboard.domain.slots import Slot, slot_end, slots, starts
from callboard.errors import Invalid, Mistake, Refusal, Refused
from callboard.facades.qflow.asking import Asking
from callboard.facades.qflow.booking_models import AppointmentCreation
from callboard.facades.qflow.faults import NoCalendar
from callboard.facades.qflow.moments import moment
from callboard.facades.qflow.units import zone_of

DAY_MS = 24 * 3600 * 1000
PAST_MS, AHEAD_MS = DAY_MS, 366 * DAY_MS
WEEKDAYS = ("mondays", "tuesdays", "wednesdays", "thursdays", "fridays", "saturdays", "sundays")


def time_of(asking: Asking, text: str, location: Location) -> int:
    """The moment (ms) of an AppointmentDateTime, which without an offset is a time of the location.

    Raises Invalid for what is none, or not within a year from now.
    """
    at = moment(text, zone_of(location))
    if at is None:
        raise Invalid([Mistake("AppointmentDateTime", "must be a date such as 2026-11-20T09:30:00")])
    if not asking.now - PAST_MS <= at <= asking.now + AHEAD_MS:
        raise Invalid([Mistake("AppointmentDateTime", "must be within a year from now")])
    return at


def slot_at(location: Location, queue: Queue, at: int) -> tuple[int, int]:
    """Start and end of an appointment at that moment. Raises NoCalendar when the location is closed then, and Refused
    when places are counted and no slot begins there."""
    if not opening(location, at)[0]:
        raise NoCalendar
    if queue.slot_places is not None and at not in starts(location, queue, at, at + 1):
        raise Refused(Refusal.SLOT_FULL)
    return at, slot_end(queue, at)


async def first_available(
    asking: Asking, location: Location, queue: Queue, at: int, body: AppointmentCreation
) -> list[tuple[int, int]]:
    """Starts and ends of the slots from that moment on that have places, on the weekdays that are asked for.

    Raises NoCalendar when there is no slot at all, and Refused when all are full.
    """
    days = body.days_to_search or asking.codes.figures.days_to_search
    found = await _slots(asking, location, queue, max(at, asking.now), max(1, min(days, 366)))
    wanted = {day for day, name in enumerate(WEEKDAYS) if getattr(body, f"book_first_avail_{name}")}
    on_days = [slot for slot in found if not wanted or _weekday(location, slot) in wanted]
    if not on_days:
        raise NoCalendar
    free = [(slot.start_at, slot.end_at) for slot in on_days if slot.available is None or slot.available > 0]
    if not free:
        raise Refused(Refusal.SLOT_FULL)
    return free


async def _slots(asking: Asking, location: Location, queue: Queue, from_at: int, days: int) -> Sequence[Slot]:
    until_at = from_at + days * DAY_MS
    taken = await asking.reads.diary(queue.id, from_at, until_at)
    return [slot for slot in slots(location, queue, from_at, until_at, taken) if slot.start_at >= from_at]


def _weekday(location: Location, slot: Slot) -> int:
    return datetime.fromtimestamp(slot.start_at / 1000, UTC).astimezone(zone_of(location)).weekday()
