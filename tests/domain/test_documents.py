"""What board, phone and desk are told, from the real store."""

from typing import Unpack

import pytest
from msgspec.structs import replace

from callboard.domain.board import NEUTRAL
from callboard.domain.directory import Directory
from callboard.domain.documents import Board, Wait
from callboard.domain.estimate import Load, wait
from callboard.screens import Screens
from callboard.store.reads import Reads
from callboard.store.transitions import Store, Who
from conftest import Clock


@pytest.fixture
def screens(reads: Reads, clock: Clock) -> Screens:
    return Screens(reads, clock)


async def join(store: Store, queue: str = "general", **who: Unpack[Who]) -> str:
    done = await store.join(queue, **who)
    assert done.ticket
    return done.ticket.id


async def test_a_board_shows_the_call_with_its_desk_and_says_it_in_its_languages(
    store: Store, screens: Screens, clock: Clock
) -> None:
    await join(store, name="Ada Lovelace", phone="+46701234567", locale="ar")
    await join(store)
    await store.open_desk("d1", staff="ada")
    await store.call_next("d1")
    board = await screens.board("lobby")
    (call,) = board.calls
    assert (call.ticket, call.desk, call.state, call.at) == ("A001", "Desk 1", "called", clock.now)
    assert [say.lang for say in call.say] == ["en", "sv", "ar"]
    assert "1" in call.say[0].text
    assert [(queue.name, queue.waiting) for queue in board.queues] == [("General", 1), ("Lab", 0), ("Advice", 0)]
    assert "Lovelace" not in repr(board)
    assert "4670" not in repr(board)


async def test_a_sensitive_queue_is_not_named_in_a_call(store: Store, screens: Screens) -> None:
    await join(store, "advice")
    await store.open_desk("d2", staff="bo")
    await store.call_next("d2")
    (call,) = (await screens.board("lobby")).calls
    assert (call.queue, call.colour) == ("", NEUTRAL)


async def test_a_recalled_ticket_keeps_its_line_and_gets_a_new_id(store: Store, screens: Screens, clock: Clock) -> None:
    first, _ = await join(store), await join(store)
    await store.open_desk("d1", staff="ada")
    await store.open_desk("d2", staff="bo")
    await store.call_next("d1")
    await store.call_next("d2")
    before = (await screens.board("lobby")).calls
    clock.pass_(min=1)
    await store.recall(first)
    after = (await screens.board("lobby")).calls
    assert [call.ticket for call in after] == [call.ticket for call in before] == ["A002", "A001"]
    assert after[1].id > before[0].id
    assert (after[1].times, after[1].at) == (2, clock.now)


async def test_a_phone_counts_down_and_is_told_where_to_go(store: Store, screens: Screens, clock: Clock) -> None:
    tickets = [await join(store) for _ in range(5)]
    await store.open_desk("d1", staff="ada")
    phone = await screens.phone(tickets[4])
    assert (phone.ahead, phone.phase, phone.can) == (4, "far", ["cancel", "postpone"])
    assert phone.wait is not None
    phases = []
    for _ in range(5):
        await store.call_next("d1")
        phone = await screens.phone(tickets[4])
        phases.append((phone.phase, phone.ahead, phone.last_called))
    assert phases == [
        ("far", 3, "A001"),
        ("near", 2, "A002"),
        ("near", 1, "A003"),
        ("next", 0, "A004"),
        ("called", None, "A005"),
    ]
    assert phone.desk == "Desk 1"
    await store.no_show(tickets[4])
    phone = await screens.phone(tickets[4])
    assert (phone.phase, phone.can, phone.rejoin_until) == ("missed", ["rejoin"], clock.now + 15 * 60_000)


async def test_a_desk_sees_its_ticket_its_line_and_what_it_can_undo(
    store: Store, screens: Screens, clock: Clock
) -> None:
    first = await join(store, name="Ada")
    await join(store, "lab", name="Bo")
    await store.open_desk("d1", staff="cy")
    await store.call_next("d1")
    view = await screens.desk("d1")
    assert view.current and (view.current.id, view.current.name) == (first, "Ada")
    assert [(ticket.label, ticket.name) for ticket in view.waiting] == [("B001", "Bo")]
    assert view.undo and (view.undo.kind, view.undo.label, view.undo.until) == ("called", "A001", clock.now + 60_000)
    await store.finish(first)
    clock.pass_(min=2)
    view = await screens.desk("d1")
    assert view.current is None
    assert [ticket.label for ticket in view.recent] == ["A001"]
    assert view.undo is None


async def test_a_ticket_is_told_in_words_why_it_stands_where_it_stands(
    store: Store, screens: Screens, clock: Clock
) -> None:
    await join(store)
    clock.pass_(min=1)
    mine = await join(store)
    clock.pass_(min=1)
    await join(store, priority="elderly")
    why, text = await screens.why(mine, "en")
    assert [(other.label, other.reason) for other in why.ahead] == [("A003", "head_start"), ("A001", "earlier")]
    assert "number 3 in General" in text
    assert "A003 has a head start of 15 minutes (elderly)" in text
    assert "A001 came earlier" in text
    for locale in ("sv", "ar"):
        assert "A003" in (await screens.why(mine, locale))[1]
    await store.open_desk("d1", staff="ada")
    await store.call(mine, "d1")
    assert (await screens.why(mine, "en"))[1] == "A002 has been called to Desk 1."


@pytest.mark.parametrize(
    ("load", "shown"),
    [
        (Load(3, 6, 0, 0, 0, 0), None),
        (Load(0, 6, 0, 0, 1, 1), Wait(0, 0)),
        (Load(1, 6, 0, 0, 2, 2), Wait(0, 0)),
    ],
)
def test_nothing_is_shown_without_a_desk_and_now_with_a_free_one(load: Load, shown: Wait | None) -> None:
    assert wait(load) == shown


def test_the_range_grows_with_people_shrinks_with_desks_and_learns_from_today() -> None:
    few, many = wait(Load(2, 6, 0, 0, 1, 0)), wait(Load(8, 6, 0, 0, 1, 0))
    quick = wait(Load(8, 6, 0, 0, 4, 0))
    slow_day = wait(Load(8, 6, 50, 50 * 12 * 60_000, 1, 0))
    assert few and many and quick and slow_day
    assert few.low <= 15 <= few.high
    assert many.low > few.low and many.high > few.high
    assert quick.high < many.high < slow_day.high


async def test_a_queue_that_the_site_no_longer_has_takes_its_tickets_off_every_document(
    store: Store, screens: Screens, directory: Directory
) -> None:
    ticket = await join(store, "lab")
    await store.open_desk("d1", staff="ada")
    await store.call_next("d1")
    waiting = await join(store, "lab")
    (site,) = directory.sites
    (location,) = site.locations
    queues = tuple(queue for queue in location.queues if queue.id != "lab")
    desks = tuple(replace(desk, queues=("general",)) for desk in location.desks)
    smaller = Directory([replace(site, locations=(replace(location, queues=queues, desks=desks),))])
    store.directory = screens.reads.directory = smaller
    documents = await screens.build("main", ["board:lobby", "desk:d1", f"ticket:{ticket}", f"ticket:{waiting}"])
    assert list(documents) == ["board:lobby", "desk:d1"]
    board = documents["board:lobby"]
    assert isinstance(board, Board) and board.calls == []
    await join(store)
    assert (await store.call_next("d1")).event.kind == "called"
