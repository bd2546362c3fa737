"""What takes long calls this often, every few microseconds or milliseconds; whoever gives it may wait in it."""

from collections.abc import Callable

Pause = Callable[[], object]


def at_once() -> None:
    """Who waits for nobody."""
