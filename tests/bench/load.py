"""The load client (load.c) as a child on a core of its own, and what is compiled for the measurement."""

import asyncio
import json
import os
import resource
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

PATIENCE_S = 120  # for a command; load.c itself gives up sooner
SERVER, CLIENT = 0, 1  # cores
SPARE_FILES = 500


class Missing(Exception):
    """Something that this machine has not; says what."""


@contextmanager
def on_core(number: int) -> Iterator[None]:
    """What is started meanwhile runs there, and its children too."""
    before = os.sched_getaffinity(0)
    put_on_core(0, number)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def put_on_core(pid: int, number: int) -> None:
    """All threads of a process; 0 is this thread."""
    ours = sorted(os.sched_getaffinity(os.getpid()))
    for thread in [int(path.name) for path in Path(f"/proc/{pid}/task").glob("*")] or [0]:
        os.sched_setaffinity(thread, {ours[number % len(ours)]})


def compiled(name: str, directory: Path, *flags: str) -> Path:
    """The program of a C file that is beside this one. Raises `Missing`."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise Missing("no C compiler (on Debian: apt-get install gcc libc6-dev)")
    source, program = Path(__file__).with_name(f"{name}.c"), directory / "".join([name, *flags])
    built = subprocess.run([compiler, "-O2", "-o", program, source, *flags], capture_output=True, text=True)
    if built.returncode:
        raise Missing(f"{source.name} does not compile:\n{built.stderr}")
    return program


def may_open() -> int:
    """How many clients: as many as files may be open here, less what a server needs besides."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most - SPARE_FILES


class Load:
    """A running client; its commands are in load.c."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def tell(self, command: str) -> dict[str, Any]:
        """What it answers when it has done so."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{command}\n".encode())
        async with asyncio.timeout(PATIENCE_S):
            line = await self._process.stdout.readline()
        assert line, f"the load client ended at {command!r}"
        answer: dict[str, Any] = json.loads(line)
        return answer


@asynccontextmanager
async def loading(
    program: Path, port: int, paths: list[str], request: bytes, *, stalling: int = 0, first: int = 0
) -> AsyncIterator[Load]:
    """Clients for the paths; `request` publishes, one in `stalling` stops reading when told. Several loads at once come
    from addresses of their own, beginning with the `first`. Stopped by its id."""
    which, what = program.with_name(f"paths{first}"), program.with_name(f"request{first}")
    which.write_text("".join(f"{path}\n" for path in paths), "ascii")
    what.write_bytes(request)
    with on_core(CLIENT):
        process = await asyncio.create_subprocess_exec(
            *(program, str(port), which, what, str(stalling), str(first)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
    try:
        yield Load(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
