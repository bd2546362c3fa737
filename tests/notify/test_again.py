"""What did not get through is sent again when staff say so: once, under an id of its own, and only while it is true."""

import pytest

from callboard.domain.model import CloseReason, Ticket
from callboard.errors import Refusal, Refused
from callboard.notify.again import MessageAgain
from callboard.store.reads import Reads
from callboard.store.records import Record
from callboard.store.transitions import Store
from conftest import Clock
from notify.carrier import Carrier
from notify.conftest import ANNA, Office


@pytest.fixture
def again(texting: Office, reads: Reads, clock: Clock) -> MessageAgain:
    return MessageAgain(reads, texting.outbox, clock)


async def dead_call(texting: Office, carrier: Carrier) -> tuple[Ticket, Record]:
    """Somebody is called, and the text is refused."""
    anna = await texting.join(phone=ANNA)
    await texting.tell()
    carrier.misbehave.append(21617)
    await texting.call_next()
    await texting.tell()
    (record,) = [each for each in await texting.records() if each.kind == "your_turn"]
    assert record.state == "failed"
    return anna, record


async def test_a_dead_message_goes_out_once_however_often_it_is_asked_for(
    texting: Office, carrier: Carrier, again: MessageAgain
) -> None:
    _, record = await dead_call(texting, carrier)
    before = len(carrier.accepted)
    first = await again(record)
    await texting.tell()
    assert await again(record) == first != record.id
    await texting.tell()
    assert len(carrier.accepted) == before + 1
    ends = [(each.id, each.state) for each in await texting.records() if each.kind == "your_turn"]
    assert ends == [(record.id, "failed"), (first, "sent")]


async def test_one_that_dies_again_may_be_sent_again_too(
    texting: Office, carrier: Carrier, again: MessageAgain
) -> None:
    _, record = await dead_call(texting, carrier)
    carrier.misbehave.append(21617)
    await again(record)
    await texting.tell()
    newest = (await texting.records())[-1]
    assert newest.state == "failed" and ANNA not in newest.again
    await again(newest)
    await texting.tell()
    assert [each.state for each in (await texting.records())[-3:]] == ["failed", "failed", "sent"]


async def test_it_is_not_sent_when_the_ticket_stands_otherwise(
    texting: Office, carrier: Carrier, again: MessageAgain, store: Store, clock: Clock
) -> None:
    anna, record = await dead_call(texting, carrier)
    await store.put_back(anna.id)
    with pytest.raises(Refused) as refused:
        await again(record)
    assert refused.value.refusal == Refusal.STILL_WAITING
    clock.pass_(min=1)
    await store.call(anna.id, "d1")
    await texting.tell()
    with pytest.raises(Refused) as refused:
        await again(record)
    assert refused.value.refusal == Refusal.CHANGED_SINCE
    await store.cancel(anna.id, reason=CloseReason.STAFF)
    with pytest.raises(Refused) as refused:
        await again(record)
    assert refused.value.refusal == Refusal.TICKET_CLOSED


async def test_who_may_come_back_no_more_is_not_told_how_to(
    texting: Office, carrier: Carrier, again: MessageAgain, store: Store, clock: Clock
) -> None:
    anna, _ = await dead_call(texting, carrier)
    carrier.misbehave.append(21617)
    await store.no_show(anna.id)
    await texting.tell()
    missed = (await texting.records())[-1]
    assert (missed.kind, missed.state) == ("missed", "failed")
    clock.pass_(min=120)
    with pytest.raises(Refused) as refused:
        await again(missed)
    assert refused.value.refusal == Refusal.TOO_LATE


async def test_nobody_is_told_who_is_erased(
    texting: Office, carrier: Carrier, again: MessageAgain, store: Store
) -> None:
    anna, record = await dead_call(texting, carrier)
    await store.erase(anna.id)
    with pytest.raises(Refused) as refused:
        await again(record)
    assert refused.value.refusal == Refusal.NOT_FOUND
