"""Domains that put mail off: each is left alone for a growing while, and holds up nobody else."""

FIRST_REST_MS = 10_000
LONGEST_REST_MS = 300_000
MOST = 1024  # domains remembered


class Patience:
    """A rest doubles with each deferral after it, and ends with the first mail that is taken."""

    def __init__(self) -> None:
        self._rests: dict[str, tuple[int, int]] = {}  # until when, and how long the last one was

    def rest_ms(self, domain: str, now: int) -> int:
        """For how long nothing is to be sent there; 0: now."""
        until, _ = self._rests.get(domain, (0, 0))
        return max(0, until - now)

    def put_off(self, domain: str, now: int) -> int:
        """It has put a mail off. How long it is left alone; those that were under way together count as one."""
        until, rest = self._rests.pop(domain, (0, 0))
        if until <= now:
            rest = min(LONGEST_REST_MS, 2 * rest or FIRST_REST_MS)
            until = now + rest
        self._rests[domain] = until, rest  # the latest stands last
        while len(self._rests) > MOST:
            del self._rests[next(iter(self._rests))]
        return until - now

    def took(self, domain: str) -> None:
        self._rests.pop(domain, None)
