"""How honest the waits are that a location shows: what people were told, and how long it then was."""

import asyncio
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from msgspec import Struct

from callboard.api.operation import Asked, Operation
from callboard.domain.hours import local_s
from callboard.domain.model import Location
from callboard.domain.tally import DAY_H, WEEK_H, Call, Score, score
from callboard.services import Services
from callboard.store.learned import Learning


class Told(Struct, frozen=True, kw_only=True):
    """One call, in seconds: what was told when somebody came, and how long it then was."""

    low_s: int
    likely_s: int
    high_s: int
    wait_s: int
    within: bool


class Kept(Struct, frozen=True, kw_only=True):
    """Of one location. `estimated`: whether its waits are worked out at present; else people are shown a rule of thumb.
    `calls` are the last ones, the oldest first."""

    location: str
    estimated: bool
    day: Score
    week: Score
    calls: list[Told]


async def kept(services: Services, location: Location) -> Kept:
    """Raises StoreAway."""
    learning = Learning(services.reads.connection)
    tally, estimated = await asyncio.gather(learning.tally(location.id), learning.is_at_work(location.id))
    now = local_s(services.clock(), ZoneInfo(location.time_zone))
    day, week = score(tally, now, DAY_H), score(tally, now, WEEK_H)
    calls = [_told(call) for call in tally.calls]
    return Kept(location=location.id, estimated=estimated, day=day, week=week, calls=calls)


async def scores(services: Services) -> Mapping[str, Mapping[str, Score]]:
    """Of every location, by its id and by `day` and `week`. Raises StoreAway."""
    locations = services.directory.locations
    found = await asyncio.gather(*(kept(services, location) for location in locations))
    return {each.location: {"day": each.day, "week": each.week} for each in found}


def _told(call: Call) -> Told:
    return Told(low_s=call.low_s, likely_s=call.likely_s, high_s=call.high_s, wait_s=call.wait_s, within=call.within)


async def _waits(asked: Asked[None, None]) -> Kept:
    return await kept(asked.services, asked.services.directory.location(asked.ids["location"]))


OPERATIONS = (
    Operation(
        name="waits",
        method="GET",
        path="/locations/{location}/waits",
        tag="locations",
        summary="How often people were called within what they were shown, over the last day and week, and how far off",
        do=_waits,
        answers=Kept,
    ),
)
