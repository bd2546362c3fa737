"""What somebody does with their own ticket, by its secret."""

import hashlib
from typing import Any

import httpx2
import pytest

from api.asking import ROOT, code, command, fields, take
from callboard.services import Services
from conftest import START, Clock

HOUR = 3_600_000


async def test_ones_own_ticket(visitor: httpx2.AsyncClient) -> None:
    await take(visitor)
    taken = await take(visitor, locale="sv", name="Eva", phone="0701740605")
    response = await visitor.get(f"{ROOT}/t/{taken['token']}")
    document = response.json()
    assert (document["type"], document["label"], document["ahead"], document["queue"]) == (
        "ticket", "A002", 1, "Allmänt",
    )  # fmt: skip
    assert "Eva" not in response.text and "740605" not in response.text
    assert response.headers["cache-control"] == "no-store"


async def test_leaving(visitor: httpx2.AsyncClient, services: Services) -> None:
    taken = await take(visitor)
    answer = await command(visitor, f"t/{taken['token']}/cancel")
    assert answer == {"ticket": taken["ticket"] | {"state": "cancelled"}}
    assert (await services.reads.ticket(taken["ticket"]["id"])).close_reason == "customer"
    assert code(await visitor.post(f"{ROOT}/t/{taken['token']}/cancel")) == (409, "ticket_closed")


async def test_letting_others_go_first(visitor: httpx2.AsyncClient, clock: Clock) -> None:
    first = await take(visitor)
    for _ in range(3):
        clock.pass_(s=10)
        await take(visitor)
    await command(visitor, f"t/{first['token']}/postpone", places=2)
    assert (await visitor.get(f"{ROOT}/t/{first['token']}")).json()["ahead"] == 2
    await command(visitor, f"t/{first['token']}/postpone")
    assert (await visitor.get(f"{ROOT}/t/{first['token']}")).json()["ahead"] == 3
    assert code(await visitor.post(f"{ROOT}/t/{first['token']}/postpone")) == (409, "limit_reached")


async def test_coming_back(visitor: httpx2.AsyncClient, staff: httpx2.AsyncClient, clock: Clock) -> None:
    taken = await take(visitor)
    await command(staff, "desks/d1/open")
    await command(staff, "desks/d1/call_next")
    await command(staff, f"tickets/{taken['ticket']['id']}/no_show")
    assert (await command(visitor, f"t/{taken['token']}/rejoin"))["ticket"]["state"] == "waiting"
    await command(staff, "desks/d1/call_next")
    await command(staff, f"tickets/{taken['ticket']['id']}/no_show")
    clock.pass_(min=16)
    assert code(await visitor.post(f"{ROOT}/t/{taken['token']}/rejoin")) == (409, "too_late")


async def test_arriving_for_a_booking(visitor: httpx2.AsyncClient, clock: Clock) -> None:
    taken = await take(visitor, slot_at=START + 2 * HOUR)
    assert code(await visitor.post(f"{ROOT}/t/{taken['token']}/check_in")) == (409, "too_early")
    clock.pass_(h=2)
    assert (await command(visitor, f"t/{taken['token']}/check_in"))["ticket"]["label"] == "A001"


async def test_the_staff_are_told_who_is_coming_or_needs_a_moment_in_the_language_of_the_place(
    visitor: httpx2.AsyncClient, services: Services
) -> None:
    taken = await take(visitor, locale="ar")
    for what in ("coming", "moment"):
        await command(visitor, f"t/{taken['token']}/tell", what=what)
    person = await services.reads.person(taken["ticket"]["id"])
    assert person is not None and [note.text for note in person.notes] == ["I am coming", "I need a moment"]
    wrong = await visitor.post(f"{ROOT}/t/{taken['token']}/tell", json={"what": "nonsense"})
    assert fields(wrong) == {"what"}


async def test_how_to_be_reached_is_changed_and_removed(visitor: httpx2.AsyncClient, services: Services) -> None:
    taken = await take(visitor, phone="0701740605", email="eva@example.org")
    path = f"t/{taken['token']}/contact"

    async def person() -> tuple[str, str]:
        found = await services.reads.person(taken["ticket"]["id"])
        assert found is not None
        return found.phone, found.email

    await command(visitor, path, phone="+46 70 174 06 06")
    assert await person() == ("+46701740606", "eva@example.org")
    await command(visitor, path, phone="", email="")
    assert await person() == ("", "")


async def test_what_they_read_when_they_gave_a_number_is_kept_with_it(
    visitor: httpx2.AsyncClient, staff: httpx2.AsyncClient, clock: Clock
) -> None:
    taken = await take(visitor, phone="0701740605", consent={"words": "We text you twice.", "language": "en"})
    own, path = f"t/{taken['token']}/contact", f"{ROOT}/tickets/{taken['ticket']['id']}"

    async def consent() -> Any:
        return (await staff.get(path)).json()["person"]["consent"]

    version = hashlib.sha256(b"We text you twice.").hexdigest()[:12]
    words = {"through": "join", "at": clock.now, "words": "We text you twice.", "language": "en", "version": version}
    assert await consent() == {"phone": words, "email": None}
    clock.pass_(min=1)
    await command(visitor, own, phone="0701740605")  # said once more, without anything read
    await command(visitor, own, email="eva@example.org", consent={"words": "Vi skriver.", "language": "sv"})
    found = await consent()
    assert found["phone"] == words
    assert (found["email"]["through"], found["email"]["words"], found["email"]["at"]) == (
        "page",
        "Vi skriver.",
        clock.now,
    )
    await command(visitor, own, phone="")
    assert (await consent())["phone"] is None
    shown = [(await visitor.get(f"{ROOT}/t/{taken['token']}{each}")).text for each in ("", "/contact")]
    assert not any("We text" in each or "Vi skriver" in each for each in shown)
    await staff.delete(f"{path}/person")
    assert (await staff.get(path)).json()["person"] is None


async def test_who_says_nothing_of_consent_vouches_for_it(staff: httpx2.AsyncClient, services: Services) -> None:
    taken = await take(staff, phone="0701740605", source="staff")
    path = f"{ROOT}/tickets/{taken['ticket']['id']}"
    consent = (await staff.get(path)).json()["person"]["consent"]["phone"]
    assert {name: consent[name] for name in ("through", "words", "version")} == {
        "through": "staff",
        "words": "",
        "version": "",
    }
    for body in ({"phone": "", "consent": {"words": "We text.", "language": "en"}}, {"consent": {"words": ""}}):
        wrong = await staff.post(f"{ROOT}/t/{taken['token']}/contact", json=body)
        assert {each.partition(".")[0] for each in fields(wrong)} == {"consent"}
    wrong = await staff.post(f"{ROOT}/tickets", json={"queue": "general", "consent": {"words": "x", "language": "en"}})
    assert fields(wrong) == {"consent"}


async def test_how_long_the_way_is_is_said_when_a_ticket_is_taken_and_later(
    visitor: httpx2.AsyncClient, services: Services
) -> None:
    taken = await take(visitor, travel_min=20)
    assert (await services.reads.ticket(taken["ticket"]["id"])).travel_min == 20
    for minutes in (45, 0):
        await command(visitor, f"t/{taken['token']}/travel", travel_min=minutes)
        shown = (await visitor.get(f"{ROOT}/t/{taken['token']}")).json()
        assert shown["travel_min"] == minutes


async def test_a_ticket_says_to_set_off_in_time(visitor: httpx2.AsyncClient, services: Services) -> None:
    await services.store.open_desk("d1", staff="kim")
    for _ in range(6):
        taken = await take(visitor)
    path = f"{ROOT}/t/{taken['token']}"
    assert (await visitor.get(path)).json()["phase"] == "far"
    await command(visitor, f"t/{taken['token']}/travel", travel_min=90)
    assert (await visitor.get(path)).json()["phase"] == "near"


@pytest.mark.parametrize(
    ("name", "body", "wrong"),
    [
        ("travel", {"travel_min": 241}, {"travel_min"}),
        ("travel", {}, {"travel_min"}),
        ("contact", {"phone": "1", "email": "x"}, {"phone", "email"}),
        ("contact", {"phone": 1, "email": "a@b..c"}, {"phone", "email"}),
        ("contact", {"phon": "x"}, {"phon"}),
        ("postpone", {"places": 0, "minutes": 1441}, {"places", "minutes"}),
        ("check_in", {"force": True}, {"force"}),
        ("rejoin", {"force": True}, {"force"}),
        ("cancel", {"desk": "d1"}, {"desk"}),
    ],
)
async def test_every_field_that_is_wrong_is_named_and_nothing_changes(
    visitor: httpx2.AsyncClient, services: Services, name: str, body: dict[str, Any], wrong: set[str]
) -> None:
    taken = await take(visitor)
    assert fields(await visitor.post(f"{ROOT}/t/{taken['token']}/{name}", json=body)) == wrong
    assert (await services.reads.picture("main")).seq == 1


@pytest.mark.parametrize("name", ["", "/cancel", "/postpone", "/rejoin", "/check_in", "/contact"])
async def test_a_secret_that_opens_nothing(visitor: httpx2.AsyncClient, name: str) -> None:
    """And nothing says how near it was."""
    taken = await take(visitor)
    near = ("B" if taken["token"][0] == "A" else "A") + taken["token"][1:]
    answers = []
    for token in (near, "x", "x" * 26, "%00" * 26, "é" * 26, taken["ticket"]["id"]):
        method = "POST" if name else "GET"
        answers.append(await visitor.request(method, f"{ROOT}/t/{token}{name}", json={} if name else None))
    assert {code(answer) for answer in answers} == {(404, "not_found")}
    assert len({answer.text for answer in answers}) == 1


async def test_a_location_as_who_wants_to_come_sees_it(visitor: httpx2.AsyncClient, staff: httpx2.AsyncClient) -> None:
    await take(visitor)
    await command(staff, "queues/lab/close")
    answer = (await visitor.get(f"{ROOT}/locations/main?lang=ar")).json()
    assert (answer["id"], answer["name"], answer["open"]) == ("main", "عيادة التل", True)
    assert answer["languages"] == ["en", "sv", "ar"]
    assert [(queue["id"], queue["open"], queue["waiting"]) for queue in answer["queues"]] == [
        ("general", True, 1),
        ("lab", False, 0),
        ("advice", True, 0),
    ]
    swedish = await visitor.get(f"{ROOT}/locations/main", headers={"Accept-Language": "sv"})
    assert swedish.json()["name"] == "Kullens mottagning"
    unknown = await visitor.get(f"{ROOT}/locations/main?lang=fi")
    assert unknown.json()["name"] == "Hilltop Clinic"
    assert code(await visitor.get(f"{ROOT}/locations/elsewhere")) == (404, "not_found")


async def visited(visitor: httpx2.AsyncClient, staff: httpx2.AsyncClient) -> dict[str, Any]:
    """A ticket whose visit has ended."""
    taken = await take(visitor)
    await command(staff, "desks/d1/open")
    await command(staff, "desks/d1/call_next")
    await command(staff, f"tickets/{taken['ticket']['id']}/finish")
    return taken


async def test_saying_how_the_visit_was(
    visitor: httpx2.AsyncClient, staff: httpx2.AsyncClient, services: Services
) -> None:
    taken = await visited(visitor, staff)
    own = f"{ROOT}/t/{taken['token']}"
    document = (await visitor.get(own)).json()
    assert (document["rating"], document["can"]) == (0, ["feedback"])
    await command(visitor, f"t/{taken['token']}/feedback", rating=2, comment="Long wait,\nkind people")
    await command(visitor, f"t/{taken['token']}/feedback", rating=4)
    ticket, person = taken["ticket"]["id"], await services.reads.person(taken["ticket"]["id"])
    assert (await services.reads.ticket(ticket)).rating == 4
    assert person and person.comment == ""
    assert (await visitor.get(own)).json()["rating"] == 4


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"rating": 0}, "rating"),
        ({"rating": 6}, "rating"),
        ({}, "rating"),
        ({"rating": 3, "comment": "x" * 1001}, "comment"),
    ],
)
async def test_feedback_that_does_not_fit(
    visitor: httpx2.AsyncClient, staff: httpx2.AsyncClient, body: dict[str, Any], field: str
) -> None:
    taken = await visited(visitor, staff)
    assert fields(await visitor.post(f"{ROOT}/t/{taken['token']}/feedback", json=body)) == {field}


async def test_a_visit_that_has_not_ended_has_no_feedback(visitor: httpx2.AsyncClient) -> None:
    taken = await take(visitor)
    answer = await visitor.post(f"{ROOT}/t/{taken['token']}/feedback", json={"rating": 5})
    assert code(answer) == (409, "not_served")
