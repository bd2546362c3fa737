"""From what happens in the lobby to what people read: what is told, when, once, and what never is."""

import logging

import pytest

from callboard.domain.model import CloseReason
from callboard.store.transitions import Store
from conftest import Clock
from notify.conftest import ANNA, BASE, Office

MAIL = "anna@example.org"


async def test_a_ticket_is_taken_comes_near_and_is_called(office: Office) -> None:
    before = [await office.join() for _ in range(4)]
    anna = await office.join(phone=ANNA)
    await office.tell()
    assert await office.told() == [("taken", "shown")]
    for _ in before:
        await office.call_next()
        await office.tell()
    assert await office.told() == [("taken", "shown"), ("almost_your_turn", "shown")]
    await office.call_next()
    await office.tell()
    assert await office.told(anna) == [("taken", "shown"), ("almost_your_turn", "shown"), ("your_turn", "shown")]


async def test_what_people_read(office: Office) -> None:
    for _ in range(3):
        await office.join()
    anna = await office.join(phone=ANNA)
    await office.tell()
    for _ in range(4):
        await office.call_next()
        await office.tell()
    texts = [record.text for record in await office.records()]
    assert texts[0].startswith("Hilltop Clinic: your number is A004, 3 people ahead of you, about ")
    assert f"Follow it: {BASE}/t/" in texts[0]
    assert texts[1].startswith("Hilltop Clinic: A004, 2 people ahead of you. Please come now. More time: ")
    assert texts[2] == "Hilltop Clinic: A004, it is your turn. Please go to desk 1."
    assert all(record.recipient == ANNA for record in await office.records())
    assert {record.ticket_label for record in await office.records()} == {anna.label}


@pytest.mark.parametrize(("locale", "words"), [("sv", "Kullens mottagning: ditt nummer"), ("ar", "عيادة التل: رقمك")])
async def test_everybody_reads_their_own_language(office: Office, locale: str, words: str) -> None:
    await office.join(phone=ANNA, locale=locale)
    await office.tell()
    assert words in (await office.records())[0].text


async def test_a_language_without_words_falls_back_to_the_locations_first(office: Office) -> None:
    await office.join(phone=ANNA, locale="fi")
    await office.tell()
    assert "Hilltop Clinic: your number" in (await office.records())[0].text


async def test_who_left_both_is_told_in_both(office: Office) -> None:
    await office.join(phone=ANNA, email=MAIL)
    await office.tell()
    assert sorted((r.medium, r.recipient) for r in await office.records()) == [("mail", MAIL), ("sms", ANNA)]


async def test_who_left_no_address_is_told_nothing(office: Office) -> None:
    await office.join()
    await office.call_next()
    await office.tell()
    assert await office.records() == []


async def test_nothing_is_told_before_it_happens(office: Office) -> None:
    for _ in range(4):
        await office.join(phone=ANNA)
    await office.tell()
    assert {kind for kind, _ in await office.told()} == {"taken"}


async def test_who_joins_with_few_ahead_is_not_told_almost_as_well(office: Office) -> None:
    await office.join()
    await office.join()
    anna = await office.join(phone=ANNA)
    await office.tell()
    await office.call_next()
    await office.tell()
    assert await office.told(anna) == [("taken", "shown")]
    assert "2 people ahead" in (await office.records())[0].text


async def test_almost_is_told_when_somebody_ahead_leaves_steps_back_or_moves_on(office: Office) -> None:
    first, second, third = [await office.join() for _ in range(3)]
    people = [await office.join(phone=ANNA) for _ in range(3)]
    await office.tell()
    await office.store.cancel(first.id, reason=CloseReason.CUSTOMER)
    await office.tell()
    await office.store.transfer(second.id, queue="lab")
    await office.tell()
    await office.store.postpone(third.id, places=5)
    await office.tell()
    for person in people:
        assert await office.told(person) == [("taken", "shown"), ("almost_your_turn", "shown")]


async def test_who_wants_to_hear_earlier_or_later_does(office: Office) -> None:
    """Than the queue says, which is with two ahead; and nobody with more than ten."""
    for _ in range(12):
        await office.join()
    late, never_so_early = await office.join(phone=ANNA, almost_ahead=1), await office.join(phone=ANNA, almost_ahead=99)
    early = await office.join(phone=ANNA, almost_ahead=5)
    heard: dict[str, int] = {}
    for called in range(12):
        await office.call_next()
        await office.tell()
        for person in (late, never_so_early, early):
            if ("almost_your_turn", "shown") in await office.told(person):
                heard.setdefault(person.id, called + 1)
    assert [heard[person.id] for person in (never_so_early, early, late)] == [3, 9, 11]


async def test_almost_is_told_once_even_to_who_steps_back_and_comes_near_again(office: Office) -> None:
    first = [await office.join() for _ in range(3)]
    anna = await office.join(phone=ANNA)
    await office.join()
    await office.join()
    await office.tell()
    await office.store.cancel(first[0].id, reason=CloseReason.CUSTOMER)
    await office.tell()
    await office.store.postpone(anna.id, places=2)
    await office.tell()
    await office.call_next()
    await office.call_next()
    await office.tell()
    assert [kind for kind, _ in await office.told(anna)].count("almost_your_turn") == 1


async def test_almost_is_never_told_after_the_call(office: Office, store: Store) -> None:
    """Called out of turn before the worker came to the events, then the call undone: the person has been called."""
    for _ in range(3):
        await office.join()
    anna = await office.join(phone=ANNA)
    await office.tell()
    await office.call_next()
    await store.call(anna.id, "d2")
    await office.tell()
    await store.undo("d2")
    await office.tell()
    assert await office.told(anna) == [("taken", "shown"), ("your_turn", "shown")]


async def test_who_is_put_back_is_not_almost_there(office: Office) -> None:
    anna = await office.join(phone=ANNA)
    await office.call_next()
    await office.tell()
    await office.store.put_back(anna.id)
    await office.join()
    await office.tell()
    assert "almost_your_turn" not in [kind for kind, _ in await office.told(anna)]


async def test_a_recall_is_told_when_half_a_minute_has_passed(office: Office, clock: Clock) -> None:
    anna = await office.join(phone=ANNA)
    await office.call_next()
    await office.tell()
    told = []
    for seconds in (10, 19, 2, 29, 1):
        clock.pass_(s=seconds)
        await office.store.recall(anna.id)
        await office.tell()
        told.append([kind for kind, _ in await office.told(anna)].count("called_again"))
    assert told == [0, 0, 1, 1, 2]
    last = (await office.records())[-1]
    assert last.text == "Hilltop Clinic: A001, you are called again. Please go to desk 1 now."


async def test_who_is_sent_on_reads_where_they_wait_now_and_how_long(office: Office) -> None:
    for _ in range(3):
        await office.join("lab")
    anna = await office.join(phone=ANNA, locale="sv")
    await office.tell()
    await office.store.transfer(anna.id, queue="lab", keep_arrival=False)
    await office.tell()
    assert await office.told(anna) == [("taken", "shown"), ("moved", "shown")]
    text = (await office.records())[-1].text
    assert text.startswith("Kullens mottagning: A001 väntar nu på Lab, 3 personer före dig, ungefär ")
    assert f"Följ kön: {BASE}/t/" in text


async def test_a_sensitive_queue_is_not_named_to_who_is_sent_there(office: Office) -> None:
    anna = await office.join(phone=ANNA)
    await office.tell()
    await office.store.transfer(anna.id, queue="advice")
    await office.tell()
    assert "A001 now waits in another line" in (await office.records())[-1].text


async def test_who_is_called_again_after_being_put_back_is_told_again(office: Office, clock: Clock) -> None:
    anna = await office.join(phone=ANNA)
    for _ in range(2):
        await office.call_next()
        await office.tell()
        clock.pass_(s=5)
        await office.store.put_back(anna.id)
    await office.tell()
    assert [kind for kind, _ in await office.told(anna)].count("your_turn") == 2


async def test_who_missed_the_call_reads_how_to_come_back(office: Office) -> None:
    anna = await office.join(phone=ANNA)
    await office.call_next()
    await office.store.no_show(anna.id)
    await office.tell()
    record = next(record for record in await office.records() if record.kind == "missed")
    assert "Here before 16:28? Go back into the line: https://queue.example.org/t/" in record.text


@pytest.mark.parametrize(("reason", "told"), [(CloseReason.STAFF, True), (CloseReason.CUSTOMER, False)])
async def test_a_cancelling_is_told_unless_the_person_did_it(office: Office, reason: CloseReason, told: bool) -> None:
    anna = await office.join(phone=ANNA)
    await office.store.cancel(anna.id, reason=reason)
    await office.tell()
    assert (("cancelled", "shown") in await office.told(anna)) is told


async def test_a_booking_is_told_its_number_when_it_checks_in(office: Office, clock: Clock) -> None:
    booked = (await office.store.book("general", slot_at=clock.now, phone=ANNA, locale="en")).ticket
    assert booked is not None
    await office.tell()
    await office.store.check_in(booked.id)
    await office.tell()
    assert await office.told(booked) == [("booking_confirmed", "shown"), ("taken", "shown")]


async def test_who_leaves_an_address_later_is_told_from_then_on(office: Office) -> None:
    for _ in range(4):
        await office.join()
    anna = await office.join()
    await office.tell()
    await office.store.change_person(anna.id, phone=ANNA)
    await office.tell()
    assert await office.told(anna) == [("taken", "shown")]
    await office.call_next()
    await office.call_next()
    await office.tell()
    assert await office.told(anna) == [("taken", "shown"), ("almost_your_turn", "shown")]


async def test_reading_the_stream_again_tells_nothing_twice(office: Office) -> None:
    for _ in range(4):
        await office.join(phone=ANNA)
    for _ in range(3):
        await office.call_next()
        await office.tell()
    before = await office.told()
    await read_again(office)
    assert await office.told() == before


async def test_an_event_that_is_read_again_when_its_person_is_near_takes_no_almost_away(office: Office) -> None:
    """As after a crash between scheduling and acknowledging: what went out at first did not say that they are near."""
    for _ in range(4):
        await office.join()
    anna = await office.join(phone=ANNA)
    await office.tell()
    for _ in range(2):
        await office.call_next()
    for _ in range(2):
        await read_again(office)
        assert await office.told(anna) == [("taken", "shown"), ("almost_your_turn", "shown")]


async def test_an_event_that_is_read_again_does_not_tell_almost_to_who_read_so_at_first(office: Office) -> None:
    await office.join()
    anna = await office.join(phone=ANNA)
    await office.tell()
    await read_again(office)
    await office.call_next()
    await read_again(office)
    assert await office.told(anna) == [("taken", "shown")]


async def read_again(office: Office) -> None:
    client = office.store.connection.client
    for stream in await client.keys("*:events"):
        await client.xgroup_setid(stream, "notify", id="0")
    await office.tell()


async def test_nothing_goes_to_a_person_who_is_erased(office: Office) -> None:
    anna = await office.join(phone=ANNA, email=MAIL)
    await office.store.erase(anna.id)
    await office.call_next()
    await office.tell()
    assert [record.state for record in await office.records()] == []


async def test_who_is_erased_leaves_the_records_too(office: Office) -> None:
    anna = await office.join(phone=ANNA, email=MAIL, name="Anna Svensson")
    await office.join(phone="+46701740606")
    await office.tell()
    await office.store.erase(anna.id)
    await office.tell()
    for record in await office.records():
        assert record.ticket_label
        assert bool(record.recipient) == (record.ticket != anna.id)
        assert bool(record.text) == (record.ticket != anna.id)
    for key in await office.store.connection.client.keys("*outbox*records"):
        kept = str(await office.store.connection.client.lrange(key, 0, -1))
        assert ANNA not in kept
        assert "Svensson" not in kept


async def test_an_operators_words_come_before_ours(office: Office) -> None:
    words = "%{location.name}: %{ticket.label} for %{queue.name}, %{people.ahead} – %{desk.name}."
    office.change_site(texts={"en": {"taken": words}})
    await office.join(phone=ANNA)
    await office.join(phone="+46701740606", locale="sv")
    await office.tell()
    first, second = [r.text for r in sorted(await office.records(), key=lambda r: r.ticket_label)]
    assert first == "Hilltop Clinic: A001 for General, 0 - ."
    assert second.startswith("Kullens mottagning: ditt nummer är A002")


async def test_a_tickets_tag_and_number_make_its_label(office: Office) -> None:
    words = "%{ticket.tag} %{ticket.number} = %{ticket.label}: %{ticket.desk.tag}, %{ticket.desk.name}, %{desk.tag}"
    near = "%{ticket.customers_ahead} ahead for %{ticket.service.name}"
    office.change_site(texts={"en": {"your_turn": words, "taken": near}})
    await office.join()
    anna = await office.join(phone=ANNA)
    await office.tell()
    await office.call_next()
    await office.call_next("d2")
    await office.tell()
    texts = {record.kind: record.text for record in await office.records() if record.ticket == anna.id}
    assert texts["your_turn"] == "A 002 = A002: 2, Desk 2, 2"
    assert texts["taken"] == "1 ahead for General"


async def test_an_operators_title_and_text_are_the_mail_too(office: Office) -> None:
    office.change_site(
        texts={"en": {"taken": "%{ticket.label} it is"}}, titles={"en": {"taken": "%{location.name} <3"}}
    )
    await office.join(email=MAIL)
    await office.tell()
    (record,) = await office.records()
    assert record.subject == "Hilltop Clinic <3"
    assert record.text.startswith("A001 it is\n")
    assert "/t/" in record.text


async def test_a_booking_is_confirmed_moved_reminded_of_and_then_taken(office: Office, clock: Clock) -> None:
    slot = clock.now + 8 * 3_600_000
    anna = (await office.store.book("general", slot_at=slot, phone=ANNA, email=MAIL, locale="sv")).ticket
    assert anna
    await office.tell()
    await office.store.reschedule(anna.id, slot_at=slot + 3_600_000, slot_end=slot + 4_500_000)
    await office.tell()
    clock.now = slot
    await office.store.remind(anna.id)
    await office.tell()
    clock.now = slot + 3_600_000
    await office.store.check_in(anna.id)
    await office.tell()
    texts = {record.kind: record.text for record in await office.records() if record.medium == "sms"}
    assert list(texts) == ["booking_confirmed", "booking_moved", "booking_reminder", "taken"]
    assert "Kullens mottagning: du har en tid tis 22 sep kl" in texts["booking_confirmed"]
    assert texts["booking_moved"].startswith("Kullens mottagning: din tid är nu tis 22 sep kl 0")
    assert "/t/" in texts["booking_reminder"]
    subjects = [record.subject for record in await office.records() if record.medium == "mail"]
    assert all("tisdag 22 september kl" in subject for subject in subjects[:3])


async def test_what_is_not_booked_any_more_is_not_reminded_of(office: Office, clock: Clock) -> None:
    anna = (await office.store.book("general", slot_at=clock.now + 3_600_000, phone=ANNA)).ticket
    assert anna
    await office.tell()
    await office.store.remind(anna.id)
    await office.store.cancel(anna.id, reason=CloseReason.STAFF)
    await office.tell()
    told = dict(await office.told(anna))
    assert (told["booking_reminder"], told["cancelled"]) == ("skipped", "shown")
    cancelled = next(record for record in await office.records() if record.kind == "cancelled")
    assert "the staff have cancelled your booking on Mon 21 Sep" in cancelled.text


async def test_a_locale_that_nobody_knows_is_no_trouble_for_a_booking(office: Office, clock: Clock) -> None:
    await office.store.book("general", slot_at=clock.now + 3_600_000, phone=ANNA, locale="zz")
    await office.tell()
    assert await office.told() == [("booking_confirmed", "shown")]


async def test_a_sensitive_service_is_not_named(office: Office) -> None:
    await office.join("advice", email=MAIL, name="Anna")
    await office.tell()
    record = (await office.records())[0]
    assert "Advice" not in record.text + record.subject
    assert "Hello Anna," in record.text


async def test_nobody_can_have_us_mail_an_address_of_theirs(office: Office) -> None:
    for name in ("win at http://evil.example", "www.evil.example", "write to a@evil.example"):
        await office.join(email=MAIL, name=name)
    await office.tell()
    assert len(await office.records()) == 3
    assert all("evil" not in record.text for record in await office.records())


async def test_logs_name_deliveries_and_nobody(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    anna = await office.join(phone=ANNA, email=MAIL, name="Anna Svensson")
    await office.tell()
    assert f"delivery=taken:{anna.id}:sms state=shown" in caplog.text
    for private in (ANNA, MAIL, "Svensson", "/t/"):
        assert private not in caplog.text


async def test_a_telling_after_the_last_moment_is_expired_and_on_record(office: Office, clock: Clock) -> None:
    anna = await office.join(phone=ANNA)
    await office.call_next()
    clock.pass_(min=6)
    await office.tell()
    assert ("your_turn", "expired") in await office.told(anna)
    assert all(record.text == "" for record in await office.records())
    assert {record.recipient for record in await office.records()} == {"", "+46•••05"}


async def test_what_went_stale_long_ago_is_not_even_on_record(office: Office, clock: Clock) -> None:
    await office.join(phone=ANNA)
    clock.pass_(h=5)
    await office.tell()
    assert await office.records() == []
