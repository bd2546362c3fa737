"""`callboard demo` from outside: something to look at within seconds, nothing sent to anybody, nothing left behind."""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
import segno

from callboard.demo import PASSWORD, USER
from running import Running, spawned, visitor

pytestmark = pytest.mark.asyncio(loop_scope="module")

ADDRESS = re.compile(r"^  (\S.*?)  +(http://\S+)", re.MULTILINE)


@dataclass
class Demo:
    server: Running
    client: httpx2.AsyncClient
    temporary: Path  # where it may make its directory
    outside: list[str]  # whoever was spoken to


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    """One demo for all tests here; its surroundings have the credentials of a carrier and a mail server."""
    directory, outside = tmp_path_factory.mktemp("demo"), list[str]()

    async def heard(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        outside.append("somebody")
        writer.close()

    async with AsyncExitStack() as stack:
        away = await stack.enter_async_context(await asyncio.start_server(heard, "127.0.0.1", 0))
        port = away.sockets[0].getsockname()[1]
        carrier = {
            "account_sid": "AC1",
            "auth_token": "t",
            "from": "+46700000001",
            "api_base": f"http://127.0.0.1:{port}",
        }
        mail = {"host": "127.0.0.1", "port": port, "user": "u", "password": "p"}
        given = {f"twilio_{name}": value for name, value in carrier.items()}
        given |= {f"smtp_{name}": value for name, value in mail.items()} | {"mail_from": "hall@example.org"}
        running = spawned(directory, "demo", env={"TMPDIR": str(directory)}, port=0, **given)
        server = await stack.enter_async_context(running)
        await server.ready()
        await server.out.find("Take a ticket with your phone")
        yield Demo(server, await stack.enter_async_context(visitor(server)), directory, outside)
        assert "Traceback" not in server.log.text


async def test_every_address_of_the_table_answers(demo: Demo) -> None:
    rows = dict(ADDRESS.findall(demo.server.out.text))
    assert list(rows) == [
        "screen lobby",
        "screen lobby-ar",
        "a phone that waits",
        "take a ticket",
        "kiosk",
        "staff",
        "messages",
        "administration",
        "our API",
    ]
    for what, address in rows.items():
        assert address.startswith(demo.server.url)
        answer = await demo.client.get(address, follow_redirects=True)
        assert answer.status_code == 200, what


async def test_it_prints_a_code_for_the_phone_and_says_that_nothing_is_kept(demo: Demo) -> None:
    code = StringIO()
    segno.make(f"{demo.server.url}/join/hilltop", error="l").terminal(code, compact=True)
    assert code.getvalue() in demo.server.out.text
    assert "Everything here is thrown away when the demo ends (Ctrl-C)." in demo.server.out.text
    assert "/setup/" not in demo.server.out.text


async def test_people_are_called_and_messages_are_shown_to_who_signs_in_as_it_says(demo: Demo) -> None:
    calls = set[str]()
    async with asyncio.timeout(20):
        while len(calls) < 2:
            board = (await demo.client.get("/live/board/lobby?after=0&wait=5")).json()
            calls |= {call["ticket"] for call in board["calls"]}
            await asyncio.sleep(0.2)
    assert f"sign in as {USER} / {PASSWORD}" in demo.server.out.text
    signed_in = await demo.client.post("/api/v1/session", json={"user": USER, "password": PASSWORD})
    assert signed_in.status_code == 200
    messages: list[dict[str, Any]] = (await demo.client.get("/api/v1/messages")).json()["messages"]
    assert {message["state"] for message in messages} <= {"shown", "skipped"}
    assert "shown" in {message["state"] for message in messages}
    assert demo.outside == []


async def test_told_to_stop_it_leaves_no_directory_and_no_process(demo: Demo) -> None:
    """The last of these tests: there is no demo after it."""
    (data,) = demo.temporary.iterdir()
    assert re.fullmatch("callboard-demo-.*", data.name)
    store = int((data / "server.lock").read_text())
    assert await demo.server.stop() == 0
    assert demo.server.out.text.splitlines()[-1] == "The demo is over; its data is gone."
    assert list(demo.temporary.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.kill(store, 0)


async def test_told_to_stop_as_it_starts_it_leaves_no_directory_either(tmp_path: Path) -> None:
    async with spawned(tmp_path, "demo", env={"TMPDIR": str(tmp_path)}, port=0) as server:
        async with asyncio.timeout(20):
            while not any(name.startswith("callboard") for name in os.listdir(tmp_path)):  # noqa: ASYNC110 - what is waited for happens in another process
                await asyncio.sleep(0.001)
        server.process.send_signal(signal.SIGTERM)
        assert await server.ended() == 0
    assert os.listdir(tmp_path) == []
