"""What the operating system tells a running server to do, from its first moment to its last."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

ALL = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass
class Orders:
    """What is done just now on SIGTERM or SIGINT, and on SIGHUP."""

    stop: Callable[[], object]
    again: Callable[[], object] = lambda: None
    is_told: bool = False  # to stop; a cancellation may be swallowed on its way, see `endless`

    def tell(self) -> None:
        self.is_told = True
        self.stop()


@contextmanager
def obeying() -> Iterator[Orders]:
    """Signals are obeyed from here to the end, the last of the tidying up included. At first by cancelling this task,
    which is what stops a start."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    orders = Orders(stop=task.cancel)
    signal.pthread_sigmask(signal.SIG_BLOCK, ALL)  # one that comes while handlers change would be lost between them
    loop.add_signal_handler(signal.SIGHUP, lambda: orders.again())
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, orders.tell)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ALL)
    try:
        yield orders
    finally:
        for number in ALL:
            loop.remove_signal_handler(number)
