"""A server as it is run, keys as they are made: what is done through any API is on the screens within the second."""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from websockets.asyncio.client import ClientConnection, connect

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


@pytest.mark.timeout(60)
async def test_a_revoked_key_opens_nothing_within_the_second(tmp_path: Path) -> None:
    set_up(tmp_path)
    async with serving(tmp_path) as server, httpx2.AsyncClient(base_url=server.url) as http:
        secret = await add_key(server, "ombori")

        async def status(path: str, **headers: str) -> int:
            return (await http.post(path, json={"session": QUEUE}, headers=headers)).status_code

        assert await status(f"{OMBORI}/join", ApiKey=secret) == 200
        assert await status(AGENDIZE, token=secret, apiKey=secret) == 401  # it is for one API alone
        assert await status("/api/v1/desks/d1/call_next", Authorization=f"Bearer {secret}") == 401
        (listed,) = (await command(server, "keys", "list")).splitlines()
        assert secret not in listed and "ombori" in listed and "hilltop" in listed
        await command(server, "keys", "revoke", listed.split()[0])
        assert await status(f"{OMBORI}/join", ApiKey=secret) == 401
