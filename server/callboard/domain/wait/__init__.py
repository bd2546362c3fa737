"""The honest wait: learns from a location's facts, drains its present queue, and keeps its word about the range.

Reads beside `wait.md` 5, whose section numbers stand in the docstrings: 5.1 `state`, 5.2 `advance`, 5.3 `drain`,
5.4 `promise`. Times are local seconds since some midnight, durations seconds; nothing here knows a clock.
"""

from callboard.domain.wait.facts import Fact
from callboard.domain.wait.follow import Scored, follow, keep_due, scored, take
from callboard.domain.wait.lobby import Desk, Lobby
from callboard.domain.wait.outlook import Forecast, Outlook, forecast
from callboard.domain.wait.shown import Shown, shown
from callboard.domain.wait.state import State, decode, encode

__all__ = [
    "Desk",
    "Fact",
    "Forecast",
    "Lobby",
    "Outlook",
    "Scored",
    "Shown",
    "State",
    "decode",
    "encode",
    "follow",
    "forecast",
    "keep_due",
    "scored",
    "shown",
    "take",
]
