"""The pace at which the fan-out looks at the store and at its streams."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often the fan-out looks, and how long it waits."""

    refresh_s: float = 10  # time passes and estimates move, so every location is looked at again
    probe_s: float = 1  # between two looks at whether the store is there
    away_s: float = 3  # a store not seen for so long is away: no more beats
    read_s: float = 5  # a read that takes longer has failed
    retry_s: float = 0.25  # after a failure, doubled up to refresh_s
    readers: int = 8  # reads under way at once
    rest_s: float = 0.002  # after a read, for each event more than one that it was for ...
    longest_rest_s: float = 0.05  # ... up to this
    newcomers_s: float = 0.01  # and up to this, where it was for many who have come
    worth: float = 2.0  # so many times as long as a read took it is told, before what is newer may be read

    def rest_after_s(self, events: int, newcomers: int = 0) -> float:
        """One event after the other is told at once, and so is one who comes. Where they come faster than they are
        read, and than anybody can look, a read waits for more of them: hundreds in a second become a few reads."""
        rest_s = min(self.rest_s * max(0, events - 1), self.longest_rest_s)
        return max(rest_s, min(self.rest_s * max(0, newcomers - 1), self.newcomers_s))

    def pause_s(self, failures: int) -> float:
        """Before the next try, after one more than so many."""
        return min(self.retry_s * 2.0 ** min(failures, 16), self.refresh_s)
