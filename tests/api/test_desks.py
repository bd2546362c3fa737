"""A desk's day over HTTP, and its queues."""

import httpx2
import pytest

from api.asking import ROOT, called, code, command, fields, take
from conftest import Clock


async def test_a_desks_day(staff: httpx2.AsyncClient, visitor: httpx2.AsyncClient) -> None:
    opened = await command(staff, "desks/d1/open", staff="Anna")
    assert opened == {
        "desk": {
            "id": "d1",
            "tag": "1",
            "name": "Desk 1",
            "kind": "desk",
            "location": "main",
            "location_name": "Hilltop Clinic",
            "open": True,
            "staff": "Anna",
        }
    }
    first, second = await take(visitor), await take(visitor)
    one = await command(staff, "desks/d1/call_next")
    assert (one["ticket"]["id"], one["ticket"]["desk"]) == (first["ticket"]["id"], "d1")
    two = await command(staff, "desks/d1/call_next")
    assert two["ticket"]["id"] == second["ticket"]["id"]
    assert (await staff.get(f"{ROOT}/tickets/{first['ticket']['id']}")).json()["ticket"]["state"] == "done"
    back = await command(staff, "desks/d1/undo")
    assert (back["ticket"]["id"], back["ticket"]["state"]) == (second["ticket"]["id"], "waiting")
    await command(staff, f"tickets/{first['ticket']['id']}/finish")
    assert (await command(staff, "desks/d1/close"))["desk"]["open"] is False


async def test_desks_are_listed_in_the_language_asked_for(staff: httpx2.AsyncClient) -> None:
    desks = (await staff.get(f"{ROOT}/desks?lang=sv")).json()["desks"]
    assert [desk["id"] for desk in desks] == ["d1", "d2", "d3"]
    assert {desk["location_name"] for desk in desks} == {"Kullens mottagning"}


async def test_a_desk_that_is_closed_busy_or_has_nobody_to_call(staff: httpx2.AsyncClient, clock: Clock) -> None:
    assert code(await staff.post(f"{ROOT}/desks/d1/call_next")) == (409, "desk_closed")
    assert code(await staff.post(f"{ROOT}/desks/d1/close")) == (409, "desk_closed")
    assert code(await staff.post(f"{ROOT}/desks/d1/undo")) == (409, "nothing_to_undo")
    await command(staff, "desks/d1/open")
    assert code(await staff.post(f"{ROOT}/desks/d1/call_next")) == (409, "queue_empty")
    await called(staff, "d3", "lab")
    assert code(await staff.post(f"{ROOT}/desks/d3/call_next")) == (409, "desk_busy")
    assert code(await staff.post(f"{ROOT}/desks/d3/close")) == (409, "desk_busy")
    clock.pass_(min=2)
    assert code(await staff.post(f"{ROOT}/desks/d3/undo")) == (409, "nothing_to_undo")


async def test_what_somebody_else_has_moved_since_is_not_taken_back(staff: httpx2.AsyncClient) -> None:
    ticket = await called(staff)
    await command(staff, f"tickets/{ticket}/start")
    await command(staff, f"tickets/{ticket}/cancel")
    await command(staff, "desks/d2/open")
    assert code(await staff.post(f"{ROOT}/desks/d2/undo")) == (409, "nothing_to_undo")


@pytest.mark.parametrize("name", ["open", "close", "call_next", "undo"])
async def test_a_desk_that_is_not_there(staff: httpx2.AsyncClient, name: str) -> None:
    for desk in ("d9", "D1", "v1", "x" * 200, "%00"):
        assert code(await staff.post(f"{ROOT}/desks/{desk}/{name}")) == (404, "not_found")


async def test_a_press_that_comes_twice_calls_once(staff: httpx2.AsyncClient, visitor: httpx2.AsyncClient) -> None:
    await command(staff, "desks/d1/open")
    await take(visitor)
    await take(visitor)
    presses = [await staff.post(f"{ROOT}/desks/d1/call_next", headers={"Idempotency-Key": "p"}) for _ in range(3)]
    assert len({press.text for press in presses}) == 1
    assert (await staff.get(f"{ROOT}/queues/general")).json()["queue"]["waiting"] == 1


async def test_a_name_at_the_desk_is_a_line(staff: httpx2.AsyncClient) -> None:
    response = await staff.post(f"{ROOT}/desks/d1/open", json={"staff": "a\x00", "desk": "d1"})
    assert fields(response) == {"staff", "desk"}


async def test_a_queue_in_order(staff: httpx2.AsyncClient, visitor: httpx2.AsyncClient, clock: Clock) -> None:
    late = await take(visitor)
    clock.pass_(min=1)
    early = await take(staff, priority="elderly")
    answer = (await staff.get(f"{ROOT}/queues/general?lang=sv")).json()
    assert (answer["queue"]["name"], answer["queue"]["waiting"]) == ("Allmänt", 2)
    assert [ticket["id"] for ticket in answer["tickets"]] == [early["ticket"]["id"], late["ticket"]["id"]]
    only = (await staff.get(f"{ROOT}/queues/general?first=1")).json()
    assert [ticket["id"] for ticket in only["tickets"]] == [early["ticket"]["id"]]


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("first=x", {"first"}),
        ("first=-1", {"first"}),
        ("first=501", {"first"}),
        ("first=", {"first"}),
        ("first=1&first=1", {"first"}),
        ("fisrt=1&lang=english", {"fisrt", "lang"}),
    ],
)
async def test_every_word_of_a_query_that_is_wrong_is_named(
    staff: httpx2.AsyncClient, query: str, wrong: set[str]
) -> None:
    assert fields(await staff.get(f"{ROOT}/queues/general?{query}")) == wrong


async def test_a_queue_is_closed_and_opened(staff: httpx2.AsyncClient) -> None:
    assert (await command(staff, "queues/lab/close"))["queue"]["open"] is False
    assert code(await staff.post(f"{ROOT}/queues/lab/close")) == (409, "queue_closed")
    assert (await command(staff, "queues/lab/open"))["queue"]["open"] is True
    assert code(await staff.post(f"{ROOT}/queues/nowhere/open")) == (404, "not_found")
