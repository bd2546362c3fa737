"""`next`: who goes on, at which desk, and what it leaves alone."""

import asyncio
from typing import Any

import pytest

from callboard.domain.model import State
from callboard.services import Services
from callboard.store.transitions import Done, Store
from facades.agendize.conftest import Client


async def ticket_of(services: Services, registration: str) -> str:
    return await services.reads.ticket_of_serial(int(registration))


async def test_to_look_who_is_next_changes_nothing(robot: Client, old: Client) -> None:
    await robot.insert()
    await robot.insert()
    first = (await robot.ask("GET", ""))["items"][0]
    assert await robot.ask("GET", "next") == first
    assert (await old.ask("GET", "next"))["status"] == "registered"
    assert await robot.get(first["id"]) == first


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_next_is_the_first_who_waits_and_is_in_progress_then(robot: Client, method: str) -> None:
    first, second = await robot.insert(), await robot.insert()
    answer = await robot.ask(method, "next")
    assert (answer["id"], answer["status"]) == (first["id"], "inProgress") and "started" in answer
    assert (await robot.ask(method, "next"))["id"] == second["id"]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
async def test_nobody_is_next_where_nobody_waits(robot: Client, services: Services, method: str) -> None:
    error = (await robot.ask(method, "next", 404))["error"]
    assert error["code"] == 404
    assert not (await services.reads.picture("main")).desks.get("d1"), "no desk is opened for nobody"


async def test_a_free_open_desk_takes_them(robot: Client, services: Services) -> None:
    await services.store.open_desk("d1", staff="ann")
    await robot.insert()
    await robot.ask("POST", "next")
    await services.store.open_desk("d2", staff="bo")
    second = await robot.insert()
    await robot.ask("POST", "next")
    ticket = await services.reads.ticket(await ticket_of(services, second["id"]))
    assert (ticket.state, ticket.desk) == (State.CALLED, "d2")


async def test_else_an_open_one_which_finishes_whom_it_had(robot: Client, services: Services) -> None:
    await services.store.open_desk("d2", staff="bo")
    first, second = await robot.insert(), await robot.insert()
    await robot.ask("POST", "next")
    await robot.ask("POST", "next")
    assert (await robot.get(first["id"]))["status"] == "finished"
    assert (await services.reads.ticket(await ticket_of(services, second["id"]))).desk == "d2"


async def test_else_the_first_that_serves_the_queue_is_opened(robot: Client, services: Services) -> None:
    id = (await robot.insert())["id"]
    await robot.ask("POST", "next")
    assert (await services.reads.ticket(await ticket_of(services, id))).desk == "d1"
    assert (await services.reads.picture("main")).desks["d1"].staff == "Robot"


async def test_a_desk_that_may_not_be_interrupted_is_passed_over(robot: Client, services: Services) -> None:
    """The queue of whom it has does not finish by itself, so the next desk is opened; and when none is left, it is
    refused."""
    lab = Client(robot.http, queue="lab")
    made = [(await lab.insert())["id"] for _ in range(3)]
    await lab.ask("POST", "next")
    await lab.ask("POST", "next")
    desks = [(await services.reads.ticket(await ticket_of(services, id))).desk for id in made]
    assert desks == ["d1", "d3", ""]
    assert (await lab.ask("POST", "next", 409))["error"]["code"] == 409
    assert (await lab.get(made[2]))["status"] == "registered"


async def test_a_queue_that_no_desk_serves_has_them_served_all_the_same(foreigner: Client, services: Services) -> None:
    id = (await foreigner.insert())["id"]
    assert (await foreigner.ask("POST", "next"))["id"] == id
    assert (await services.reads.ticket(await ticket_of(services, id))).state == State.SERVING


async def test_who_is_deleted_in_the_same_instant_is_not_brought_back(
    foreigner: Client, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = [(await foreigner.insert())["id"] for _ in range(2)]
    correct = type(services.store).correct

    async def after_it_is_deleted(store: Store, ticket: str, **how: Any) -> Done:
        if (await foreigner.get(first))["status"] == "registered":
            await foreigner.ask("DELETE", first)
        return await correct(store, ticket, **how)

    monkeypatch.setattr(type(services.store), "correct", after_it_is_deleted)
    assert (await foreigner.ask("POST", "next"))["id"] == second
    assert (await foreigner.get(first))["status"] == "deleted"


async def test_only_that_queue_is_asked(robot: Client, services: Services) -> None:
    """Though the desk serves another, in which somebody waits longer."""
    await robot.insert()
    lab = Client(robot.http, queue="lab")
    id = (await lab.insert())["id"]
    assert (await lab.ask("POST", "next"))["id"] == id


async def test_of_several_at_once_each_has_another(robot: Client, foreigner: Client) -> None:
    for client in (robot, foreigner):
        made = [(await client.insert())["id"] for _ in range(6)]
        answers = await asyncio.gather(*(client.ask("POST", "next") for _ in range(6)))
        assert sorted(each["id"] for each in answers) == sorted(made)
