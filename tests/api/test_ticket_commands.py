"""Every command on a ticket over HTTP: what it answers, and each refusal in its word."""

import re
from importlib.resources import files
from typing import Any

import httpx2
import pytest

from api.asking import ROOT, called, code, command, fields, take
from callboard.api import commands, desks, person, queues, taking
from callboard.api.operation import Operation
from callboard.errors import Refusal
from conftest import START, Clock

HOUR = 3_600_000


async def ticket_in(staff: httpx2.AsyncClient, state: str) -> str:
    """A ticket that is in that state; those that are called or served are at desk d1."""
    if state in ("booked", "reserved"):
        taken = await take(staff, slot_at=START + 2 * HOUR, reserve=state == "reserved")
        return str(taken["ticket"]["id"])
    if state == "waiting":
        return str((await take(staff))["ticket"]["id"])
    ticket = await called(staff)
    for step in {"called": [], "serving": ["start"], "held": ["hold"], "done": ["finish"], "no_show": ["no_show"]}[
        state
    ]:
        await command(staff, f"tickets/{ticket}/{step}")
    return ticket


@pytest.mark.parametrize(
    ("state", "name", "body", "after"),
    [
        ("waiting", "call", {"desk": "d1"}, "called"),
        ("called", "recall", {}, "called"),
        ("called", "put_back", {"places": 2}, "waiting"),
        ("called", "start", {}, "serving"),
        ("serving", "finish", {"desk": "d1"}, "done"),
        ("called", "no_show", {}, "no_show"),
        ("waiting", "hold", {"held_by": "nurses"}, "held"),
        ("serving", "hold", {"desk": "d1"}, "held"),
        ("held", "release", {}, "waiting"),
        ("called", "transfer", {"queue": "lab", "keep_arrival": False}, "waiting"),
        ("waiting", "cancel", {}, "cancelled"),
        ("booked", "check_in", {"force": True}, "waiting"),
        ("reserved", "confirm", {}, "booked"),
        ("no_show", "rejoin", {}, "waiting"),
        ("waiting", "postpone", {"places": 2}, "waiting"),
        ("waiting", "postpone", {"minutes": 5}, "waiting"),
        ("waiting", "postpone", {}, "waiting"),
    ],
)
async def test_a_command_answers_the_ticket_as_it_stands(
    staff: httpx2.AsyncClient, state: str, name: str, body: dict[str, Any], after: str
) -> None:
    ticket = await ticket_in(staff, state)
    await command(staff, "desks/d1/open")
    answer = await command(staff, f"tickets/{ticket}/{name}", **body)
    assert (answer["ticket"]["id"], answer["ticket"]["state"]) == (ticket, after)
    assert (await staff.get(f"{ROOT}/tickets/{ticket}")).json()["ticket"] == answer["ticket"]


async def test_a_booking_whose_time_has_come_waits(staff: httpx2.AsyncClient, clock: Clock) -> None:
    ticket = await ticket_in(staff, "booked")
    clock.pass_(h=2)
    assert (await command(staff, f"tickets/{ticket}/activate"))["ticket"]["state"] == "waiting"


async def test_who_ended_it_is_told(staff: httpx2.AsyncClient) -> None:
    ticket = await ticket_in(staff, "waiting")
    assert (await command(staff, f"tickets/{ticket}/cancel"))["ticket"]["close_reason"] == "staff"


async def test_holding_says_with_whom(staff: httpx2.AsyncClient) -> None:
    ticket = await ticket_in(staff, "called")
    assert (await command(staff, f"tickets/{ticket}/hold", desk="d1"))["ticket"]["held_by"] == "d1"


@pytest.mark.parametrize(
    ("state", "name", "body", "word"),
    [
        ("called", "call", {"desk": "d1"}, "already_called"),
        ("waiting", "call", {"desk": "d3"}, "desk_closed"),
        ("waiting", "recall", {}, "still_waiting"),
        ("booked", "put_back", {}, "not_checked_in"),
        ("held", "start", {}, "on_hold"),
        ("serving", "no_show", {}, "already_serving"),
        ("done", "finish", {}, "ticket_closed"),
        ("called", "finish", {"desk": "d2"}, "wrong_desk"),
        ("waiting", "release", {}, "still_waiting"),
        ("waiting", "transfer", {"queue": "general"}, "same_queue"),
        ("done", "cancel", {}, "ticket_closed"),
        ("booked", "check_in", {}, "too_early"),
        ("booked", "confirm", {}, "already_booked"),
        ("booked", "activate", {}, "too_early"),
        ("waiting", "rejoin", {}, "still_waiting"),
        ("called", "postpone", {}, "already_called"),
    ],
)
async def test_a_command_that_does_not_fit_is_refused_and_changes_nothing(
    staff: httpx2.AsyncClient, state: str, name: str, body: dict[str, Any], word: str
) -> None:
    ticket = await ticket_in(staff, state)
    before = (await staff.get(f"{ROOT}/tickets/{ticket}")).json()
    assert code(await staff.post(f"{ROOT}/tickets/{ticket}/{name}", json=body)) == (409, word)
    assert (await staff.get(f"{ROOT}/tickets/{ticket}")).json() == before


async def test_more_time_as_often_as_the_queue_allows_unless_staff_insist(staff: httpx2.AsyncClient) -> None:
    ticket = await ticket_in(staff, "waiting")
    for _ in range(2):
        await command(staff, f"tickets/{ticket}/postpone")
    assert code(await staff.post(f"{ROOT}/tickets/{ticket}/postpone")) == (409, "limit_reached")
    await command(staff, f"tickets/{ticket}/postpone", force=True)


async def test_nobody_is_asked_for_a_body_where_nothing_must_be_said(staff: httpx2.AsyncClient) -> None:
    ticket = await ticket_in(staff, "called")
    assert (await staff.post(f"{ROOT}/tickets/{ticket}/start")).status_code == 200
    assert (await staff.post(f"{ROOT}/tickets/{ticket}/finish", json={})).status_code == 200


@pytest.mark.parametrize(
    ("name", "body", "wrong"),
    [
        ("call", {}, {"desk"}),
        ("call", {"desk": "D 1"}, {"desk"}),
        ("put_back", {"places": -1}, {"places"}),
        ("put_back", {"places": 1001, "dsek": "d1"}, {"places", "dsek"}),
        ("put_back", {"places": True}, {"places"}),
        ("put_back", {"places": 1.5}, {"places"}),
        ("hold", {"held_by": "x" * 81}, {"held_by"}),
        ("transfer", {"keep_arrival": "yes"}, {"queue", "keep_arrival"}),
        ("check_in", {"force": 1}, {"force"}),
        ("confirm", {"force": True}, {"force"}),
        ("postpone", {"places": 0, "minutes": 10**20}, {"places", "minutes"}),
    ],
)
async def test_every_field_that_is_wrong_is_named(
    staff: httpx2.AsyncClient, name: str, body: dict[str, Any], wrong: set[str]
) -> None:
    ticket = await ticket_in(staff, "waiting")
    assert fields(await staff.post(f"{ROOT}/tickets/{ticket}/{name}", json=body)) == wrong


@pytest.mark.parametrize(
    ("name", "body"),
    [("call", {"desk": "nowhere"}), ("call", {"desk": "v1"}), ("transfer", {"queue": "nowhere"}),
     ("transfer", {"queue": "valley-desk"}), ("finish", {"desk": "v1"})],
)  # fmt: skip
async def test_what_a_body_names_must_be_there_in_the_same_location(
    staff: httpx2.AsyncClient, name: str, body: dict[str, Any]
) -> None:
    ticket = await ticket_in(staff, "waiting")
    assert code(await staff.post(f"{ROOT}/tickets/{ticket}/{name}", json=body)) == (404, "not_found")


@pytest.mark.parametrize(
    "ticket",
    ["1", "x" * 300, "00000000-0000-8000-8000-000000000000", "%00", "..", "{ticket}", "%F0%9F%8E%AB", "{real}0"],
)
async def test_a_ticket_that_is_not_there(staff: httpx2.AsyncClient, ticket: str) -> None:
    real = await ticket_in(staff, "waiting")
    ticket = ticket.replace("{real}", real[:-1])
    wrong = ticket if ticket != real else ticket[:-1] + "1"
    assert code(await staff.post(f"{ROOT}/tickets/{wrong}/start"))[0] == 404
    assert code(await staff.get(f"{ROOT}/tickets/{wrong}"))[0] == 404


async def test_the_same_key_gives_the_first_answer_again(staff: httpx2.AsyncClient) -> None:
    """The desk's button is pressed once, however often its request comes."""
    ticket = await ticket_in(staff, "called")
    path, headers = f"{ROOT}/tickets/{ticket}/recall", {"Idempotency-Key": "press-1"}
    first = await staff.post(path, headers=headers)
    again = await staff.post(path, headers=headers)
    assert first.json() == again.json()
    assert (await staff.get(f"{ROOT}/tickets/{ticket}")).json()["ticket"]["calls"] == 2
    assert code(await staff.post(f"{ROOT}/tickets/{ticket}/start", headers=headers)) == (422, "key_reused")


@pytest.mark.parametrize(
    "operation",
    [each for room in (commands, desks, queues, person) for each in room.OPERATIONS if each.method == "POST"],
    ids=lambda operation: operation.name,
)
def test_the_refusals_that_are_described_are_those_of_the_script(operation: Operation[Any, Any]) -> None:
    script = {"my_contact": "change_person", "my_tell": "note", "my_travel": "change_ticket"}.get(
        operation.name, operation.name.removeprefix("my_")
    )
    assert set(operation.refuses) == refusals_of(script) - {Refusal.NOT_FOUND} - _never_told(operation)


def test_the_refusals_of_taking_are_those_of_all_its_scripts() -> None:
    said = set(taking.OPERATIONS[0].refuses)
    assert said == refusals_of("join") | refusals_of("book") | refusals_of("reserve")


def refusals_of(script: str) -> set[Refusal]:
    """What stands in the head of the script."""
    text = (files("callboard.store") / "lua" / f"{script}.lua").read_text("utf-8")
    found = re.search(r"^-- Refusals +(.*)$", text, re.MULTILINE)
    assert found is not None, f"{script}.lua does not say what it refuses"
    return set() if found[1] == "none" else {Refusal(word) for word in found[1].split(", ")}


def _never_told(operation: Operation[Any, Any]) -> set[Refusal]:
    """Nobody names a desk with their own ticket, so it is never the wrong one; nor says what they have seen before."""
    never = {"my_cancel": {Refusal.WRONG_DESK}, "my_contact": {Refusal.CHANGED_SINCE}}
    return never.get(operation.name, set())
