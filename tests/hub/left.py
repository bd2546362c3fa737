"""What a test leaves in memory: objects by the names of their kinds, other tests of the process left aside."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


class Left:
    """Counts what came since it was made. It holds what was there before, so that no address of that is used again."""

    def __init__(self) -> None:
        gc.collect()
        self._before = gc.get_objects()
        self._known = {id(each) for each in self._before}

    def count(self, *kinds: str) -> list[int]:
        found = [type(each).__name__ for each in gc.get_objects() if id(each) not in self._known]
        return [found.count(kind) for kind in kinds]


@contextmanager
def nothing_collected() -> Iterator[None]:
    """What hangs in loops stays, so that it is seen."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
