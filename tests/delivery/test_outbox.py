"""The due lists in the store: once for an id, one holder at a time, and what is kept of the end."""

from typing import Any

import pytest
from msgspec.structs import replace

from callboard.store.keys import PARTITIONS, partition
from callboard.store.outbox import LEASE_MS, Apart, Item, Leased, Outbox
from callboard.store.records import RECORDS, RECORDS_MS, Record
from callboard.store.redis import Connection
from callboard.store.transitions import Store
from conftest import START

HERE = partition("main")


@pytest.fixture
def outbox(connection: Connection) -> Outbox:
    return Outbox(connection, "told", ["fast", "slow"])


def item(id: str, at: int = START, **more: Any) -> Item:
    return Item(**{"id": id, "lane": "fast", "body": f"body of {id}", "at": at, **more})


def record(id: str, *, at: int = START, **more: Any) -> Record:
    given = {"medium": "fast", "kind": "told", "location": "main", "ticket": "", "state": "sent", "detail": "", **more}
    return Record(id=id, at=at, **given)


async def lease(outbox: Outbox, at: int = START, count: int = 10, lane: str = "fast") -> list[Leased]:
    return (await outbox.lease(HERE, lane, at, count))[0]


async def test_a_delivery_is_scheduled_once_for_its_id(outbox: Outbox) -> None:
    assert await outbox.schedule("main", [item("a"), item("b")], [], START) == 2
    assert await outbox.schedule("main", [item("a"), item("c")], [], START) == 1
    assert [one.id for one in await lease(outbox)] == ["a", "b", "c"]


async def test_also_after_it_is_over(outbox: Outbox) -> None:
    await outbox.schedule("main", [item("a")], [], START)
    (held,) = await lease(outbox)
    await outbox.close(held, record("a"))
    assert await outbox.schedule("main", [item("a")], [], START + 3_600_000) == 0


async def test_unless_it_may_come_again(outbox: Outbox) -> None:
    await outbox.schedule("main", [item("a")], [], START)
    (held,) = await lease(outbox)
    await outbox.close(held, record("a"), again=True)
    assert await outbox.schedule("main", [item("a")], [], START) == 1


async def test_the_earliest_is_taken_first_and_each_lane_by_itself(outbox: Outbox) -> None:
    await outbox.schedule("main", [item("later", START + 2), item("s", lane="slow"), item("first")], [], START)
    assert [one.id for one in await lease(outbox, START + 2, 1)] == ["first"]
    assert [one.id for one in await lease(outbox, START + 2, 1)] == ["later"]
    assert [one.id for one in await lease(outbox, lane="slow")] == ["s"]


async def test_nothing_is_due_before_its_event(outbox: Outbox) -> None:
    await outbox.schedule("main", [item("a", START + 1000)], [], START)
    taken, due = await outbox.lease(HERE, "fast", START + 999, 10)
    assert (taken, due) == ([], START + 1000)
    assert len(await lease(outbox, START + 1000)) == 1


async def test_when_the_first_of_each_partition_is_due_is_told_for_all_at_once(outbox: Outbox) -> None:
    await outbox.schedule("main", [item("late", START + 9), item("soon", START + 5), item("s", lane="slow")], [], START)
    there = (HERE + 1) % PARTITIONS
    assert await outbox.next_due([there, HERE], "fast") == {HERE: START + 5}
    assert await outbox.next_due([there], "fast") == await outbox.next_due([], "fast") == {}


async def test_a_leased_delivery_is_nobody_elses_until_the_lease_runs_out(outbox: Outbox) -> None:
    await outbox.schedule("main", [item("a")], [], START)
    (first,) = await lease(outbox)
    assert await lease(outbox, START + LEASE_MS - 1) == []
    (second,) = await lease(outbox, START + LEASE_MS)
    assert (first.lease, second.lease) == (1, 2)
    assert second.body == "body of a"


async def test_who_lost_the_lease_can_settle_nothing(outbox: Outbox) -> None:
    await outbox.schedule("main", [item("a")], [], START)
    (first,) = await lease(outbox)
    (second,) = await lease(outbox, START + LEASE_MS)
    assert not await outbox.keep(first, "overwritten", START)
    assert not await outbox.close(first, record("a"))
    assert await outbox.keep(second, "mine", START + 1)
    assert await outbox.close(second, record("a"))
    assert not await outbox.close(second, record("a"))
    assert len(await outbox.recent(["main"], 10)) == 1


async def test_what_goes_on_is_due_when_it_was_put_off_to(outbox: Outbox) -> None:
    await outbox.schedule("main", [item("a")], [], START)
    (held,) = await lease(outbox)
    await outbox.keep(held, "second try", START + 5000)
    assert await lease(outbox, START + 4999) == []
    (again,) = await lease(outbox, START + 5000)
    assert again.body == "second try"


async def test_a_barred_id_is_never_scheduled_and_what_is_on_its_way_finds_the_bar(outbox: Outbox) -> None:
    await outbox.schedule("main", [item("a")], [], START)
    await outbox.schedule("main", [], ["a", "b"], START)
    assert await outbox.schedule("main", [item("b")], [], START) == 0
    assert [one.id for one in await lease(outbox)] == ["a"]
    barred = await outbox.newest("main", ["barred:a", "barred:b", "barred:c"])
    assert [moment is not None for moment in barred] == [True, True, False]


async def test_a_delivery_does_not_overtake_the_one_it_follows(outbox: Outbox) -> None:
    assert await outbox.schedule("main", [item("b", after="a")], [], START) == 0
    await outbox.schedule("main", [item("a")], [], START)
    assert await outbox.schedule("main", [item("b", after="a")], [], START) == 1


async def test_deliveries_with_the_same_word_keep_quiet_between_them(outbox: Outbox) -> None:
    """By the moments of their events; one that does not ask for quiet starts it anew."""

    async def made(id: str, at: int, quiet_ms: int) -> bool:
        return await outbox.schedule("main", [item(id, START + at, quiet="x", quiet_ms=quiet_ms)], [], START) == 1

    assert [await made("1", 0, 0), await made("2", 999, 1000), await made("3", 1000, 1000)] == [True, False, True]
    assert [await made("4", 1500, 0), await made("5", 2499, 1000), await made("2", 999, 1000)] == [True, False, False]


async def test_records_come_newest_first_and_only_of_the_locations_asked_for(outbox: Outbox) -> None:
    for id in ("a", "b", "c"):
        await outbox.schedule("main", [item(id)], [], START)
        (held,) = await lease(outbox)
        await outbox.close(held, record(id))
    assert [one.id for one in await outbox.recent(["main"], 2)] == ["c", "b"]
    assert await outbox.recent(["elsewhere"], 10) == []
    assert await outbox.recent([], 10) == []


async def test_records_are_bounded(outbox: Outbox, connection: Connection) -> None:
    await outbox.schedule("main", [item(str(n)) for n in range(RECORDS + 5)], [], START)
    for held in await lease(outbox, count=RECORDS + 5):
        await outbox.close(held, record(held.id))
    assert len(await outbox.recent(["main"], 10_000)) == RECORDS


@pytest.mark.parametrize("by", ["the next record", "the turn of the day"])
async def test_old_records_go(outbox: Outbox, by: str) -> None:
    for id, at in (("old", START), ("young", START + 1000), ("next", START + RECORDS_MS + 1)):
        if id != "next" or by == "the next record":
            await outbox.schedule("main", [item(id)], [], START)
            (held,) = await lease(outbox)
            await outbox.close(held, record(id, at=at))
    if by == "the turn of the day":
        await outbox.forget("main", START + RECORDS_MS + 1)
    assert "old" not in [one.id for one in await outbox.recent(["main"], 10)]
    assert "young" in [one.id for one in await outbox.recent(["main"], 10)]


async def test_a_person_who_was_erased_while_it_was_sent_is_not_put_on_record(outbox: Outbox, store: Store) -> None:
    ticket = (await store.join("general", phone="+46701740605", locale="en")).ticket
    assert ticket
    for id in ("before", "after"):
        await outbox.schedule("main", [item(id)], [], START)
    before, after = await lease(outbox)
    private: dict[str, Any] = {"recipient": "+46•••05", "text": "Hello Anna", "subject": "Anna"}
    await outbox.close(before, record("before", ticket=ticket.id, **private))
    await store.erase(ticket.id)
    await outbox.close(after, record("after", ticket=ticket.id, **private))
    assert [one.text for one in await outbox.recent(["main"], 10)] == ["", "Hello Anna"]
    await outbox.forget("main", START, ticket.id)
    assert [(one.id, one.text, one.recipient) for one in await outbox.recent(["main"], 10)] == [
        ("after", "", ""),
        ("before", "", ""),
    ]


async def test_of_a_line_only_the_first_is_due_until_it_is_over(outbox: Outbox) -> None:
    line = [item(id, line="L", place=place) for place, id in enumerate("abc")]
    await outbox.schedule("main", [*line, item("x", line="M"), item("y")], [], START)
    first, x, y = await lease(outbox)
    assert [first.id, x.id, y.id] == ["a", "x", "y"]
    assert await lease(outbox) == []
    await outbox.close(x, record("x"), line="M")
    await outbox.close(y, record("y"))
    assert await outbox.keep(first, "body of a", START + 60_000)
    assert await lease(outbox, START + 59_999) == [], "who is put off keeps the others behind"
    (first,) = await lease(outbox, START + 60_000)
    await outbox.close(first, record("a", at=START + 60_001), line="L")
    assert [one.id for one in await lease(outbox, START + 60_001)] == ["b"]


async def test_who_comes_late_to_a_line_stands_by_their_place_but_never_before_the_first(outbox: Outbox) -> None:
    for place in (5, 9, 7, 3):
        await outbox.schedule("main", [item(f"p{place}", line="L", place=place)], [], START)
    order = []
    while leased := await lease(outbox):
        (one,) = leased
        order.append(one.id)
        await outbox.close(one, record(one.id), line="L")
    assert order == ["p5", "p3", "p7", "p9"]
    await outbox.schedule("main", [item("p1", line="L", place=1)], [], START)
    assert [one.id for one in await lease(outbox)] == ["p1"], "a line that has ended begins anew"


async def test_what_goes_on_in_another_lane_is_there_at_once_and_nowhere_else(outbox: Outbox) -> None:
    await outbox.schedule("main", [item("a")], [], START)
    (held,) = await lease(outbox)
    assert await outbox.hand_over(held, "another body", "slow", record("a", state="instead"))
    assert await lease(outbox, START + LEASE_MS) == []
    (moved,) = await lease(outbox, lane="slow")
    assert (moved.id, moved.body) == ("a", "another body")
    assert [one.state for one in await outbox.recent(["main"], 10)] == ["instead"]
    assert await outbox.schedule("main", [item("a")], [], START) == 0
    assert await outbox.close(moved, record("a", medium="slow"))
    assert await lease(outbox, START + LEASE_MS, lane="slow") == []


async def test_who_has_handed_it_over_or_lost_it_hands_it_over_no_more(outbox: Outbox) -> None:
    """Asked again after a lost answer it changes nothing."""
    await outbox.schedule("main", [item("a"), item("b")], [], START)
    first, second = await lease(outbox)
    assert await outbox.hand_over(first, "body", "slow", record("a"))
    assert not await outbox.hand_over(first, "body", "slow", record("a"))
    await lease(outbox, START + LEASE_MS)
    assert not await outbox.hand_over(second, "body", "slow", record("b"))
    assert [one.id for one in await outbox.recent(["main"], 10)] == ["a"]


async def test_of_those_with_one_word_only_one_leaves_at_a_time(outbox: Outbox) -> None:
    await outbox.schedule("main", [item("a"), item("b"), item("c")], [], START)
    first, second, third = [replace(one, apart="anna") for one in await lease(outbox)]
    leaves = (START, START + 500)
    assert await outbox.keep(first, "leaves", START + LEASE_MS, leaves)
    with pytest.raises(Apart):
        await outbox.keep(second, "leaves", START + LEASE_MS, leaves)
    assert await outbox.keep(replace(third, apart="bo"), "leaves", START + LEASE_MS, leaves)
    assert await outbox.keep(first, "leaves again", START + LEASE_MS, leaves)
    await outbox.close(first, record("a"))
    assert await outbox.keep(second, "leaves", START + LEASE_MS, leaves)


@pytest.mark.parametrize("ends", ["put off", "in another lane", "expected to have arrived"])
async def test_the_word_is_free_again_when_the_one_that_left_is(outbox: Outbox, ends: str) -> None:
    await outbox.schedule("main", [item("a"), item("b")], [], START)
    first, second = [replace(one, apart="anna") for one in await lease(outbox)]
    assert await outbox.keep(first, "leaves", START + LEASE_MS, (START, START + 500))
    now = START + 499
    if ends == "put off":
        assert await outbox.keep(first, "later", START + 1000)
    elif ends == "in another lane":
        assert await outbox.hand_over(first, "goes on", "slow", record("a"))
    else:
        now += 1
    assert await outbox.keep(second, "leaves", START + LEASE_MS, (now, now + 500))


async def test_who_comes_back_late_takes_the_word_from_nobody(outbox: Outbox) -> None:
    await outbox.schedule("main", [item("a"), item("b"), item("c")], [], START)
    first, second, third = [replace(one, apart="anna") for one in await lease(outbox)]
    assert await outbox.keep(first, "leaves", START + LEASE_MS, (START, START + 500))
    assert await outbox.keep(second, "leaves", START + LEASE_MS, (START + 500, START + 1000))
    assert await outbox.close(first, record("a"))
    with pytest.raises(Apart):
        await outbox.keep(third, "leaves", START + LEASE_MS, (START + 600, START + 1100))
