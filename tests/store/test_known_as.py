"""A ticket that takes another one's place is found by what that one was known by."""

import pytest

from callboard.domain.directory import Unknown
from callboard.domain.model import CloseReason
from callboard.store.reads import Reads
from callboard.store.transitions import Store
from conftest import Clock
from store.story import ticket_of

SOON_MS = 3_600_000


async def test_by_its_own_serial_where_it_took_nobodys_place(store: Store, reads: Reads) -> None:
    ticket = (await store.join("general")).ticket
    assert ticket is not None
    assert ticket.known_as == 0
    assert await reads.ticket_known_as(ticket.serial) == ticket.id


async def test_the_newest_of_several(store: Store, reads: Reads, clock: Clock) -> None:
    first = (await store.book("general", slot_at=clock.now + SOON_MS)).ticket
    assert first is not None
    newer = [
        ticket_of(await store.book("lab", slot_at=clock.now + more * SOON_MS, known_as=first.serial))
        for more in (2, 3)
    ]
    assert await reads.ticket_known_as(first.serial) == newer[-1]
    assert await reads.ticket_of_serial(first.serial) == first.id
    assert (await reads.ticket(newer[-1])).known_as == first.serial


async def test_also_when_the_first_is_forgotten(store: Store, reads: Reads, clock: Clock) -> None:
    first = (await store.book("general", slot_at=clock.now + SOON_MS)).ticket
    assert first is not None
    newer = ticket_of(await store.book("general", slot_at=clock.now + 100 * 24 * SOON_MS, known_as=first.serial))
    await store.cancel(first.id, reason=CloseReason.RESCHEDULED)
    for _ in range(3):
        clock.pass_(h=24)
        await store.reset("main")
    with pytest.raises(Unknown):
        await reads.ticket_of_serial(first.serial)
    assert await reads.ticket_known_as(first.serial) == newer


async def test_until_it_is_forgotten_itself(store: Store, reads: Reads, clock: Clock) -> None:
    first = (await store.book("general", slot_at=clock.now + SOON_MS)).ticket
    assert first is not None
    newer = ticket_of(await store.book("general", slot_at=clock.now + SOON_MS, known_as=first.serial))
    for ticket in (first.id, newer):
        await store.cancel(ticket, reason=CloseReason.CUSTOMER)
    for _ in range(3):
        clock.pass_(h=24)
        await store.reset("main")
    with pytest.raises(Unknown):
        await reads.ticket_known_as(first.serial)


async def test_an_older_one_that_is_forgotten_takes_nothing_with_it(store: Store, reads: Reads, clock: Clock) -> None:
    first = (await store.book("general", slot_at=clock.now + SOON_MS)).ticket
    assert first is not None
    older = ticket_of(await store.book("general", slot_at=clock.now + SOON_MS, known_as=first.serial))
    newer = ticket_of(await store.book("general", slot_at=clock.now + 100 * 24 * SOON_MS, known_as=first.serial))
    await store.cancel(older, reason=CloseReason.RESCHEDULED)
    for _ in range(3):
        clock.pass_(h=24)
        await store.reset("main")
    assert await reads.ticket_known_as(first.serial) == newer


async def test_bookings_of_a_time_whether_they_have_come_or_not(store: Store, reads: Reads, clock: Clock) -> None:
    come, stays, gone, later = [
        ticket_of(await store.book("general", slot_at=clock.now + at * 60_000)) for at in (10, 20, 30, 90)
    ]
    await store.check_in(come)
    await store.cancel(gone, reason=CloseReason.CUSTOMER)
    found = await reads.booked_between("main", clock.now, clock.now + SOON_MS)
    assert {ticket.id for ticket in found} == {come, stays}
    assert later not in {ticket.id for ticket in found}
