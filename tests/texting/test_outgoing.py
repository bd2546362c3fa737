"""What we answer to a text is a text too: it counts in the budget, staff see it, and it is erased with the person."""

import asyncio

import pytest
from msgspec.structs import replace

from callboard.domain.model import Ticket
from callboard.errors import StoreAway
from callboard.store.records import Record
from callboard.store.talks import Talks
from house import everything
from notify.carrier import Carrier
from notify.conftest import ANNA
from texting.conftest import Lobby

BEN = "+46701740606"
LEFT = "Hilltop Clinic: you have left the line. A001 is closed."


async def told(lobby: Lobby, ticket: Ticket) -> list[Record]:
    return await lobby.outbox.of_ticket("main", ticket.id)


async def test_a_reply_is_on_the_record_of_its_ticket_with_what_it_cost(lobby: Lobby) -> None:
    anna = await lobby.join(phone=ANNA, locale="ar")
    lobby.clock.pass_(min=1)
    said = await lobby.texted("S")
    (record,) = await told(lobby, anna)
    assert (record.kind, record.medium, record.state, record.segments) == ("reply", "sms", "sent", 1)
    assert (record.ticket_label, record.recipient, record.text) == ("A001", "+46•••05", said)
    assert (record.at, record.again, record.said) == (lobby.clock.now, "", "")


async def test_what_is_not_answered_is_on_no_record(lobby: Lobby) -> None:
    anna = await lobby.join(phone=ANNA)
    assert [await lobby.texted(words) for words in ("HELP", "STOP", "START")] == [""] * 3
    assert await told(lobby, anna) == []


async def test_a_question_which_ticket_is_meant_is_on_the_record_of_the_newest(lobby: Lobby) -> None:
    await lobby.join(phone=ANNA)
    lobby.clock.pass_(s=1)
    newest = await lobby.join(phone=ANNA)
    assert (await lobby.texted("M")).startswith("Which one?")
    assert [record.ticket for record in await lobby.records()] == [newest.id]


async def test_a_reply_to_who_holds_no_ticket_is_on_record_without_them(lobby: Lobby) -> None:
    assert await lobby.texted("S", BEN) == "We find no ticket for this number."
    (record,) = await lobby.records()
    assert (record.state, record.ticket, record.recipient) == ("sent", "", "")


async def test_a_reply_to_a_text_that_comes_again_counts_and_is_on_record_once(lobby: Lobby) -> None:
    lobby.spends(per_number=3)  # two of them for replies
    anna = await lobby.join(phone=ANNA)
    assert set(await asyncio.gather(*(lobby.texted("L", id=7) for _ in range(4)))) == {LEFT}
    assert await lobby.texted("L", id=7) == LEFT
    assert len(await told(lobby, anna)) == 1
    assert [bool(await lobby.texted("S", id=8)), bool(await lobby.texted("S", id=9))] == [True, False]


async def test_also_when_the_store_went_away_before_it_was_answered(
    lobby: Lobby, monkeypatch: pytest.MonkeyPatch
) -> None:
    lobby.spends(per_number=3)
    anna = await lobby.join(phone=ANNA)

    async def away(talks: Talks, text: str, answer: str) -> str:
        raise StoreAway

    with monkeypatch.context() as patched:
        patched.setattr(Talks, "answered", away)
        assert (await lobby.hears(lobby.carrier.brings("L", ANNA, id=7))).status_code == 503
    assert await lobby.texted("L", id=7) != ""
    assert [record.text for record in await told(lobby, anna)] == [LEFT]
    assert await lobby.texted("S", id=8) != ""


async def test_who_writes_a_lot_is_answered_no_more_and_still_hears_their_turn(lobby: Lobby, carrier: Carrier) -> None:
    lobby.spends(per_number=3)
    anna = await lobby.join(phone=ANNA)
    assert [bool(await lobby.texted("S")) for _ in range(3)] == [True, True, False]
    withheld = (await told(lobby, anna))[0]
    kept = "the rest of today's texts to this number is kept for what it must be told"
    assert (withheld.state, withheld.detail, withheld.text, withheld.segments) == ("failed", kept, "", 0)
    await lobby.call_next()
    await lobby.tell()
    assert len(carrier.texts(ANNA)) == 1


async def test_a_command_whose_reply_is_withheld_is_done(lobby: Lobby) -> None:
    lobby.spends(per_day=1)
    await lobby.join(phone=BEN)
    assert await lobby.texted("S", BEN) != ""
    anna = await lobby.join(phone=ANNA)
    assert [await lobby.texted("L", id=7) for _ in range(2)] == ["", ""]
    assert [ticket.label for ticket in await lobby.waits()] == ["A001"]
    (record,) = await told(lobby, anna)
    assert record.detail == "this location has sent as many texts today as it may"


async def test_replies_and_what_is_told_are_counted_together(lobby: Lobby, carrier: Carrier) -> None:
    lobby.spends(per_day=2)
    await lobby.join(phone=ANNA)
    await lobby.texted("S")
    await lobby.tell()
    await lobby.call_next()
    await lobby.tell()
    assert len(carrier.texts(ANNA)) == 1
    assert {record.detail for record in await lobby.records() if record.state == "failed"} == {
        "this location has sent as many texts today as it may"
    }


async def test_strangers_of_one_range_are_answered_up_to_its_limit(lobby: Lobby) -> None:
    lobby.spends(per_prefix=3)
    answers = [await lobby.texted("S", f"+4670174{n:04}") for n in range(5)]
    assert [bool(answer) for answer in answers] == [True] * 3 + [False] * 2
    assert await lobby.texted("S", "+46701740000") != ""  # is not new


async def test_what_was_answered_is_erased_with_the_person(lobby: Lobby) -> None:
    anna = await lobby.join(phone=ANNA)
    await lobby.texted("S")
    await lobby.store.erase(anna.id)
    await lobby.tell()
    (record,) = await told(lobby, anna)
    assert (record.state, record.segments, record.recipient, record.text) == ("sent", 1, "", "")


async def test_who_is_erased_at_this_moment_is_on_no_record(lobby: Lobby) -> None:
    anna = await lobby.join(phone=ANNA)
    await lobby.texted("S")
    (before,) = await told(lobby, anna)
    await lobby.store.erase(anna.id)
    assert await lobby.outbox.put_on_record(replace(before, id="another"))
    assert not await lobby.outbox.put_on_record(replace(before, id="another"))
    record = next(each for each in await told(lobby, anna) if each.id == "another")
    assert (record.recipient, record.text) == ("", "")
    assert record.ticket_label == "A001" and before.text not in str(record)


async def test_the_record_knows_the_carriers_text_and_nobodys_number(lobby: Lobby) -> None:
    anna = await lobby.join(phone=ANNA)
    await lobby.texted("S", id=7)
    await lobby.store.erase(anna.id)
    await lobby.tell()
    assert ANNA[1:] not in await everything(lobby.store.connection)


async def test_who_leaves_a_booking_by_text_is_answered_and_their_calendar_is_told(lobby: Lobby) -> None:
    slot = lobby.clock.now + 3 * 3_600_000
    anna = (await lobby.store.book("general", slot_at=slot, phone=ANNA, email="anna@example.org", locale="en")).ticket
    assert anna
    await lobby.tell()
    assert await lobby.texted("L") == "Hilltop Clinic: you have left the line. your booking is closed."
    await lobby.tell()
    gone = {(record.kind, record.medium) for record in await told(lobby, anna)} - {("booking_confirmed", "sms")}
    assert gone == {("booking_confirmed", "mail"), ("reply", "sms"), ("cancelled", "mail")}
