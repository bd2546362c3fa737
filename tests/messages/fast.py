"""Time that passes several times as fast, for all processes of a campaign alike: minutes of waiting take seconds."""

import asyncio
import selectors
import time
from typing import Any

from msgspec import Struct


class Fast(Struct, frozen=True):
    """A clock (ms) that began at `start` when the machine's said `began` (s), and runs `speed` times as fast."""

    start: int
    began: float
    speed: float

    def __call__(self) -> int:
        return self.start + round((time.time() - self.began) * 1000 * self.speed)

    def real_s(self, ms: float) -> float:
        """How long so many of its ms last."""
        return ms / 1000 / self.speed


class FastLoop(asyncio.SelectorEventLoop):
    """Sleeps, pauses and time-outs are over so much sooner."""

    def __init__(self, speed: float) -> None:
        super().__init__(_Sooner(speed))
        self._speed = speed

    def time(self) -> float:
        return time.monotonic() * self._speed


class _Sooner(selectors.DefaultSelector):
    def __init__(self, speed: float) -> None:
        super().__init__()
        self._speed = speed

    def select(self, timeout: float | None = None) -> Any:
        return super().select(None if timeout is None else timeout / self._speed)
