"""Text messages against a carrier that speaks Twilio's HTTP: what each of its answers means."""

import logging
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from callboard.delivery.model import Answer, Delivery, Later, Never, Sent, Unknown
from callboard.notify.render import Message
from callboard.notify.sms import Account, Sms
from conftest import START, Clock
from notify.carrier import Carrier
from notify.conftest import ANNA

TEXT = Message(language="en", text="Hilltop Clinic: A017, it is your turn.", venue="Hilltop Clinic")
TURN = Delivery(
    id="your_turn:t1:sms:7", kind="your_turn", lane="sms", location="main", ticket="t1", at=START, until=START + 300_000
)
Make = Callable[..., Sms]


async def send(sms: Sms, delivery: Delivery = TURN) -> Answer:
    async def mark(text: str) -> None:
        assert text == TEXT.text

    return await sms.send(ANNA, TEXT, delivery, mark)


def asked(at: int = START) -> Delivery:
    """The same delivery when the answer to an attempt at that moment was lost."""
    return replace(TURN, trying=TEXT.text, trying_at=at)


async def test_a_text_goes_out_and_is_valid_until_its_last_moment(make_sms: Make, carrier: Carrier) -> None:
    assert await send(make_sms()) == Sent("SM" + "1".zfill(32), segments=1)
    assert carrier.accepted == [
        {"To": ANNA, "From": "+46700000001", "Body": TEXT.text, "ValidityPeriod": "300"},
    ]


async def test_a_messaging_service_may_choose_the_number(make_sms: Make, carrier: Carrier) -> None:
    await send(make_sms(sender="", service="MG1"))
    assert carrier.accepted[0]["MessagingServiceSid"] == "MG1"
    assert "From" not in carrier.accepted[0]


async def test_the_mark_is_made_before_anything_leaves(make_sms: Make, carrier: Carrier) -> None:
    async def mark(text: str) -> None:
        assert carrier.posts == 0
        raise StopAsyncIteration

    with pytest.raises(StopAsyncIteration):
        await make_sms().send(ANNA, TEXT, TURN, mark)
    assert carrier.posts == 0


@pytest.mark.parametrize("code", [21211, 21610, 21614, 21408, 30006, 21999])
async def test_some_refusals_are_for_good(make_sms: Make, carrier: Carrier, code: int) -> None:
    carrier.misbehave.append(code)
    assert isinstance(await send(make_sms()), Never)
    assert carrier.posts == 1


async def test_an_opt_out_is_said_in_words(make_sms: Make, carrier: Carrier) -> None:
    carrier.misbehave.append(21610)
    assert await send(make_sms()) == Never("the person has opted out of texts from this number", "opted_out")


async def test_a_busy_carrier_is_left_alone_as_long_as_it_asks(make_sms: Make, carrier: Carrier) -> None:
    carrier.misbehave.append(429)
    carrier.rest_s = 17
    assert await send(make_sms()) == Later("the carrier is busy", busy=True, after_ms=17_000)
    carrier.misbehave.append(429)
    carrier.rest_s = 86_400
    assert await send(make_sms()) == Later("the carrier is busy", busy=True, after_ms=600_000)


async def test_the_carrier_is_told_where_to_tell_what_becomes_of_a_text(make_sms: Make, carrier: Carrier) -> None:
    await send(make_sms(callbacks="https://queue.example.org/carrier/status"))
    assert carrier.accepted[0]["StatusCallback"] == f"https://queue.example.org/carrier/status/{TURN.id}"


@pytest.mark.parametrize("mode", [429, 20429, 21611, 401])
async def test_a_busy_carrier_is_asked_later_and_nothing_has_left(make_sms: Make, carrier: Carrier, mode: int) -> None:
    carrier.misbehave.append(mode)
    answer = await send(make_sms())
    assert isinstance(answer, Later)
    assert answer.busy
    assert carrier.posts == 1


@pytest.mark.parametrize("mode", [500, 503, "accept and fail", "accept and lose", "hang"])
async def test_a_failure_or_a_lost_answer_is_not_known(make_sms: Make, carrier: Carrier, mode: int | str) -> None:
    carrier.misbehave.append(mode)
    assert isinstance(await send(make_sms(timeout_s=0.3)), Unknown)
    assert carrier.posts == 1


async def test_a_carrier_that_cannot_be_reached_has_taken_nothing(make_sms: Make) -> None:
    answer = await send(make_sms(api_base="http://127.0.0.1:1"))
    assert isinstance(answer, Later)
    assert answer.busy


async def test_the_carrier_is_asked_what_became_of_a_text(make_sms: Make, carrier: Carrier) -> None:
    sms = make_sms()
    carrier.misbehave.append("accept and lose")
    assert await sms.find(ANNA, asked()) is None
    await send(sms)
    assert await sms.find(ANNA, asked()) == Sent("SM" + "1".zfill(32), segments=1)
    assert await sms.find("+46701740606", asked()) is None


async def test_an_older_text_of_the_same_words_is_not_the_one(make_sms: Make, carrier: Carrier, clock: Clock) -> None:
    sms = make_sms()
    await send(sms)
    clock.pass_(min=10)
    assert await sms.find(ANNA, asked(clock.now)) is None


async def test_a_carrier_that_cannot_be_asked_leaves_it_unknown(make_sms: Make, carrier: Carrier) -> None:
    carrier.deaf = True
    assert isinstance(await make_sms().find(ANNA, asked()), Unknown)


async def test_a_closed_client_opens_again(make_sms: Make, carrier: Carrier) -> None:
    sms = make_sms()
    await send(sms)
    await sms.close()
    await send(sms)
    assert carrier.posts == 2


async def test_no_number_text_or_secret_reaches_the_log(
    make_sms: Make, carrier: Carrier, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    carrier.misbehave.append(21211)
    sms = make_sms()
    await send(sms)
    await sms.find(ANNA, asked())
    logged = "".join(record.getMessage() for record in caplog.records if record.name != "uvicorn.access")  # the fake's
    for private in (ANNA, ANNA[1:], TEXT.text, "carrier-secret"):
        assert private not in logged
    assert "carrier-secret" not in repr(Account(sid="AC1", token="carrier-secret"))
