"""When what was not taken is tried again, as the Standard Webhooks specification has it: soon, and then for days."""

from collections.abc import Callable

# After the first attempt, each after the one before it.
PAUSES_S = (5, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
WORTH_MS = 5 * 24 * 3_600_000  # the whole of it takes three days and some hours; Retry-After may ask for more


def pause_ms(asked: int, random: Callable[[], float]) -> int | None:
    """How long to wait when the receiver was asked so often before this attempt; None after the last one. A fifth less
    or more, so that what failed together does not come back together."""
    if asked >= len(PAUSES_S):
        return None
    return round(PAUSES_S[asked] * 1000 * (0.8 + 0.4 * random()))
