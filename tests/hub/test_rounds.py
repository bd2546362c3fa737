"""Telling many takes a while: what happens meanwhile, who comes first then, and that everybody has their turn."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from callboard.hub.hub import Mailbox
from callboard.hub.protocol import Close, Document
from callboard.hub.watched import Place
from hub.desk import HALL, PHONE, Desk, newest_seq, running
from hub.world import BRISK, World, until


async def test_many_documents_are_handed_out_in_slices_and_those_who_leave_meanwhile_are_no_trouble() -> None:
    world = World()
    async with running(world) as desk:
        phones = [Place("hall", f"ticket:{number}") for number in range(1000)]
        mailboxes = {place: Mailbox() for place in phones}
        for place, mailbox in mailboxes.items():
            desk.fanout.join(place, mailbox)

        def told() -> int:
            return sum(newest_seq(desk, place) == 1 for place in phones)

        await until(lambda: all(newest_seq(desk, place) == 0 for place in phones))
        await until(lambda: world.followed)
        world.happen("hall")
        while told() == 0:  # noqa: ASYNC110  each turn of the loop is looked at
            await asyncio.sleep(0)
        assert told() < len(phones), "others have their turn before everybody is told"
        for place in phones[:-1]:
            desk.fanout.leave(place, mailboxes[place])
        await until(lambda: told() == 1)


async def all_the_time(world: World) -> None:
    """Something happens in each turn of the loop."""
    while True:
        world.happen("hall")
        await asyncio.sleep(0)


class Crowd:
    """A thousand phones of one location, all of which are told already."""

    def __init__(self, world: World, desk: Desk) -> None:
        self._world, self._desk = world, desk
        self.places = [Place("hall", f"ticket:{number}") for number in range(1000)]

    async def come(self) -> None:
        for place in self.places:
            self._desk.fanout.join(place, Mailbox())
        await until(lambda: self.told(0) == len(self.places) and self._world.followed)
        self._desk.built.clear()

    def told(self, seq: int) -> int:
        return sum(newest_seq(self._desk, place) == seq for place in self.places)

    async def half_told(self, seq: int) -> None:
        while not self.told(seq):  # noqa: ASYNC110  each turn of the loop is looked at
            await asyncio.sleep(0)
        assert self.told(seq) < len(self.places)


async def test_what_is_newer_comes_before_those_who_are_not_told_yet_and_they_come_first_then() -> None:
    """Else whoever is last of ten thousand waits for two rounds to learn of one call."""
    world = World()
    async with running(world, replace(BRISK, worth=0)) as desk:
        crowd = Crowd(world, desk)
        await crowd.come()
        world.happen("hall")
        world.now += 5000
        await crowd.half_told(1)
        world.happen("hall")
        await until(lambda: crowd.told(2))
        assert crowd.told(0) or crowd.told(1), "not all of them in one turn"
        never_told = [place.channel for place in crowd.places if newest_seq(desk, place) != 1]
        assert set(world.asked[: 1000 - desk.built[0]]) <= set(never_told)
        await until(lambda: crowd.told(2) == 1000 and len(desk.built) == 2)
        assert desk.built[0] < 1000 == desk.built[1]
        assert len(desk.latencies) == 2 and min(desk.latencies) > 5000, "since the first of the two, for both"


async def test_however_fast_things_happen_each_read_is_told_for_as_long_as_it_is_worth() -> None:
    world = World()
    async with running(world, replace(BRISK, worth=3600)) as desk:
        crowd = Crowd(world, desk)
        await crowd.come()
        world.happen("hall")
        await crowd.half_told(1)
        world.happen("hall")
        await until(lambda: crowd.told(2) == 1000 and len(desk.built) == 2)
        assert desk.built == [1000, 1000]


async def test_who_has_no_document_is_hung_up_on_though_something_newer_has_happened() -> None:
    class Slow(World):
        async def build(self, location: str, channels: list[str]) -> Iterable[Document]:
            documents = await super().build(location, channels)
            for _ in range(9):
                await asyncio.sleep(0)
            return documents

    world, hurried = Slow(), replace(BRISK, worth=0)
    async with running(world, hurried) as desk, desk.hearing(HALL) as board, desk.hearing(PHONE) as phone:
        await asyncio.gather(board.reaches(0), phone.reaches(0))
        await until(lambda: world.followed)
        world.gone.add(PHONE.channel)

        happens = asyncio.create_task(all_the_time(world))
        await until(lambda: phone.ended is Close.UNKNOWN)
        happens.cancel()


async def test_everybody_has_their_turn_though_each_round_is_overtaken() -> None:
    world = World()
    async with running(world, replace(BRISK, worth=0)) as desk:
        crowd = Crowd(world, desk)
        await crowd.come()

        happens = asyncio.create_task(all_the_time(world))
        await until(lambda: crowd.told(0) == 0)
        happens.cancel()
