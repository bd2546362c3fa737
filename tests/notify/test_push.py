"""Push and text: of every message to a phone exactly one of the two, and the free one where it works."""

import logging

import pytest
from msgspec.structs import replace

from callboard.domain.model import CloseReason, Ticket
from callboard.notify.instead import CALL_MS, PATIENCE_MS
from callboard.notify.push import Push
from callboard.notify.shown import Shown
from callboard.outside.http import Client
from callboard.store.push_keys import PushKeys
from callboard.store.reads import Reads
from callboard.store.transitions import Store
from conftest import Clock
from displays.samples import pushed
from notify.carrier import Carrier
from notify.conftest import ANNA, Office
from notify.push_service import Answer, PushService


async def subscribed(office: Office, service: PushService, *names: str, **who: str) -> Ticket:
    """Somebody with a ticket whose browsers show notifications, and who has a number unless said otherwise."""
    ticket = await office.join(**({"phone": ANNA} | who))
    for name in names or ("phone",):
        await office.store.subscribe(ticket.id, service.browser(name).subscription)
    return ticket


async def ways(office: Office, ticket: Ticket) -> list[tuple[str, str, str]]:
    return [(r.kind, r.medium, r.state) for r in await office.records() if r.ticket == ticket.id]


async def pushed_ids(reads: Reads, ticket: Ticket) -> list[str]:
    person = await reads.person(ticket.id)
    assert person is not None
    return [each.id for each in person.pushes]


async def test_a_push_goes_instead_of_a_text_and_only_its_browser_reads_it(
    pushing: Office, push_service: PushService, carrier: Carrier, reads: Reads
) -> None:
    anna = await subscribed(pushing, push_service)
    await pushing.call_next()
    await pushing.tell()
    assert sorted(await ways(pushing, anna)) == [("taken", "push", "skipped"), ("your_turn", "push", "sent")]
    assert carrier.texts() == []
    (said,) = push_service.taken()
    person = await reads.person(anna.id)
    assert person is not None
    assert (said["title"], said["body"]) == ("Hilltop Clinic", "A001, it is your turn. Please go to desk 1.")
    assert (said["token"], said["tag"], said["lang"], said["dir"]) == (person.token, anna.id, "en", "ltr")
    assert said["stays"] is True
    assert said.keys() == pushed("", "").keys()  # what the page's worker is tested with
    assert [each["title"] for each in said["actions"]] == ["I am coming", "I need a moment"]
    assert said["said"]["coming"] and said["said"]["failed"]


async def test_the_push_service_is_told_how_long_how_urgent_and_what_it_replaces(
    pushing: Office, push_service: PushService, clock: Clock
) -> None:
    first, second = await subscribed(pushing, push_service), await subscribed(pushing, push_service, "other")
    await pushing.tell()
    clock.pass_(s=5)
    await pushing.call_next()
    clock.pass_(s=1)
    await pushing.tell()
    one, other, call = push_service.got
    assert (one.headers["ttl"], one.headers["urgency"]) == (str(10 * 60), "normal")
    assert (call.headers["ttl"], call.headers["urgency"]) == (str(5 * 60 - 1), "high")
    assert one.headers["topic"] == call.headers["topic"] != other.headers["topic"]
    assert [first.id, second.id] == [one.said["tag"], other.said["tag"]]
    assert [each["body"] for each in push_service.kept["phone"].values()] == [
        "A001, it is your turn. Please go to desk 1."
    ]


@pytest.mark.parametrize("locale", ["sv", "ar"])
async def test_everybody_reads_their_own_language(pushing: Office, push_service: PushService, locale: str) -> None:
    await subscribed(pushing, push_service, locale=locale)
    await pushing.tell()
    (said,) = push_service.taken()
    assert (said["lang"], said["dir"]) == (locale, {"sv": "ltr", "ar": "rtl"}[locale])
    assert {"sv": "Ditt nummer är A001", "ar": "رقمك A001"}[locale] in said["body"]


@pytest.mark.parametrize("status", [404, 410])
async def test_a_browser_that_is_gone_is_forgotten_and_a_text_goes_at_once(
    pushing: Office, push_service: PushService, carrier: Carrier, reads: Reads, status: int
) -> None:
    anna = await subscribed(pushing, push_service)
    push_service.always["phone"] = Answer(status)
    await pushing.tell()
    assert await ways(pushing, anna) == [("taken", "push", "instead"), ("taken", "sms", "sent")]
    assert await pushed_ids(reads, anna) == []
    await pushing.call_next()
    await pushing.tell()
    assert (await ways(pushing, anna))[2:] == [("your_turn", "sms", "sent")]
    assert len(push_service.got) == 1
    assert len(carrier.texts()) == 2


@pytest.mark.parametrize("status", [301, 400, 401, 403, 413])
async def test_what_a_push_service_refuses_goes_as_a_text_at_once_and_never_again_as_a_push(
    pushing: Office, push_service: PushService, carrier: Carrier, reads: Reads, clock: Clock, status: int
) -> None:
    anna = await subscribed(pushing, push_service)
    push_service.always["phone"] = Answer(status, {"Location": push_service.base + "/push/phone"})
    await pushing.tell()
    clock.pass_(s=90)
    await pushing.tell()
    assert await ways(pushing, anna) == [("taken", "push", "instead"), ("taken", "sms", "sent")]
    assert len(push_service.got) == 1
    assert len(carrier.texts()) == 1
    assert await pushed_ids(reads, anna) == ["phone"]


@pytest.mark.parametrize("trouble", [Answer(500), Answer(503), Answer(429), Answer(hang=True)])
async def test_a_call_that_is_not_taken_within_seconds_goes_as_a_text(
    pushing: Office, push_service: PushService, carrier: Carrier, clock: Clock, trouble: Answer
) -> None:
    anna = await subscribed(pushing, push_service)
    await pushing.tell()
    push_service.always["phone"] = trouble
    await pushing.call_next()
    began = clock.now
    while not carrier.texts() and clock.now - began < 60_000:
        await pushing.tell()
        clock.pass_(s=1)
    assert clock.now - 1000 - began <= CALL_MS
    clock.pass_(s=60)
    push_service.always.clear()
    await pushing.tell()
    assert len(carrier.texts()) == 1
    assert (await ways(pushing, anna))[1:] == [("your_turn", "push", "instead"), ("your_turn", "sms", "sent")]


async def test_a_push_service_that_is_away_for_a_moment_is_tried_again(
    pushing: Office, push_service: PushService, carrier: Carrier, clock: Clock
) -> None:
    anna = await subscribed(pushing, push_service)
    push_service.answers["phone"].extend([Answer(503), Answer(503), Answer(502)])
    for _ in range(9):
        await pushing.tell()
        clock.pass_(s=5)
    assert await ways(pushing, anna) == [("taken", "push", "sent")]
    assert carrier.texts() == []


async def test_what_is_not_urgent_waits_longer_before_it_costs_a_text(
    pushing: Office, push_service: PushService, carrier: Carrier, clock: Clock
) -> None:
    anna = await subscribed(pushing, push_service)
    push_service.always["phone"] = Answer(503)
    began = clock.now
    while not carrier.texts() and clock.now - began < 2 * PATIENCE_MS:
        await pushing.tell()
        clock.pass_(s=5)
    assert CALL_MS < clock.now - began <= PATIENCE_MS + 5000
    assert (await ways(pushing, anna))[-1] == ("taken", "sms", "sent")


async def test_who_asks_for_more_time_than_a_call_has_is_not_waited_for(
    pushing: Office, push_service: PushService, carrier: Carrier, clock: Clock
) -> None:
    await subscribed(pushing, push_service)
    await pushing.tell()
    push_service.always["phone"] = Answer(429, {"Retry-After": "30"})
    await pushing.call_next()
    await pushing.tell()
    assert len(carrier.texts()) == 1


async def test_a_push_service_that_asks_for_rest_gets_it_and_the_text_goes(
    pushing: Office, push_service: PushService, carrier: Carrier, clock: Clock
) -> None:
    """Nobody asks it for somebody else either."""
    await subscribed(pushing, push_service, "a")
    push_service.always["a"] = Answer(429, {"Retry-After": "300"})
    await pushing.tell()
    await subscribed(pushing, push_service, "b")
    await pushing.tell()
    assert [got.browser for got in push_service.got] == ["a"]
    assert len(carrier.texts()) == 2


async def test_without_a_number_it_is_tried_until_it_is_worth_nothing(
    pushing: Office, push_service: PushService, clock: Clock
) -> None:
    anna = await subscribed(pushing, push_service, phone="")
    push_service.always["phone"] = Answer(503)
    for _ in range(15):
        await pushing.tell()
        clock.pass_(s=61)
    assert await ways(pushing, anna) == [("taken", "push", "expired")]
    assert 8 < len(push_service.got) < 12


async def test_a_lost_answer_is_asked_for_again_and_the_second_takes_the_place_of_the_first(
    pushing: Office, push_service: PushService, carrier: Carrier, clock: Clock
) -> None:
    anna = await subscribed(pushing, push_service)
    push_service.answers["phone"].append(Answer(lose=True))
    await pushing.tell()
    clock.pass_(s=3)
    await pushing.tell()
    assert await ways(pushing, anna) == [("taken", "push", "sent")]
    assert len(push_service.got) == 2
    assert len(push_service.kept["phone"]) == 1
    assert carrier.texts() == []


async def test_all_browsers_of_a_person_are_told_and_one_that_takes_it_is_enough(
    pushing: Office, push_service: PushService, carrier: Carrier, reads: Reads
) -> None:
    anna = await subscribed(pushing, push_service, "phone", "laptop", "old")
    push_service.always["old"] = Answer(410)
    push_service.always["laptop"] = Answer(500)
    await pushing.tell()
    assert await ways(pushing, anna) == [("taken", "push", "sent")]
    assert {got.browser for got in push_service.got} == {"phone", "laptop", "old"}
    assert await pushed_ids(reads, anna) == ["phone", "laptop"]
    assert carrier.texts() == []


async def test_who_was_texted_is_not_pushed_the_same_when_they_subscribe_later(
    pushing: Office, push_service: PushService, carrier: Carrier
) -> None:
    anna = await pushing.join(phone=ANNA)
    await pushing.tell()
    await pushing.store.subscribe(anna.id, push_service.browser().subscription)
    await pushing.tell()
    assert (len(carrier.texts()), push_service.taken()) == (1, [])
    await pushing.call_next()
    await pushing.tell()
    assert (len(carrier.texts()), len(push_service.taken())) == (1, 1)


async def test_almost_follows_the_first_word_whichever_way_that_went(
    pushing: Office, push_service: PushService, carrier: Carrier
) -> None:
    for _ in range(4):
        await pushing.join()
    anna = await pushing.join(phone=ANNA)
    await pushing.tell()
    await pushing.store.subscribe(anna.id, push_service.browser().subscription)
    for _ in range(4):
        await pushing.call_next()
        await pushing.tell()
    assert await ways(pushing, anna) == [("taken", "sms", "sent"), ("almost_your_turn", "push", "sent")]
    assert [each["action"] for each in push_service.taken()[0]["actions"]] == ["coming", "more_time"]


async def test_who_has_pushed_and_unsubscribes_is_texted_from_then_on_and_nothing_twice(
    pushing: Office, push_service: PushService, carrier: Carrier
) -> None:
    anna = await subscribed(pushing, push_service)
    await pushing.tell()
    await pushing.store.unsubscribe(anna.id, "phone")
    await pushing.tell()
    await pushing.call_next()
    await pushing.tell()
    assert await ways(pushing, anna) == [("taken", "push", "sent"), ("your_turn", "sms", "sent")]


async def test_who_unsubscribes_before_it_is_sent_gets_a_text_or_nothing(
    pushing: Office, push_service: PushService, carrier: Carrier
) -> None:
    people = [await subscribed(pushing, push_service, "a"), await subscribed(pushing, push_service, "b", phone="")]
    push_service.always |= {"a": Answer(503), "b": Answer(503)}
    await pushing.tell()
    for person, browser in zip(people, "ab", strict=True):
        await pushing.store.unsubscribe(person.id, browser)
    pushing.clock.pass_(s=5)
    await pushing.tell()
    assert await ways(pushing, people[0]) == [("taken", "push", "instead"), ("taken", "sms", "sent")]
    assert await ways(pushing, people[1]) == [("taken", "push", "skipped")]


async def test_who_has_opted_out_of_texts_gets_none_instead_of_a_push(
    pushing: Office, push_service: PushService, carrier: Carrier, clock: Clock
) -> None:
    anna = await subscribed(pushing, push_service)
    await pushing.opt_outs.refuse("sms", ANNA)
    push_service.answers["phone"].append(Answer(503))
    await pushing.tell()
    clock.pass_(s=70)
    await pushing.tell()
    assert await ways(pushing, anna) == [("taken", "push", "sent")]
    assert carrier.texts() == []


async def test_where_texts_are_only_shown_to_staff_a_busy_push_service_is_waited_for(
    store: Store, reads: Reads, clock: Clock, office: Office, push: Push, push_service: PushService
) -> None:
    showing = Office(store, reads, clock, {"sms": Shown(), "mail": Shown()}, push)
    anna = await subscribed(showing, push_service)
    push_service.answers["phone"].extend([Answer(503, {"Retry-After": "90"})])
    await showing.tell()
    clock.pass_(s=91)
    await showing.tell()
    assert await ways(showing, anna) == [("taken", "push", "sent")]


async def test_an_address_in_a_private_network_is_not_spoken_to(
    pushing: Office, push: Push, push_service: PushService, carrier: Carrier
) -> None:
    push._client = Client(())
    anna = await subscribed(pushing, push_service)
    await pushing.tell()
    assert push_service.got == []
    assert await ways(pushing, anna) == [("taken", "push", "instead"), ("taken", "sms", "sent")]
    await push._client.close()


async def test_a_key_that_is_none_costs_a_text_and_breaks_nothing(
    pushing: Office, push_service: PushService, carrier: Carrier
) -> None:
    anna = await pushing.join(phone=ANNA)
    broken = replace(push_service.browser().subscription, p256dh="BAAA")
    await pushing.store.subscribe(anna.id, broken)
    await pushing.tell()
    assert await ways(pushing, anna) == [("taken", "push", "instead"), ("taken", "sms", "sent")]


async def test_nothing_is_pushed_after_its_moment_or_when_it_is_not_true_any_more(
    pushing: Office, push_service: PushService, carrier: Carrier, clock: Clock
) -> None:
    late, gone = await subscribed(pushing, push_service, "a"), await subscribed(pushing, push_service, "b")
    await pushing.store.cancel(gone.id, reason=CloseReason.CUSTOMER)
    clock.pass_(min=11)
    await pushing.tell()
    assert (push_service.got, carrier.texts()) == ([], [])
    assert {state for person in (late, gone) for _, _, state in await ways(pushing, person)} <= {"expired", "skipped"}


async def test_where_notifications_are_switched_off_texts_go(
    texting: Office, push_service: PushService, carrier: Carrier
) -> None:
    anna = await subscribed(texting, push_service)
    await texting.tell()
    assert await ways(texting, anna) == [("taken", "push", "instead"), ("taken", "sms", "sent")]


async def test_an_operators_own_words_are_pushed_too(pushing: Office, push_service: PushService) -> None:
    pushing.change_site(
        texts={"en": {"your_turn": "Come to %{desk.name}, please, %{ticket.label}."}},
        titles={"en": {"your_turn": "%{location.name} calls"}},
    )
    await subscribed(pushing, push_service)
    await pushing.call_next()
    await pushing.tell()
    said = push_service.taken()[-1]
    assert (said["title"], said["body"]) == ("Hilltop Clinic calls", "Come to Desk 1, please, A001.")


async def test_nobody_is_named_and_no_address_is_told_in_logs_and_records(
    pushing: Office, push_service: PushService, caplog: pytest.LogCaptureFixture, push_keys: PushKeys, reads: Reads
) -> None:
    caplog.set_level(logging.DEBUG)
    anna = await subscribed(pushing, push_service, name="Anna Svensson")
    await pushing.tell()
    push_service.always["phone"] = Answer(410)
    await pushing.call_next()
    await pushing.tell()
    person = await reads.person(anna.id)
    assert person is not None
    subscription = push_service.browsers["phone"].subscription
    secrets = (subscription.endpoint, subscription.auth, subscription.p256dh, person.token)
    records = await pushing.records()
    assert next(record.recipient for record in records) == "127.0.0.1"
    for secret in (*secrets, await push_keys.private()):
        assert secret not in caplog.text
        assert secret not in repr([record for record in records if record.medium == "push"])
