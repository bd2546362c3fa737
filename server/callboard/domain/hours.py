"""A location's clock: is it open, which business day is it, and when does that change. Pure; knows both clock changes.

A local time that comes twice in a night counts the first time; one that is skipped counts as much later as the skip.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from callboard.domain.model import Location

DAYS: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = (
    "mon",
    "tue",
    "wed",
    "thu",
    "fri",
    "sat",
    "sun",
)
_ONE_DAY = timedelta(days=1)


def opening(location: Location, now_ms: int) -> tuple[bool, int | None]:
    """Whether the location is open, and when it opens next if it is closed and that is known. No hours: always open."""
    if not location.hours:
        return True, None
    opens_at: int | None = None
    for start, end in _ranges(location, _local_date(location, now_ms) - _ONE_DAY):
        if start <= now_ms < end:
            return True, None
        if start > now_ms and (opens_at is None or start < opens_at):
            opens_at = start
    return False, opens_at


def quiet_until(location: Location, now_ms: int) -> int | None:
    """When (ms) the quiet hours end that it is in; None when it is in none. They may last over midnight."""
    if location.quiet_hours is None:
        return None
    start, end = location.quiet_hours.split("-")
    today = _local_date(location, now_ms)
    for day in (today - _ONE_DAY, today):
        ends_at = _moment(location, day if start < end else day + _ONE_DAY, end)
        if _moment(location, day, start) <= now_ms < ends_at:
            return ends_at
    return None


def business_day(location: Location, now_ms: int) -> str:
    """The local date that numbers belong to (`2026-11-20`): it begins at `reset_at`, each day once, never backwards."""
    day = _local_date(location, now_ms) + _ONE_DAY
    while day_starts_at(location, day) > now_ms:
        day -= _ONE_DAY
    return day.isoformat()


def day_starts_at(location: Location, day: date) -> int:
    """The moment (ms) at which that business day begins."""
    return _moment(location, day, location.reset_at)


def next_day_at(location: Location, now_ms: int) -> int:
    """The moment (ms) at which the next business day begins."""
    return day_starts_at(location, date.fromisoformat(business_day(location, now_ms)) + _ONE_DAY)


def open_ranges(location: Location, from_at: int, until_at: int) -> Iterator[tuple[int, int]]:
    """From when to when (ms) it is open on the days that have a part of that time. No hours: each whole day."""
    first, last = _local_date(location, from_at), _local_date(location, max(from_at, until_at - 1))
    if location.hours:
        yield from _ranges(location, first, (last - first).days + 1)
        return
    for n in range((last - first).days + 1):
        day = first + n * _ONE_DAY
        yield _moment(location, day, "00:00"), _moment(location, day, "24:00")


def local_s(at_ms: float, zone: ZoneInfo) -> float:
    """A moment by the location's clocks, in seconds since 1970 as if these were in UTC."""
    offset = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone).utcoffset()
    return at_ms / 1000 + (offset.total_seconds() if offset else 0)


def _ranges(location: Location, first: date, days: int = 9) -> Iterator[tuple[int, int]]:
    """The opening ranges of some days as moments: of nine, a week and a day on either side."""
    for day in (first + n * _ONE_DAY for n in range(days)):
        for hours in location.hours.get(DAYS[day.weekday()], ()):
            start, end = hours.split("-")
            yield _moment(location, day, start), _moment(location, day, end)


def _local_date(location: Location, now_ms: int) -> date:
    return datetime.fromtimestamp(now_ms / 1000, ZoneInfo(location.time_zone)).date()


def _moment(location: Location, day: date, at: str) -> int:
    if at == "24:00":
        day, at = day + _ONE_DAY, "00:00"
    return int(datetime.combine(day, time.fromisoformat(at), ZoneInfo(location.time_zone)).timestamp()) * 1000
