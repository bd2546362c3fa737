"""How many may listen at once, in all and from one address."""

from collections import Counter


class Full(Exception):
    """No seat is free; the message says which limit was met."""


class Seat:
    """One that is taken. It comes back when its block ends; one that was kept, when its address is let go."""

    __slots__ = ("_address", "_is_kept", "_seats")

    def __init__(self, seats: "Seats", address: str) -> None:
        self._seats = seats
        self._address = address
        self._is_kept = False

    def keep(self) -> str:
        """Beyond the block; the address, for `Seats.free`."""
        self._is_kept = True
        return self._address

    def __enter__(self) -> "Seat":
        return self

    def __exit__(self, *error: object) -> None:
        if not self._is_kept:
            self._seats.free(self._address)


class Seats:
    """Behind one address there may be a hall full of people on its wireless network."""

    def __init__(self, total: int = 20_000, per_address: int = 2_000) -> None:
        self._total = total
        self._per_address = per_address
        self._taken: Counter[str] = Counter()
        self.taken = 0

    def take(self, address: str) -> Seat:
        """A seat, for a `with` block; raises `Full`."""
        if self.taken >= self._total:
            raise Full("too many connections")
        if self._taken[address] >= self._per_address:
            raise Full("too many connections from this address")
        self.taken += 1
        self._taken[address] += 1
        return Seat(self, address)

    def free(self, address: str) -> None:
        """Of one seat at this address, once."""
        self.taken -= 1
        self._taken[address] -= 1
        if not self._taken[address]:
            del self._taken[address]
