"""What the fan-out hands out is what the screens build one by one, whether few or many listen."""

import asyncio
from collections.abc import Sequence

import msgspec
import pytest
from msgspec.structs import replace

from callboard import building
from callboard.building import IDLE_MS, Builder
from callboard.domain.directory import Directory
from callboard.domain.model import CloseReason
from callboard.screens import Screens
from callboard.slices import slices
from callboard.store.reads import Reads
from callboard.store.transitions import Store
from conftest import Clock
from store.story import ticket_of

NOBODY = "00000000-0001-8000-8000-000000000000"


@pytest.fixture
def screens(reads: Reads, clock: Clock) -> Screens:
    return Screens(reads, clock)


@pytest.fixture
def builder(screens: Screens) -> Builder:
    return Builder(screens)


async def many(store: Store, clock: Clock) -> list[str]:
    """In all states, in two queues and languages."""
    ids = []
    await store.open_desk("d1", staff="kim")
    await store.open_desk("d2", staff="bo")
    for number in range(24):
        clock.pass_(s=1)
        queue, locale = ("general", "lab", "advice")[number % 3], ("en", "sv")[number % 2]
        ids.append(ticket_of(await store.join(queue, locale=locale, force=True)))
    ids += [ticket_of(await store.book("lab", slot_at=clock.now + minutes * 60_000)) for minutes in (0, 5, 300)]
    await store.call_next("d1")
    await store.call_next("d1")
    await store.call_next("d2")
    await store.start(ids[2])
    await store.no_show(ids[3])
    await store.hold(ids[9], held_by="d1")
    await store.postpone(ids[12], places=2)
    await store.cancel(ids[15], reason=CloseReason.STAFF)
    return ids


async def same(builder: Builder, screens: Screens, channels: list[str]) -> None:
    built = list(await builder("main", channels))
    alone = await screens.build("main", channels)
    assert {each.channel: each.body for each in built} == {
        channel: msgspec.json.encode(document) for channel, document in alone.items()
    }
    assert {each.version for each in built} <= {(each.epoch, each.seq, each.at) for each in alone.values()}


async def test_many_phones_a_board_and_a_desk_from_one_look(
    builder: Builder, screens: Screens, store: Store, clock: Clock
) -> None:
    ids = await many(store, clock)
    channels = ["board:lobby", "desk:d1", "desk:gone", f"ticket:{NOBODY}", *(f"ticket:{id}" for id in ids)]
    await same(builder, screens, channels)
    await store.call_next("d1")
    await same(builder, screens, channels)
    assert len(ids) >= building.FEW
    assert builder._halls["main"].waiting  # so it was looked at


class Other(msgspec.Struct):
    """What another system's screen shows."""

    epoch: str = "e"
    seq: int = 1
    at: int = 1


async def others(reads: Reads, location: str, names: Sequence[str], now: int) -> dict[str, Other]:
    return {name: Other() for name in names}


@pytest.mark.parametrize("first", ["board", "ticket", "other"])
async def test_those_of_the_kind_that_is_asked_for_first_come_first(
    reads: Reads, store: Store, clock: Clock, first: str
) -> None:
    """Those who were not told of the time before are; they may be of any kind."""
    ids = await many(store, clock)
    channels = ["board:lobby", *(f"ticket:{id}" for id in ids), "other:1"]
    channels.sort(key=lambda channel: not channel.startswith(first))
    built = [each.channel for each in await Builder(Screens(reads, clock, {"other": others}))("main", channels)]
    assert built[0].startswith(first)
    assert set(built) == set(channels)


async def test_few_phones_of_a_long_line_are_read_alone(
    builder: Builder, screens: Screens, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await many(store, clock)
    channels = [f"ticket:{id}" for id in ids]
    await same(builder, screens, channels)
    monkeypatch.setattr(building, "SHARE", 0.1)
    looked: list[object] = []
    monkeypatch.setattr(builder._halls["main"].kept, "look", looked.append)
    await same(builder, screens, channels)
    assert looked == []


async def test_a_queue_that_the_site_no_longer_has_takes_its_tickets_along(
    builder: Builder, screens: Screens, store: Store, clock: Clock, directory: Directory
) -> None:
    channels = [f"ticket:{id}" for id in await many(store, clock)]
    await same(builder, screens, channels)
    (site,) = directory.sites
    (location,) = site.locations
    queues = tuple(queue for queue in location.queues if queue.id != "lab")
    desks = tuple(replace(desk, queues=("general",)) for desk in location.desks)
    smaller = Directory([replace(site, locations=(replace(location, queues=queues, desks=desks),))])
    store.directory = screens.reads.directory = smaller
    await same(builder, screens, channels)
    screens.reads.directory = Directory([])
    assert list(await builder("main", channels)) == []


async def test_what_nobody_listens_to_any_more_is_forgotten(
    builder: Builder, screens: Screens, store: Store, clock: Clock
) -> None:
    channels = [f"ticket:{id}" for id in await many(store, clock)]
    await same(builder, screens, channels)
    kept = builder._halls["main"].kept
    clock.pass_(ms=IDLE_MS + 1)
    await same(builder, screens, channels)
    assert builder._halls["main"].kept is not kept


async def test_everybody_else_has_their_turn_between_two_slices() -> None:
    turns: list[object] = []
    asyncio.get_running_loop().call_soon(turns.append, "somebody else")
    async for some in slices([1, 2, 3, 4, 5], 2):
        turns.append(some)
    assert turns == [[1, 2], "somebody else", [3, 4], [5]]
