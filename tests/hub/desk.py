"""A running fan-out for tests of it, and what its listeners hear."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from callboard.hub.fanout import Fanout
from callboard.hub.hub import Closed, Hub, Mailbox
from callboard.hub.protocol import Close, Version
from callboard.hub.rhythm import Rhythm
from callboard.hub.watched import Place
from hub.world import BRISK, World, until

HALL = Place("hall", "board:hall")
PHONE = Place("hall", "ticket:1")
ANNEX = Place("annex", "board:annex")


class Heard:
    """What a mailbox was given, taken as fast as it comes."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.versions: list[Version] = []
        self.words: list[str] = []
        self.ended: Close | None = None
        self._mailbox = mailbox

    async def run(self) -> None:
        try:
            while True:
                for document in await self._mailbox.take():
                    self.versions.append(document.version)
                    self.words.append(document.body.decode().split('"words":"')[1].split('"')[0])
        except Closed as end:
            self.ended = end.code

    async def reaches(self, seq: int) -> None:
        await until(lambda: self.versions and self.versions[-1].seq == seq)


class Desk:
    """A running fan-out and its metrics."""

    def __init__(self, world: World, rhythm: Rhythm) -> None:
        self.built: list[int] = []
        self.latencies: list[int] = []
        self.fanout = Fanout(
            Hub(),
            streams=[world.follow],
            build=world.build,
            ping=world.ping,
            clock=world.clock,
            rhythm=rhythm,
            built=self.built.append,
            published=self.latencies.append,
        )

    @asynccontextmanager
    async def hearing(self, place: Place) -> AsyncIterator[Heard]:
        with self.fanout.listen(place) as mailbox:
            heard = Heard(mailbox)
            task = asyncio.create_task(heard.run())
            yield heard
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def running(world: World, rhythm: Rhythm = BRISK) -> AsyncIterator[Desk]:
    desk = Desk(world, rhythm)
    task = asyncio.create_task(desk.fanout.run())
    yield desk
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def newest_seq(desk: Desk, place: Place) -> int | None:
    document = desk.fanout.hub.newest(place.channel)
    return document.version.seq if document else None
