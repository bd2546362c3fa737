"""Room for many connections: each is an open file."""

import os
import sys

TABLE = 65_536  # connections, for which half a MiB of the kernel's memory is taken


def make_room() -> None:
    """As many open files as this process may have, and the kernel's table for them made now.

    The kernel doubles the table when it is full. Where a process has threads it waits for all processors to have gone
    on meanwhile: accepting a connection then holds everybody up for tens of milliseconds.
    """
    if sys.platform == "win32":
        return
    import fcntl
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    except (OSError, ValueError):  # some systems allow less than they say
        most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    last = (TABLE if most == resource.RLIM_INFINITY else min(most, TABLE)) - 1
    file = os.open(os.devnull, os.O_RDONLY)
    os.close(fcntl.fcntl(file, fcntl.F_DUPFD_CLOEXEC, last))
    os.close(file)
