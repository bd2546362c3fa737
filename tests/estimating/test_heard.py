"""What a location's events say of its lobby: from real events of the store, command by command."""

from zoneinfo import ZoneInfo

import pytest

from callboard.domain.events import Event
from callboard.domain.hours import local_s
from callboard.domain.model import CloseReason, State
from callboard.domain.wait.heard import heard
from callboard.store.keys import partition
from callboard.store.stream import BEGINNING, tail
from callboard.store.transitions import Store
from conftest import START, Clock

ZONE = ZoneInfo("Europe/Stockholm")


async def events_of(store: Store) -> list[Event]:
    async for events in tail(store.connection, {partition("main"): BEGINNING}, block_ms=1):
        return events
    raise AssertionError


async def said(store: Store) -> list[str]:
    return [type(fact).__name__ for event in await events_of(store) for fact in heard(event, ZONE)]


def test_local_time_is_what_the_clock_on_the_wall_says() -> None:
    assert local_s(0, ZONE) == 3600  # in winter
    assert local_s(1_750_000_000_000, ZONE) == 1_750_000_000 + 7200


async def test_a_visit_is_heard_from_its_ticket_to_its_end(store: Store, clock: Clock) -> None:
    await store.open_desk("d1", staff="kim")
    one = (await store.join("general")).ticket
    two = (await store.join("general")).ticket
    assert one and two
    await store.call_next("d1")
    await store.recall(one.id)
    await store.start(one.id)
    await store.call_next("d1")  # finishes the first
    await store.finish(two.id)
    await store.close_desk("d1")
    names = "DeskOpened Created Created Called Started Finished Called Finished DeskClosed"
    assert await said(store) == names.split()


async def test_what_ends_without_a_service_says_so(store: Store) -> None:
    await store.open_desk("d1", staff="kim")
    tickets = [(await store.join("general")).ticket for _ in range(4)]
    called = [ticket.id for ticket in tickets if ticket]
    await store.call_next("d1")
    await store.put_back(called[0])
    await store.call_next("d1")
    await store.no_show(called[0])
    await store.rejoin(called[0])
    await store.call_next("d1")
    await store.undo("d1")
    await store.hold(called[1], held_by="d1")
    await store.release(called[1])
    await store.transfer(called[1], queue="lab")
    await store.postpone(called[2])
    await store.cancel(called[3], reason=CloseReason.CUSTOMER)
    await store.cancel(called[2], reason=CloseReason.STAFF)
    got = (await said(store))[5:]
    names = "Called Released Created Called NoShow Created Called Released Created Withdrawn Created Created Created"
    assert got == [*names.split(), "Cancelled", "Withdrawn"]


async def test_an_undo_of_next_gives_the_desk_back_who_was_finished(store: Store) -> None:
    await store.open_desk("d1", staff="kim")
    one, _ = (await store.join("general")).ticket, await store.join("general")
    assert one
    await store.call_next("d1")
    await store.call_next("d1")
    await store.undo("d1")
    last = [fact for fact in heard((await events_of(store))[-1], ZONE)]
    assert [type(fact).__name__ for fact in last] == ["Released", "Created", "Called"]
    assert getattr(last[2], "ticket", "") == one.id


async def test_bookings_are_expected_and_come(store: Store, clock: Clock) -> None:
    slot = START + 600_000
    booked = (await store.book("general", slot_at=slot)).ticket
    other = (await store.book("general", slot_at=slot)).ticket
    kept = (await store.reserve("general", slot_at=slot)).ticket
    assert booked and other and kept
    await store.reschedule(booked.id, slot_at=slot + 60_000)
    await store.confirm(kept.id)
    await store.check_in(booked.id)
    await store.cancel(other.id, reason=CloseReason.CUSTOMER)
    assert await said(store) == ["Booked", "Booked", "Booked", "Booked", "Created", "Unbooked"]
    facts = [fact for event in await events_of(store) for fact in heard(event, ZONE)]
    created = next(fact for fact in facts if type(fact).__name__ == "Created")
    assert getattr(created, "booking", "") == booked.id and getattr(created, "slot", 0) == local_s(slot + 60_000, ZONE)


@pytest.mark.parametrize("command", ["change_person", "erase", "note"])
async def test_what_is_said_of_a_person_is_nothing_of_the_line(store: Store, command: str) -> None:
    ticket = (await store.join("general", phone="+46701740605")).ticket
    assert ticket
    if command == "erase":
        await store.erase(ticket.id)
    elif command == "note":
        await store.note(ticket.id, no_texts="opted_out")
    else:
        await store.change_person(ticket.id, name="Eva")
    assert await said(store) == ["Created"]


async def test_a_new_day_finds_nobody_at_a_desk(store: Store, clock: Clock) -> None:
    """Whoever forgot to close a desk, and whom it had: a new day ends both."""
    await store.open_desk("d1", staff="kim")
    await store.open_desk("d2", staff="ada")
    await store.join("general")
    ticket = (await store.call_next("d1")).ticket
    assert ticket
    clock.pass_(h=16)
    assert await store.reset("main")
    night = list(heard((await events_of(store))[-1], ZONE))
    assert [type(fact).__name__ for fact in night] == ["Released", "DeskClosed", "DeskClosed", "DayStart"]
    assert getattr(night[0], "ticket", "") == ticket.id
    assert [getattr(fact, "desk", "") for fact in night[:3]] == ["d1", "d1", "d2"]
    assert getattr(night[3], "stays", None) is False


async def test_a_transfer_that_is_undone_puts_the_ticket_back_into_its_line(store: Store) -> None:
    await store.open_desk("d1", staff="kim")
    ticket = (await store.join("general")).ticket
    assert ticket
    await store.transfer(ticket.id, queue="lab", desk="d1")
    await store.undo("d1")
    facts = [fact for event in await events_of(store) for fact in heard(event, ZONE)]
    assert [getattr(fact, "service", "") for fact in facts] == ["", "general", "lab", "general"]


async def test_who_is_served_without_a_desk_waits_no_more_and_takes_no_desk(store: Store) -> None:
    ticket = (await store.join("general")).ticket
    assert ticket
    await store.correct(ticket.id, state=State.SERVING)
    await store.correct(ticket.id, state=State.DONE)
    assert await said(store) == ["Created", "Withdrawn"]
