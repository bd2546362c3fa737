"""`callboard serve` from outside: how it starts, what it says, how it ends, and what keeps it from starting."""

import asyncio
import fcntl
import json
import logging
import os
import re
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
from click.testing import CliRunner, Result
from redis.asyncio import Redis
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from callboard.__main__ import main
from callboard.assets import SITES
from callboard.store.place import running_store
from running import PASSWORD, READY, SETUP, administrator, serving, spawned, visitor
from servers import start_server

STARTER = (SITES / "starter.toml").read_text()
BRANCH = """
[[locations]]
id = "branch"
name = "Branch"
queues = [{ id = "loans", tag = "L", name = "Loans" }]
desks = [{ id = "loans-1", tag = "1", name = "Loans 1", queues = ["loans"] }]
displays = [{ id = "window", name = "Window" }]
"""

Start = Callable[..., Result]


async def close_code(url: str, opened: asyncio.Event) -> int | None:
    """Listens until the server ends it."""
    async with connect(url) as listener:
        await listener.recv()
        opened.set()
        try:
            while True:
                await listener.recv()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None


async def end_of_stream(client: httpx2.AsyncClient, path: str, opened: asyncio.Event) -> None:
    """Listens to server-sent events until the server ends them in order."""
    async with client.stream("GET", path, headers={"Accept": "text/event-stream"}) as events:
        async for _ in events.aiter_text():
            opened.set()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_answers_when_it_says_so_and_stops_when_told(tmp_path: Path, number: signal.Signals) -> None:
    async with serving(tmp_path) as server, visitor(server) as client:
        ready = [line for line in server.out.text.splitlines() if "ready" in line]
        assert ready == [f"callboard ready on http://127.0.0.1:{server.port}"]
        for path in ("/", "/healthz", "/readyz", "/metrics", "/join/main", "/display/lobby"):
            assert (await client.get(path)).status_code == 200, path
        taken = await client.post("/api/v1/tickets", json={"queue": "service"})
        assert taken.status_code == 201
        opened = [asyncio.Event() for _ in range(3)]
        async with asyncio.TaskGroup() as listeners:
            addresses = [server.live(channel) for channel in ("board/lobby", f"ticket/{taken.json()['token']}")]
            codes = [listeners.create_task(close_code(*pair)) for pair in zip(addresses, opened[:2], strict=True)]
            listeners.create_task(end_of_stream(client, "/live/board/lobby", opened[2]))
            for event in opened:
                await event.wait()
            store_pid = server.store_pid
            assert await server.stop(number, within_s=4) == 0  # nobody is waited for until their patience ends
        assert [code.result() for code in codes] == [1012, 1012]
        assert server.out.text.splitlines()[-1] == "callboard stopped"
        assert running_store(server.directory) is None
        with pytest.raises(ProcessLookupError):
            os.kill(store_pid, 0)


async def test_told_to_stop_while_it_starts_it_stops_and_leaves_nothing(tmp_path: Path) -> None:
    """Here it starts for long, since the store of another server is still at work on the directory."""
    data = tmp_path / "data"
    data.mkdir()
    with (data / "server.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        async with spawned(tmp_path, port=0) as server:
            await exists(data / "lock")
            assert await server.stop() == 0
    assert not READY.search(server.out.text)
    assert server.log.text == ""
    assert not list(data.glob("*.sock"))


async def exists(path: Path) -> None:
    async with asyncio.timeout(20):
        while not path.exists():  # noqa: ASYNC110, ASYNC240 - what is waited for happens in another process
            await asyncio.sleep(0.01)


# What keeps it from starting is said in words. In process, which is quicker; it is the whole program all the same.


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Runs `callboard serve`, which is not expected to get far, in an empty directory."""
    monkeypatch.chdir(tmp_path)
    handlers, level = logging.root.handlers[:], logging.root.level

    def run(*flags: str, **settings: Any) -> Result:
        env = {f"CALLBOARD_{name.upper()}": str(value) for name, value in settings.items()}
        return CliRunner().invoke(main, ["serve", "--port", "0", *flags], env=env)

    yield run
    logging.root.handlers[:], logging.root.level = handlers, level


def test_an_unknown_key_is_named_with_its_source(start: Start, tmp_path: Path) -> None:
    (tmp_path / "callboard.toml").write_text("colour = 'red'\n")
    refused = start(porrt=1)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.splitlines() == [
        "callboard: colour: unknown key (in callboard.toml)",
        "callboard: CALLBOARD_PORRT: unknown variable; did you mean 'CALLBOARD_PORT'?",
    ]
    refused = start("--porrt", "1")
    assert refused.exit_code == 2
    assert "No such option" in refused.stderr
    assert "--porrt" in refused.stderr
    assert not (tmp_path / "data").exists()


def test_a_site_file_with_mistakes_is_explained_by_its_keys(start: Start, tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text(STARTER.replace('tag = "A"', 'tag = "a"').replace('country = "GB"', 'counrty = "GB"'))
    refused = start("--site", "site.toml")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.splitlines() == [
        "callboard: the site cannot be served:",
        "  site.toml: locations.0.counrty: unknown key; did you mean 'country'?",
        "  site.toml: locations.0.queues.0.tag: must be one or two capital letters",
    ]


def test_a_port_that_is_taken_is_said(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = start(f"--port={port}")
    assert refused.exit_code == 1
    assert refused.stderr == f"callboard: cannot listen on 127.0.0.1 port {port}: Address already in use\n"


@pytest.mark.parametrize(("place", "why"), [("file", "File exists"), ("locked", "Permission denied|not permitted")])
def test_a_data_directory_that_cannot_be_written_is_said(start: Start, tmp_path: Path, place: str, why: str) -> None:
    (tmp_path / "file").touch()
    directory = tmp_path / place if place == "file" else locked(tmp_path)
    refused = start(data_dir=directory)
    assert refused.exit_code == 1
    said = rf"callboard: the site file {directory}/site\.toml cannot be written: .*({why}).*\n"
    assert re.fullmatch(said, refused.stderr)


def locked(tmp_path: Path) -> Path:
    """A place where nobody may make a directory, root included."""
    if os.geteuid() == 0:
        return Path("/sys/callboard")
    (tmp_path / "locked").mkdir(mode=0o500)
    return tmp_path / "locked" / "data"


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("unix:///nowhere/store.sock", "unix:///nowhere/store.sock: the store does not answer"),
        ("redis://robin:secret@127.0.0.1:1/0", "redis://127.0.0.1:1/0: the store does not answer"),
        ("redis+cluster://127.0.0.1:1", "redis+cluster://127.0.0.1:1: the store does not answer"),
        ("redis+sentinel://:secret@127.0.0.1:1/a", "redis+sentinel://127.0.0.1:1/a: the store does not answer"),
        ("redis+sentinel://:secret@127.0.0.1:1", "redis: redis+sentinel://127.0.0.1:1 is not the address of a store: "),
        ("http://robin:secret@127.0.0.1:1", "redis: http://127.0.0.1:1 is not the address of a store"),
    ],
)
def test_no_store_at_the_address_is_said_without_its_password(start: Start, address: str, told: str) -> None:
    refused = start(redis=address, store_wait_s=0.1)
    assert refused.exit_code == 1
    assert refused.stderr.startswith(f"callboard: {told}")
    assert refused.stderr.count("\n") == 1


async def test_a_second_server_on_the_same_directory_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    async with serving(tmp_path) as server, visitor(server) as client:
        async with spawned(tmp_path, port=0) as second:
            assert await second.ended() == 1
        assert second.out.text == ""
        assert second.log.text == (
            f"callboard: Another server (process {server.pid}) uses the data directory {server.directory}. "
            "Stop it, or give this one a directory of its own.\n"
        )
        assert (await client.get("/readyz")).status_code == 200


# The first run, and the site file read again


async def test_the_first_run_writes_a_site_and_prints_a_link_that_makes_one_administrator(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        assert (server.directory / "site.toml").read_text() == STARTER
        unused = (await server.out.find(SETUP))[1]
    async with serving(tmp_path) as server, visitor(server) as client:
        assert "A first site was written" not in server.out.text
        token = (await server.out.find(SETUP))[1]
        assert token != unused
        assert (await client.get(f"/setup/{unused}")).status_code == 404
        assert (await client.get(f"/setup/{token}")).status_code == 200
        async with administrator(server) as robin:
            assert (await robin.get("/api/v1/desks")).status_code == 200
        assert (await client.get(f"/setup/{token}")).status_code == 404
        again = {"token": token, "user": "Eve", "password": PASSWORD}
        assert (await client.post("/api/v1/setup", json=again)).status_code == 404
    async with serving(tmp_path) as server, visitor(server) as client:
        await server.out.find("  staff  ")
        assert "/setup/" not in server.out.text
        signed_in = await client.post("/api/v1/session", json={"user": "robin", "password": PASSWORD})
        assert signed_in.status_code == 200


async def test_a_site_read_again_changes_names_and_adds_places_and_who_waits_goes_on_waiting(tmp_path: Path) -> None:
    """At once on every screen, and the new place is served in full."""
    async with serving(tmp_path) as server, administrator(server) as robin:
        taken = (await robin.post("/api/v1/tickets", json={"queue": "service"})).json()
        async with connect(server.live(f"ticket/{taken['token']}")) as phone:
            await document(phone)
            site = STARTER.replace('"Customer service"', '"Enquiries"') + BRANCH
            (server.directory / "site.toml").write_text(site)
            server.process.send_signal(signal.SIGHUP)
            renamed = await document(phone)
            assert renamed["queue"] == "Enquiries"
            assert (renamed["label"], renamed["state"], renamed["ahead"]) == ("A001", "waiting", 0)
        async with connect(server.live("board/window")) as board:
            await document(board)
            for desk in ("desk-1", "loans-1"):
                assert (await robin.post(f"/api/v1/desks/{desk}/open")).status_code == 200
            called = await robin.post("/api/v1/desks/desk-1/call_next")
            assert called.json()["ticket"]["id"] == taken["ticket"]["id"]
            loan = await robin.post("/api/v1/tickets", json={"queue": "loans", "phone": "+447400123456"})
            assert loan.status_code == 201
            assert (await robin.post("/api/v1/desks/loans-1/call_next")).status_code == 200
            while not (calls := (await document(board))["calls"]):
                pass
            assert [(call["ticket"], call["desk"]) for call in calls] == [("L001", "Loans 1")]
        await server.log.find(r"delivery=your_turn:\S+ state=shown")
        assert "WARNING" not in server.log.text


async def document(listener: ClientConnection) -> dict[str, Any]:
    """The next one, well before a client would be told by and by."""
    async with asyncio.timeout(4):
        while (heard := json.loads(await listener.recv()))["type"] == "beat":
            pass
    return dict(heard)


async def test_a_site_that_is_broken_or_gone_is_logged_and_changes_nothing(tmp_path: Path) -> None:
    async with serving(tmp_path) as server, visitor(server) as client:
        before = (await client.get("/api/v1/locations/main")).json()
        site = server.directory / "site.toml"
        for broken in ("[organization\n", STARTER.replace('tag = "A"', 'tag = "a"'), ""):
            site.write_text(broken)
            if not broken:
                site.unlink()
            server.log.text = ""
            server.process.send_signal(signal.SIGHUP)
            await server.log.find(r"ERROR callboard the site stays as it was; .*\n  data/site\.toml: \w")
            assert (await client.get("/api/v1/locations/main")).json() == before
        assert not site.exists()


# A store of one's own


@asynccontextmanager
async def relayed(path: str) -> AsyncIterator[int]:
    """A port of this machine that leads to a unix socket."""

    relays: set[asyncio.Task[None] | None] = set()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError), closing(writer):
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        relays.add(asyncio.current_task())
        store_reader, store_writer = await asyncio.open_unix_connection(path)
        await asyncio.gather(pump(reader, store_writer), pump(store_reader, writer))
        await asyncio.gather(writer.wait_closed(), store_writer.wait_closed(), return_exceptions=True)

    async with await asyncio.start_server(relay, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        await asyncio.gather(*filter(None, relays))  # who relied on them has ended


async def test_a_store_that_is_given_is_used_and_its_weakness_is_said_loudly(tmp_path: Path) -> None:
    with start_server(tmp_path) as url:
        async with relayed(url.removeprefix("unix://")) as port:
            for address, label in ((url, "A001"), (f"redis://127.0.0.1:{port}", "A002")):
                async with serving(tmp_path, "--redis", address) as server, visitor(server) as client:
                    taken = await client.post("/api/v1/tickets", json={"queue": "service"})
                    assert taken.json()["ticket"]["label"] == label
                    assert not (server.directory / "appendonlydir").exists()
                    warnings = [line for line in server.log.text.splitlines() if line.startswith("WARNING")]
                    assert any("may lose tickets: It keeps no append-only file" in line for line in warnings)
                    assert any("appendfsync everysec" in line for line in warnings)


async def test_on_a_store_that_takes_no_writes_it_starts_and_says_so(tmp_path: Path) -> None:
    """As when its disk or its memory is full: what it knows is still shown, and it is used when it has room."""
    with start_server(tmp_path) as url:
        async with Redis.from_url(url) as store:
            await store.config_set("min-replicas-to-write", 1)
            async with serving(tmp_path, redis=url, store_wait_s=0.2) as server, visitor(server) as client:
                await server.log.find("WARNING: nothing can be changed now: the store takes no writes: NOREPLICAS")
                assert (await client.get("/display/lobby")).status_code == 200
                refused = await client.post("/api/v1/tickets", json={"queue": "service"})
                assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
                await store.config_set("min-replicas-to-write", 0)
                assert (await client.post("/api/v1/tickets", json={"queue": "service"})).status_code == 201
