"""A location's opening hours today, as two local moments a range. Pure."""

from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from callboard.domain.model import Location
from callboard.facades.bloom.models.locations import Open

DAYS: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = (
    "mon",
    "tue",
    "wed",
    "thu",
    "fri",
    "sat",
    "sun",
)
ALWAYS = ("00:00-24:00",)


def today(location: Location, now: int) -> list[Open]:
    """In order; empty on a day when it does not open. One that is always open is so from midnight to midnight."""
    date = datetime.fromtimestamp(now / 1000, UTC).astimezone(ZoneInfo(location.time_zone)).date()
    ranges = location.hours.get(DAYS[date.weekday()], ()) if location.hours else ALWAYS
    return [Open(_at(str(date), start), _at(str(date), end)) for start, end in (each.split("-") for each in ranges)]


def working_hours(location: Location, now: int) -> list[Open] | Literal[""]:
    """An empty text, as the document's second location has it, where there are none."""
    return today(location, now) or ""


def span(ranges: list[Open]) -> tuple[str, str]:
    """From the first opening to the last closing; empty texts where there is none."""
    if not ranges:
        return "", ""
    return min(each.open_today_from for each in ranges), max(each.open_today_to for each in ranges)


def _at(date: str, time: str) -> str:
    """Midnight at the end of a day is the second before it, as in the document."""
    return f"{date} 23:59:59" if time == "24:00" else f"{date} {time}:00"
