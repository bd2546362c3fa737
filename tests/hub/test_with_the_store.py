"""The fan-out on the real store: after every command, listeners have what a fresh read says."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from callboard.building import Builder
from callboard.compose import streams
from callboard.domain.directory import Directory
from callboard.domain.model import CloseReason, Site
from callboard.hub.fanout import Fanout
from callboard.hub.hub import Closed, Hub, Mailbox
from callboard.hub.protocol import Close
from callboard.hub.watched import Place
from callboard.screens import Dated, Screens
from callboard.store.reads import Reads
from callboard.store.redis import Connection
from callboard.store.transitions import Done, Store
from conftest import SITE, Clock
from hub.world import until


@pytest.fixture
async def fanout(connection: Connection, reads: Reads, directory: Directory, clock: Clock) -> AsyncIterator[Fanout]:
    fanout = Fanout(
        Hub(),
        streams=streams(connection),
        build=Builder(Screens(reads, clock)),
        ping=connection.ping,
        clock=clock,
    )
    task = asyncio.create_task(fanout.run())
    yield fanout
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def listening(fanout: Fanout, *channels: str) -> AsyncIterator[dict[str, Any]]:
    """The newest document of each channel, as its listener has it; the close code of one that was ended."""
    latest: dict[str, Any] = {}

    async def follow(channel: str, mailbox: Mailbox) -> None:
        try:
            while True:
                for document in await mailbox.take():
                    latest[channel] = json.loads(document.body)
        except Closed as end:
            latest[channel] = end.code

    async with asyncio.TaskGroup() as group:
        tasks = []
        for channel in channels:
            mailbox = Mailbox()
            fanout.join(Place("main", channel), mailbox)
            tasks.append(group.create_task(follow(channel, mailbox)))
        await until(lambda: len(latest) == len(channels))
        yield latest
        for task in tasks:
            task.cancel()


async def all_are_of(fanout: Fanout, channels: list[str], seq: int) -> None:
    """Everybody has been told what is true since that event, as far as it is new to them."""

    def newest(channel: str) -> int:
        document = fanout.hub.newest(channel)
        return document.version.seq if document else -1

    await until(lambda: min(map(newest, channels)) >= seq)


async def all_say(latest: dict[str, Any], fresh: dict[str, Dated]) -> None:
    """The same, whatever they are true of."""

    def said(document: dict[str, Any]) -> dict[str, Any]:
        return document | {"seq": 0, "at": 0}

    right = {channel: said(json.loads(msgspec.json.encode(document))) for channel, document in fresh.items()}
    await until(lambda: {channel: said(document) for channel, document in latest.items()} == right)


async def test_after_every_command_listeners_have_what_a_fresh_read_says(
    fanout: Fanout, store: Store, reads: Reads, clock: Clock
) -> None:
    """Issued in a life of two tickets; the list of commands is the store's own."""
    first = (await store.join("general", name="Ann Example", phone="+46700000001")).ticket
    second = (await store.join("general")).ticket
    assert first and second
    a, b = first.id, second.id
    channels = ["board:lobby", "desk:d1", "desk:d2", f"ticket:{a}", f"ticket:{b}"]
    commands: list[Callable[[], Awaitable[Done]]] = [
        lambda: store.open_desk("d1", staff="kim"),
        lambda: store.call_next("d1"),
        lambda: store.recall(a),
        lambda: store.put_back(a),
        lambda: store.call(a, "d1"),
        lambda: store.start(a),
        lambda: store.hold(a, held_by="d1"),
        lambda: store.release(a),
        lambda: store.postpone(b, places=1),
        lambda: store.call_next("d1"),
        lambda: store.no_show(a),
        lambda: store.rejoin(a),
        lambda: store.transfer(b, queue="lab"),
        lambda: store.call(b, "d1"),
        lambda: store.finish(b),
        lambda: store.undo("d1"),
        lambda: store.close_queue("general"),
        lambda: store.open_queue("general"),
        lambda: store.cancel(a, reason=CloseReason.CUSTOMER),
        lambda: store.join("general"),
    ]
    async with listening(fanout, *channels) as latest:
        for command in commands:
            clock.pass_(s=1)
            done = await command()
            await all_are_of(fanout, channels, done.event.seq)
            await all_say(latest, await Screens(reads, clock).build("main", channels))


async def test_a_call_reaches_its_screen_well_within_a_second(fanout: Fanout, store: Store) -> None:
    async with listening(fanout, "board:lobby") as latest:
        await store.open_desk("d1", staff="kim")
        await store.join("general")
        loop = asyncio.get_running_loop()
        began = loop.time()
        await store.call_next("d1")
        await until(lambda: latest["board:lobby"]["calls"])
        assert loop.time() - began < 0.5


async def test_a_screen_that_the_site_no_longer_has_is_ended_and_the_others_go_on(
    fanout: Fanout, store: Store, reads: Reads
) -> None:
    other = {"id": "back", "name": "Back room"}
    location = SITE["locations"][0]  # type: ignore[index]
    with_back = SITE | {"locations": [location | {"displays": [*location["displays"], other]}]}
    reads.directory = store.directory = Directory([msgspec.convert(with_back, Site)])
    async with listening(fanout, "board:lobby", "board:back") as latest:
        reads.directory = store.directory = Directory([msgspec.convert(SITE, Site)])
        done = await store.join("general")
        await until(lambda: latest["board:back"] is Close.UNKNOWN)
        await until(lambda: latest["board:lobby"]["seq"] == done.event.seq)


async def test_a_location_that_the_site_no_longer_has_ends_its_screens(
    fanout: Fanout, store: Store, reads: Reads
) -> None:
    async with listening(fanout, "board:lobby") as latest:
        location = SITE["locations"][0]  # type: ignore[index]
        elsewhere = SITE | {"locations": [{"id": "away", "name": "Away", "queues": location["queues"]}]}
        reads.directory = Directory([msgspec.convert(elsewhere, Site)])
        await store.join("general")
        await until(lambda: latest["board:lobby"] is Close.UNKNOWN)
