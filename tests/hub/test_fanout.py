"""The fan-out between a store in memory and mailboxes: what is read, when, and what the listeners are told."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from callboard.hub.protocol import Close
from callboard.hub.watched import Place
from hub.desk import ANNEX, HALL, PHONE, newest_seq, running
from hub.world import BRISK, World, until


async def test_the_first_listener_causes_one_read_and_the_second_none() -> None:
    world = World()
    async with running(world) as desk, desk.hearing(HALL) as first:
        await first.reaches(0)
        reads = len(world.reads)
        async with desk.hearing(HALL) as second:
            await second.reaches(0)
        assert len(world.reads) == reads


async def test_an_event_reaches_every_channel_of_its_location_from_one_read_and_no_other_location() -> None:
    world = World()
    async with running(world) as desk:
        async with desk.hearing(HALL) as board, desk.hearing(PHONE) as phone, desk.hearing(ANNEX) as annex:
            await asyncio.gather(board.reaches(0), phone.reaches(0), annex.reaches(0))
            await until(lambda: world.followed)
            world.reads.clear()
            world.happen("hall")
            await asyncio.gather(board.reaches(1), phone.reaches(1))
        assert world.reads == [("hall", ["board:hall", "ticket:1"])]
        assert [version.seq for version in annex.versions] == [0]


async def test_a_newcomer_is_read_for_alone() -> None:
    world = World()
    async with running(world) as desk, desk.hearing(HALL) as board:
        await board.reaches(0)
        await until(lambda: world.followed)
        world.reads.clear()
        async with desk.hearing(PHONE) as phone:
            await phone.reaches(0)
        assert world.reads == [("hall", ["ticket:1"])]


async def test_a_burst_becomes_few_reads_and_the_last_document_is_right() -> None:
    world = World()
    async with running(world) as desk, desk.hearing(HALL) as board:
        await board.reaches(0)
        await until(lambda: world.followed)
        world.happen("hall", 1000)
        await board.reaches(1000)
        assert len(world.reads) < 10


async def test_events_that_follow_one_another_faster_than_anybody_looks_become_few_documents() -> None:
    world = World()
    async with running(world) as desk, desk.hearing(HALL) as board:
        await board.reaches(0)
        await until(lambda: world.followed)
        world.reads.clear()
        for _ in range(200):
            world.happen("hall", 3)
            for _ in range(5):
                await asyncio.sleep(0)
        await board.reaches(600)
        assert len(world.reads) < 30


async def test_one_event_after_another_is_told_without_a_rest() -> None:
    world = World()
    async with running(world, replace(BRISK, rest_s=60, longest_rest_s=60)) as desk, desk.hearing(HALL) as board:
        await board.reaches(0)
        await until(lambda: world.followed)
        for number in range(1, 50):
            world.happen("hall")
            await board.reaches(number)


async def test_at_most_one_read_of_a_location_is_under_way_and_what_comes_meanwhile_is_read_after() -> None:
    world = World()
    async with running(world) as desk, desk.hearing(HALL) as board:
        await board.reaches(0)
        await until(lambda: world.followed)
        world.reads.clear()
        world.pause = asyncio.Event()
        world.happen("hall")
        await until(lambda: world.reads)
        world.happen("hall", 5)
        async with desk.hearing(ANNEX):  # another location is read meanwhile
            await until(lambda: len(world.reads) == 2)
            assert [name for name, _ in world.reads] == ["hall", "annex"]
        world.pause.set()
        await board.reaches(6)


async def test_what_happened_before_the_stream_was_followed_is_not_missed() -> None:
    """The place in the stream is fixed before anything is read, so no event falls between the two."""
    world = World()
    world.away = True
    async with running(world) as desk, desk.hearing(HALL) as board:
        await until(lambda: world.reads)
        world.happen("hall", 3)
        world.away = False
        await board.reaches(3)
        await until(lambda: world.streams)
        world.happen("hall")
        await board.reaches(4)


async def test_listeners_keep_their_picture_and_get_no_beats_while_the_store_is_away() -> None:
    world = World()
    async with running(world) as desk, desk.hearing(HALL) as board:
        await board.reaches(0)
        await until(lambda: desk.fanout.beat(HALL))
        world.leave()
        await until(lambda: desk.fanout.beat(HALL) is None)
        assert not desk.fanout.is_fresh(HALL)
        assert board.ended is None
        world.happen("hall")
        world.away = False
        await board.reaches(1)
        await until(lambda: desk.fanout.beat(HALL))


async def test_beats_begin_again_only_after_what_was_missed_is_read() -> None:
    world = World()
    async with running(world) as desk, desk.hearing(HALL) as board:
        await board.reaches(0)
        world.leave()
        await until(lambda: desk.fanout.beat(HALL) is None)
        world.happen("hall")
        world.pause = asyncio.Event()
        world.away = False
        pings = world.pings
        await until(lambda: world.pings > pings + 3)
        assert desk.fanout.beat(HALL) is None
        world.pause.set()
        await board.reaches(1)
        await until(lambda: desk.fanout.beat(HALL))


async def test_a_beat_tells_when_the_store_was_last_seen() -> None:
    world = World()
    async with running(world) as desk, desk.hearing(HALL) as board:
        assert desk.fanout.beat(HALL) is None  # nothing was read yet
        await board.reaches(0)
        now = world.now
        await until(lambda: (beat := desk.fanout.beat(HALL)) and beat.at > now)
        beat = desk.fanout.beat(HALL)
        assert beat and (beat.epoch, beat.seq) == ("e1", 0)
        assert desk.fanout.beat(ANNEX) is None


async def test_a_location_that_cannot_be_read_gets_no_beats_though_the_store_answers_pings() -> None:
    world = World()
    async with running(world) as desk, desk.hearing(HALL) as board:
        await board.reaches(0)
        await until(lambda: desk.fanout.beat(HALL))
        world.mistake = TimeoutError()
        world.happen("hall")
        await until(lambda: desk.fanout.beat(HALL) is None)
        world.mistake = None
        await board.reaches(1)


async def test_time_passes_without_events_and_only_what_differs_is_told() -> None:
    world = World()
    async with running(world, replace(BRISK, refresh_s=0.02)) as desk, desk.hearing(HALL) as board:
        await board.reaches(0)
        reads = len(world.reads)
        await until(lambda: len(world.reads) > reads + 2)
        assert len(board.versions) == 1
        world.words["board:hall"] = "8-14 min"
        await until(lambda: len(board.versions) == 2)
        assert board.words[-1] == "8-14 min"


async def test_a_stream_that_falls_silent_is_followed_anew() -> None:
    """What a look finds without the stream having told of it shows that nothing comes any more."""
    world = World()
    async with running(world, replace(BRISK, refresh_s=0.05)) as desk, desk.hearing(HALL) as board:
        await board.reaches(0)
        await until(lambda: world.followed == 1)
        world.silent = True
        world.happen("hall")
        await board.reaches(1)
        await until(lambda: world.followed == 2)
        world.silent = False
        world.happen("hall")
        await board.reaches(2)


async def test_a_store_that_was_replaced_is_followed_from_its_own_beginning() -> None:
    world = World()
    async with running(world, replace(BRISK, refresh_s=0.05)) as desk, desk.hearing(HALL) as board:
        world.happen("hall", 40)
        await board.reaches(40)
        await until(lambda: world.followed == 1)
        world.epoch, world.silent = "e2", True
        world.seq.clear()
        await board.reaches(0)
        await until(lambda: world.followed == 2)
        world.silent = False
        world.happen("hall")
        await board.reaches(1)
        assert board.versions[-1].epoch == "e2"


async def test_a_ticket_that_is_gone_ends_its_listeners_and_nobody_else() -> None:
    world = World()
    async with running(world) as desk, desk.hearing(HALL) as board, desk.hearing(PHONE) as phone:
        await phone.reaches(0)
        world.gone.add("ticket:1")
        await until(lambda: world.followed)
        world.happen("hall")
        await until(lambda: phone.ended)
        await board.reaches(1)
        assert phone.ended is Close.UNKNOWN
        assert board.ended is None


async def test_a_document_that_cannot_be_built_keeps_no_other_from_its_listeners(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Its own listeners keep the picture that they have, and get no beats, which would say that it is true."""
    world, more = World(), [Place("hall", f"ticket:{n}") for n in range(2, 9)]
    async with running(world) as desk, AsyncExitStack() as stack:
        phone = await stack.enter_async_context(desk.hearing(PHONE))
        others = [await stack.enter_async_context(desk.hearing(place)) for place in (HALL, *more)]
        await asyncio.gather(phone.reaches(0), *(other.reaches(0) for other in others))
        await until(lambda: world.followed)
        world.broken.add(PHONE.channel)
        world.reads.clear()
        world.happen("hall")
        await asyncio.gather(*(other.reaches(1) for other in others))
        assert len(world.reads) <= 9
        assert "the document of channel=ticket:1 cannot be built" in caplog.text
        assert phone.ended is None
        assert desk.fanout.beat(PHONE) is None
        assert desk.fanout.beat(HALL)
        world.broken.clear()
        world.happen("hall")
        await phone.reaches(2)
        assert desk.fanout.beat(PHONE)


async def test_a_read_that_hangs_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    world.pause = asyncio.Event()
    async with running(world, replace(BRISK, read_s=0.05)) as desk, desk.hearing(HALL) as board:
        await until(lambda: world.reads)
        world.pause = None
        await board.reaches(0)


async def test_a_stream_that_cannot_be_understood_is_logged_and_followed_anew(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World()
    async with running(world) as desk, desk.hearing(HALL) as board:
        await until(lambda: world.streams)
        world.streams[0].put_nowait("nonsense")  # type: ignore[arg-type]
        await until(lambda: world.followed == 2)
        world.happen("hall")
        await board.reaches(1)
    assert "a stream of events cannot be read" in caplog.text


async def test_a_location_is_forgotten_with_its_last_listener() -> None:
    world = World()
    async with running(world) as desk:
        async with desk.hearing(HALL) as board, desk.hearing(PHONE):
            await board.reaches(0)
        assert desk.fanout._locations == {}
        assert desk.fanout.hub.newest(HALL.channel) is None
        await until(lambda: world.followed)
        world.reads.clear()
        world.happen("hall", 3)
        async with desk.hearing(ANNEX) as annex:
            await annex.reaches(0)
        assert [name for name, _ in world.reads] == ["annex"]


async def test_whoever_comes_back_to_a_server_that_lags_ends_with_what_is_true() -> None:
    """It told x as of 0 and has not heard of y, which the client has from another one; then x is true again."""
    world = World()
    world.tells_events = False
    async with running(world) as desk, desk.hearing(PHONE) as early:
        await early.reaches(0)
        await until(lambda: world.followed)
        world.pause = asyncio.Event()
        world.happen("hall")  # a read of y is under way, and answers late
        await until(lambda: len(world.reads) >= 2)
        async with desk.hearing(PHONE) as back:
            await back.reaches(0)
            world.happen("hall")
            world.pause.set()
            await back.reaches(2)
            assert back.words[-1] == "", "the same as before"
            world.happen("hall", 3)
            await until(lambda: newest_seq(desk, PHONE) == 5)
            assert back.versions[-1].seq == 2, "of what says the same it is told no more"


async def test_who_stands_behind_another_listener_is_told_like_one_who_came() -> None:
    world = World()
    world.tells_events = False
    async with running(world) as desk, desk.hearing(HALL) as board:
        await board.reaches(0)
        await until(lambda: world.followed)
        world.happen("hall")
        await until(lambda: newest_seq(desk, HALL) == 1)
        assert board.versions[-1].seq == 0
        desk.fanout.came(HALL)
        desk.fanout.came(ANNEX)  # nobody listens there
        world.happen("hall")
        await board.reaches(2)


async def test_who_came_while_the_store_was_away_is_told_when_it_is_back() -> None:
    world = World()
    world.tells_events = False
    async with running(world) as desk, desk.hearing(PHONE) as phone:
        await phone.reaches(0)
        await until(lambda: world.followed)
        world.leave()
        await until(lambda: desk.fanout.beat(PHONE) is None)
        async with desk.hearing(PHONE) as back:
            await back.reaches(0)
            world.happen("hall")
            world.away = False
            await back.reaches(1)


async def test_documents_built_and_the_time_from_event_to_listener_are_counted() -> None:
    world = World()
    async with running(world) as desk, desk.hearing(HALL) as board, desk.hearing(PHONE) as phone:
        await asyncio.gather(board.reaches(0), phone.reaches(0))
        await until(lambda: world.followed)
        assert desk.latencies == []
        desk.built.clear()
        world.happen("hall")
        world.now += 5000
        world.happen("hall")
        await board.reaches(2)
        await until(lambda: desk.latencies)
        assert desk.built == [2]
        assert 5000 < desk.latencies[0] < 6000  # since the first of the two
