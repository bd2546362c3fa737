"""How memory is laid out where many connections are to have little of it."""

import ctypes
from contextlib import suppress

M_MMAP_THRESHOLD = -3  # of glibc's mallopt
LARGE_BYTES = 256 * 1024  # no less: what is large is given back each time, and asked for anew


def lay_large_pieces_apart() -> None:
    """uvloop has 256 KiB for each connection over TLS, and uses one page of them. When it has freed one of that size
    glibc puts those that follow among the small pieces, and the gaps between them are lost: 3 to 5 KiB a connection.
    Told how large is large it does no longer learn it. For the whole process; other C libraries are left alone."""
    with suppress(AttributeError):
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
