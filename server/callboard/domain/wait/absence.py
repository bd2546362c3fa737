"""Who does not come when called (wait.md 5.2.3)."""

from callboard.domain.wait.state import State

WAITS_S = (600, 1200, 2400)  # bounds of the buckets by wait at the call
PRIOR_CALLS = 20
PRIOR_BUCKET = 15


def wait_bucket(waited_s: float) -> int:
    return sum(waited_s > bound for bound in WAITS_S)


def no_show(state: State) -> list[float]:
    """5.2.3: p by wait at the call; pooled p = (1 + a) / (20 + n), a bucket's (a_b + 15 p) / (n_b + 15)."""
    absent = state.absent
    pooled = (1 + absent.a) / (PRIOR_CALLS + absent.n)
    return [
        (a + PRIOR_BUCKET * pooled) / (n + PRIOR_BUCKET)
        for a, n in zip(absent.by_wait_a, absent.by_wait_n, strict=True)
    ]
