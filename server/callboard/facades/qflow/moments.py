"""Dates as this API writes and reads them: a local time with its offset and seven digits of a second."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

# The samples show seven digits and an offset; what comes in may lack either, and may be the older way to write a date.
WRITTEN = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?( ?[Zz]|[+-]\d{2}:?\d{2})?)?", re.ASCII)
SPELLED = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{7}[+-]\d{2}:\d{2}", re.ASCII)
DIGITS, PLAIN = 26, 32  # of Python's own form of it: where the offset begins, and where one of whole minutes ends
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TICKS = re.compile(r"/Date\((-?\d{1,15})([+-]\d{4})?\)/", re.ASCII)


def written(at: int, zone: ZoneInfo) -> str:
    """A moment (ms) on the clocks of a zone, such as 2025-09-13T08:26:07.6340000+10:00."""
    return spelled(datetime.fromtimestamp(at / 1000, UTC).astimezone(zone))


def spelled(at: datetime) -> str:
    """Whole minutes of offset, as every client expects: of the odd ones before 1900 the seconds are left out."""
    text = at.isoformat(timespec="microseconds")
    if len(text) == PLAIN:
        return f"{text[:DIGITS]}0{text[DIGITS:]}"
    minutes = round((at.utcoffset() or timedelta()).total_seconds() / 60)
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06d}0{sign}{hours:02d}:{rest:02d}".rjust(33, "0")


def parsed(text: str, zone: ZoneInfo) -> datetime | None:
    """The date; one without an offset is a local one of the zone. None for what is no date."""
    text = text.strip()
    if ticks := TICKS.fullmatch(text):
        return _moment(int(ticks[1]), zone)
    if not WRITTEN.fullmatch(text):
        return None
    try:
        at = datetime.fromisoformat(text.upper().replace(" Z", "Z"))
        return at if at.tzinfo else at.replace(tzinfo=zone)
    except ValueError:
        return None


def respelled(text: str, zone: ZoneInfo) -> str | None:
    """A date as we write it; one that is written so stays, also its seventh digit, which our clocks do not have."""
    at = parsed(text, zone)
    if at is None:
        return None
    return text if SPELLED.fullmatch(text) else spelled(at)


def moment(text: str, zone: ZoneInfo) -> int | None:
    """The date in ms since 1970; None for what is none."""
    at = parsed(text, zone)
    return None if at is None else (at - EPOCH) // timedelta(milliseconds=1)


def minutes_from(server: ZoneInfo, zone: ZoneInfo, at: int) -> int:
    """How far the clocks of a zone are ahead of the server's at a moment; -120 is two hours behind."""
    then = datetime.fromtimestamp(at / 1000, UTC)
    local, central = then.astimezone(zone).utcoffset(), then.astimezone(server).utcoffset()
    return round(((local or timedelta()) - (central or timedelta())).total_seconds() / 60)


def _moment(at: int, zone: ZoneInfo) -> datetime | None:
    try:
        return datetime.fromtimestamp(at / 1000, UTC).astimezone(zone)
    except (OverflowError, ValueError, OSError):
        return None
