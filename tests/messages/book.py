"""What the providers have taken, in their own words, and what was due: the two sides that are compared."""

import asyncio
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

MIN = 60_000
WORTH_MIN = {
    "taken": 10,
    "moved": 10,
    "delayed": 11,
    "almost_your_turn": 30,
    "your_turn": 5,
    "called_again": 5,
    "missed": 15,
    "cancelled": 30,
    "booking_confirmed": 720,
    "booking_moved": 720,
    "booking_reminder": 30,
}
SAYS = {  # what only a text of that kind says
    "your number is": "taken",
    "now waits for": "moved",
    "it takes longer": "delayed",
    "Please come now.": "almost_your_turn",
    "it is your turn": "your_turn",
    "you are called again": "called_again",
    "you were called and not here": "missed",
    "the staff have cancelled": "cancelled",
    "you are booked for": "booking_confirmed",
    "your booking is now on": "booking_moved",
    "a reminder of your booking": "booking_reminder",
}
SUBJECTS = {  # and the mails
    ": your ticket at": "taken",
    ": you now wait": "moved",
    ": it takes longer": "delayed",
    ": almost your turn": "almost_your_turn",
    ": your turn": "your_turn",
    ": called again": "called_again",
    ": you missed your turn": "missed",
    "cancelled": "cancelled",
    "is now on": "booking_moved",
    "eminder": "booking_reminder",
    "ooking": "booking_confirmed",
}
CALL_MS = 20_000  # how long a provider may be waited for, once a message was found to be worth sending


class Taken(NamedTuple):
    """A message that a provider has accepted. `id` is what it knows it by, where it was given one."""

    to: str
    kind: str
    at: int
    id: str = ""
    valid_s: int = 0


class Due(NamedTuple):
    """`must`: the person has to be told; else it may be overtaken by what comes next."""

    to: str
    kind: str
    at: int
    must: bool

    @property
    def until(self) -> int:
        return self.at + WORTH_MIN[self.kind] * MIN


def kind_of(text: str, says: dict[str, str]) -> str:
    return next((kind for words, kind in says.items() if words in text), f"other: {text}")


@dataclass
class Book:
    taken: list[Taken] = field(default_factory=list)
    due: list[Due] = field(default_factory=list)
    lost: Counter[str] = field(default_factory=Counter)  # answers that never arrived, by provider
    refused: Counter[str] = field(default_factory=Counter)
    _counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    _owed: Counter[tuple[str, str]] = field(default_factory=Counter)
    _may: dict[tuple[str, str], int] = field(default_factory=dict)
    _more: asyncio.Event = field(default_factory=asyncio.Event)
    _news: dict[tuple[str, str], asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))

    def take(self, taken: Taken) -> None:
        self.taken.append(taken)
        self._counts[taken.to, taken.kind] += 1
        self._news[taken.to, taken.kind].set()
        self._more.set()

    def owe(self, due: Due) -> None:
        self.due.append(due)
        self._owed[due.to, due.kind] += 1

    def may(self, due: Due) -> None:
        """It need not come, and if it comes, then once; what was said of it before is not so any more."""
        before = self._may.get((due.to, due.kind))
        if before is None:
            self._may[due.to, due.kind] = len(self.due)
            self.due.append(due)
        else:
            self.due[before] = due

    async def reach(self, count: int) -> None:
        """Waits until so many messages were taken."""
        while len(self.taken) < count:
            self._more.clear()
            await self._more.wait()

    async def arrives(self, due: Due, within_s: float) -> None:
        """Waits until as many have come as were due so far, and no longer than that."""
        key = due.to, due.kind
        try:
            async with asyncio.timeout(within_s):
                while self._counts[key] < self._owed[key]:
                    self._news[key].clear()
                    await self._news[key].wait()
        except TimeoutError:
            return
