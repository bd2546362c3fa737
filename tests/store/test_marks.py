"""A store that has lost the newest of what was seen: nothing that was given is given again, and everybody is told."""

import asyncio
from contextlib import aclosing
from typing import Any

import msgspec
import pytest

from callboard.domain.directory import Directory
from callboard.domain.events import Kind
from callboard.domain.model import Site
from callboard.errors import StoreAway
from callboard.store.kept import Kept
from callboard.store.keys import partition
from callboard.store.marks import Marks, serial_of
from callboard.store.reads import Reads
from callboard.store.redis import Connection
from callboard.store.stream import newest, tail
from callboard.store.transitions import Done, Store
from conftest import SITE, Clock
from store.earlier import remembered


async def take(store: Store, queue: str = "general") -> Any:
    ticket = (await store.join(queue)).ticket
    assert ticket
    return ticket


async def called(store: Store) -> Done:
    return await store.call_next("d1")


async def test_no_number_serial_or_call_comes_twice(store: Store, connection: Connection, reads: Reads) -> None:
    await store.open_desk("d1", staff="ada")
    kept = [await take(store), await take(store, "lab")]
    async with remembered(connection) as put_back:
        before = await reads.picture("main")
        lost = [await take(store), await take(store), await take(store, "lab")]
        first = await called(store)
        await put_back()
        again = [await take(store), await take(store, "lab")]
    tickets = [*kept, *lost, *again]
    assert [ticket.label for ticket in again] == ["A014", "B013"]
    assert len({ticket.serial for ticket in tickets}) == len({ticket.label for ticket in tickets}) == len(tickets)
    second = await called(store)
    assert first.ticket and second.ticket
    assert second.ticket.call and first.ticket.call and second.ticket.call > first.ticket.call
    after = await reads.picture("main")
    assert after.epoch != before.epoch
    assert after.seq > first.event.seq


async def test_the_loss_is_told_with_its_count_once(
    store: Store, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    place = await newest(connection, [partition("main")])
    await take(store)
    async with remembered(connection) as put_back:
        await take(store)
        await take(store)
        await put_back()
        await take(store)
    async with aclosing(tail(connection, place, block_ms=100)) as batches:
        events = await anext(batches)
    assert [(event.kind, event.seq, event.lost) for event in events] == [
        (Kind.JOINED, 1, 0),
        (Kind.RESTORED, 1004, 2),
        (Kind.JOINED, 1005, 0),
    ]
    assert connection.marks.lost == 2
    assert len([record for record in caplog.records if "store=behind location=main lost=2" in record.message]) == 1


async def test_what_is_read_of_a_store_that_is_behind_is_restored_first(
    store: Store, connection: Connection, reads: Reads
) -> None:
    async with remembered(connection) as put_back:
        for _ in range(3):
            await take(store)
        before = await reads.picture("main")
        await put_back()
        after = await reads.picture("main")
    assert (before.seq, after.seq) == (3, 1004)
    assert after.epoch not in ("", before.epoch)
    assert after.lines["general"].waiting == 0


async def test_so_is_what_is_read_for_many_phones(store: Store, connection: Connection, reads: Reads) -> None:
    kept, where = Kept(connection), reads.directory.location("main")
    ticket = await take(store)
    async with remembered(connection) as put_back:
        lost = await take(store)
        before = await kept.look(where, [ticket.id, lost.id], calls=0, first=0, staff=False)
        await put_back()
        after = await kept.look(where, [ticket.id, lost.id], calls=0, first=0, staff=False)
    assert before and after
    assert after.picture.seq == before.picture.seq + 1001
    assert before.tickets[lost.id]
    assert after.tickets[lost.id] is None


async def test_nobody_reads_a_store_that_is_behind_where_nobody_can_restore_it(
    store: Store, connection: Connection, directory: Directory
) -> None:
    other = Connection.open(connection.url)
    await take(store)
    other.marks.see("main", 5)
    with pytest.raises(StoreAway):
        await Reads(other, directory).picture("main")
    await other.close()


async def test_who_only_follows_knows_what_was_given(
    store: Store, connection: Connection, directory: Directory, clock: Clock
) -> None:
    """Another process, which has given nothing itself."""
    other = Connection.open(connection.url)
    batches = tail(other, await newest(other, [partition("main")]), block_ms=100)
    async with remembered(connection) as put_back, aclosing(batches), asyncio.timeout(20):
        given = [await take(store), await take(store)]
        while other.marks.seq("main") < 2:
            await anext(batches)
        await put_back()
        ticket = await take(Store(other, directory, clock))
    assert ticket.label == "A013"
    assert ticket.serial > max(each.serial for each in given)
    await other.close()


async def test_numbers_of_a_day_that_the_store_has_yet_to_turn_to_are_kept_for_it(
    store: Store, connection: Connection, clock: Clock
) -> None:
    await take(store)
    async with remembered(connection) as put_back:
        clock.pass_(h=24)
        await store.reset("main")
        assert [(await take(store)).label for _ in range(3)] == ["A001", "A002", "A003"]
        await put_back()
        assert (await take(store)).label == "A014"
    clock.pass_(h=24)
    await store.reset("main")
    assert (await take(store)).label == "A001"


async def test_numbers_of_a_day_that_is_over_are_forgotten(store: Store, connection: Connection, clock: Clock) -> None:
    async with remembered(connection) as put_back:
        await take(store)
        await put_back()
        clock.pass_(h=24)
        assert (await take(store)).label == "A001"


async def test_serials_that_another_location_has_lost_are_not_given_again(connection: Connection, clock: Clock) -> None:
    """They belong to the partition, and nobody may ask for the other location in time."""
    main = SITE["locations"][0]  # type: ignore[index]
    name = next(f"branch-{i}" for i in range(1000) if partition(f"branch-{i}") == partition("main"))
    other = {"id": name, "name": name, "queues": [{"id": "branch-line", "tag": "X", "name": "Line"}]}
    store = Store(connection, Directory([msgspec.convert(SITE | {"locations": [main, other]}, Site)]), clock)
    first = await take(store, "general")
    async with remembered(connection) as put_back:
        lost = [await take(store, "branch-line") for _ in range(3)]
        await put_back()
        again = await take(store, "general")
    assert again.label == "A002"
    assert again.serial > max(ticket.serial for ticket in [first, *lost])


async def test_a_command_acts_once_though_it_found_the_store_behind(
    store: Store, connection: Connection, reads: Reads
) -> None:
    async with remembered(connection) as put_back:
        await take(store)
        await put_back()
        done = await store.join("general", once="key")
        again = await store.join("general", once="key")
    assert done == again
    assert (await reads.picture("main")).lines["general"].waiting == 1


async def test_a_store_that_is_behind_again_has_another_epoch_each_time(
    store: Store, connection: Connection, reads: Reads
) -> None:
    epochs = set()
    async with remembered(connection) as put_back:
        for _ in range(4):
            await take(store)
            epochs.add((await reads.picture("main")).epoch)
            await put_back()
    assert len(epochs) == 4


async def test_what_another_process_gave_in_the_last_moment_is_not_given_again(
    store: Store, connection: Connection, directory: Directory, clock: Clock
) -> None:
    """Nobody has heard of it but who gave it, and that one comes late."""
    other = Connection.open(connection.url)
    first = Store(other, directory, clock)
    async with remembered(connection) as put_back:
        given = [await take(first)]
        connection.marks.hear([(await store.join("general")).event])
        given += [await take(first) for _ in range(3)]
        await put_back()
        given += [await take(store) for _ in range(4)]
        given += [await take(first) for _ in range(4)]
    await other.close()
    assert len({ticket.label for ticket in given}) == len({ticket.serial for ticket in given}) == len(given)


async def test_marks_only_grow(store: Store, connection: Connection) -> None:
    events = [(await store.join("general")).event for _ in range(3)]
    ticket = await take(store)
    marks = Marks()
    marks.hear([*events, *reversed(events)])
    assert marks.seq("main") == 3
    assert marks.of("main")["numbers"] == {"general": 3}
    assert marks.of("main")["day"]
    assert marks.serial(partition("main")) == serial_of(events[-1].ticket) // 16
    assert serial_of(ticket.id) == ticket.serial
