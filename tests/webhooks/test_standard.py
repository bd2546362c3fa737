"""Our own words for webhooks follow Standard Webhooks: their library reads them, and what fails is tried for days."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, get_type_hints

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from callboard import noticed
from callboard.api import shapes
from callboard.domain.events import Kind
from callboard.domain.watch import Watch
from callboard.noticed import SHAPE, OwnShape, options
from callboard.store.signing_keys import SigningKey
from callboard.webhooks.schedule import PAUSES_S, pause_ms
from callboard.webhooks.sign import signed
from conftest import Clock
from store.test_transitions import take
from webhooks.conftest import Office
from webhooks.receiver import Answer, Got

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS


@pytest.fixture
def own(office: Office) -> Office:
    """One whose receivers read our own words."""
    office.shapes = {"plain": office.shape, SHAPE: OwnShape()}
    office.worker = office.another()
    return office


async def watched(office: Office, path: str = "/hook", **more: Any) -> tuple[Watch, SigningKey]:
    key = await office.signing.make("hook", organization="hilltop")
    return await office.watch(path, shape=SHAPE, signing_keys=(key.id,), **more), key


def verified(got: Got, secret: str) -> Any:
    return Webhook(secret).verify(got.body, dict(got.headers))


async def test_what_comes_is_what_their_library_verifies(own: Office) -> None:
    own.clock.now = round(datetime.now(UTC).timestamp() * 1000)  # it looks at the clock on the wall
    _, key = await watched(own)
    ticket = await own.join(name="Ada Canary", phone="+46701740605", email="ada.canary@example.org")
    await own.store.call(ticket.id, "d1")
    await own.tell()
    bodies = sorted((verified(got, key.secret) for got in own.receiver.got), key=lambda body: body["data"]["seq"])
    assert [body["type"] for body in bodies] == ["ticket.joined", "ticket.called"]
    joined, called = (body["data"] for body in bodies)
    assert (joined["ticket"]["id"], joined["ticket"]["state"], called["ticket"]["desk"]) == (ticket.id, "waiting", "d1")
    assert joined["ticket"]["rev"] < called["ticket"]["rev"] and joined["seq"] < called["seq"]
    assert datetime.fromisoformat(bodies[0]["timestamp"]).timestamp() * 1000 == own.clock.now
    for got in own.receiver.at("/hook"):
        assert b"anary" not in got.body and b"740605" not in got.body
        with pytest.raises(WebhookVerificationError):
            Webhook(key.secret).verify(got.body + b" ", dict(got.headers))


def test_a_ticket_is_told_in_the_words_of_the_api() -> None:
    api, own = get_type_hints(shapes.Ticket), get_type_hints(noticed.Ticket)
    assert own == {name: api[name] for name in own}


async def test_while_a_secret_is_turned_both_verify(own: Office) -> None:
    own.clock.now = round(datetime.now(UTC).timestamp() * 1000)
    first = await own.signing.make("hook", organization="hilltop")
    own.signing = type(own.signing)(own.store.connection, own.clock, lambda count: bytes(reversed(range(count))))
    second = await own.signing.make("hook", organization="hilltop")
    await own.signing.end("hilltop", first.id, own.clock.now + MINUTE_MS)
    await own.watch(shape=SHAPE, signing_keys=(second.id, first.id))
    await own.join()
    await own.tell()
    (got,) = own.receiver.got
    assert verified(got, first.secret) == verified(got, second.secret)
    own.clock.pass_(min=1)
    assert [key.id for key in await own.signing.of("hilltop", (second.id, first.id))] == [second.id]


def test_the_vector_of_the_specification() -> None:
    key = SigningKey(id="a", name="", organization="", secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", created_at=0)
    headers = signed("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330_000, b'{"test": 2432232314}', [key])
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def attempts(office: Office, clock: Clock, days: float) -> list[int]:
    """When the receiver was asked, after the first time, as time passes."""
    began, asked = clock.now, [clock.now]
    while clock.now < began + days * DAY_MS:
        before = len(office.receiver.got)
        due = (await office.outbox.next_due(range(16), "post")).values()
        if not due:
            break
        await office.tell(ms=max(min(due) - clock.now, 1))
        asked += [clock.now] * (len(office.receiver.got) - before)
    return asked


async def test_what_is_not_taken_is_tried_on_the_schedule_of_the_specification(own: Office, clock: Clock) -> None:
    await watched(own)
    own.receiver.always["/hook"] = Answer(500)
    await own.join()
    await own.tell()
    asked = await attempts(own, clock, 5)
    pauses = [(later - before) / 1000 for before, later in pairwise(asked)]
    assert len(pauses) == len(PAUSES_S) == 9
    assert all(0.8 * wanted <= pause <= 1.2 * wanted for pause, wanted in zip(pauses, PAUSES_S, strict=True)), pauses
    assert (await own.ends())[-1] == ("failed", "answered 500: given up after 10 attempts")
    assert len({got.id for got in own.receiver.got}) == 1


def test_what_failed_together_does_not_come_back_together() -> None:
    assert (pause_ms(0, lambda: 0.0), pause_ms(0, lambda: 1.0)) == (4000, 6000)
    assert pause_ms(len(PAUSES_S), lambda: 0.5) is None


async def test_a_receiver_that_says_when_is_asked_then(own: Office, clock: Clock) -> None:
    await watched(own)
    own.receiver.answers["/hook"].append(Answer(429, {"Retry-After": "600"}))
    await own.join()
    await own.tell()
    assert (await attempts(own, clock, 1))[1] - clock.now == 0
    assert (await own.ends()) == [("sent", "answered 204")]
    assert len(own.receiver.got) == 2


async def test_who_comes_back_is_told_what_is_new_at_once_and_the_old_when_it_is_due(own: Office) -> None:
    await watched(own)
    own.receiver.answers["/hook"] += [Answer(503), Answer(503)]
    ticket = await own.join()
    await own.tell()
    await own.tell(ms=6_000)  # the second attempt, refused too: the third is in five minutes
    await own.store.call(ticket.id, "d1")
    await own.tell(ms=2_000)
    assert [got.json()["type"] for got in own.receiver.got][2:] == ["ticket.called"]
    await own.tell(ms=6 * MINUTE_MS)
    assert [got.json()["data"]["ticket"]["state"] for got in own.receiver.got][2:] == ["called", "waiting"]


async def test_it_is_told_of_a_ticket_that_is_forgotten_too(own: Office, clock: Clock) -> None:
    await watched(own)
    own.receiver.always["/hook"] = Answer(500)
    ticket = await own.join()
    await own.store.cancel(ticket.id, reason="customer")  # type: ignore[arg-type]
    await own.tell()
    for _ in range(3):
        clock.pass_(h=24)
        await own.store.reset("main")
    own.receiver.always.clear()
    for _ in range(2):
        await own.tell(ms=MINUTE_MS)  # it rests for a moment after a failure
    assert {got.json()["type"] for got in own.receiver.got[-2:]} == {"ticket.joined", "ticket.cancelled"}


async def test_it_hears_of_the_kinds_that_it_wants_alone(own: Office) -> None:
    await watched(own, options=options((Kind.CALLED,)))
    ticket = await take(own.store)
    await own.store.call(ticket, "d1")
    await own.store.open_queue("general")
    await own.tell()
    assert [got.json()["type"] for got in own.receiver.got] == ["ticket.called"]


async def test_a_receiver_that_wants_no_more_is_told_no_more(own: Office) -> None:
    watch, _ = await watched(own)
    own.receiver.answers["/hook"].append(Answer(410))
    await own.join()
    await own.tell()
    await own.join()
    await own.tell()
    assert len(own.receiver.got) == 1
    assert not (await own.watches.all("hilltop"))[watch.id].enabled
    assert [(told, why) for told, why, _ in own.ended] == [(watch.id, "answered 410: it wants no more")]
