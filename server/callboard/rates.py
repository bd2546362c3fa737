"""How often somebody may do something: moving windows in memory, bounded, by the clock that is handed in."""

from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple

MOST = 20_000  # windows of one bucket; the one that was used least lately goes first


class Rate(NamedTuple):
    """At most `times` in any `seconds`."""

    times: int
    seconds: float


class TooMany(Exception):
    """Not now; in `retry_after_s` seconds."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__("too many requests")
        self.retry_after_s = retry_after_s


class Rates:
    """Buckets by name; in each, every key (an address, an account) has a window of its own.

    Kept in this process: with several, each allows as much. A window costs what it may hold, and an unknown bucket is
    a bug.
    """

    def __init__(self, buckets: Mapping[str, Rate], now: Callable[[], float], most: int = MOST) -> None:
        self.buckets = buckets
        self._now = now
        self._most = most
        self._windows: dict[str, OrderedDict[str, deque[float]]] = {name: OrderedDict() for name in buckets}

    def take(self, bucket: str, key: str) -> None:
        """Counts once; raises TooMany, and then has not counted."""
        times, seconds = self.buckets[bucket]
        windows, now = self._windows[bucket], self._now()
        window = windows.setdefault(key, deque())
        windows.move_to_end(key)
        while window and window[0] <= now - seconds:
            window.popleft()
        if len(window) >= times:
            raise TooMany(window[0] + seconds - now)
        window.append(now)
        if len(windows) > self._most:
            windows.popitem(last=False)

    def give_back(self, bucket: str, key: str) -> None:
        """The last one did not count after all."""
        if window := self._windows[bucket].get(key):
            window.pop()


def network(address: str) -> str:
    """The address that a limit counts by: of IPv6 the part that one household or mobile has all addresses of."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, IPv6Address):
        return str(ip.ipv4_mapped or IPv6Address(int(ip) >> 64 << 64))
    return str(ip)
