"""The processes of a server, from outside: its workers, and which of them holds a connection."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from running import Running

WORKER = b"callboard.workers.child"


class Connected(Protocol):
    """Our end of a connection; each address begins with host and port."""

    @property
    def local_address(self) -> Any: ...

    @property
    def remote_address(self) -> Any: ...


def workers(server: Running) -> set[int]:
    """The workers that run now."""
    return {pid for pid in children(server.pid) if WORKER in _command(pid)}


def children(pid: int) -> set[int]:
    try:
        return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
    except OSError:
        return set()


def is_running(pid: int) -> bool:
    """One that has ended and that nobody has asked about is not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def holder(server: Running, socket: Connected) -> int | None:
    """The worker at the other end of a connection."""
    (_, ours), (_, theirs) = socket.remote_address[:2], socket.local_address[:2]
    inode = _inode(ours, theirs)
    return next((pid for pid in workers(server) if inode in _sockets(pid)), None)


async def until(is_so: Callable[[], bool], within_s: float = 20) -> None:
    """What happens in other processes can only be looked at again."""
    async with asyncio.timeout(within_s):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _inode(here: int, there: int) -> str:
    """Of the end that has port `here`."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if [int(end.rpartition(":")[2], 16) for end in fields[1:3]] == [here, there]:
            return f"socket:[{fields[9]}]"
    raise LookupError(f"no connection {here} - {there}")


def _sockets(pid: int) -> set[str]:
    found = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.add(os.readlink(link))
        except OSError:  # closed meanwhile
            continue
    return found
