"""Garbage in loops is looked for when there is little to look at."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from callboard.garbage import collect_in_quiet
from hub.world import until


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


class Loop:
    def __init__(self) -> None:
        self.me = self


@asynccontextmanager
async def collecting(**when: float) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(collect_in_quiet(look_s=0.01, **when))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        yield
        task.cancel()


def old_garbage() -> weakref.ref[Loop]:
    """It was there when the young were looked at, and is left by everybody only then."""
    loop = Loop()
    for generation in (0, 1):
        gc.collect(generation)
    return weakref.ref(loop)


async def test_what_is_left_in_loops_goes_while_there_is_little() -> None:
    async with collecting():
        left = old_garbage()
        await until(lambda: left() is None)


async def test_much_is_not_looked_at_unless_it_has_waited_too_long() -> None:
    async with collecting(few=0, patience_s=3600):
        left = old_garbage()
        made = [Loop() for _ in range(100_000)]  # what comes meanwhile is looked at, and this is not
        await asyncio.sleep(0.1)  # ten looks
        assert made
        assert left() is not None
    async with collecting(few=0, patience_s=0.1):
        left = old_garbage()
        await until(lambda: left() is None)
