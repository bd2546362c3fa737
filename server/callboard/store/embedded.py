"""The private store: a Valkey server of our own on a unix socket, started, watched, restarted and stopped with us."""

import asyncio
import logging
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from callboard.store.binary import Binary, candidates, find_binary
from callboard.store.child import Child, command
from callboard.store.control import Control
from callboard.store.journal import Journal
from callboard.store.place import MIB, Place, write_pid
from callboard.store.problem import StoreProblem, cannot_use, full, last_words, no_room

LOW = 2 * MIB  # free bytes below which nothing more is written: a server that hits the end of the disk has to exit
ENOUGH = 4 * MIB  # free bytes above which writing goes on
LOOK_S = 1.0  # between two looks at the disk
FIRST_PAUSE_S, LONGEST_PAUSE_S, HEALTHY_S = 0.1, 5.0, 10.0
SILENCE_S = 30.0  # how long a server may neither answer nor load

log = logging.getLogger("callboard.store")


class Embedded:
    """One private store in one data directory.

    `start`, then `watch` for as long as the program runs, then `stop`. `problem` says in words what is wrong now, None
    when nothing is: the server is down, or the disk is full and it only reads (it refuses writes with NOREPLICAS).
    """

    def __init__(self, data_dir: Path, *, find: Callable[[], Iterable[Path]] = candidates) -> None:
        self.restarts = 0
        self.problem: str | None = None
        self.binary: Binary | None = None
        self._find = find
        self._place = Place(data_dir)
        self._journal = Journal(self._place.directory / "store.log")
        self._child: Child | None = None
        self._control: Control | None = None
        self._launching = asyncio.Lock()
        self._stopping = asyncio.Event()
        self._only_reads = False

    @property
    def pid(self) -> int | None:
        """The server's process while it runs."""
        return self._child.pid if self._child and not self._child.gone.is_set() else None

    async def start(self) -> str:
        """Starts the server on what the directory holds, waits until it has read that, and returns its address.

        Raises StoreProblem, and then has left nothing running and nothing locked.
        """
        self._stopping.clear()
        try:
            self.binary = await asyncio.to_thread(lambda: find_binary(self._find()))
            await asyncio.to_thread(self._place.take, room=LOW)
            os.close(await self._server_lock(self._place.old_socket()))
            self._control = Control(self._place.choose_socket())
            await self._launch()
        except OSError as error:
            await self.stop()
            raise cannot_use(self._place.directory, error) from error
        except BaseException:
            await self.stop()
            raise
        return f"unix://{self._place.socket}"

    async def watch(self) -> None:
        """Starts the server again whenever it ends, until `stop`. Owned by the caller's TaskGroup."""
        pause = FIRST_PAUSE_S
        now = asyncio.get_running_loop().time
        while self._child and not self._stopping.is_set():
            began = now()
            await self._mind(self._child)
            if self._stopping.is_set():
                return
            if now() - began >= HEALTHY_S:
                pause = FIRST_PAUSE_S
            self.problem = self._why_it_ended(self._child)
            await self._again(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)

    async def stop(self) -> None:
        """Ends the server in good order (what it has answered is on the disk), then gives the directory back."""
        self._stopping.set()
        async with self._launching:
            child, self._child = self._child, None
        if child is not None:
            await child.stop()
        if self._control is not None:
            await self._control.close()
            self._control = None
        self._place.give_back()

    async def _mind(self, child: Child) -> None:
        """Returns when this server has ended; until then sees to it that it stops writing before the disk is full."""
        while not child.gone.is_set():
            if not await _set_within(child.gone, LOOK_S):
                await self._look_at_the_disk()

    async def _look_at_the_disk(self) -> None:
        only_reads = not self._has_room()
        if only_reads == self._only_reads or self._control is None:
            return
        if await self._control.only_reads(only_reads):
            self._now(only_reads)  # else it is ending, or busy: the next look is a second away

    def _has_room(self) -> bool:
        """A quota does not show in the figure for the disk, so the way back leads over a trial."""
        if not self._only_reads:
            return self._place.free() >= LOW
        return self._place.free() >= ENOUGH and self._place.can_write()

    def _now(self, only_reads: bool) -> None:
        """The server answers, and takes writes or not."""
        if only_reads != self._only_reads:
            log.warning("store=%s", "disk_full" if only_reads else "disk_has_room")
        self._only_reads = only_reads
        self.problem = full(self._place.directory, running=True) if only_reads else None

    async def _again(self, pause: float) -> None:
        """One more start after a pause; when it fails, the next one is due."""
        log.error("store=ended restarts=%d journal=%s", self.restarts, self._journal.path)
        if await _set_within(self._stopping, pause):
            return
        self.restarts += 1
        try:
            await self._launch()
        except StoreProblem as problem:
            self.problem = str(problem)
        else:
            log.warning("store=restarted pid=%s restarts=%d", self.pid, self.restarts)

    async def _launch(self) -> None:
        only_reads = not self._has_room() or no_room(self._journal.last)
        async with self._launching:
            if self._stopping.is_set() or self.binary is None or self._control is None:
                return
            self._child = child = await self._run(self.binary, only_reads)
            control = self._control
        if await control.answers(child.gone, SILENCE_S):
            self._now(only_reads)
        elif child.gone.is_set():
            raise StoreProblem(self._why_it_ended(child))
        else:
            await child.stop(1.0)
            raise StoreProblem(f"The store server {self.binary} does not answer on {self._place.socket}.")

    async def _run(self, binary: Binary, only_reads: bool) -> Child:
        lock = None
        try:
            lock = await self._server_lock()
            self._place.sweep()
            argv = command(binary.path, self._options(only_reads))
            child = await Child.run(argv, self._journal, keep_open=[lock])
            write_pid(lock, child.pid)
            return child
        except OSError as error:
            raise StoreProblem(f"The store server {binary} cannot be started: {error}.") from error
        finally:
            if lock is not None:
                os.close(lock)

    def _options(self, only_reads: bool) -> dict[str, str]:
        return {
            "port": "0",
            "unixsocket": str(self._place.socket),
            "unixsocketperm": "700",
            "dir": str(self._place.directory),
            "save": "",
            "appendonly": "yes",
            "appendfsync": "always",
            "aof-load-truncated": "yes",
            "auto-aof-rewrite-min-size": "16mb",
            "maxmemory-policy": "noeviction",
            "min-replicas-to-write": str(int(only_reads)),
        }

    def _why_it_ended(self, child: Child) -> str:
        where = self._place.directory
        return last_words(self._journal.last, server=str(self.binary), directory=where, status=child.status)

    async def _server_lock(self, left_behind: Path | None = None) -> int:
        """The lock that goes to the server; waits for the server before to let go of it.

        `left_behind` is the socket of one whose parent was killed and which the kernel did not end: it is asked to.
        """
        now = asyncio.get_running_loop().time
        deadline = now() + SILENCE_S
        while (lock := self._place.lock_for_server()) is None:
            if now() > deadline:
                raise StoreProblem(
                    f"A store server that was left behind (process {self._place.server_pid()}) still uses "
                    f"{self._place.directory} and does not end. End that process, then start again."
                )
            if left_behind is not None:
                control = Control(left_behind)
                await control.end()
                await control.close()
            await asyncio.sleep(0.02)
        return lock


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False
