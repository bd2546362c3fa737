"""The same chances every time (wait.md 5.3): a ticket keeps its dice while it waits, so its promise moves calmly."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
ROWS = 512


@cache
def uniform(name: str, replications: int) -> Array:
    """ROWS rows, each a shuffled grid over (0, 1): as even as chance allows in every row, independent between rows."""
    chance = np.random.Generator(np.random.PCG64(int.from_bytes(name.encode(), "little")))
    grid = (np.arange(replications) + 0.5) / replications
    return np.stack([chance.permutation(grid) for _ in range(ROWS)])


@cache
def normal(name: str, replications: int) -> Array:
    """The same as deviations of a normal distribution."""
    from statistics import NormalDist

    inverse = NormalDist().inv_cdf
    grid = np.array([inverse((i + 0.5) / replications) for i in range(replications)])
    return grid[(uniform(name, replications) * replications).astype(np.intp)]


@cache
def exponential(name: str, replications: int) -> Array:
    """The same as exponential times of mean 1."""
    return -np.log1p(-uniform(name, replications))
