"""Moments as the vendor writes them: ISO 8601 in UTC with three digits, and as clients send them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from callboard.domain.model import Location
from callboard.errors import Invalid, Mistake

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


def iso(at: int) -> str:
    """Such as 2020-11-30T14:30:00.000Z."""
    return f"{datetime.fromtimestamp(at // 1000, UTC):%Y-%m-%dT%H:%M:%S}.{at % 1000:03d}Z"


def moment(text: str, location: Location, where: str) -> int:
    """In ms. Without an offset it is the location's local time, as the position model has it (S0).
    Raises Invalid, which names the field `where`."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid([Mistake(where, "is no moment that there is")]) from None
    if found.tzinfo is None:
        found = found.replace(tzinfo=ZoneInfo(location.time_zone))
    if not EARLIEST <= found <= LATEST:
        raise Invalid([Mistake(where, "must be between the years 2000 and 2100")])
    return round(found.timestamp() * 1000)
