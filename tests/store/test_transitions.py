"""Each transition: what it changes, what it says, what it refuses."""

import asyncio
from typing import Unpack

import msgspec
import pytest
from msgspec.structs import astuple, replace

from callboard.domain.consent import Consent, agreed
from callboard.domain.directory import Directory, Unknown
from callboard.domain.events import Kind
from callboard.domain.model import CloseReason, Site, State, Subscription
from callboard.errors import Refusal, Refused
from callboard.store.keys import partition
from callboard.store.reads import Reads
from callboard.store.redis import Connection
from callboard.store.stream import newest, tail
from callboard.store.transitions import Done, Store, Who
from conftest import SITE, Clock
from house import everything


async def take(store: Store, queue: str = "general", **who: Unpack[Who]) -> str:
    done = await store.join(queue, **who)
    assert done.ticket is not None
    return done.ticket.id


async def order(reads: Reads, queue: str = "general") -> list[str]:
    return [ticket.label for ticket in await reads.order(queue, 100)]


async def refused(refusal: Refusal, attempt: object) -> None:
    with pytest.raises(Refused) as caught:
        await attempt  # type: ignore[misc]
    assert caught.value.refusal == refusal


async def test_join_gives_the_queues_next_number_and_a_secret(store: Store, reads: Reads) -> None:
    first, second = await store.join("general"), await store.join("general")
    other = await store.join("lab")
    assert first.ticket and second.ticket and other.ticket
    assert [first.ticket.label, second.ticket.label, other.ticket.label] == ["A001", "A002", "B001"]
    assert first.ticket.state == State.WAITING
    assert first.token != second.token
    assert await reads.ticket_of_token(first.token) == first.ticket.id
    assert first.event.kind == Kind.JOINED
    assert [first.event.seq, second.event.seq, other.event.seq] == [1, 2, 3]


async def test_call_next_takes_the_longest_waiting_and_finishes_what_the_desk_had(
    store: Store, reads: Reads, clock: Clock
) -> None:
    first = await take(store)
    clock.pass_(min=1)
    second = await take(store)
    await store.open_desk("d1", staff="ada")
    called = await store.call_next("d1")
    assert called.ticket and called.ticket.id == first
    assert (called.ticket.state, called.ticket.desk, called.ticket.call) == (State.CALLED, "d1", called.event.seq)
    clock.pass_(min=3)
    again = await store.call_next("d1")
    assert again.ticket and again.ticket.id == second
    assert again.event.finished == first
    done = await reads.ticket(first)
    assert (done.state, done.close_reason) == (State.DONE, CloseReason.SERVED)
    picture = await reads.picture("main")
    assert (picture.lines["general"].served, picture.lines["general"].served_ms) == (1, 180_000)


async def test_a_desk_whose_queue_does_not_finish_by_itself_is_busy(store: Store) -> None:
    await take(store, "lab")
    await take(store, "lab")
    await store.open_desk("d3", staff="ada")
    first = await store.call_next("d3")
    assert first.ticket
    await refused(Refusal.DESK_BUSY, store.call_next("d3"))
    await store.finish(first.ticket.id, "d3")
    assert (await store.call_next("d3")).event.finished == ""


async def test_call_next_says_no_when_the_desk_is_closed_or_nobody_waits(store: Store, reads: Reads) -> None:
    await refused(Refusal.DESK_CLOSED, store.call_next("d1"))
    await store.open_desk("d1", staff="ada")
    before = (await reads.picture("main")).seq
    await refused(Refusal.QUEUE_EMPTY, store.call_next("d1"))
    assert (await reads.picture("main")).seq == before


async def test_a_listed_desk_takes_its_first_queue_first_and_an_arrival_desk_who_came_first(
    store: Store, clock: Clock
) -> None:
    advice = await take(store, "advice")
    lab = await take(store, "lab")
    clock.pass_(min=1)
    general = await take(store)
    await store.open_desk("d1", staff="ada")
    await store.open_desk("d2", staff="bo")
    called = [(await store.call_next(desk)).ticket for desk in ("d1", "d2", "d1")]
    assert [ticket.id for ticket in called if ticket] == [general, advice, lab]


async def test_a_chosen_ticket_is_called_out_of_turn_from_the_line_or_from_where_it_is_parked(
    store: Store, reads: Reads
) -> None:
    first, second, parked = [await take(store) for _ in range(3)]
    await store.hold(parked, held_by="pool")
    await refused(Refusal.DESK_CLOSED, store.call(second, "d1"))
    await store.open_desk("d1", staff="ada")
    called = await store.call(second, "d1")
    assert called.ticket and (called.ticket.state, called.ticket.desk) == (State.CALLED, "d1")
    again = await store.call(parked, "d1")
    assert again.ticket and (again.ticket.desk, again.ticket.held_by, again.event.finished) == ("d1", "", second)
    await refused(Refusal.ALREADY_CALLED, store.call(parked, "d2"))
    assert [ticket.id for ticket in await reads.order("general", 9)] == [first]


async def test_priority_is_a_head_start_that_ages_by_itself(store: Store, reads: Reads, clock: Clock) -> None:
    await take(store)
    clock.pass_(min=10)
    await take(store, priority="elderly")
    clock.pass_(min=10)
    await take(store, priority="elderly")
    await take(store, priority="urgent")
    assert await order(reads) == ["A004", "A002", "A001", "A003"]


async def test_a_booking_waits_from_its_slot_and_draws_its_number_when_it_checks_in(
    store: Store, reads: Reads, clock: Clock
) -> None:
    slot = clock.now + 40 * 60_000
    booked = (await store.book("lab", slot_at=slot, name="Ada")).ticket
    assert booked and (booked.state, booked.label) == (State.BOOKED, "")
    await refused(Refusal.TOO_EARLY, store.check_in(booked.id))
    clock.pass_(min=35)
    walk_in = await take(store, "lab")
    clock.pass_(min=2)
    done = await store.check_in(booked.id)
    assert done.ticket and done.ticket.label == "B002"
    assert float(done.ticket.score) == slot - 10 * 60_000  # the queue gives bookings ten minutes
    assert [ticket.id for ticket in await reads.order("lab", 9)] == [booked.id, walk_in]


async def test_check_in_after_the_window_is_refused_unless_forced_and_then_counts_from_now(
    store: Store, clock: Clock
) -> None:
    booked = (await store.book("general", slot_at=clock.now)).ticket
    assert booked
    clock.pass_(min=16)
    await refused(Refusal.TOO_LATE, store.check_in(booked.id))
    done = await store.check_in(booked.id, force=True)
    assert done.ticket and float(done.ticket.score) == clock.now


async def test_activate_waits_for_the_slot(store: Store, clock: Clock) -> None:
    booked = (await store.book("general", slot_at=clock.now + 1000)).ticket
    assert booked
    await refused(Refusal.TOO_EARLY, store.activate(booked.id))
    clock.pass_(s=1)
    assert (await store.activate(booked.id)).event.kind == Kind.ACTIVATED


async def test_a_reservation_is_confirmed_once_and_never_expires_by_itself(store: Store, clock: Clock) -> None:
    kept = (await store.reserve("general", slot_at=clock.now + 3_600_000)).ticket
    assert kept and kept.state == State.RESERVED
    clock.pass_(h=1)
    assert (await store.confirm(kept.id)).event.kind == Kind.CONFIRMED
    await refused(Refusal.ALREADY_BOOKED, store.confirm(kept.id))


async def test_recall_announces_again_in_the_same_place(store: Store, reads: Reads) -> None:
    first, second = await take(store), await take(store)
    await store.open_desk("d1", staff="ada")
    await store.open_desk("d2", staff="bo")
    await store.call_next("d1")
    await store.call_next("d2")
    again = await store.recall(first, "d1")
    assert again.ticket and (again.ticket.calls, again.ticket.call) == (2, again.event.seq)
    picture = await reads.picture("main", calls=9)
    assert [ticket.id for ticket in picture.calls] == [second, first]
    await refused(Refusal.WRONG_DESK, store.recall(first, "d2"))


async def test_put_back_keeps_its_place_or_steps_back(store: Store, reads: Reads, clock: Clock) -> None:
    first = await take(store)
    for _ in range(3):
        clock.pass_(min=1)
        await take(store)
    await store.open_desk("d1", staff="ada")
    await store.call_next("d1")
    back = await store.put_back(first, "d1")
    assert back.ticket and (back.ticket.state, back.ticket.retry_count) == (State.WAITING, 1)
    assert await order(reads) == ["A001", "A002", "A003", "A004"]
    await store.call_next("d1")
    await store.put_back(first, "d1", places=2)
    assert await order(reads) == ["A002", "A003", "A001", "A004"]
    assert (await reads.picture("main", calls=9)).calls == []


async def test_more_time_lets_others_go_first_as_often_as_the_queue_allows(
    store: Store, reads: Reads, clock: Clock
) -> None:
    first = await take(store)
    for _ in range(2):
        clock.pass_(min=2)
        await take(store)
    await store.postpone(first, places=1)
    assert await order(reads) == ["A002", "A001", "A003"]
    await store.postpone(first, minutes=5)
    assert await order(reads) == ["A002", "A003", "A001"]
    await refused(Refusal.LIMIT_REACHED, store.postpone(first, places=1))


async def test_no_show_may_come_back_in_time_to_the_old_place(store: Store, reads: Reads, clock: Clock) -> None:
    first = await take(store)
    clock.pass_(min=1)
    await take(store)
    await store.open_desk("d1", staff="ada")
    await store.call_next("d1")
    await store.no_show(first, "d1")
    await refused(Refusal.TICKET_CLOSED, store.finish(first))
    clock.pass_(min=15)
    await store.rejoin(first)
    assert await order(reads) == ["A001", "A002"]
    await store.call_next("d1")
    await store.no_show(first)
    clock.pass_(min=15, ms=1)
    await refused(Refusal.TOO_LATE, store.rejoin(first))


async def test_hold_parks_and_release_gives_the_old_place_back(store: Store, reads: Reads, clock: Clock) -> None:
    first = await take(store)
    clock.pass_(min=1)
    await take(store)
    await store.open_desk("d1", staff="ada")
    await store.call_next("d1")
    await store.start(first, "d1")
    held = await store.hold(first, "d1")
    assert held.ticket and (held.ticket.state, held.ticket.held_by, held.ticket.desk) == (State.HELD, "d1", "")
    assert [ticket.id for ticket in (await reads.picture("main", staff=True)).held] == [first]
    await refused(Refusal.ON_HOLD, store.start(first, "d1"))
    await store.release(first, "d1")
    assert await order(reads) == ["A001", "A002"]


async def test_transfer_keeps_number_and_arrival_unless_told_otherwise(
    store: Store, reads: Reads, clock: Clock
) -> None:
    first = await take(store)
    clock.pass_(min=1)
    await take(store, "lab")
    await refused(Refusal.SAME_QUEUE, store.transfer(first, queue="general"))
    moved = await store.transfer(first, queue="lab")
    assert moved.event.from_queue == "general"
    assert await order(reads, "lab") == ["A001", "B001"]
    await store.transfer(first, queue="general")
    clock.pass_(s=1)
    await store.transfer(first, queue="lab", keep_arrival=False)
    assert await order(reads, "lab") == ["B001", "A001"]
    with pytest.raises(Unknown):
        await store.transfer(first, queue="nowhere")


async def test_cancel_frees_the_desk(store: Store, reads: Reads) -> None:
    first = await take(store)
    await store.open_desk("d1", staff="ada")
    await store.call_next("d1")
    await refused(Refusal.DESK_BUSY, store.close_desk("d1"))
    gone = await store.cancel(first, reason=CloseReason.CUSTOMER)
    assert gone.ticket and gone.ticket.close_reason == CloseReason.CUSTOMER
    assert (await reads.picture("main")).desks["d1"].ticket == ""
    await store.close_desk("d1")
    await refused(Refusal.TICKET_CLOSED, store.cancel(first, reason=CloseReason.STAFF))


async def test_correct_says_what_is_true_whatever_the_rules(store: Store, reads: Reads, clock: Clock) -> None:
    first = await take(store)
    clock.pass_(min=1)
    second = await take(store)
    await store.open_desk("d1", staff="ada")
    served = (await store.correct(first, state=State.SERVING)).ticket
    assert served and (served.started_at, served.desk, served.last) == (clock.now, "", "correct")
    assert (await store.correct(first, state=State.DONE)).event.reason == CloseReason.SERVED
    await refused(Refusal.TICKET_CLOSED, store.correct(first, state=State.DONE))
    clock.pass_(min=1)
    again = (await store.correct(first, state=State.WAITING)).ticket
    assert again and (again.label, again.closed_at, again.close_reason) == ("A001", None, None)
    assert await order(reads) == ["A002", "A001"]
    await store.call_next("d1")
    await store.correct(second, state=State.NO_SHOW)
    assert (await reads.picture("main")).desks["d1"].ticket == ""
    gone = await store.correct(first, state=State.CANCELLED, reason=CloseReason.ABANDONED)
    assert gone.ticket and gone.ticket.close_reason == CloseReason.ABANDONED
    gone = await store.correct(first, state=State.CANCELLED, reason=CloseReason.STAFF)
    assert gone.ticket and gone.ticket.close_reason == CloseReason.STAFF
    await refused(Refusal.TICKET_CLOSED, store.correct(first, state=State.CANCELLED, reason=CloseReason.STAFF))


@pytest.mark.parametrize("arrives", ["activate", "check_in"])
async def test_a_slot_that_has_passed_leads_past_nobody(store: Store, reads: Reads, clock: Clock, arrives: str) -> None:
    """Anybody may book it: it counts from when it was booked, not from the slot."""
    await take(store)
    clock.pass_(min=5)
    late = (await store.book("general", slot_at=clock.now - 10 * 60_000)).ticket
    assert late
    await getattr(store, arrives)(late.id)
    assert await order(reads) == ["A001", "A002"]


async def test_what_is_corrected_may_have_to_be_in_a_state(store: Store) -> None:
    ticket = await take(store)
    await refused(Refusal.STILL_WAITING, store.correct(ticket, state=State.DONE, expected=State.SERVING))
    await store.correct(ticket, state=State.DONE, expected=State.WAITING)
    await refused(Refusal.TICKET_CLOSED, store.correct(ticket, state=State.SERVING, expected=State.WAITING))


async def test_who_is_corrected_to_wait_again_may_keep_the_place(store: Store, reads: Reads, clock: Clock) -> None:
    first = await take(store)
    clock.pass_(min=1)
    await take(store)
    before = await reads.ticket(first)
    await store.correct(first, state=State.DONE)
    after = (await store.correct(first, state=State.WAITING, keep_place=True)).ticket
    assert after and (after.score, after.joined_at) == (before.score, before.joined_at)
    assert await order(reads) == ["A001", "A002"]


async def test_call_next_of_one_queue(store: Store) -> None:
    general, lab = await take(store), await take(store, "lab")
    await store.open_desk("d1", staff="ada")
    called = await store.call_next("d1", queue="lab")
    assert called.ticket and (called.ticket.id, called.ticket.staff) == (lab, "ada")
    await refused(Refusal.DESK_BUSY, store.call_next("d1", queue="lab"))
    await store.finish(lab)
    await refused(Refusal.QUEUE_EMPTY, store.call_next("d1", queue="lab"))
    with pytest.raises(Unknown):
        await store.call_next("d1", queue="nowhere")
    assert (await store.call(general, "d1")).ticket


async def test_reschedule_moves_a_booking_and_a_full_slot_takes_nobody(
    store: Store, reads: Reads, clock: Clock
) -> None:
    with_places(store, 2)
    nine, ten = clock.now + 3_600_000, clock.now + 7_200_000
    first = (await store.book("general", slot_at=nine)).ticket
    kept = (await store.reserve("general", slot_at=nine, slot_end=nine + 60_000)).ticket
    assert first and kept and kept.slot_end == nine + 60_000
    await refused(Refusal.SLOT_FULL, store.book("general", slot_at=nine))
    await refused(Refusal.SLOT_FULL, store.reserve("general", slot_at=nine))
    await store.book("lab", slot_at=nine)  # another queue's slots are its own
    moved = await store.reschedule(first.id, slot_at=ten, slot_end=ten + 60_000)
    assert moved.ticket and (moved.ticket.slot_at, moved.ticket.state) == (ten, State.BOOKED)
    assert await reads.diary("general", nine, ten + 1) == {nine: 1, ten: 1}
    await store.check_in(first.id, force=True)  # who has come still has the place
    await store.reschedule(kept.id, slot_at=ten)
    await refused(Refusal.SLOT_FULL, store.book("general", slot_at=ten))
    await store.reschedule(kept.id, slot_at=ten)  # its own place is not in its way
    await store.cancel(kept.id, reason=CloseReason.CUSTOMER)
    await store.book("general", slot_at=ten)
    assert await reads.diary("general", nine, ten) == {}
    await refused(Refusal.STILL_WAITING, store.reschedule(first.id, slot_at=nine))


def with_places(store: Store, places: int) -> None:
    site = store.directory.sites[0]
    location = site.locations[0]
    general = replace(location.queues[0], slot_places=places, check_in_by="staff")
    changed = replace(location, queues=(general, *location.queues[1:]))
    store.directory = Directory([replace(site, locations=(changed,))])


async def test_a_booking_that_staff_has_to_admit_does_not_check_in_by_itself(store: Store, clock: Clock) -> None:
    with_places(store, 2)
    booked = (await store.book("general", slot_at=clock.now)).ticket
    assert booked
    await refused(Refusal.STAFF_ONLY, store.check_in(booked.id))
    await store.check_in(booked.id, force=True)


async def test_remind_comes_once_for_a_slot(store: Store, clock: Clock) -> None:
    booked = (await store.book("general", slot_at=clock.now + 60_000)).ticket
    assert booked
    assert (await store.remind(booked.id)).event.kind == Kind.REMINDED
    await refused(Refusal.LIMIT_REACHED, store.remind(booked.id))
    await store.reschedule(booked.id, slot_at=clock.now + 120_000)
    await store.remind(booked.id)
    await store.reschedule(booked.id, slot_at=clock.now)
    await refused(Refusal.TOO_LATE, store.remind(booked.id))


async def test_a_customer_may_be_kept_to_one_open_ticket(store: Store, reads: Reads) -> None:
    first = (await store.join("general", customer="c1", one_each=True, name="Ada")).ticket
    assert first
    await refused(Refusal.HAS_TICKET, store.join("lab", customer="c1", one_each=True))
    await store.join("lab", customer="c1")
    assert [ticket.queue for ticket in await reads.tickets_of_customer("c1", ["main"])] == ["general", "lab"]
    await store.erase(first.id)
    assert [ticket.queue for ticket in await reads.tickets_of_customer("c1", ["main"])] == ["lab"]
    (other,) = await reads.tickets_of_customer("c1", ["main"])
    await store.change_person(other.id, customer="c2")
    assert await reads.tickets_of_customer("c1", ["main"]) == []
    await store.cancel(other.id, reason=CloseReason.CUSTOMER)
    await store.join("general", customer="c2", one_each=True)


async def test_what_is_attached_to_a_person_goes_with_them(store: Store, reads: Reads) -> None:
    ticket = (await store.join("general", attachments="a file")).ticket
    assert ticket and await reads.attachments(ticket.id) == "a file"
    await store.change_person(ticket.id, attachments="another")
    assert await reads.attachments(ticket.id) == "another"
    await store.erase(ticket.id)
    assert await reads.attachments(ticket.id) == ""


async def test_change_ticket_and_feedback_keep_what_was_said(store: Store, reads: Reads, clock: Clock) -> None:
    ticket = await take(store)
    await store.change_ticket(ticket, party=4)
    changed = (await store.change_ticket(ticket, locale="sv")).ticket
    assert changed and (changed.party, changed.locale) == (4, "sv")
    await refused(Refusal.NOT_SERVED, store.feedback(ticket, rating=5))
    await store.correct(ticket, state=State.SERVING)
    await store.finish(ticket)
    clock.pass_(s=1)
    said = await store.feedback(ticket, rating=2, comment="slow")
    assert said.ticket and (said.ticket.rating, said.ticket.changed_at) == (2, clock.now)
    person = await reads.person(ticket)
    assert person and person.comment == "slow"


async def test_notes_are_kept_with_the_person_the_last_of_them_and_cut(
    store: Store, reads: Reads, clock: Clock
) -> None:
    ticket = await take(store)
    for n in range(7):
        await store.note(ticket, text=f"note {n}\n  {'x' * 400}", once=f"m{n}")
    again = await store.note(ticket, text=f"note 6\n  {'x' * 400}", once="m6")
    assert again.event.ticket == ticket
    person = await reads.person(ticket)
    assert person and [note.text[:8] for note in person.notes] == [f"note {n} x" for n in range(2, 7)]
    assert {(note.at, len(note.text)) for note in person.notes} == {(clock.now, 320)}
    await store.erase(ticket)
    await refused(Refusal.NOT_FOUND, store.note(ticket, text="still here"))


async def test_what_keeps_texts_from_a_person_goes_with_the_number(store: Store, reads: Reads) -> None:
    ticket = await take(store, phone="+46701740605")
    await store.note(ticket, no_texts="not_mobile")
    person = await reads.person(ticket)
    assert person and (person.no_texts, person.notes) == ("not_mobile", ())
    await store.change_person(ticket, name="Ada", phone="+46701740605")
    assert (person := await reads.person(ticket)) and person.no_texts == "not_mobile"
    await store.change_person(ticket, phone="+46701740606")
    assert (person := await reads.person(ticket)) and person.no_texts == ""
    await store.note(ticket, no_texts="opted_out")
    await store.note(ticket, no_texts="")
    assert (person := await reads.person(ticket)) and person.no_texts == ""


async def test_consent_stays_with_the_number_that_it_was_given_for(store: Store, reads: Reads, clock: Clock) -> None:
    ticket = await take(store, phone="+46701740605", source="kiosk", consent=agreed("kiosk", "We text.", "en"))

    async def through() -> dict[str, tuple[str, int]]:
        person = await reads.person(ticket)
        assert person
        return {way: (each.through, each.at) for way, each in person.consent.items()}

    first = clock.now
    clock.pass_(min=1)
    await store.change_person(
        ticket, phone="+46701740605", email="ada@example.org", consent=Consent(through="elsewhere")
    )
    assert await through() == {"phone": ("kiosk", first), "email": ("elsewhere", clock.now)}
    clock.pass_(min=1)
    await store.change_person(ticket, phone="+46701740606", email="")
    assert await through() == {"phone": ("api", clock.now)}
    await store.change_person(ticket, phone="")
    assert await through() == {}
    assert (person := await reads.person(ticket)) and person.consent == {}
    later = await take(store, phone="+46701740605", consent={"phone": Consent(through="join", at=7)})
    assert (person := await reads.person(later)) and person.consent["phone"] == Consent(through="join", at=7)


async def test_a_number_leads_to_its_tickets_until_they_are_somebody_elses(
    store: Store, reads: Reads, connection: Connection
) -> None:
    ours, other = "+46701740605", "+46701740606"
    first, second = await take(store, phone=ours), await take(store, phone=ours)
    await take(store, phone=other)
    assert await reads.tickets_of_number(ours, ["main"]) == {"main": [first, second]}
    await store.change_person(first, phone=other)
    await store.change_person(first, phone=ours)
    assert await reads.tickets_of_number(ours, ["main"]) == {"main": [first, second]}
    await store.change_person(first, phone="")
    await store.erase(second)
    assert await reads.tickets_of_number(ours, ["main"]) == {}
    assert ours[1:] not in await everything(connection)


async def test_a_serial_leads_to_its_ticket_until_it_is_forgotten(store: Store, reads: Reads, clock: Clock) -> None:
    first, second = (await store.join("general")).ticket, (await store.join("lab")).ticket
    assert first and second and first.serial < second.serial < 1000
    assert await reads.ticket_of_serial(second.serial) == second.id
    await store.cancel(second.id, reason=CloseReason.STAFF)
    clock.pass_(h=49)
    await store.reset("main")
    with pytest.raises(Unknown):
        await reads.ticket_of_serial(second.serial)


async def test_a_queues_day_is_counted_as_its_tickets_stand(store: Store, reads: Reads, clock: Clock) -> None:
    async def day(queue: str = "general") -> tuple[int, ...]:
        return astuple((await reads.picture("main")).lines[queue].day)

    first, second, third = [await take(store) for _ in range(3)]
    await store.book("general", slot_at=clock.now + 60_000)  # who has yet to come is not counted
    await store.open_desk("d1", staff="ada")
    clock.pass_(min=10)
    await store.call_next("d1")
    clock.pass_(min=10)
    await store.call_next("d1")
    assert await day() == (3, 2, 30 * 60_000, 1, 0)
    await store.undo("d1")
    assert await day() == (3, 1, 10 * 60_000, 1, 0)
    await store.cancel(third, reason=CloseReason.CUSTOMER)
    assert await day() == (3, 1, 10 * 60_000, 1, 1)
    await store.transfer(second, queue="lab")
    assert (await day(), await day("lab")) == ((2, 1, 10 * 60_000, 1, 1), (1, 0, 0, 0, 0))
    await store.finish(first)
    clock.pass_(h=15)
    await store.reset("main")
    assert await day() == (0, 0, 0, 0, 0)
    await store.correct(first, state=State.WAITING)  # yesterday's
    assert min(await day()) >= 0


async def test_a_closed_queue_takes_nobody_but_is_still_served(store: Store) -> None:
    await take(store)
    await store.close_queue("general")
    await refused(Refusal.QUEUE_CLOSED, store.join("general"))
    await store.join("general", force=True)
    await store.open_desk("d1", staff="ada")
    await store.call_next("d1")
    await store.open_queue("general")
    await store.join("general")


async def test_a_full_queue_says_so(store: Store) -> None:
    for _ in range(5):
        await take(store, "advice")
    await refused(Refusal.QUEUE_FULL, store.join("advice"))


async def test_the_same_key_gives_the_first_answer_again_refusals_too(store: Store) -> None:
    first = await store.join("general", once="k1", name="Ada")
    assert await store.join("general", once="k1", name="Ada") == first
    await refused(Refusal.KEY_REUSED, store.join("lab", once="k1"))
    await refused(Refusal.DESK_CLOSED, store.call_next("d1", once="k2"))
    await store.open_desk("d1", staff="ada")
    await refused(Refusal.DESK_CLOSED, store.call_next("d1", once="k2"))
    assert (await store.call_next("d1", once="k3")).ticket == (await store.call_next("d1", once="k3")).ticket


async def test_undo_restores_exactly_and_only_while_nobody_touched_it(store: Store, reads: Reads, clock: Clock) -> None:
    first = await take(store)
    clock.pass_(min=1)
    second = await take(store)
    await store.open_desk("d1", staff="ada")
    await store.call_next("d1")
    clock.pass_(min=1)
    before = await reads.picture("main", first=9, calls=9, phones=[first, second])
    await store.call_next("d1")
    undone = await store.undo("d1")
    assert undone.event.undone == "called"
    after = await reads.picture("main", first=9, calls=9, phones=[first, second])
    for part in ("desks", "lines", "calls", "phones"):
        assert getattr(after, part) == getattr(before, part), part
    await refused(Refusal.NOTHING_TO_UNDO, store.undo("d1"))
    await store.call_next("d1")
    await store.cancel(second, reason=CloseReason.CUSTOMER)
    await refused(Refusal.CHANGED_SINCE, store.undo("d1"))


async def test_what_was_done_in_a_queue_that_the_site_has_lost_since_is_not_undone(
    store: Store, reads: Reads, connection: Connection
) -> None:
    """And nothing is changed by trying."""
    moved = await take(store)
    await store.open_desk("d1", staff="ada")
    await store.transfer(moved, "d1", queue="lab")
    whole = store.directory
    location = SITE["locations"][0]  # type: ignore[index]
    for lost in ("lab", "general"):
        left = [queue for queue in location["queues"] if queue["id"] != lost]
        store.directory = Directory([msgspec.convert(SITE | {"locations": [location | {"queues": left}]}, Site)])
        await refused(Refusal.CHANGED_SINCE, store.undo("d1"))
    store.directory = whole
    await store.undo("d1")
    assert await order(reads) == ["A001"]


async def test_undo_is_for_a_minute(store: Store, clock: Clock) -> None:
    await take(store)
    await store.open_desk("d1", staff="ada")
    await store.call_next("d1")
    clock.pass_(s=61)
    await refused(Refusal.NOTHING_TO_UNDO, store.undo("d1"))


async def test_a_change_that_was_made_of_what_has_changed_since_is_refused(store: Store, reads: Reads) -> None:
    ticket = await take(store)
    await store.change_person(ticket, extra='{"a":1}', extra_was="")
    await refused(Refusal.CHANGED_SINCE, store.change_person(ticket, name="Ada", extra='{"b":1}', extra_was=""))
    person = await reads.person(ticket)
    assert person and (person.name, person.extra) == ("", '{"a":1}')
    await store.change_person(ticket, extra="", extra_was='{"a":1}')


async def test_a_few_browsers_are_told_of_a_ticket_and_the_oldest_gives_way(store: Store, reads: Reads) -> None:
    def browser(name: str) -> Subscription:
        return Subscription(id=name, endpoint=f"https://push.example.org/{name}", p256dh="key", auth="secret")

    async def told() -> list[str]:
        person = await reads.person(ticket)
        assert person is not None
        return [each.id for each in person.pushes]

    ticket = await take(store, phone="+46700000000")
    for name in ("a", "b", "a", "c", "d"):
        assert (await store.subscribe(ticket, browser(name))).event.kind == Kind.PERSON_CHANGED
    assert await told() == ["a", "c", "d"]
    await store.unsubscribe(ticket, "b")
    await store.unsubscribe(ticket, "c")
    assert await told() == ["a", "d"]
    await store.cancel(ticket, reason=CloseReason.CUSTOMER)
    await refused(Refusal.TICKET_CLOSED, store.subscribe(ticket, browser("e")))
    await store.unsubscribe(ticket, "d")
    assert await told() == ["a"]
    await store.unsubscribe(ticket, "a")
    person = await reads.person(ticket)
    assert person and (person.pushes, person.phone) == ((), "+46700000000")
    await store.erase(ticket)
    assert await reads.person(ticket) is None


async def test_erase_forgets_the_person_and_the_page(store: Store, reads: Reads) -> None:
    done = await store.join("general", name="Ada", phone="+46700000000")
    assert done.ticket
    person = await reads.person(done.ticket.id)
    assert person and person.phone == "+46700000000"
    await store.change_person(done.ticket.id, phone="", email="ada@example.org")
    person = await reads.person(done.ticket.id)
    assert person and (person.phone, person.email, person.name) == ("", "ada@example.org", "Ada")
    await store.erase(done.ticket.id)
    assert await reads.person(done.ticket.id) is None
    with pytest.raises(Unknown):
        await reads.ticket_of_token(done.token)


async def test_numbers_start_again_after_the_reset_and_who_waits_is_sent_away(
    store: Store, reads: Reads, clock: Clock
) -> None:
    first = await take(store)
    later = (await store.book("general", slot_at=clock.now + 30 * 3_600_000)).ticket
    assert later
    assert await store.reset("main") is None
    clock.pass_(h=24)
    assert (await store.join("general")).ticket.label == "A001"  # type: ignore[union-attr]
    gone = await reads.ticket(first)
    assert (gone.state, gone.close_reason) == (State.CANCELLED, CloseReason.RESET)
    assert (await reads.ticket(later.id)).state == State.BOOKED
    assert await store.reset("main") is None
    clock.pass_(h=49)
    await store.reset("main")
    with pytest.raises(Unknown):
        await reads.ticket(first)


async def test_restore_changes_nothing_in_a_store_that_has_lost_nothing(store: Store, reads: Reads) -> None:
    await take(store)
    before = await reads.picture("main")
    assert await store.restore("main") is None
    assert await reads.picture("main") == before


async def test_the_stream_says_every_transition_once_in_order_without_a_name(
    store: Store, connection: Connection
) -> None:
    place = await newest(connection, [partition("main")])
    done: list[Done] = [await store.join("general", name="Ada Lovelace", phone="+46701234567")]
    await store.open_desk("d1", staff="ada")
    done.append(await store.call_next("d1"))
    seen = []
    async with asyncio.timeout(5):
        async for events in tail(connection, place, block_ms=50):
            seen += events
            if len(seen) == 3:
                break
    assert [event.kind for event in seen] == [Kind.JOINED, Kind.DESK_OPENED, Kind.CALLED]
    assert [seen[0], seen[2]] == [d.event for d in done]
    assert "Lovelace" not in repr(seen)
    assert "4670" not in repr(seen)


async def test_what_is_unknown_is_named(store: Store, reads: Reads) -> None:
    for attempt, kind in [
        (store.join("nowhere"), "queue"),
        (store.call_next("nowhere"), "desk"),
        (store.start("nonsense"), "ticket"),
        (reads.ticket_of_token("nonsense"), "token"),
        (reads.ticket_of_token("ö" * 26), "token"),
    ]:
        with pytest.raises(Unknown) as caught:
            await attempt
        assert caught.value.kind == kind
    known = await take(store)
    await refused(Refusal.NOT_FOUND, store.start(known[:-1] + ("0" if known[-1] != "0" else "1")))
