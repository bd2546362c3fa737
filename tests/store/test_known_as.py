"""A ticket that follows a cancelled one is found by what that one was known by."""

import pytest

from callboard.domain.directory import Unknown
from callboard.domain.model import CloseReason, Ticket
from callboard.errors import Refusal, Refused
from callboard.store.reads import Reads
from callboard.store.transitions import Store
from conftest import Clock
from store.story import ticket_of

HOUR_MS = 3_600_000
MOVED = CloseReason.RESCHEDULED


async def booked(store: Store, clock: Clock, hours: int = 1, queue: str = "general") -> Ticket:
    ticket = (await store.book(queue, slot_at=clock.now + hours * HOUR_MS)).ticket
    assert ticket
    return ticket


async def three_days(store: Store, clock: Clock) -> None:
    """After which closed tickets are forgotten."""
    for _ in range(3):
        clock.pass_(h=24)
        await store.reset("main")


async def test_who_follows_nobody_is_known_by_their_own_serial(store: Store, reads: Reads, clock: Clock) -> None:
    ticket = await booked(store, clock)
    assert ticket.known_as == 0
    assert await reads.ticket_known_as(ticket.serial) == ticket.id


async def test_the_newest_of_several_is_known_by_the_firsts(store: Store, reads: Reads, clock: Clock) -> None:
    first, second, third = [await booked(store, clock, queue=queue) for queue in ("general", "lab", "lab")]
    await store.cancel(first.id, reason=MOVED, followed_by=second.id)
    assert await reads.ticket_known_as(first.serial) == second.id
    await store.cancel(second.id, reason=MOVED, followed_by=third.id)
    assert await reads.ticket_known_as(first.serial) == third.id
    assert [(await reads.ticket(each.id)).known_as for each in (second, third)] == [first.serial] * 2
    assert await reads.ticket_of_serial(first.serial) == first.id
    assert await reads.ticket_known_as(third.serial) == third.id


async def test_the_follower_is_otherwise_as_it_was(store: Store, reads: Reads, clock: Clock) -> None:
    first, second = await booked(store, clock), await booked(store, clock, 2)
    await store.cancel(first.id, reason=MOVED, followed_by=second.id)
    follower = await reads.ticket(second.id)
    assert (follower.state, follower.last, follower.slot_at) == (second.state, "book", second.slot_at)


async def test_refused_and_nobody_is_known_otherwise(store: Store, reads: Reads, clock: Clock) -> None:
    first, second = await booked(store, clock), await booked(store, clock)
    await store.cancel(first.id, reason=CloseReason.CUSTOMER)
    with pytest.raises(Refused) as refused:
        await store.cancel(first.id, reason=MOVED, followed_by=second.id)
    assert refused.value.refusal is Refusal.TICKET_CLOSED
    assert await reads.ticket_known_as(first.serial) == first.id
    with pytest.raises(Refused) as refused:
        await store.cancel(second.id, reason=MOVED, followed_by=first.id.replace(first.id[-4:], "0000"))
    assert refused.value.refusal is Refusal.NOT_FOUND
    assert (await reads.ticket(second.id)).closed_at is None


async def test_known_also_when_the_first_is_forgotten(store: Store, reads: Reads, clock: Clock) -> None:
    first, second = await booked(store, clock), await booked(store, clock, 2400)
    await store.cancel(first.id, reason=MOVED, followed_by=second.id)
    await three_days(store, clock)
    with pytest.raises(Unknown):
        await reads.ticket_of_serial(first.serial)
    assert await reads.ticket_known_as(first.serial) == second.id


async def test_until_the_follower_is_forgotten_too(store: Store, reads: Reads, clock: Clock) -> None:
    first, second = await booked(store, clock), await booked(store, clock)
    await store.cancel(first.id, reason=MOVED, followed_by=second.id)
    await store.cancel(second.id, reason=CloseReason.CUSTOMER)
    await three_days(store, clock)
    with pytest.raises(Unknown):
        await reads.ticket_known_as(first.serial)


async def test_one_between_that_is_forgotten_takes_nothing_with_it(store: Store, reads: Reads, clock: Clock) -> None:
    first, second, third = [await booked(store, clock, hours) for hours in (1, 1, 2400)]
    await store.cancel(first.id, reason=MOVED, followed_by=second.id)
    await store.cancel(second.id, reason=MOVED, followed_by=third.id)
    await three_days(store, clock)
    assert await reads.ticket_known_as(first.serial) == third.id


async def test_bookings_of_a_time_whether_they_have_come_or_not(store: Store, reads: Reads, clock: Clock) -> None:
    come, stays, gone, _ = [
        ticket_of(await store.book("general", slot_at=clock.now + at * 60_000)) for at in (10, 20, 30, 90)
    ]
    await store.check_in(come)
    await store.cancel(gone, reason=CloseReason.CUSTOMER)
    found = await reads.booked_between("main", clock.now, clock.now + HOUR_MS)
    assert {ticket.id for ticket in found} == {come, stays}
