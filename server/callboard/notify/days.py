"""The day and the time of a booking, as a language writes them."""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date

_COMMA = ("de", "pl", "pt")  # between the day of the week and the date


def slot_words(time_zone: str, at: int | None, language: str) -> dict[str, str]:
    """Its day, short_day and time; empty without a moment (ms)."""
    if at is None:
        return {"day": "", "short_day": "", "time": ""}
    moment = datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(time_zone))
    return {
        "day": day_words(moment.date(), language),
        "short_day": short_day_words(moment.date(), language),
        "time": f"{moment:%H:%M}",
    }


def clock_time(time_zone: str, at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(time_zone)):%H:%M}"


def day_words(day: date, language: str) -> str:
    return format_date(day, f"EEEE{',' if language in _COMMA else ''} {_day_and_month(language)}", language)


def short_day_words(day: date, language: str) -> str:
    return format_date(day, f"EEE {_day_and_month(language).replace('MMMM', 'MMM')}", language).rstrip(".")


def _day_and_month(language: str) -> str:
    """The pattern of a date without its year, the day first: "d. MMMM", "d 'de' MMMM"."""
    found = re.match(r"d\.?(?: 'de')? MMMM", Locale.parse(language).date_formats["long"].pattern)
    return found[0] if found else "d MMMM"
