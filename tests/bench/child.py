"""`callboard serve` on the room, as a process of its own, and somebody at its desk."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, redirect_stdout
from pathlib import Path
from typing import Any

from bench.certificate import believing
from bench.room import FILE
from callboard.compose import clock
from callboard.store.accounts import Accounts
from callboard.store.redis import Connection
from running import Running, serving


@asynccontextmanager
async def server(directory: Path, site: Path = FILE, **settings: Any) -> AsyncIterator[Running]:
    """Ready; ended by its process id. What is printed meanwhile is not seen."""
    with redirect_stdout(io.StringIO()):
        async with serving(directory, "--site", str(site), log_level="warning", **settings) as running:
            yield running


class Staff:
    """A machine that gives commands, over one connection that stays open."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, key: str) -> None:
        self._reader, self._writer, self._key = reader, writer, key

    def request(self, path: str) -> bytes:
        """A command as it goes over the wire."""
        return (
            f"POST /api/v1/{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self._key}\r\n"
            "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
        ).encode()

    async def post(self, path: str) -> Any:
        """The answer of a command that is done."""
        self._writer.write(self.request(path))
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        body = await self._reader.readexactly(int(head.partition("content-length:")[2].partition("\r\n")[0]))
        assert head.startswith("http/1.1 200"), body
        return json.loads(body)


@asynccontextmanager
async def staff(running: Running, desk: str = "desk") -> AsyncIterator[Staff]:
    """With a key of its own, and the desk open."""
    connection = Connection.open(running.store_url)
    _, key = await Accounts(connection, clock, session_hours=1).keys.make("Bench", organization="bench")
    await connection.close()
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", running.port, ssl=believing() if running.url.startswith("https") else None
    )
    someone = Staff(reader, writer, key)
    await someone.post(f"desks/{desk}/open")
    yield someone
    writer.close()
    await writer.wait_closed()


def resident_kib(pid: int) -> int:
    """Memory of a process that is in RAM."""
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
