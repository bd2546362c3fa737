"""Values to try a message with, from what a location has: a usual case, and the longest that can come."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any

from callboard.domain.model import Desk, Location
from callboard.domain.names import name_in
from callboard.domain.typed import Text
from callboard.notify.days import day_words, short_day_words
from callboard.notify.segments import is_gsm, units

TOKEN = "a" * 26  # as long as those of people's pages
TICKET = "00000000-0000-8000-8000-000000000000"
SOMEWHERE = "https://queue.example.org"  # where the address of the server is not known


def usual(location: Location, language: str, base_url: str) -> dict[str, Any]:
    """The first queue and the first desk."""
    queue, desk = location.queues[0], next(iter(location.desks), None)
    day = date(2026, 9, 30)
    return {
        **_common(location, language, base_url),
        "label": f"{queue.tag}017",
        "queue": "" if queue.sensitive else _name(location, queue.name, language),
        "desk": _desk(location, desk, language) if desk else None,
        "ahead": 2,
        "low": 8,
        "high": 14,
        "day": day_words(day, language),
        "short_day": short_day_words(day, language),
    }


def longest(location: Location, language: str, base_url: str = SOMEWHERE) -> dict[str, Any]:
    """Everything at its dearest, as far as one message can have it."""
    names = [_name(location, queue.name, language) for queue in location.queues if not queue.sensitive]
    desks = [_desk(location, desk, language) for desk in location.desks]
    day, short_day = _longest_days(language)
    return {
        **_common(location, language, base_url),
        "label": f"{_dearest(queue.tag for queue in location.queues)}999",
        "queue": _dearest(names),
        "desk": {key: _dearest(desk[key] for desk in desks) for key in desks[0]} if desks else None,
        "ahead": 100,
        "low": 95,
        "high": 120,
        "day": day,
        "short_day": short_day,
    }


def _common(location: Location, language: str, base_url: str) -> dict[str, Any]:
    venue = _name(location, location.name, language)
    return {
        "venue": venue,
        "until": "14:35",
        "time": "14:35",
        "link": f"{base_url}/t/{TOKEN}",
        "stop": f"{base_url}/stop/mail/{TICKET}/{'a' * 32}",
        "name": "",
    }


def _desk(location: Location, desk: Desk, language: str) -> Mapping[str, str]:
    return {"kind": desk.kind, "tag": desk.tag, "name": _name(location, desk.name, language)}


def _name(location: Location, name: Text, language: str) -> str:
    return name_in(name, language, location.languages[0])


@cache
def _longest_days(language: str) -> tuple[str, str]:
    days = [
        date(2026, 12, 31) - timedelta(days=n) for n in range(365) if (date(2026, 12, 31) - timedelta(days=n)).day > 20
    ]
    return _dearest(day_words(day, language) for day in days), _dearest(short_day_words(day, language) for day in days)


def _dearest(texts: Iterable[str]) -> str:
    return max(texts, key=lambda text: (not is_gsm(text), units(text)), default="")
