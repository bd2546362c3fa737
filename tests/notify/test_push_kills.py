"""Whoever sends pushes and texts may be killed at any moment: nobody is left untold, and nobody is told both ways."""

import random
from typing import Any

import pytest

from callboard.delivery.attempt import CRASHES
from callboard.notify.notification import Notifications
from callboard.store.outbox import LEASE_MS
from conftest import Clock
from notify.carrier import Carrier
from notify.conftest import Office
from notify.push_service import Answer, PushService
from notify.test_push import subscribed, ways


class Killed(BaseException):
    """What a process that is killed does not live to see."""


class Fate:
    """Kills at some of the moments that are reached; once less than makes a delivery be given up."""

    def __init__(self, seed: int) -> None:
        dice = random.Random(seed)
        self._moments = set(dice.sample(range(1, 45), CRASHES - 1))
        self._passed = 0
        self.kills = 0

    def perhaps(self) -> None:
        self._passed += 1
        if self._passed in self._moments:
            self.kills += 1
            raise Killed

    def around(self, does: Any) -> Any:
        async def done(*given: Any, **more: Any) -> Any:
            self.perhaps()
            answer = await does(*given, **more)
            self.perhaps()
            return answer

        return done


@pytest.mark.parametrize("seed", range(6))
async def test_kills_at_any_moment_leave_nobody_untold_and_nobody_told_both_ways(
    pushing: Office,
    push_service: PushService,
    carrier: Carrier,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
) -> None:
    """Before and after whatever is written down and whatever is handed over. A push service refuses every other one.
    What it took twice stands once on the screen; a text is asked for before it is repeated."""
    numbers = [f"+46701740{n:03}" for n in range(600, 606)]
    people = [await subscribed(pushing, push_service, number, phone=number) for number in numbers]
    push_service.always |= {number: Answer(403) for number in numbers[::2]}
    fate = Fate(seed)
    monkeypatch.setattr(pushing.outbox, "_settle", fate.around(pushing.outbox._settle))
    monkeypatch.setattr(Notifications, "send", fate.around(Notifications.send))
    for turn in range(9):
        try:
            await pushing.another(f"worker {turn}").run(until_idle=True)
        except BaseExceptionGroup as group:
            if group.split(Killed)[1] is not None:
                raise
        clock.pass_(s=LEASE_MS / 1000 + 1)
    assert fate.kills > 1
    for number, person in zip(numbers, people, strict=True):
        told = (len(carrier.texts(number)), len(push_service.kept[number]))
        assert told == ((1, 0) if number in numbers[::2] else (0, 1)), await ways(pushing, person)
