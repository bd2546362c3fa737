"""The carrier is busy, away, or loses its answer: nothing is lost, doubled or late, and calls do not wait for it."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random

import pytest

from conftest import Clock
from notify.carrier import Carrier
from notify.conftest import ANNA, Office


class Killed(BaseException):
    """What a process that is killed does not live to see."""


async def work_for(office: Office, clock: Clock, *, min: float) -> None:
    """As a worker does while that time passes."""
    for _ in range(round(min * 12)):
        await office.tell()
        clock.pass_(s=5)


async def test_a_text_arrives_and_the_number_is_masked_for_staff(texting: Office, carrier: Carrier) -> None:
    anna = await texting.join(phone=ANNA)
    await texting.tell()
    assert len(carrier.texts(ANNA)) == 1
    record = (await texting.records())[0]
    assert (record.state, record.recipient, record.ticket_label) == ("sent", "+46•••05", anna.label)
    assert record.text == carrier.texts()[0]


@pytest.mark.parametrize("mode", [429, 500, "accept and fail", "accept and lose"])
async def test_a_text_arrives_once_whatever_the_carrier_answers_at_first(
    texting: Office, carrier: Carrier, clock: Clock, mode: int | str
) -> None:
    anna = await texting.join(phone=ANNA)
    carrier.misbehave.extend([mode, mode])
    await work_for(texting, clock, min=2)
    assert len(carrier.accepted) == 1
    assert await texting.told(anna) == [("taken", "sent")]


async def test_a_carrier_that_is_away_is_tried_until_the_last_moment(
    texting: Office, carrier: Carrier, clock: Clock
) -> None:
    anna = await texting.join(phone=ANNA)
    await texting.tell()
    carrier.always = 429
    await texting.call_next()
    await work_for(texting, clock, min=6)
    assert await texting.told(anna) == [("taken", "sent"), ("your_turn", "expired")]
    assert (await texting.records())[-1].detail == "the carrier is busy"
    assert 5 <= carrier.posts - 1 <= 20
    carrier.always = None
    await work_for(texting, clock, min=1)
    assert len(carrier.accepted) == 1


async def test_a_carrier_that_comes_back_in_time_delivers(texting: Office, carrier: Carrier, clock: Clock) -> None:
    carrier.always = 503
    anna = await texting.join(phone=ANNA)
    await work_for(texting, clock, min=2)
    assert await texting.told(anna) == []
    carrier.always = None
    await work_for(texting, clock, min=2)
    assert await texting.told(anna) == [("taken", "sent")]
    assert len(carrier.accepted) == 1


async def test_what_may_have_arrived_is_said_so_at_the_end(texting: Office, carrier: Carrier, clock: Clock) -> None:
    anna = await texting.join(phone=ANNA)
    carrier.misbehave.append("accept and lose")
    carrier.deaf = True
    await work_for(texting, clock, min=11)
    assert await texting.told(anna) == [("taken", "unknown")]
    assert len(carrier.accepted) == 1


async def test_calls_do_not_wait_for_the_carrier(texting: Office, carrier: Carrier, clock: Clock) -> None:
    carrier.always = "hang"
    anna = await texting.join(phone=ANNA)
    called = await texting.call_next()
    assert called.id == anna.id
    await texting.store.start(anna.id)
    await texting.store.finish(anna.id)
    carrier.always = None
    await texting.tell()
    assert carrier.posts == 0
    assert sorted(await texting.told(anna)) == [("taken", "skipped"), ("your_turn", "skipped")]


async def test_a_refusal_for_good_is_not_repeated(texting: Office, carrier: Carrier, clock: Clock) -> None:
    anna = await texting.join(phone=ANNA)
    carrier.misbehave.append(21610)
    await work_for(texting, clock, min=5)
    assert carrier.posts == 1
    record = (await texting.records())[0]
    assert (record.ticket, record.state) == (anna.id, "failed")
    assert record.detail == "the person has opted out of texts from this number"


async def test_almost_is_not_sent_when_the_call_came_during_the_outage(
    texting: Office, carrier: Carrier, clock: Clock
) -> None:
    for _ in range(3):
        await texting.join()
    anna = await texting.join(phone=ANNA)
    await texting.tell()
    carrier.always = 503
    await texting.call_next()
    await texting.tell()
    for _ in range(3):
        await texting.call_next()
    carrier.always = None
    await work_for(texting, clock, min=2)
    told = sorted(await texting.told(anna))
    assert told == [("almost_your_turn", "skipped"), ("taken", "sent"), ("your_turn", "sent")]


async def test_almost_is_not_sent_to_who_was_called_and_waits_again(
    texting: Office, carrier: Carrier, clock: Clock
) -> None:
    for _ in range(3):
        await texting.join()
    anna = await texting.join(phone=ANNA)
    await texting.tell()
    carrier.always = 429
    await texting.call_next()
    await texting.tell()
    await texting.store.call(anna.id, "d2")
    await texting.store.undo("d2")
    carrier.always = None
    await work_for(texting, clock, min=2)
    assert [kind for kind, state in await texting.told(anna) if state == "sent"] == ["taken"]


async def test_almost_that_was_not_sent_because_of_a_step_back_is_sent_when_near_again(
    texting: Office, carrier: Carrier, clock: Clock
) -> None:
    for _ in range(3):
        await texting.join()
    anna = await texting.join(phone=ANNA)
    for _ in range(3):
        await texting.join()
    await texting.tell()
    carrier.always = 429
    await texting.call_next()
    await texting.tell()
    await texting.store.postpone(anna.id, places=3)
    carrier.always = None
    await work_for(texting, clock, min=1)
    assert ("almost_your_turn", "skipped") in await texting.told(anna)
    for _ in range(3):
        await texting.call_next()
    await texting.tell()
    assert await texting.told(anna) == [
        ("taken", "sent"),
        ("almost_your_turn", "skipped"),
        ("almost_your_turn", "sent"),
    ]


async def test_of_two_calls_that_waited_for_the_carrier_only_the_newer_is_told(
    texting: Office, carrier: Carrier, clock: Clock
) -> None:
    anna = await texting.join(phone=ANNA)
    await texting.tell()
    carrier.always = 429
    await texting.call_next()
    await texting.tell()
    clock.pass_(s=40)
    await texting.store.recall(anna.id)
    await texting.tell()
    carrier.always = None
    await work_for(texting, clock, min=2)
    told = await texting.told(anna)
    assert sorted(told) == [("called_again", "sent"), ("taken", "sent"), ("your_turn", "skipped")]
    assert len(carrier.texts(ANNA)) == 2


async def test_a_crash_between_sending_and_writing_it_down_sends_nothing_twice(
    texting: Office, carrier: Carrier, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The carrier is asked first by whoever takes the delivery up."""
    anna = await texting.join(phone=ANNA)

    async def crash(*given: object, **more: object) -> bool:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(texting.outbox, "close", crash)
        with pytest.raises(BaseExceptionGroup):
            await texting.tell()
    assert len(carrier.accepted) == 1
    survivor = texting.another("two")
    await survivor.run(until_idle=True)
    assert carrier.lists == 0  # the lease still holds
    clock.pass_(s=61)
    await survivor.run(until_idle=True)
    assert (carrier.posts, carrier.lists) == (1, 1)
    assert await texting.told(anna) == [("taken", "sent")]


async def test_a_busy_carrier_is_probed_by_one_text_at_a_time(texting: Office, carrier: Carrier, clock: Clock) -> None:
    for number in range(30):
        await texting.join(phone=f"+4670{number:02}740605")
    carrier.always = 429
    await texting.tell()
    assert carrier.posts <= 8
    clock.pass_(s=2)
    before = carrier.posts
    await texting.tell()
    assert carrier.posts == before + 1
    carrier.always = None
    await work_for(texting, clock, min=2)
    assert len(set(carrier.texts())) == len(carrier.accepted) == 30


@pytest.mark.proof
@pytest.mark.timeout(300)
async def test_kills_and_a_bad_carrier_lose_no_text_and_double_none(
    texting: Office, carrier: Carrier, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = Random(11)
    kills = 0
    monkeypatch.setattr("callboard.delivery.attempt.CRASHES", 1000)  # each kill here takes all that is under way along
    for name in ("keep", "close"):
        does = getattr(texting.outbox, name)

        async def may_kill(*given: object, does: Callable[..., Awaitable[bool]] = does, **more: object) -> bool:
            nonlocal kills
            result = await does(*given, **more) if dice.random() < 0.5 else None
            if dice.random() < 0.08:
                kills += 1
                raise Killed
            return await does(*given, **more) if result is None else result

        monkeypatch.setattr(texting.outbox, name, may_kill)
    numbers = [f"+4670{number:02}740605" for number in range(40)]
    for number in numbers:
        await texting.join(phone=number)
    faults: list[int | str] = [429, 500, "accept and fail", "accept and lose"]
    for _ in range(145):  # until it would be too late for them
        carrier.misbehave.append(dice.choice(faults))
        with suppress(Killed, BaseExceptionGroup):
            await texting.another(f"w{kills}").run(until_idle=True)
        clock.pass_(s=4)
    assert kills >= 5
    assert sorted(form["To"] for form in carrier.accepted) == numbers
    assert [record.state for record in await texting.records()] == ["sent"] * 40
