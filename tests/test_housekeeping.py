"""What happens because time passes, on the real store with a clock that the test sets, and with two at work at once."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from callboard.domain.directory import Directory
from callboard.domain.events import Event, Kind
from callboard.domain.model import CloseReason, Site, State, Ticket
from callboard.errors import StoreAway
from callboard.housekeeping import Housekeeping
from callboard.store.keys import events as stream_key
from callboard.store.keys import partition
from callboard.store.reads import Reads
from callboard.store.redis import Connection
from callboard.store.stream import to_event
from callboard.store.transitions import Store
from conftest import Clock

SITE = {
    "organization": {"id": "hall", "name": "Hall"},
    "locations": [
        {
            "id": "hall",
            "name": "Hall",
            "time_zone": "Europe/Stockholm",
            "queues": [
                {"id": "walk-in", "tag": "A", "name": "Walk-in"},
                {"id": "by-itself", "tag": "B", "name": "By itself", "activate": "at_slot"},
                {"id": "at-the-desk", "tag": "C", "name": "At the desk", "activate": "check_in"},
                {"id": "kept", "tag": "D", "name": "Kept for a while", "reserve_min": 30},
                {"id": "kept-long", "tag": "E", "name": "Kept"},
                {"id": "reminded", "tag": "F", "name": "Reminded of", "reminder_min": 60},
            ],
            "desks": [{"id": "d1", "tag": "1", "name": "Desk 1", "queues": ["walk-in"]}],
        }
    ],
}
HOUR_MS = 3_600_000


@pytest.fixture
def directory() -> Directory:
    return Directory([msgspec.convert(SITE, Site)])


class Hall:
    """The location, and two processes that keep house in it."""

    def __init__(self, connection: Connection, directory: Directory, clock: Clock) -> None:
        self.clock = clock
        self.store = Store(connection, directory, clock)
        self.reads = Reads(connection, directory)
        self.keepers = [Housekeeping(Store(connection, directory, clock), self.reads) for _ in range(2)]

    async def look(self) -> None:
        """Both at once."""
        await asyncio.gather(*(keeper.look() for keeper in self.keepers))

    async def look_at(self, moment: int) -> None:
        self.clock.now = moment
        await self.look()

    async def ticket(self, ticket: Ticket) -> Ticket:
        return await self.reads.ticket(ticket.id)

    async def take(self, command: str, queue: str, **given: Any) -> Ticket:
        ticket = (await getattr(self.store, command)(queue, **given)).ticket
        assert isinstance(ticket, Ticket)
        return ticket

    async def happened(self, kind: Kind) -> Sequence[Event]:
        entries = await self.store.connection.client.xrange(stream_key(partition("hall")))
        return [event for event in (to_event(id, fields) for id, fields in entries) if event.kind == kind]


@pytest.fixture
async def hall(connection: Connection, directory: Directory, clock: Clock) -> Hall:
    """On a day that has begun."""
    made = Hall(connection, directory, clock)
    await made.look()
    return made


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


# The day turns over


async def test_the_day_turns_over_at_the_local_time_and_not_a_moment_before(hall: Hall) -> None:
    """In Stockholm's summer 04:00 is 02:00 UTC."""
    await hall.look_at(utc("2026-09-22T01:00"))
    await hall.store.open_desk("d1", staff="kim")
    first, second = [await hall.take("join", "walk-in") for _ in range(2)]
    await hall.store.call_next("d1")
    before = len(await hall.happened(Kind.RESET))
    await hall.look_at(utc("2026-09-22T02:00") - 1)
    assert len(await hall.happened(Kind.RESET)) == before
    assert (await hall.ticket(second)).state == State.WAITING
    await hall.look_at(utc("2026-09-22T02:00"))
    await hall.look_at(utc("2026-09-22T02:00") + 1)
    assert len(await hall.happened(Kind.RESET)) == before + 1
    served, sent_away = await hall.ticket(first), await hall.ticket(second)
    assert (served.state, served.close_reason) == (State.DONE, CloseReason.SERVED)
    assert (sent_away.state, sent_away.close_reason) == (State.CANCELLED, CloseReason.RESET)
    assert (await hall.take("join", "walk-in")).label == "A001"


async def test_who_waits_stays_where_the_location_says_so(
    connection: Connection, directory: Directory, clock: Clock
) -> None:
    site = directory.sites[0]
    directory = Directory([replace(site, locations=(replace(site.locations[0], reset_clears=False),))])
    hall = Hall(connection, directory, clock)
    await hall.look()
    waits = await hall.take("join", "walk-in")
    clock.pass_(h=24)
    await hall.look()
    assert (await hall.ticket(waits)).state == State.WAITING
    assert (await hall.take("join", "walk-in")).label == "A001"


@pytest.mark.parametrize(
    ("reset_at", "first", "resets"),
    [
        ("04:00", "2026-10-24", ["24T02:00", "25T03:00", "26T03:00"]),
        ("02:30", "2026-10-24", ["24T00:30", "25T00:30", "26T01:30"]),  # comes twice on the 25th: the first counts
        ("04:00", "2027-03-27", ["27T03:00", "28T02:00", "29T02:00"]),
        ("02:30", "2027-03-27", ["27T01:30", "28T01:30", "29T00:30"]),  # is left out on the 28th: an hour later
    ],
)
async def test_a_day_with_a_clock_change_turns_over_once(
    connection: Connection, directory: Directory, clock: Clock, reset_at: str, first: str, resets: list[str]
) -> None:
    site = directory.sites[0]
    directory = Directory([replace(site, locations=(replace(site.locations[0], reset_at=reset_at),))])
    hall = Hall(connection, directory, clock)
    clock.now = utc(f"{first}T00:00")
    await hall.look()
    begun = len(await hall.happened(Kind.RESET))
    for _ in range(3 * 24 * 4):
        clock.pass_(min=15)
        await hall.look()
    month = first[:8]
    happened = [event.at for event in (await hall.happened(Kind.RESET))[begun:]]
    assert happened == [utc(month + moment) for moment in resets]


async def test_a_server_that_was_off_for_days_turns_the_day_over_once(hall: Hall, clock: Clock) -> None:
    before = len(await hall.happened(Kind.RESET))
    clock.pass_(h=24 * 5)
    await hall.look()
    await hall.look()
    assert len(await hall.happened(Kind.RESET)) == before + 1


# Slots come, reservations run out


async def test_a_booking_waits_by_itself_when_its_slot_comes_if_its_queue_says_so(hall: Hall, clock: Clock) -> None:
    slot_at = clock.now + HOUR_MS
    by_itself = await hall.take("book", "by-itself", slot_at=slot_at)
    at_the_desk = await hall.take("book", "at-the-desk", slot_at=slot_at)
    await hall.look_at(slot_at - 1)
    assert (await hall.ticket(by_itself)).state == State.BOOKED
    await hall.look_at(slot_at)
    await hall.look_at(slot_at + 1)
    waits = await hall.ticket(by_itself)
    assert (waits.state, waits.label, waits.joined_at) == (State.WAITING, "B001", slot_at)
    assert (await hall.ticket(at_the_desk)).state == State.BOOKED
    assert [event.ticket for event in await hall.happened(Kind.ACTIVATED)] == [by_itself.id]


async def test_a_reservation_runs_out_only_where_the_queue_says_so(hall: Hall, clock: Clock) -> None:
    slot_at = clock.now + 5 * HOUR_MS
    short = await hall.take("reserve", "kept", slot_at=slot_at)
    confirmed = await hall.take("reserve", "kept", slot_at=slot_at)
    long = await hall.take("reserve", "kept-long", slot_at=slot_at)
    await hall.store.confirm(confirmed.id)
    runs_out_at = clock.now + HOUR_MS // 2
    await hall.look_at(runs_out_at - 1)
    assert (await hall.ticket(short)).state == State.RESERVED
    await hall.look_at(runs_out_at)
    await hall.look_at(runs_out_at + 1)
    over = await hall.ticket(short)
    assert (over.state, over.close_reason) == (State.CANCELLED, CloseReason.ABANDONED)
    assert [event.ticket for event in await hall.happened(Kind.CANCELLED)] == [short.id]
    await hall.look_at(slot_at + HOUR_MS)
    assert (await hall.ticket(confirmed)).state == State.BOOKED
    assert (await hall.ticket(long)).state == State.RESERVED


async def test_a_booking_is_reminded_of_once_as_long_before_as_its_queue_says(hall: Hall, clock: Clock) -> None:
    slot_at = clock.now + 5 * HOUR_MS
    booked = await hall.take("book", "reminded", slot_at=slot_at)
    reserved = await hall.take("reserve", "reminded", slot_at=slot_at)
    other = await hall.take("book", "at-the-desk", slot_at=slot_at)
    await hall.look_at(slot_at - HOUR_MS - 1)
    assert await hall.happened(Kind.REMINDED) == []
    for moment in (slot_at - HOUR_MS, slot_at - 1, slot_at, slot_at + 1):
        await hall.look_at(moment)
    assert [(event.ticket, event.at) for event in await hall.happened(Kind.REMINDED)] == [
        (booked.id, slot_at - HOUR_MS)
    ]
    states = [(await hall.ticket(ticket)).state for ticket in (booked, reserved, other)]
    assert states == [State.BOOKED, State.RESERVED, State.BOOKED]


async def test_what_was_booked_or_moved_at_short_notice_is_not_reminded_of_as_well(hall: Hall, clock: Clock) -> None:
    late = await hall.take("book", "reminded", slot_at=clock.now + HOUR_MS - 1)
    moved = await hall.take("book", "reminded", slot_at=clock.now + 5 * HOUR_MS)
    await hall.store.reschedule(moved.id, slot_at=clock.now + HOUR_MS // 2)
    again = await hall.take("book", "reminded", slot_at=clock.now + HOUR_MS + 1)
    await hall.look_at(clock.now + 1)
    assert [event.ticket for event in await hall.happened(Kind.REMINDED)] == [again.id]
    await hall.store.reschedule(again.id, slot_at=clock.now + 3 * HOUR_MS)
    await hall.look_at(clock.now + 2 * HOUR_MS)
    assert [event.ticket for event in await hall.happened(Kind.REMINDED)] == [again.id] * 2
    assert (await hall.ticket(late)).reminded_at is None


async def test_a_reminder_that_another_queue_waits_for_activates_nothing_early(hall: Hall, clock: Clock) -> None:
    """Who is looked for ahead of time is not due yet."""
    by_itself = await hall.take("book", "by-itself", slot_at=clock.now + HOUR_MS // 2)
    kept = await hall.take("reserve", "kept", slot_at=clock.now + HOUR_MS // 2)
    await hall.look_at(clock.now + 1)
    assert [(await hall.ticket(ticket)).state for ticket in (by_itself, kept)] == [State.BOOKED, State.RESERVED]


async def test_what_is_due_is_found_behind_any_number_of_earlier_slots(hall: Hall, clock: Clock) -> None:
    """People who booked and never came keep their slots in front until the day turns over."""
    for minute in range(120):
        await hall.take("book", "at-the-desk", slot_at=clock.now + minute)
    due = await hall.take("book", "by-itself", slot_at=clock.now + HOUR_MS)
    kept = await hall.take("reserve", "kept", slot_at=clock.now + 10 * HOUR_MS)
    await hall.look_at(clock.now + HOUR_MS)
    assert (await hall.ticket(due)).state == State.WAITING
    assert (await hall.ticket(kept)).close_reason == CloseReason.ABANDONED


async def test_slots_outlast_the_reset_of_a_day_before_theirs_however_late_it_comes(hall: Hall, clock: Clock) -> None:
    """As when a server is started in the morning, after people were expected."""
    past = await hall.take("book", "at-the-desk", slot_at=clock.now + HOUR_MS)
    to_come = await hall.take("book", "by-itself", slot_at=clock.now + 48 * HOUR_MS)
    clock.pass_(h=24)
    await hall.look()
    assert (await hall.ticket(past)).close_reason == CloseReason.RESET
    clock.pass_(h=24)
    await hall.look()
    assert (await hall.ticket(to_come)).state == State.WAITING


async def test_a_slot_in_a_queue_that_the_site_has_no_more_keeps_nobody_else_from_theirs(
    hall: Hall, directory: Directory, clock: Clock
) -> None:
    await hall.take("book", "by-itself", slot_at=clock.now + 1)
    kept = await hall.take("reserve", "kept", slot_at=clock.now + 2 * HOUR_MS)
    site = directory.sites[0]
    queues = tuple(queue for queue in site.locations[0].queues if queue.id != "by-itself")
    smaller = Directory([replace(site, locations=(replace(site.locations[0], queues=queues),))])
    keeper = Housekeeping(Store(hall.store.connection, smaller, clock), Reads(hall.store.connection, smaller))
    clock.pass_(h=1)
    await keeper.look()
    assert (await hall.ticket(kept)).state == State.CANCELLED


async def test_it_goes_on_when_the_store_was_away(hall: Hall, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """At its own pace, which is set to none here."""
    absences = 3
    reset = Store.reset

    async def away_at_first(self: Store, location: str) -> Any:
        nonlocal absences
        absences -= 1
        if absences >= 0:
            raise StoreAway("away")
        return await reset(self, location)

    monkeypatch.setattr(Store, "reset", away_at_first)
    keeper = Housekeeping(hall.store, hall.reads, every_s=0.001)
    clock.now += round(timedelta(days=1).total_seconds() * 1000)
    before = len(await hall.happened(Kind.RESET))
    running = asyncio.create_task(keeper.run())
    async with asyncio.timeout(5):
        while True:
            await asyncio.sleep(0.001)
            if len(await hall.happened(Kind.RESET)) > before:
                break
    running.cancel()
    await asyncio.wait([running])
    assert running.cancelled()


async def test_who_has_left_is_forgotten_on_the_location_s_clock(hall: Hall) -> None:
    gone, back = await hall.take("join", "walk-in", name="Eva"), await hall.take("join", "walk-in", name="Bo")
    stays = await hall.take("join", "walk-in", name="Ann")
    for ticket in (gone, back):
        await hall.store.cancel(ticket.id, reason=CloseReason.CUSTOMER)
    await hall.store.correct(back.id, state=State.WAITING)
    await hall.look_at(hall.clock.now + 24 * HOUR_MS - 1)
    assert await hall.reads.person(gone.id) is not None
    await hall.look_at(hall.clock.now + 1)
    assert await hall.reads.person(gone.id) is None
    assert {event.ticket for event in await hall.happened(Kind.ERASED)} == {gone.id}
    for ticket in (back, stays):
        assert await hall.reads.person(ticket.id) is not None


async def test_a_location_may_forget_sooner_or_later(hall: Hall) -> None:
    site = hall.store.directory.sites[0]
    for hours, kept_until in ((0.5, 0.5), (72, 72)):
        changed = Directory([replace(site, locations=(replace(site.locations[0], erase_after_h=hours),))])
        for keeper in hall.keepers:
            keeper._store.directory = changed
        hall.store.directory = hall.reads.directory = changed
        ticket = await hall.take("join", "walk-in", name="Eva")
        left_at = hall.clock.now
        await hall.store.cancel(ticket.id, reason=CloseReason.CUSTOMER)
        await hall.look_at(left_at + round(kept_until * HOUR_MS) - 1)
        assert await hall.reads.person(ticket.id) is not None
        await hall.look_at(left_at + round(kept_until * HOUR_MS))
        assert await hall.reads.person(ticket.id) is None


async def test_the_forgotten_leave_the_journal_of_a_store_of_ours(hall: Hall) -> None:
    scrubbed: list[int] = []

    async def scrub() -> None:
        scrubbed.append(hall.clock.now)

    keeper = Housekeeping(hall.store, hall.reads, scrub=scrub)
    hall.clock.now += 12 * HOUR_MS
    ticket = await hall.take("join", "walk-in", name="Eva")
    await hall.store.cancel(ticket.id, reason=CloseReason.CUSTOMER)
    hall.clock.now += 24 * HOUR_MS
    await keeper.look()
    assert await hall.reads.person(ticket.id) is None and not scrubbed
    hall.clock.now += 600_000
    await keeper.look()
    await keeper.look()
    assert scrubbed == [hall.clock.now]
