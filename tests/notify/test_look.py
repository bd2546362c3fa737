"""What becomes due because time passes: "almost" by minutes and by the way to come, and that it takes longer."""

import asyncio
from typing import Any

import msgspec
import pytest

from callboard.domain.documents import Wait
from callboard.domain.expected import Expected, Line, Told
from callboard.domain.model import Queue, State, Ticket
from callboard.estimating.part import Part
from callboard.notify.late import Promise, is_late, runs_late
from callboard.notify.situation import look
from callboard.notify.soon import is_soon
from callboard.store.keys import partition
from callboard.store.learned import Learned, Learning
from callboard.store.reads import Reads
from callboard.store.stream import BEGINNING, tail
from conftest import Clock
from notify.carrier import Carrier
from notify.conftest import ANNA, Office

MAIL = "anna@example.org"
QUEUE = Queue(id="general", tag="A", name="General")
AT = 1_790_000_000_000
MIN = 60_000


def ticket(**more: Any) -> Ticket:
    return Ticket(id="t", serial=1, location="main", queue="general", state=State.WAITING, created_at=AT, **more)


async def expect(office: Office, low: int, high: int, **more: Any) -> None:
    """As if it had been worked out anew, and nothing else happened."""
    line = Line([0], [Told(low, high, (low + high) * 30)])
    expected = Expected(at=office.clock.now, seq=1, lines={"general": line}, **more)
    learning = Learning(office.store.connection)
    assert await learning.keep("main", Learned("", 0, "{}"), expected, tell=False, at=office.clock.now)


async def close_desks(office: Office) -> None:
    for desk in ("d1", "d2", "d3"):
        await office.store.close_desk(desk)


async def far_back(office: Office, **who: Any) -> Ticket:
    """A ticket behind eight others, ten minutes or so after it came."""
    for _ in range(8):
        await office.join()
    await expect(office, 20, 30)
    anna = await office.join(**who)
    await office.tell()
    office.clock.pass_(min=2)
    await office.look()
    return anna


@pytest.mark.parametrize(
    ("ahead", "wait", "travel_min", "soon"),
    [
        (2, Wait(20, 30), 0, True),
        (3, Wait(20, 30), 0, False),
        (30, Wait(2, 8), 0, True),
        (30, Wait(2, 9), 0, False),
        (30, Wait(12, 30), 12, True),
        (30, Wait(13, 30), 12, False),
        (30, None, 12, False),
        (None, None, 12, False),
    ],
)
def test_it_is_almost_their_turn_by_people_by_minutes_or_by_the_way(
    ahead: int | None, wait: Wait | None, travel_min: int, soon: bool
) -> None:
    assert is_soon(QUEUE, ticket(travel_min=travel_min), ahead, wait) is soon


def test_minutes_that_are_set_to_none_bring_nobody_near_even_when_there_is_no_wait() -> None:
    assert is_soon(QUEUE, ticket(), 30, Wait(0, 0))
    assert not is_soon(msgspec.structs.replace(QUEUE, almost_min=0), ticket(), 30, Wait(0, 0))


@pytest.mark.parametrize(
    ("wait", "minutes", "late"),
    [
        (Wait(14, 35), 0, True),  # 8 to 14 were promised
        (Wait(14, 33), 0, False),  # the middle is not ten later
        (Wait(13, 50), 0, False),  # it may still come in time
        (Wait(8, 24), 10, True),
        (Wait(3, 6), 10, False),
        (None, 13, False),
        (None, 14, True),
    ],
)
def test_late_is_what_is_clearly_later_than_was_said(wait: Wait | None, minutes: int, late: bool) -> None:
    assert is_late(Promise(at=AT, wait=Wait(8, 14)), wait, AT + minutes * MIN) is late


def test_who_was_promised_nothing_is_not_late() -> None:
    assert not is_late(None, Wait(50, 60), AT)
    assert not is_late(Promise(at=AT), Wait(50, 60), AT)


def test_a_booking_runs_late_where_it_waits_longer_than_is_good() -> None:
    assert [runs_late(QUEUE, wait) for wait in (None, Wait(0, 0), Wait(0, 40), Wait(10, 19), Wait(10, 20))] == [
        False, False, False, False, True,
    ]  # fmt: skip


async def test_almost_is_told_when_time_alone_brings_the_turn_near(office: Office) -> None:
    anna = await far_back(office, phone=ANNA)
    assert await office.told(anna) == [("taken", "shown")]
    await expect(office, 2, 6)
    await office.look()
    await office.look()
    assert await office.told(anna) == [("taken", "shown"), ("almost_your_turn", "shown")]


async def test_almost_by_minutes_is_by_what_was_learned_of_the_place(office: Office, clock: Clock) -> None:
    """Services of three quarters of a minute, where eight are configured."""
    reads, learning = Reads(office.store.connection, office.store.directory), Learning(office.store.connection)
    location = office.store.directory.location("main")
    part = Part(reads, learning, clock)

    async def forecast() -> Wait:
        async for events in tail(office.store.connection, {partition("main"): BEGINNING}, block_ms=1):
            await part.take([location], events)
            break
        await office.look()
        found = await look(reads, anna.id)
        assert found and found.wait and found.ahead is not None and found.ahead > found.queue.almost_ahead
        return found.wait

    for _ in range(30):
        await office.join()
    anna = await office.join(phone=ANNA)
    await office.tell()
    clock.pass_(min=2)
    assert (await forecast()).low > 10
    assert await office.told(anna) == [("taken", "shown")]
    for _ in range(13):
        for desk in ("d1", "d2"):
            await office.call_next(desk)
        clock.pass_(s=45)
    assert (await forecast()).high <= 8
    assert await office.told(anna) == [("taken", "shown"), ("almost_your_turn", "shown")]


async def test_almost_is_told_when_it_is_time_to_set_off(office: Office) -> None:
    anna = await far_back(office, phone=ANNA, travel_min=15)
    await expect(office, 15, 25)
    await office.look()
    assert await office.told(anna) == [("taken", "shown"), ("almost_your_turn", "shown")]
    for _ in range(9):
        await office.call_next()
        await office.tell()
    assert [kind for kind, _ in await office.told(anna)] == ["taken", "almost_your_turn", "your_turn"]


async def test_who_chooses_a_long_way_later_is_told_to_come_now(office: Office) -> None:
    anna = await far_back(office, phone=ANNA)
    changed = (await office.store.change_ticket(anna.id, travel_min=25)).ticket
    assert changed and changed.travel_min == 25
    await office.look()
    assert await office.told(anna) == [("taken", "shown"), ("almost_your_turn", "shown")]


async def test_who_read_at_first_that_it_is_near_is_not_told_at_once_again(office: Office) -> None:
    anna = await far_back(office, phone=ANNA, travel_min=30)
    assert await office.told(anna) == [("taken", "shown")]
    for _ in range(6):
        await office.call_next()
        await office.tell()
    assert await office.told(anna) == [("taken", "shown"), ("almost_your_turn", "shown")]


async def test_no_queue_has_minutes_that_are_set_to_none(office: Office) -> None:
    office.change_site(queues=(Queue(id="general", tag="A", name="General", almost_min=0),), desks=(), displays=())
    anna = await far_back(office, phone=ANNA)
    await expect(office, 1, 3)
    await office.look()
    assert await office.told(anna) == [("taken", "shown")]


async def test_who_waits_longer_than_was_said_is_told_so_twice_at_most(office: Office, clock: Clock) -> None:
    anna = await far_back(office, phone=ANNA)
    for low in (45, 80, 120):
        await expect(office, low, low + 20)
        await office.look()
        clock.pass_(min=1)
        await office.look()
        clock.pass_(min=5)
    told = await office.told(anna)
    assert told == [("taken", "shown"), ("delayed", "shown"), ("delayed", "shown")]
    text = (await office.records())[-2].text
    assert "A009, it takes longer than we said, about 45-65 min. You keep your place. https://" in text


async def test_a_delay_that_is_over_within_a_minute_is_not_told(office: Office, clock: Clock) -> None:
    anna = await far_back(office, phone=ANNA)
    await expect(office, 45, 65)
    await office.look()
    await expect(office, 20, 30)
    clock.pass_(min=1)
    await office.tell()
    assert await office.told(anna) == [("taken", "shown"), ("delayed", "skipped")]
    await expect(office, 45, 65)
    await office.look()
    clock.pass_(min=1)
    await office.tell()
    assert (await office.told(anna))[-1] == ("delayed", "shown")


async def test_nobody_is_told_of_a_delay_after_almost_or_after_the_call(office: Office, clock: Clock) -> None:
    anna = await far_back(office, phone=ANNA)
    await expect(office, 2, 6)
    await office.look()
    await expect(office, 60, 80)
    await office.look()
    clock.pass_(min=1)
    await office.tell()
    told = await office.told(anna)
    assert [kind for kind, state in told if state == "shown"] == ["taken", "almost_your_turn"]
    bo = await office.join(phone="+46701740606")
    await office.tell()
    await office.store.call(bo.id, "d1")
    await office.tell()
    await office.store.put_back(bo.id)
    clock.pass_(min=300)
    await office.look()
    clock.pass_(min=1)
    await office.tell()
    assert [kind for kind, _ in await office.told(bo)] == ["taken", "your_turn"]


async def test_when_all_desks_close_it_is_said_that_it_takes_longer_and_not_how_long(
    office: Office, clock: Clock
) -> None:
    anna = await far_back(office, phone=ANNA)
    await close_desks(office)
    await expect(office, -1, -1)
    await office.look()
    clock.pass_(min=27)
    await office.look()
    assert await office.told(anna) == [("taken", "shown")]
    clock.pass_(min=1)
    await office.look()
    clock.pass_(min=1)
    await office.tell()
    assert "A009, it takes longer than we said. You keep your place." in (await office.records())[-1].text


async def test_each_way_has_its_own_promise(office: Office, clock: Clock) -> None:
    anna = await far_back(office, phone=ANNA, email=MAIL)
    await expect(office, 45, 65)
    await office.look()
    clock.pass_(min=1)
    await office.tell()
    delays = [record.medium for record in await office.records() if record.kind == "delayed"]
    assert sorted(delays) == ["mail", "sms"]
    assert len(await office.told(anna)) == 4


async def test_a_booking_that_will_be_late_is_told_once_for_its_time(office: Office, clock: Clock) -> None:
    slot = clock.now + 90 * MIN
    booked = (await office.store.book("general", slot_at=slot, phone=ANNA, locale="en")).ticket
    assert booked
    await office.tell()
    await expect(office, 0, 1, bookings={"general": Told(15, 30, 1300)})
    await office.look()
    clock.pass_(min=31)
    for _ in range(3):
        await office.look()
        clock.pass_(min=1)
    assert await office.told(booked) == [("booking_confirmed", "shown"), ("booking_delayed", "shown")]
    text = (await office.records())[-1].text
    assert "will be about 15-30 min late. Check in as planned: https://" in text


async def test_many_processes_look_at_a_location_once(office: Office) -> None:
    turns = [office.again._promises.turn("main", 60_000) for _ in range(20)]
    assert sorted(await asyncio.gather(*turns)) == [False] * 19 + [True]


async def test_two_that_look_at_once_tell_once(office: Office) -> None:
    anna = await far_back(office, phone=ANNA)
    await expect(office, 2, 6)
    location = office.store.directory.location("main")
    assert sum(await asyncio.gather(*(office.again.look(location) for _ in range(8)))) == 1
    await office.tell()
    assert await office.told(anna) == [("taken", "shown"), ("almost_your_turn", "shown")]


async def test_a_delay_that_waited_for_the_carrier_is_not_told_after_almost(
    texting: Office, carrier: Carrier, clock: Clock
) -> None:
    anna = await far_back(texting, phone=ANNA)
    await expect(texting, 45, 65)
    await texting.look()
    clock.pass_(min=1)
    carrier.always = 429
    await texting.tell()
    await expect(texting, 2, 6)
    await texting.look()
    carrier.always = None
    for _ in range(24):
        clock.pass_(s=5)
        await texting.tell()
    sent = [kind for kind, state in await texting.told(anna) if state == "sent"]
    assert sent == ["taken", "almost_your_turn"]
    assert len(carrier.texts(ANNA)) == 2
