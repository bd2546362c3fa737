"""What a person reads: now, a range of minutes, more than an hour, or that no desk is open and when one opens."""

from typing import Literal

from msgspec import Struct

from callboard.domain.wait.lobby import Lobby
from callboard.domain.wait.outlook import Forecast

LONGEST_MIN = 60


class Shown(Struct, frozen=True):
    """`opens_at` is local time in seconds, as `now` is, if it is known."""

    kind: Literal["now", "range", "over", "closed"]
    low_min: int = 0
    high_min: int = 0
    opens_at: float | None = None


def shown(told: Forecast, lobby: Lobby, now: float) -> Shown:
    """Never "calculating": where no number is honest, the opening time is."""
    if told.low_s is None or told.high_s is None:
        return Shown("closed", opens_at=lobby.opens_at(now))
    if told.free:
        return Shown("now")
    low, high = round(told.low_s / 60), round(told.high_s / 60)
    return Shown("over" if low >= LONGEST_MIN else "range", low, high)
