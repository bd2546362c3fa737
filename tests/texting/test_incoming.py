"""Somebody texts us: done once, answered in their language, and never a word to who does not hold the ticket."""

import asyncio
from collections.abc import Sequence

import pytest

from callboard.assets import TEMPLATES
from callboard.domain.model import CloseReason, State, Ticket
from callboard.errors import StoreAway
from callboard.notify.segments import segments
from callboard.store.reads import Reads
from callboard.store.talks import Talks
from callboard.wording import languages
from house import everything
from notify.carrier import Carrier, signed
from notify.conftest import ANNA, BASE
from texting.conftest import Lobby

BEN = "+46701740606"


async def now(lobby: Lobby, ticket: Ticket) -> Ticket:
    return await lobby.services.reads.ticket(ticket.id)


async def notes(lobby: Lobby, ticket: Ticket) -> list[str]:
    person = await lobby.services.reads.person(ticket.id)
    return [note.text for note in person.notes] if person else []


async def test_who_asks_hears_where_they_stand(lobby: Lobby) -> None:
    await lobby.join()
    await lobby.join(phone=ANNA)
    assert await lobby.texted("S") == "Hilltop Clinic: A002, only 1 person ahead of you."
    await lobby.call_next()
    await lobby.call_next()
    assert await lobby.texted("status") == "Hilltop Clinic: A002, it is your turn. Please go to desk 1."
    current = (await lobby.services.screens.desk("d1")).current
    assert current
    await lobby.store.finish(current.id)
    assert await lobby.texted("S") == "Hilltop Clinic: A002 is closed."


async def test_who_needs_time_lets_another_go_first_as_often_as_the_queue_allows(lobby: Lobby) -> None:
    anna = await lobby.join(phone=ANNA)
    for _ in range(4):
        lobby.clock.pass_(s=1)
        await lobby.join()
    assert (await lobby.texted("M")).startswith("Hilltop Clinic: We let others go first. A001, only 1 person ahead")
    assert "2 people ahead" in await lobby.texted("more time")
    assert await lobby.texted("M") == (
        "Hilltop Clinic: A001: more time was given as often as possible. Please speak to the staff."
    )
    assert (await now(lobby, anna)).postponed == 2


async def test_who_leaves_has_left(lobby: Lobby) -> None:
    anna = await lobby.join(phone=ANNA)
    assert await lobby.texted("L") == "Hilltop Clinic: you have left the line. A001 is closed."
    left = await now(lobby, anna)
    assert (left.state, left.close_reason) == (State.CANCELLED, CloseReason.CUSTOMER)
    assert await lobby.texted("L") == "Hilltop Clinic: A001: that is not possible now. Please speak to the staff."


async def test_who_was_missed_comes_back_until_it_is_too_late(lobby: Lobby) -> None:
    anna = await lobby.join(phone=ANNA)
    await lobby.call_next()
    await lobby.store.no_show(anna.id)
    assert "you are back in the line. A001, you are next" in await lobby.texted("J")
    assert (await now(lobby, anna)).state is State.WAITING
    await lobby.call_next()
    await lobby.store.no_show(anna.id)
    lobby.clock.pass_(min=16)
    assert "it is too late for that" in await lobby.texted("J")


async def test_a_booking_checks_in_when_its_window_is_open(lobby: Lobby) -> None:
    slot = lobby.clock.now + 3 * 3_600_000
    anna = (await lobby.store.book("general", slot_at=slot, phone=ANNA, locale="en")).ticket
    assert anna
    assert await lobby.texted("H") == (
        "Hilltop Clinic: your booking: it is too early for that. Please try again closer to your time."
    )
    assert (await lobby.texted("S")).startswith("Hilltop Clinic: you are booked for ")
    lobby.clock.pass_(h=3)
    assert (await lobby.texted("here")).startswith("Hilltop Clinic: A001, you are next")
    assert (await now(lobby, anna)).state is State.WAITING


@pytest.mark.parametrize("words", ["I'm coming!", "H", "M"])
async def test_who_is_called_tells_the_desk(lobby: Lobby, words: str) -> None:
    await lobby.join(phone=ANNA)
    await lobby.call_next()
    answer = await lobby.texted(words)
    assert "the staff have" in answer
    current = (await lobby.services.screens.desk("d1")).current
    assert current and [note.text for note in current.notes] == [words]


async def test_anything_else_goes_to_the_desk_with_one_hint_a_day(lobby: Lobby) -> None:
    anna = await lobby.join(phone=ANNA)
    hint = "Hilltop Clinic: the staff have your message. You can reply: S status, M more time, L leave."
    assert await lobby.texted("Is there a lift?") == hint
    assert await lobby.texted("I use a\n wheelchair") == ""
    assert [note.text for note in (await lobby.waits())[0].notes] == ["Is there a lift?", "I use a wheelchair"]
    lobby.clock.pass_(min=1)
    assert await lobby.texted("x" * 1600) == ""
    assert len((await notes(lobby, anna))[-1]) == 320


async def test_a_note_is_on_no_board_in_no_event_and_erased_with_the_person(lobby: Lobby) -> None:
    anna = await lobby.join(phone=ANNA)
    await lobby.texted("my secret knee")
    assert "knee" not in str(await lobby.services.screens.board("lobby"))
    assert "knee" not in str(await lobby.services.screens.phone(anna.id))
    await lobby.store.erase(anna.id)
    assert "knee" not in await everything(lobby.store.connection)


async def test_a_text_without_words_is_let_be(lobby: Lobby) -> None:
    anna = await lobby.join(phone=ANNA)
    assert (await lobby.texted("", NumMedia="1")).startswith("Hilltop Clinic: We can only read text here.")
    assert await lobby.texted("  ") == ""
    assert await notes(lobby, anna) == []


@pytest.mark.parametrize("words", ["M", "L", "J", "H", "please wait for me", "S"])
async def test_a_text_that_comes_again_is_done_once_and_answered_the_same(lobby: Lobby, words: str) -> None:
    anna = await lobby.join(phone=ANNA)
    await lobby.join()
    if words == "J":
        await lobby.store.call(anna.id, "d1")
        await lobby.store.no_show(anna.id)
    first = await lobby.texted(words, id=7)
    rev, told = (await now(lobby, anna)).rev, await notes(lobby, anna)
    await lobby.call_next("d2")
    assert [await lobby.texted(words, id=7) for _ in range(3)] == [first] * 3
    assert first and ((await now(lobby, anna)).rev - rev, await notes(lobby, anna)) in [(0, told), (1, told)]


async def test_the_same_text_many_times_at_once_is_done_once(lobby: Lobby) -> None:
    anna = await lobby.join(phone=ANNA)
    await lobby.join(phone=ANNA)
    await lobby.texted("L")
    answers = await asyncio.gather(*(lobby.texted("1", id=9) for _ in range(5)))
    assert set(answers) == {"Hilltop Clinic: you have left the line. A001 is closed."}
    assert [ticket.label for ticket in await lobby.waits()] == ["A002"]
    assert (await lobby.waits())[0].notes == []
    assert (await now(lobby, anna)).rev == 2


@pytest.mark.parametrize(("words", "rev"), [("M", 2), ("L", 2), ("please wait for me", 1)])
async def test_what_was_done_before_the_store_went_away_is_not_done_again(
    lobby: Lobby, monkeypatch: pytest.MonkeyPatch, words: str, rev: int
) -> None:
    anna = await lobby.join(phone=ANNA)
    await lobby.join()

    async def away(talks: Talks, text: str, answer: str) -> str:
        raise StoreAway

    with monkeypatch.context() as patched:
        patched.setattr(Talks, "answered", away)
        assert (await lobby.hears(lobby.carrier.brings(words, ANNA, id=7))).status_code == 503
    await lobby.texted(words, id=7)
    assert (await now(lobby, anna)).rev == rev
    assert await notes(lobby, anna) == ([words] if rev == 1 else [])


async def test_a_number_that_was_changed_at_this_moment_commands_nothing(
    lobby: Lobby, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = await lobby.join(phone=BEN)

    async def as_before(reads: Reads, phone: str, locations: Sequence[str]) -> dict[str, list[str]]:
        return {"main": [anna.id]}

    monkeypatch.setattr(Reads, "tickets_of_number", as_before)
    assert await lobby.texted("L", ANNA) == "We find no ticket for this number."
    assert (await now(lobby, anna)).state is State.WAITING


async def test_who_holds_two_tickets_is_asked_which_and_it_is_remembered_for_a_while(lobby: Lobby) -> None:
    await lobby.join(phone=ANNA)
    await lobby.join("lab", phone=ANNA)
    await lobby.join("lab")
    which = "Which one? Reply 1 for A001 (Hilltop Clinic), 2 for B001 (Hilltop Clinic)."
    assert await lobby.texted("M") == which
    assert "B001, only 1 person ahead" in await lobby.texted("2")
    assert "B001, only 1 person ahead" in await lobby.texted("S")
    assert "A001, you are next" in await lobby.texted("1")  # what waited is done, so this is only looked at
    assert "A001, you are next" in await lobby.texted("S")
    assert "left the line. B001" in await lobby.texted("l b001")
    assert "A001, you are next" in await lobby.texted("S")
    third = await lobby.join("lab", phone=ANNA)
    lobby.clock.pass_(min=1)
    assert third.label in await lobby.texted("L")  # asked again: what was chosen is gone


async def test_a_ticket_that_alone_fits_is_meant(lobby: Lobby) -> None:
    anna = await lobby.join(phone=ANNA)
    await lobby.join("lab", phone=ANNA)
    await lobby.store.call(anna.id, "d1")
    await lobby.store.no_show(anna.id)
    assert "back in the line. A001" in await lobby.texted("J")


async def test_a_number_or_label_that_is_none_of_theirs_does_nothing(lobby: Lobby) -> None:
    anna, ben = await lobby.join(phone=ANNA), await lobby.join(phone=BEN)
    for words in (f"L {ben.label}", "L 3", "7"):
        await lobby.texted(words)
    assert {(await now(lobby, ticket)).state for ticket in (anna, ben)} == {State.WAITING}
    assert await notes(lobby, anna) == [f"L {ben.label}", "L 3", "7"]


async def test_nobody_commands_a_ticket_that_is_not_theirs(lobby: Lobby) -> None:
    anna = await lobby.join(phone=ANNA)
    before = await now(lobby, anna)
    assert await lobby.texted("L", BEN) == "We find no ticket for this number."
    assert await lobby.texted("Who is there?", BEN) == ""
    await lobby.store.change_person(anna.id, phone=BEN)
    await lobby.texted("L", ANNA)
    assert (await now(lobby, anna)).state == before.state


async def test_an_erased_person_is_nobody(lobby: Lobby) -> None:
    anna = await lobby.join(phone=ANNA)
    await lobby.store.erase(anna.id)
    assert await lobby.texted("S") == "We find no ticket for this number."


@pytest.mark.parametrize("words", ["STOP", "stopp", "ARRET", "Alto"])
async def test_who_stops_is_let_be_at_once_and_asks_for_texts_again(lobby: Lobby, carrier: Carrier, words: str) -> None:
    await lobby.join(phone=ANNA)
    confirmed = "You get no more texts from us. Reply START to get them again."
    assert await lobby.texted(words) == ("" if words == "STOP" else confirmed)
    assert await lobby.texted(words) == ""
    await lobby.tell()
    assert carrier.posts == 0
    assert (await lobby.waits())[0].no_texts == "opted_out"
    assert (await lobby.waits())[0].state == "waiting"  # and is not taken out of the line
    assert await lobby.texted("S") == ""  # what would be said would not arrive
    assert await lobby.texted("START") == ""
    assert (await lobby.waits())[0].no_texts == ""
    await lobby.call_next()
    await lobby.tell()
    assert len(carrier.texts(ANNA)) == 1


async def test_what_the_carrier_made_of_a_text_counts(lobby: Lobby) -> None:
    await lobby.join(phone=ANNA)
    assert await lobby.texted("enough now", OptOutType="STOP") == ""
    assert (await lobby.waits())[0].no_texts == "opted_out"
    assert await lobby.texted("ok again", OptOutType="START") == ""
    assert (await lobby.waits())[0].no_texts == ""
    assert await lobby.texted("what is this", OptOutType="HELP") == ""
    assert (await lobby.waits())[0].notes == []


async def test_who_writes_too_often_is_not_listened_to_but_may_always_stop(lobby: Lobby) -> None:
    lobby.spends(per_number=100)
    await lobby.join(phone=ANNA)
    assert [bool(await lobby.texted("S")) for _ in range(22)] == [True] * 20 + [False] * 2
    await lobby.texted("STOP")
    assert (await lobby.waits())[0].no_texts == "opted_out"
    lobby.clock.pass_(h=1)
    await lobby.texted("START")
    assert await lobby.texted("S") != ""


@pytest.mark.parametrize("number", ["12345", "Hilltop", "", "+46700000001", "+1", "+468", "whatsapp:+46701740605"])
async def test_who_has_no_number_of_their_own_is_not_answered(lobby: Lobby, number: str) -> None:
    await lobby.join(phone=ANNA)
    before = await everything(lobby.store.connection)
    assert await lobby.texted("S", number) == ""
    assert await everything(lobby.store.connection) == before


async def test_what_the_carrier_has_not_signed_is_refused_and_does_nothing(lobby: Lobby, carrier: Carrier) -> None:
    await lobby.join(phone=ANNA)
    before = await everything(lobby.store.connection)
    call = carrier.brings("L", ANNA)
    for other in (
        call._replace(headers={}),
        call._replace(fields={**call.fields, "From": BEN}),
        signed(call.address, call.fields, "another"),
        signed(f"{BASE}/carrier/status/x", call.fields)._replace(address=call.address),
    ):
        assert (await lobby.hears(other)).status_code == 403
    assert await everything(lobby.store.connection) == before


async def test_no_number_is_kept_that_is_not_a_persons(lobby: Lobby) -> None:
    for words in ("S", "STOP", "START", "hello"):
        await lobby.texted(words, BEN)
    assert BEN[1:] not in await everything(lobby.store.connection)


@pytest.mark.parametrize("language", sorted(languages([TEMPLATES])))
async def test_every_answer_is_in_the_tickets_language_and_one_segment(lobby: Lobby, language: str) -> None:
    first = await lobby.join(phone=ANNA, locale=language)
    await lobby.join(phone=BEN)
    seen = []
    for words in ("S", "hello", "M", "M", "M", "H", "J", "L"):
        seen.append(await lobby.texted(words))
    booked = (await lobby.store.book("general", slot_at=lobby.clock.now + 9_000_000, phone=BEN, locale=language)).ticket
    await lobby.store.cancel((await lobby.waits())[0].id, reason=CloseReason.STAFF)
    assert booked
    seen += [await lobby.texted(words, BEN) for words in ("S", "H")]
    await lobby.join(phone=BEN, locale=language)
    seen += [await lobby.texted(words, BEN) for words in ("S", "1", "STOPP")]
    assert all(seen) and len(set(seen)) >= 10
    long = [text for text in seen if segments(text) > (2 if language == "ar" else 1)]
    assert long == []
    assert first.locale == language
