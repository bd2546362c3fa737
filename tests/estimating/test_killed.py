"""The real server is killed while it learns: what is learned, and the score, are those of the log, each event once."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import httpx2
import msgspec

from callboard import site
from callboard.domain.directory import Directory
from callboard.domain.events import Event
from callboard.domain.model import Location
from callboard.domain.tally import Tally
from callboard.domain.wait import State, follow
from callboard.domain.wait.log import read
from callboard.estimating.exported import events_of, log_of, missing
from callboard.estimating.followed import Followed
from callboard.estimating.part import Part
from callboard.store.learned import Learned, Learning
from callboard.store.reads import Reads
from callboard.store.redis import Connection
from callboard.store.stream import Streams
from ledger import SITE
from running import PASSWORD, Running, administrator, serving, visitor

API = "/api/v1"


class Store:
    """What a server has written, read beside it."""

    def __init__(self, connection: Connection, directory: Directory, archive: Path) -> None:
        self.reads = Reads(connection, directory)
        self.learning = Learning(connection)
        self.place: Location = directory.location("hall")
        self._streams = Streams(connection)
        self._archive = archive

    async def events(self) -> list[Event]:
        return [event async for event in events_of(self.place, self._archive, self._streams)]

    async def learned(self, at_least: int = 0) -> Learned:
        """As soon as so many events are in it; that is written by another process, and can only be looked at again."""
        async with asyncio.timeout(20):
            while not (found := await self.learning.load("hall")) or found.seen < at_least:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        return found

    async def all_learned(self) -> Learned:
        return await self.learned((await self.events())[-1].seq)


@asynccontextmanager
async def store_of(server: Running, directory: Directory) -> AsyncIterator[Store]:
    connection = Connection.open(server.store_url)
    try:
        yield Store(connection, directory, server.directory / "archive")
    finally:
        await connection.close()


@asynccontextmanager
async def signed_in(server: Running) -> AsyncIterator[httpx2.AsyncClient]:
    async with visitor(server) as client:
        answer = await client.post(f"{API}/session", json={"user": "Robin", "password": PASSWORD})
        client.headers["X-CSRF-Token"] = answer.json()["csrf"]
        yield client


async def somebody_sits_down_and_has_a_guest(client: httpx2.AsyncClient) -> None:
    await client.post(f"{API}/desks/d1/open")
    await client.post(f"{API}/desks/d2/open")
    await client.post(f"{API}/tickets", json={"queue": "b"})
    await client.post(f"{API}/tickets", json={"queue": "b"})
    await client.post(f"{API}/desks/d1/call_next")
    await client.post(f"{API}/desks/d2/call_next")


async def people_come_and_are_called(client: httpx2.AsyncClient) -> None:
    """One who is promised a wait and called, one who goes, one who stays."""
    answers = [await client.post(f"{API}/tickets", json={"queue": "b"}) for _ in range(3)]
    promised, gone, _ = [answer.json()["ticket"]["id"] for answer in answers]
    await client.post(f"{API}/tickets/{gone}/cancel")
    await client.post(f"{API}/tickets/{promised}/call", json={"desk": "d1"})
    answer = await client.post(f"{API}/tickets/{promised}/start")
    assert answer.status_code == 200, answer.text


async def work(client: httpx2.AsyncClient) -> None:
    """Until the server is gone."""
    with suppress(httpx2.TransportError):
        while True:
            await client.post(f"{API}/tickets", json={"queue": "a"})
            await client.post(f"{API}/desks/d2/call_next")


def from_the_log(place: Location, events: list[Event]) -> State:
    lobby, facts = read(log_of(place, events))
    state = State()
    for fact in facts:
        follow(state, lobby, fact)
    return state


async def test_a_server_killed_while_it_learns_counts_each_event_once(tmp_path: Path) -> None:
    """`kill -9` under load, with its store; then the same again on the same data, and every event told once more."""
    (tmp_path / "site.toml").write_text(SITE.replace(", finish_on_next = false", ""))
    directory = Directory(site.load([tmp_path / "site.toml"]))
    settings = {"site": "site.toml", "join_per_minute": 10_000}
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(serving(tmp_path, **settings))
        client = await stack.enter_async_context(administrator(server))
        store = await stack.enter_async_context(store_of(server, directory))
        await store.learned()
        await somebody_sits_down_and_has_a_guest(client)
        await asyncio.sleep(1.1)  # promises are made once a second at most
        await people_come_and_are_called(client)
        before = await store.all_learned()
        working = asyncio.create_task(work(client))
        await store.learned(before.seen + 6)
        os.kill(server.pid, signal.SIGKILL)
        await server.ended()
        await working
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(serving(tmp_path, **settings))
        client = await stack.enter_async_context(signed_in(server))
        store = await stack.enter_async_context(store_of(server, directory))
        await people_come_and_are_called(client)
        learned, events = await store.all_learned(), await store.events()
        assert missing(events) == 0
        assert msgspec.json.decode(learned.state, type=State) == from_the_log(store.place, events)
        never_killed = Followed(store.place, None)
        never_killed.hear(events)
        assert (never_killed.seen, never_killed.learned.tally) == (learned.seen, learned.tally)
        assert len(msgspec.json.decode(learned.tally, type=Tally).calls) >= 2
        part = Part(store.reads, store.learning, lambda: events[-1].at)
        await part.take([store.place], events)
        await part.keep()
        assert await store.learned() == learned
