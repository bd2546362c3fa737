"""A server as it is run, keys as they are made: what is done through any API is on the screens within the second."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from websockets.asyncio.client import ClientConnection, connect

from processes import holder
from running import Running, serving

SITE = """
[organization]
id = "hilltop"
name = "Hilltop"

[[locations]]
id = "main"
number = 29
uuid = "dcbb6b02-c5c3-4330-994d-1183ab785e0c"
name = "Hilltop Clinic"
queues = [{ id = "general", number = 20, uuid = "0bfe6b8e-a216-475c-bc6f-7ffc8168d464", tag = "A", name = "General" }]
desks = [{ id = "d1", tag = "1", name = "Desk 1", queues = ["general"] }]
displays = [{ id = "lobby", name = "Lobby" }]
"""
QUEUE = "0bfe6b8e-a216-475c-bc6f-7ffc8168d464"
MASTER = "dcbb6b02-c5c3-4330-994d-1183ab785e0c"
OMBORI = f"/regions/eu/queues/v1/organizations/hilltop/queues/{QUEUE}"
AGENDIZE = "/api/2.3/queues/20/registrations"
ANNA = {"firstName": "Anna", "lastName": "Berg", "emailAddress": "anna@example.org"}


def set_up(directory: Path) -> None:
    """For the server and for the commands beside it."""
    (directory / "site.toml").write_text(SITE)
    (directory / "callboard.toml").write_text('site = ["site.toml"]\n')


async def command(server: Running, *words: str) -> str:
    """What `callboard WORDS` prints, run beside the server."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "callboard", *words),
        cwd=server.directory.parent,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, why = await process.communicate()
    assert process.returncode == 0, why.decode()
    return said.decode().strip()


async def add_key(server: Running, api: str) -> str:
    return await command(server, "keys", "add", f"for {api}", "--api", api)


async def until(board: ClientConnection, wanted: Callable[[Any], bool]) -> float:
    """Seconds until the board's document is as wanted."""
    began = time.monotonic()
    async with asyncio.timeout(10):
        while True:
            document = json.loads(await board.recv())
            if "queues" in document and wanted(document):
                return time.monotonic() - began


@pytest.mark.timeout(60)
async def test_what_any_api_does_is_on_the_screen_within_the_second(tmp_path: Path) -> None:
    set_up(tmp_path)
    async with serving(tmp_path) as server, httpx2.AsyncClient(base_url=server.url) as http:
        ombori, agendize, qflow = [await add_key(server, api) for api in ("ombori", "agendize", "qflow")]

        async def ask(method: str, path: str, body: Any = None, **headers: str) -> Any:
            answer = await http.request(method, path, json=body, headers=headers)
            assert answer.status_code == 200, answer.text
            return answer.json()

        joined = {"username": "anna", "password": "aksjdhf879234"}
        token = (await ask("POST", "/vt/api/json/customer/register", joined))["vt_token"]
        virtual = {"tickets": [{"master_id": MASTER, "service_id": QUEUE}]}
        session = {"session": "6f0f9a52-5a1e-4bb1-8f0e-2ad9fbd8a3a1"}
        takes: list[Callable[[], Any]] = [
            lambda: ask("POST", f"{OMBORI}/join", session, ApiKey=ombori),
            lambda: ask("POST", AGENDIZE, {"client": ANNA}, token=agendize, apiKey=agendize),
            lambda: ask("POST", "/qflow/Cases", {"ServiceId": 20}, **{"Application-API-Key": qflow}),
            lambda: ask("POST", "/vt/api/json/ticket/create", virtual, vt_token=token),
        ]
        async with connect(server.live("board/lobby")) as board:
            for count, take in enumerate(takes, 1):
                await take()
                took = await until(board, lambda document, n=count: document["queues"][0]["waiting"] == n)  # type: ignore[misc]
                assert took < 1
            called = await ask("POST", f"{AGENDIZE}/next", token=agendize, apiKey=agendize)
            assert called["status"] == "inProgress"
            assert await until(board, lambda document: "A001" in json.dumps(document["calls"])) < 1


# By API: how one of its calls brings a key.
KEYED: dict[str, Callable[[str], tuple[str, str, Any, dict[str, str]]]] = {
    "ombori": lambda key: ("POST", f"{OMBORI}/join", {"session": QUEUE}, {"ApiKey": key}),
    "agendize": lambda key: ("GET", AGENDIZE, None, {"token": key, "apiKey": key}),
    "qflow": lambda key: ("GET", "/API/Tickets/Waiting/29", None, {"Application-API-Key": key}),
    "bloom": lambda key: ("GET", "/vt/api/json/locations/get", None, {"Authorization": f"Bearer {key}"}),
}


class Kept:
    """A connection that stays with the worker that accepted it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.local_address, self.remote_address = (writer.get_extra_info(end) for end in ("sockname", "peername"))

    async def status(self, api: str, key: str) -> int:
        method, path, body, headers = KEYED[api](key)
        content = b"" if body is None else json.dumps(body).encode()
        headers = headers | {"Host": "t", "Content-Type": "application/json", "Content-Length": str(len(content))}
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        self._writer.write("\r\n".join(lines).encode() + content)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        await self._reader.readexactly(int(head.partition("content-length:")[2].partition("\r\n")[0]))
        return int(head.split()[1])

    def close(self) -> None:
        self._writer.close()


@asynccontextmanager
async def one_at_each(server: Running) -> AsyncIterator[list[Kept]]:
    """A connection to every worker. Who accepts one is for the system to say, so they may be many."""
    found: dict[int, Kept] = {}
    with ExitStack() as stack:
        async with asyncio.timeout(20):
            while len(found) < 2:
                kept = Kept(*await asyncio.open_connection("127.0.0.1", server.port))
                stack.callback(kept.close)
                await kept.status("bloom", "")  # which is not answered before it is accepted
                if pid := holder(server, kept):
                    found.setdefault(pid, kept)
        yield list(found.values())


async def meanwhile(connections: list[Kept], doing: Coroutine[Any, Any, str]) -> str:
    """What it gives; the connections are used until then, since a server ends those that nobody uses."""
    task = asyncio.create_task(doing)
    while not (await asyncio.wait([task], timeout=1))[0]:
        for connection in connections:
            await connection.status("bloom", "")
    return await task


@pytest.mark.timeout(90)
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="asks Linux about processes")
async def test_a_revoked_key_opens_nothing_at_any_process_within_the_second(tmp_path: Path) -> None:
    set_up(tmp_path)
    async with serving(tmp_path, workers=2) as server, one_at_each(server) as connections:
        one = await meanwhile(connections, add_key(server, "ombori"))
        all = await meanwhile(connections, command(server, "keys", "add", "for all"))

        async def statuses(key: str) -> dict[str, tuple[int, ...]]:
            return {api: tuple([await each.status(api, key) for each in connections]) for api in KEYED}

        assert await statuses(all) == dict.fromkeys(KEYED, (200, 200))
        assert await statuses(one) == dict.fromkeys(KEYED, (401, 401)) | {"ombori": (200, 200)}
        listed = await meanwhile(connections, command(server, "keys", "list"))
        assert one not in listed and all not in listed and listed.count("hilltop") == 2 and "ombori" in listed
        (id,) = (line.split()[0] for line in listed.splitlines() if "for all" in line)
        await meanwhile(connections, command(server, "keys", "revoke", id))
        began = time.monotonic()
        assert await statuses(all) == dict.fromkeys(KEYED, (401, 401))
        assert time.monotonic() - began < 1
        assert (await statuses(one))["ombori"] == (200, 200)
