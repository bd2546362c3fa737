"""Those who come to listen are let in a few at a time: nobody else waits behind ten thousand who come back at once."""

from collections.abc import Callable

from callboard.hub.sweep import Pending, Sweep

SLICE_S = 0.001  # of handshakes, each of which has a task in the next turn of the loop

Door = Pending[Callable[[], object]]  # each is of a connection that is there already, so there are no more of them


def door() -> Door:
    """One for a server."""
    return Pending(Sweep(SLICE_S), lambda come_in: come_in())
