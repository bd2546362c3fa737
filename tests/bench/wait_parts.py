"""The estimator with one of its parts switched off, to see what the part is worth."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import numpy as np

from callboard.domain.wait.absence import PRIOR_CALLS
from callboard.domain.wait.state import State

WAIT = "callboard.domain.wait."


def _flat(state: State) -> list[float]:
    return [(1 + state.absent.a) / (PRIOR_CALLS + state.absent.n)] * 4


def _nothing(*_: Any) -> None:
    return None


def _no_change(state: State, now: float, many: int) -> Any:
    return np.full(many, -1)


PARTS: dict[str, dict[str, Any]] = {
    "all": {},
    "no desk plan": {"desks._days": _no_change},
    "a0 fixed at 12": {"desks.prior_weight": lambda *_: 12.0, "learn.prior_weight": lambda *_: 12.0},
    "no-show the same for all": {"drain.no_show": _flat, "desks.no_show": _flat},
    "nobody overtakes": {"outlook.overtake": _nothing},
    "no calibration": {"promise.score": _nothing},
    "no calm promise": {"promise.HALF_S": 0.001},
    "R = 16": {"outlook.replications": lambda _: 16},
    "R = 32": {"outlook.replications": lambda _: 32},
    "R = 400": {"outlook.replications": lambda _: 400},
}


@contextmanager
def without(part: str) -> Iterator[None]:
    undo: list[Callable[[], None]] = []
    for name, value in PARTS[part].items():
        patcher = patch(WAIT + name, value)
        patcher.start()
        undo.append(patcher.stop)
    try:
        yield
    finally:
        for stop in undo:
            stop()
