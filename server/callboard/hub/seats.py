"""How many may listen at once, in all and from one address."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class Full(Exception):
    """No seat is free; the message says which limit was met."""


class Seats:
    def __init__(self, total: int = 20_000, per_address: int = 200) -> None:
        self._total = total
        self._per_address = per_address
        self._taken: Counter[str] = Counter()
        self.taken = 0

    @contextmanager
    def take(self, address: str) -> Iterator[None]:
        """A seat for as long as the block lasts; raises `Full`."""
        if self.taken >= self._total:
            raise Full("too many connections")
        if self._taken[address] >= self._per_address:
            raise Full("too many connections from this address")
        self.taken += 1
        self._taken[address] += 1
        try:
            yield
        finally:
            self.taken -= 1
            self._taken[address] -= 1
            if not self._taken[address]:
                del self._taken[address]
