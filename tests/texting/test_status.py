"""What the carrier tells of a text: forged it is refused, repeated or out of order it changes nothing."""

import random
from typing import Any

import pytest
from starlette.applications import Starlette

from callboard.app import create_app
from callboard.domain.directory import Directory
from callboard.store.redis import Connection
from conftest import Clock
from house import client, everything, make_services
from notify.carrier import TOKEN, Call, Carrier, signed
from notify.conftest import ANNA, BASE
from texting.conftest import Lobby

STEPS = ["queued", "sending", "sent", "delivered"]


async def said(lobby: Lobby) -> list[tuple[str, str]]:
    return [(record.state, record.said) for record in await lobby.records()]


async def test_staff_see_what_the_carrier_said_last_and_what_a_text_costs(lobby: Lobby, carrier: Carrier) -> None:
    await lobby.join(phone=ANNA)
    await lobby.tell()
    seen = []
    for status in STEPS:
        lobby.clock.pass_(s=1)
        assert (await lobby.hears(carrier.calls(0, status))).status_code == 204
        seen += await said(lobby)
    words = ["waits at the carrier", "is being sent", "handed to the phone's network", "delivered"]
    assert seen == [("sent", each) for each in words]
    (record,) = await lobby.records()
    assert (record.segments, record.said_at) == (1, lobby.clock.now)


async def test_in_any_order_and_however_often_the_last_word_is_the_same(lobby: Lobby, carrier: Carrier) -> None:
    chance = random.Random(7)
    for n in range(20):
        await lobby.join(phone=f"+467017406{n:02}")
    await lobby.tell()
    calls = [carrier.calls(n, status) for n in range(20) for status in STEPS[: n % 4] + ["delivered"] * 2]
    chance.shuffle(calls)
    for call in calls:
        assert (await lobby.hears(call)).status_code == 204
    assert {words for _, words in await said(lobby)} == {"delivered"}


async def test_what_is_delivered_stays_so(lobby: Lobby, carrier: Carrier) -> None:
    await lobby.join(phone=ANNA)
    await lobby.tell()
    for status in ("delivered", "sent", "undelivered", "failed", "queued"):
        await lobby.hears(carrier.calls(0, status, 30003 if status == "undelivered" else 0))
    assert await said(lobby) == [("sent", "delivered")]
    person = await lobby.services.reads.person((await lobby.records())[0].ticket)
    assert person and person.no_texts == ""


def forged(call: Call) -> list[tuple[Call, dict[str, str]]]:
    elsewhere = [call.address.replace(*each) for each in (("queue.example.org", "evil.example"), ("https:", "http:"))]
    return [
        (call._replace(headers={}), {}),
        (call, {"X-Twilio-Signature": "A" * 28}),
        (call._replace(fields={**call.fields, "MessageStatus": "delivered"}), {}),
        (call._replace(address=call.address.replace("taken", "your_turn")), {}),
        (call._replace(address=f"{call.address}?x=1"), {}),
        (signed(call.address, call.fields, "another secret"), {}),
        *((signed(other, call.fields)._replace(address=call.address), {}) for other in elsewhere),
    ]


async def test_what_the_carrier_has_not_signed_is_refused_and_changes_nothing(lobby: Lobby, carrier: Carrier) -> None:
    await lobby.join(phone=ANNA)
    await lobby.tell()
    before = await everything(lobby.store.connection)
    call = carrier.calls(0, "sent")
    for other, headers in forged(call):
        answer = await lobby.hears(other, **headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden_signature")
    assert await everything(lobby.store.connection) == before
    assert (await lobby.hears(call, Host="another.host", **{"X-Forwarded-Proto": "http"})).status_code == 204


async def test_a_body_that_is_no_form_is_refused(lobby: Lobby, carrier: Carrier) -> None:
    await lobby.join(phone=ANNA)
    await lobby.tell()
    call = carrier.calls(0, "sent")
    for body in (b"\xff\xfe", b"&".join(b"a=b" for _ in range(500))):
        answer = await lobby.server.post(call.address.removeprefix(BASE), content=body, headers=dict(call.headers))
        assert answer.status_code == 403


@pytest.mark.parametrize(
    ("code", "words", "word"),
    [
        (30006, "not delivered: a landline, or a carrier that takes no texts", "not_mobile"),
        (21610, "not delivered: the person has opted out of texts from this number", "opted_out"),
        (30003, "not delivered: the phone cannot be reached", "out_of_reach"),
        (30007, "not delivered: filtered by the carrier", "blocked"),
        (39999, "not delivered: error 39999", "failed"),
        (0, "not delivered: no reason given", "failed"),
    ],
)
async def test_a_text_that_arrives_nowhere_is_told_at_the_desk(
    lobby: Lobby, carrier: Carrier, code: int, words: str, word: str
) -> None:
    ticket = await lobby.join(phone=ANNA)
    await lobby.tell()
    for _ in range(3):
        await lobby.hears(carrier.calls(0, "undelivered", code))
    assert await said(lobby) == [("sent", words)]
    (waiting,) = (await lobby.services.screens.desk("d1")).waiting
    assert (waiting.id, waiting.no_texts) == (ticket.id, word)


async def test_a_landline_is_not_written_to_again(lobby: Lobby, carrier: Carrier) -> None:
    ticket = await lobby.join(phone=ANNA)
    await lobby.tell()
    await lobby.hears(carrier.calls(0, "undelivered", 30006))
    await lobby.call_next()
    await lobby.tell()
    assert len(carrier.accepted) == 1
    assert await lobby.told(ticket) == [("taken", "sent"), ("your_turn", "skipped")]
    assert (await lobby.records())[-1].detail == "not a number that takes texts"


async def test_a_number_that_is_refused_at_once_is_told_at_the_desk_and_let_be(lobby: Lobby, carrier: Carrier) -> None:
    carrier.misbehave.append(21614)
    await lobby.join(phone=ANNA)
    await lobby.tell()
    assert (await lobby.services.screens.desk("d1")).waiting[0].no_texts == "not_mobile"
    await lobby.call_next()
    await lobby.tell()
    assert carrier.posts == 1


async def test_an_opt_out_that_the_carrier_tells_of_is_kept_for_all_tickets(lobby: Lobby, carrier: Carrier) -> None:
    carrier.misbehave.append(21610)
    for _ in range(2):
        await lobby.join(phone=ANNA)
        await lobby.tell()
    assert carrier.posts == 1
    assert [t.no_texts for t in (await lobby.services.screens.desk("d1")).waiting] == ["opted_out"] * 2


async def test_a_phone_that_is_reached_again_is_no_worry(lobby: Lobby, carrier: Carrier) -> None:
    await lobby.join(phone=ANNA)
    await lobby.tell()
    await lobby.hears(carrier.calls(0, "undelivered", 30003))
    await lobby.call_next()
    await lobby.tell()
    await lobby.hears(carrier.calls(1, "delivered"))
    current = (await lobby.services.screens.desk("d1")).current
    assert current and current.no_texts == ""


async def test_a_lost_answer_is_known_when_the_carrier_has_called(lobby: Lobby, carrier: Carrier) -> None:
    carrier.misbehave.append("accept and lose")
    carrier.deaf = True
    await lobby.join(phone=ANNA)
    await lobby.tell()
    await lobby.hears(carrier.calls(0, "sent"))
    lobby.clock.pass_(min=2)
    await lobby.tell()
    assert await said(lobby) == [("sent", "handed to the phone's network")]
    assert (await lobby.records())[0].segments > 0
    assert (carrier.posts, carrier.lists) == (1, 0)


async def test_what_nobody_knows_is_heard_and_forgotten(lobby: Lobby) -> None:
    before = await everything(lobby.store.connection)
    fields = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": ANNA}
    for delivery in ("your_turn:00000000-0000-8000-8000-000000000000:sms:7", "nonsense", "a:b:c"):
        assert (await lobby.hears(signed(f"{BASE}/carrier/status/{delivery}", fields))).status_code == 204
    assert await everything(lobby.store.connection) == before


async def test_a_status_that_is_new_to_us_is_heard(lobby: Lobby, carrier: Carrier) -> None:
    await lobby.join(phone=ANNA)
    await lobby.tell()
    assert (await lobby.hears(carrier.calls(0, "partially_delivered"))).status_code == 204
    assert await said(lobby) == [("sent", "")]


@pytest.mark.parametrize("settings", [{}, {"twilio_auth_token": TOKEN}, {"public_url": BASE}])
async def test_where_no_carrier_could_call_there_is_nothing(
    connection: Connection, directory: Directory, clock: Clock, settings: dict[str, str]
) -> None:
    app: Starlette = create_app(make_services(connection, directory, clock, **dict[str, Any](settings)))
    call = signed(f"{BASE}/carrier/status/x", {"MessageStatus": "sent"})
    async with client(app) as server:
        answer = await server.post("/carrier/status/x", data=dict(call.fields), headers=dict(call.headers))
    assert answer.status_code == 404
