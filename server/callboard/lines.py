"""What live addresses share, whoever offers them: where documents come from, and how many may listen."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property

from callboard.hub.audiences import Audiences
from callboard.hub.connection import Pace
from callboard.hub.fanout import Fanout
from callboard.hub.seats import Seats
from callboard.hub.watched import Place


@dataclass(frozen=True, slots=True)
class Permit:
    """What a request may listen to. `still` is asked now and then whether it still may; none: it always may."""

    place: Place
    still: Callable[[], Awaitable[bool]] | None = None


@dataclass(frozen=True, kw_only=True)
class Lines:
    """Made once for a server, so that its seats are counted together."""

    fanout: Fanout
    public_url: str = ""
    seats: Seats = field(default_factory=Seats)
    pace: Pace = Pace()  # noqa: RUF009  frozen
    first_s: float = 5  # a plain GET waits so long for a document that must be read first
    recheck_s: float = 30  # between two looks at whether a listener still may
    chance: Callable[[], float] = random.random  # in [0, 1)

    @cached_property
    def audiences(self) -> Audiences:
        return Audiences(self.fanout, self.pace, self.seats)
