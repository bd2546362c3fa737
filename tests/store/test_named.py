"""Tickets named by their serials, and commands for who may know of some tickets only."""

from typing import Any

import msgspec
import pytest

from callboard.domain.directory import BySerial, Directory, Unknown
from callboard.domain.model import CLOSED, CloseReason, Site, State, Ticket
from callboard.errors import Refusal, Refused
from callboard.standing import standing
from callboard.store.keys import PARTITIONS, partition
from callboard.store.reads import Reads
from callboard.store.redis import Connection
from callboard.store.transitions import Are, Store
from conftest import SITE, Clock

OPEN = frozenset(State) - CLOSED


async def take(store: Store, queue: str = "general", **who: Any) -> Ticket:
    ticket = (await store.join(queue, **who)).ticket
    assert ticket
    return ticket


async def test_a_command_and_a_reading_find_a_ticket_by_its_serial(store: Store, reads: Reads, clock: Clock) -> None:
    ticket = await take(store, name="Ada")
    named = BySerial("main", ticket.serial)
    assert (await standing(reads, named, clock.now)) == await standing(reads, ticket.id, clock.now)
    await store.open_desk("d1", staff="ada")
    assert (await store.call(named, "d1")).event.ticket == ticket.id
    assert (await store.finish(named, "d1")).ticket == await reads.ticket(ticket.id)


async def test_a_serial_of_nobody_is_not_found(store: Store, reads: Reads, clock: Clock) -> None:
    nobody = BySerial("main", (await take(store)).serial + PARTITIONS)
    with pytest.raises(Unknown):
        await standing(reads, nobody, clock.now)
    with pytest.raises(Refused) as no:
        await store.cancel(nobody, reason=CloseReason.STAFF)
    assert no.value.refusal is Refusal.NOT_FOUND


@pytest.fixture
def neighbours(connection: Connection, clock: Clock) -> Store:
    """Two locations of one partition."""
    other = next(f"other{n}" for n in range(1000) if partition(f"other{n}") == partition("main"))
    site = msgspec.json.decode(msgspec.json.encode(SITE))
    site["locations"].append({"id": other, "name": "Other", "queues": [{"id": "else", "tag": "E", "name": "Else"}]})
    return Store(connection, Directory([msgspec.convert(site, Site)]), clock)


async def test_a_serial_leads_to_no_ticket_of_another_location(neighbours: Store, clock: Clock) -> None:
    ticket, reads = await take(neighbours, "else"), Reads(neighbours.connection, neighbours.directory)
    with pytest.raises(Refused):
        await neighbours.cancel(BySerial("main", ticket.serial), reason=CloseReason.STAFF)
    with pytest.raises(Unknown):
        await standing(reads, BySerial("main", ticket.serial), clock.now)
    assert (await reads.ticket(ticket.id)).state is State.WAITING


async def test_whereabouts_a_serial_is_follows_from_it_or_is_looked_up(neighbours: Store) -> None:
    ticket, reads = await take(neighbours, "else"), Reads(neighbours.connection, neighbours.directory)
    assert await reads.named(ticket.serial, [ticket.location]) == BySerial(ticket.location, ticket.serial)
    assert await reads.named(ticket.serial, ["main", ticket.location]) == ticket.id
    for serial, locations in ((ticket.serial + 1, ["main"]), (ticket.serial + PARTITIONS, ["main", ticket.location])):
        with pytest.raises(Unknown):
            await reads.named(serial, locations)


@pytest.mark.parametrize(
    ("are", "is_so"),
    [
        ({}, True),
        ({"queue": "general"}, True),
        ({"queue": "lab"}, False),
        ({"customer": "c1"}, True),
        ({"customer": "c2"}, False),
        ({"states": OPEN}, True),
        ({"states": CLOSED}, False),
        ({"states": ()}, False),
        ({"queue": "general", "customer": "c1", "states": [State.WAITING]}, True),
        ({"queue": "general", "customer": "c2", "states": [State.WAITING]}, False),
    ],
)
async def test_who_may_know_of_some_tickets_is_told_of_no_other(
    store: Store, reads: Reads, are: Are, is_so: bool
) -> None:
    ticket, limited = await take(store, customer="c1"), store.only(**are)
    if is_so:
        await limited.cancel(ticket.id, reason=CloseReason.CUSTOMER)
    else:
        with pytest.raises(Refused) as no:
            await limited.cancel(ticket.id, reason=CloseReason.CUSTOMER)
        assert no.value.refusal is Refusal.NOT_FOUND
    assert ((await reads.ticket(ticket.id)).state is State.CANCELLED) == is_so


async def test_of_who_is_erased_nobody_knows_whose_ticket_it_was(store: Store) -> None:
    ticket = await take(store, customer="c1")
    await store.erase(ticket.id)
    with pytest.raises(Refused):
        await store.only(customer="c1").cancel(ticket.id, reason=CloseReason.CUSTOMER)


async def test_what_was_done_is_answered_again_though_the_ticket_is_so_no_more(store: Store) -> None:
    ticket, limited = await take(store), store.only(states=OPEN)
    first = await limited.cancel(ticket.id, reason=CloseReason.CUSTOMER, once="key")
    assert await limited.cancel(ticket.id, reason=CloseReason.CUSTOMER, once="key") == first


async def test_the_limit_is_of_that_use_alone(store: Store) -> None:
    store.only(queue="lab")
    assert (await store.cancel((await take(store)).id, reason=CloseReason.STAFF)).ticket
