"""A queue's slots: cut out of the opening hours, with the places that are left."""

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest
from msgspec.structs import replace

from callboard.domain.model import Location, Site
from callboard.domain.slots import slots
from conftest import SITE

ZONE = ZoneInfo("Europe/Stockholm")
DAY_MS = 24 * 3_600_000


@pytest.fixture
def location() -> Location:
    return msgspec.convert(SITE, Site).locations[0]


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp() * 1000)


def times(location: Location, start: str, end: str, **changes: object) -> list[str]:
    queue = replace(location.queues[0], **changes)
    found = slots(location, queue, at(start), at(end), {})
    return [f"{datetime.fromtimestamp(slot.start_at / 1000, ZONE):%d %H:%M}" for slot in found]


def test_slots_fit_whole_into_the_hours(location: Location) -> None:
    location = replace(location, hours={"mon": ("09:00-10:10", "13:00-13:40")})
    assert times(location, "2026-11-23T00:00", "2026-11-24T00:00", slot_min=20) == (
        ["23 09:00", "23 09:20", "23 09:40", "23 13:00", "23 13:20"]
    )
    assert times(location, "2026-11-24T00:00", "2026-11-25T00:00") == []
    assert times(location, "2026-11-23T09:10", "2026-11-23T13:00", slot_min=20) == ["23 09:20", "23 09:40"]


def test_without_hours_it_is_the_whole_day_also_when_clocks_change(location: Location) -> None:
    assert len(times(location, "2026-11-23T00:00", "2026-11-24T00:00", slot_min=60)) == 24
    assert len(times(location, "2026-10-25T00:00", "2026-10-26T00:00", slot_min=60)) == 25
    assert len(times(location, "2026-03-29T00:00", "2026-03-30T00:00", slot_min=60)) == 23


def test_a_full_slot_is_listed_with_no_place_left(location: Location) -> None:
    queue = replace(location.queues[0], slot_min=720, slot_places=2)
    start = at("2026-11-23T00:00")
    taken = {start: 3, start + DAY_MS // 2: 1}
    assert [slot.available for slot in slots(location, queue, start, start + DAY_MS, taken)] == [0, 1]
    free = replace(queue, slot_places=None)
    assert [slot.available for slot in slots(location, free, start, start + DAY_MS, taken)] == [None, None]
