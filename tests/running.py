"""`callboard serve` and `callboard demo` as people run them: a child process on a free port, in its own directory."""

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2

from callboard.store.place import running_store

READY = re.compile(r"^callboard ready on (https?://\S+)$", re.MULTILINE)
SETUP = re.compile(r"^  https?://\S+/setup/(\S+)$", re.MULTILINE)
PATIENCE_S = 20.0
START_S = 60.0  # of several processes, on a machine that does much besides


class Output:
    """What a process writes to one of its streams, for whoever waits for a part of it."""

    def __init__(self) -> None:
        self.text = ""
        self._more = asyncio.Event()
        self._over = False

    async def read(self, stream: asyncio.StreamReader) -> None:
        while chunk := await stream.read(1 << 16):
            self.text += chunk.decode()
            self._tell()
        self._over = True
        self._tell()

    async def find(self, pattern: str | re.Pattern[str], within_s: float = PATIENCE_S) -> re.Match[str]:
        """The first place where it says so, as soon as there is one; AssertionError when it has ended without."""
        async with asyncio.timeout(within_s):
            while (found := re.search(pattern, self.text)) is None:
                assert not self._over, f"ended without {pattern!r}:\n{self.text}"
                await self._more.wait()
        return found

    def _tell(self) -> None:
        self._more.set()
        self._more = asyncio.Event()


class Running:
    """One server process. `out` is what it prints, `log` what it writes to standard error."""

    def __init__(self, process: asyncio.subprocess.Process, directory: Path) -> None:
        self.process = process
        self.directory = directory
        self.out, self.log = Output(), Output()
        self.url = ""

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def store_url(self) -> str:
        """The address of its private store."""
        return running_store(self.directory) or ""

    @property
    def store_pid(self) -> int:
        """The process of its private store, as its lock names it."""
        return int((self.directory / "server.lock").read_text())

    def live(self, path: str) -> str:
        """The WebSocket address of `/live/<path>`."""
        return f"{self.url.replace('http', 'ws', 1)}/live/{path}"

    def kill_store(self) -> None:
        os.kill(self.store_pid, signal.SIGKILL)

    async def ready(self) -> None:
        """Waits for the line that says where it answers."""
        self.url = (await self.out.find(READY, START_S))[1]

    async def gone_deaf(self, within_s: float = PATIENCE_S) -> None:
        """Waits until nobody listens at its port any more."""
        async with asyncio.timeout(within_s):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                except ConnectionError:
                    return
                writer.close()
                await asyncio.sleep(0.02)

    async def ended(self, within_s: float = PATIENCE_S) -> int:
        """Waits for its end; the exit status."""
        async with asyncio.timeout(within_s):
            return await self.process.wait()

    async def stop(self, number: signal.Signals = signal.SIGTERM, within_s: float = PATIENCE_S) -> int:
        """Tells it to stop; the exit status."""
        self.process.send_signal(number)
        return await self.ended(within_s)


@asynccontextmanager
async def spawned(
    directory: Path,
    command: str = "serve",
    *flags: str,
    env: dict[str, str] | None = None,
    module: str = "callboard",
    **settings: Any,
) -> AsyncIterator[Running]:
    """Starts `callboard COMMAND`; it may be anything from then on. `settings` go through the environment; `module` is
    what is run in the place of ours.

    In the end it is stopped by its process id. Its log is printed, which is seen when the test has failed.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, command, *flags),
        cwd=directory,
        env=_environment(settings) | (env or {}),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    running = Running(process, directory / "data")
    assert process.stdout and process.stderr
    readers = [
        asyncio.create_task(running.out.read(process.stdout)),
        asyncio.create_task(running.log.read(process.stderr)),
    ]
    try:
        yield running
    finally:
        await _end(running)
        await asyncio.gather(*readers)
        print(f"--- {command} printed:\n{running.out.text}\n--- and logged:\n{running.log.text}")


@asynccontextmanager
async def serving(directory: Path, *flags: str, **settings: Any) -> AsyncIterator[Running]:
    """A server that is ready. When the block ends well, it has met no bug and is stopped in order."""
    async with spawned(directory, "serve", *flags, **{"port": 0} | settings) as running:
        await running.ready()
        yield running
        if running.process.returncode is None:
            assert await running.stop() == 0
        assert "Traceback" not in running.log.text


@asynccontextmanager
async def visitor(running: Running, **options: Any) -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody from the street."""
    async with httpx2.AsyncClient(base_url=running.url, timeout=20, **options) as client:
        yield client


@asynccontextmanager
async def administrator(running: Running, **options: Any) -> AsyncIterator[httpx2.AsyncClient]:
    """The first administrator, made with the link that the server printed, and signed in."""
    token = (await running.out.find(SETUP))[1]
    async with visitor(running, **options) as client:
        account = {"token": token, "user": "Robin", "password": PASSWORD}
        made = await client.post("/api/v1/setup", json=account)
        assert made.status_code == 201, made.text
        client.headers["X-CSRF-Token"] = made.json()["csrf"]
        yield client


PASSWORD = "correct horse battery"


def _environment(settings: dict[str, Any]) -> dict[str, str]:
    """Ours without what would set up a server, and with `settings`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CALLBOARD_")}
    given = {f"CALLBOARD_{name.upper()}": str(value) for name, value in settings.items()}
    return kept | {"PYTHONPATH": os.pathsep.join(sys.path)} | given


async def _end(running: Running) -> None:
    """Asks it to stop, and ends it if it does not; then its store, should that have outlived it."""
    process = running.process
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError, TimeoutError):
                process.send_signal(number)
                await running.ended(10)
    if process.returncode == -signal.SIGKILL and running_store(running.directory):
        with contextlib.suppress(ProcessLookupError):
            running.kill_store()
