"""Registrations as the vendor's document has them: every property, every status, both versions."""

import asyncio
from typing import Any

import pytest

from callboard.domain.model import CloseReason, State
from callboard.services import Services
from callboard.store.transitions import Done, Store
from conftest import Clock
from facades.agendize.conftest import ANN, QUEUE, URL, Client


async def test_a_registration_has_every_property_of_the_document(robot: Client) -> None:
    await robot.insert()
    made = await robot.insert(client=ANN | {"firstName": "Bo"})
    assert made == {
        "id": made["id"],
        "queue": {"id": QUEUE, "name": "General"},
        "status": "registered",
        "registered": {"dateTime": "2026-09-21T16:13:20", "timeZone": "Europe/Stockholm"},
        "client": {
            "id": made["client"]["id"],
            "firstName": "Bo",
            "lastName": "Lee",
            "emailAddress": "ann@example.org",
            "phoneNumber": "070-174 06 05",
            "selfLink": f"{URL}/api/2.3/clients/{made['client']['id']}",
        },
        "waitingTime": 9,
        "averageWaitingTime": 15,
        "owner": {"id": "hilltop", "userName": "Hilltop"},
        "rank": 2,
        "numberOfPeopleAhead": 1,
        "form": [],
    }
    assert made["id"].isdigit() and made["client"]["id"].isdigit(), "older clients read them as numbers"
    assert await robot.get(made["id"]) == made


async def test_started_and_finished_come_when_they_have_happened(robot: Client, clock: Clock) -> None:
    id = (await robot.insert())["id"]
    clock.pass_(min=5)
    started = await robot.update(id, status="inProgress")
    assert started["started"] == {"dateTime": "2026-09-21T16:18:20", "timeZone": "Europe/Stockholm"}
    assert not {"finished", "rank", "numberOfPeopleAhead", "waitingTime"} & set(started)
    clock.pass_(min=5)
    finished = await robot.update(id, status="finished")
    assert (finished["started"], finished["finished"]["dateTime"]) == (started["started"], "2026-09-21T16:23:20")
    missed = await robot.update(id, status="noShow")
    assert missed["started"] == started["started"] and "finished" not in missed
    again = await robot.update(id, status="registered")
    assert not {"started", "finished"} & set(again) and again["rank"] == 1
    assert "started" not in await robot.update(id, status="noShow"), "nobody ever called them"
    again = await robot.update(id, status="registered")
    assert again["registered"] == {"dateTime": "2026-09-21T16:23:20", "timeZone": "Europe/Stockholm"}


async def test_version_2_0_has_its_own_resource_and_words(robot: Client, old: Client) -> None:
    made = await old.insert()
    assert made == {
        "id": made["id"],
        "author": "Hilltop",
        "queue": {"id": QUEUE, "name": "General"},
        "registered": {"dateTime": "2026-09-21T16:13:20", "timeZone": "Europe/Stockholm"},
        "client": made["client"],
        "status": "registered",
    }
    assert (await old.update(made["id"], status="onGoing"))["status"] == "onGoing"
    assert (await robot.get(made["id"]))["status"] == "inProgress"
    assert await old.ids("onGoing") == [made["id"]]


@pytest.mark.parametrize("word", ["registered", "inProgress", "finished", "noShow", "onGoing"])
async def test_a_registration_may_begin_with_any_status_that_can_be_written(robot: Client, word: str) -> None:
    shown = {"onGoing": "inProgress"}.get(word, word)
    made = await robot.insert(status=word)
    assert made["status"] == shown
    assert ("started" in made, "finished" in made) == (shown == "inProgress", shown == "finished")


@pytest.mark.parametrize("before", ["registered", "inProgress", "finished", "noShow"])
@pytest.mark.parametrize("after", ["registered", "inProgress", "finished", "noShow"])
async def test_every_status_can_be_written_over_every_other(robot: Client, before: str, after: str) -> None:
    id = (await robot.insert(status=before))["id"]
    assert (await robot.update(id, status=after))["status"] == after
    assert (await robot.get(id))["status"] == after


async def test_patch_changes_as_put_does(robot: Client) -> None:
    id = (await robot.insert())["id"]
    assert (await robot.ask("PATCH", id, json={"status": "noShow"}))["status"] == "noShow"


async def test_a_list_without_a_filter_has_who_waits_and_who_is_served(robot: Client) -> None:
    made = {
        word: (await robot.insert(status=word))["id"] for word in ("registered", "inProgress", "finished", "noShow")
    }
    made["deleted"] = (await robot.insert())["id"]
    await robot.ask("DELETE", made["deleted"])
    assert await robot.ids() == [made["registered"], made["inProgress"]]
    assert await robot.ids("") == [made["registered"], made["inProgress"]]
    for word, id in made.items():
        assert await robot.ids(word) == [id], word
    assert set(await robot.ids("finished, noShow,deleted")) == {made["finished"], made["noShow"], made["deleted"]}


async def test_a_list_is_in_the_order_of_the_line(robot: Client, clock: Clock) -> None:
    first, second = [(await robot.insert())["id"] for _ in range(2)]
    await robot.update(first, status="inProgress")
    clock.pass_(min=1)
    await robot.update(first, status="registered")
    assert await robot.ids() == [second, first]
    ranks = {each["id"]: each["rank"] for each in (await robot.ask("GET", ""))["items"]}
    assert ranks == {second: 1, first: 2}


async def test_a_deleted_one_is_gone_from_lists_and_can_still_be_read(robot: Client) -> None:
    id = (await robot.insert())["id"]
    assert await robot.ask("DELETE", id) is None
    assert (await robot.get(id))["status"] == "deleted"
    assert await robot.ask("DELETE", id) is None
    assert await robot.ids() == []
    answer = await robot.ask("PUT", id, 409, json={"status": "registered"})
    assert answer["error"]["code"] == 409


async def test_what_is_deleted_in_the_same_instant_is_not_brought_back(
    robot: Client, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = (await robot.insert())["id"]
    correct = type(services.store).correct

    async def after_it_is_deleted(store: Store, ticket: str, **how: Any) -> Done:
        await robot.ask("DELETE", id)
        return await correct(store, ticket, **how)

    monkeypatch.setattr(type(services.store), "correct", after_it_is_deleted)
    await robot.ask("PUT", id, 409, json={"status": "inProgress"})
    assert (await robot.get(id))["status"] == "deleted"


async def test_what_is_called_in_the_same_instant_takes_the_status_all_the_same(
    robot: Client, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = (await robot.insert())["id"]
    await services.store.open_desk("d1", staff="ann")
    correct = type(services.store).correct

    async def after_it_is_called(store: Store, ticket: str, **how: Any) -> Done:
        if (await services.reads.ticket(ticket)).state is State.WAITING:
            await services.store.call_next("d1")
        return await correct(store, ticket, **how)

    monkeypatch.setattr(type(services.store), "correct", after_it_is_called)
    assert (await robot.update(id, status="finished"))["status"] == "finished"


async def test_a_finished_one_can_be_deleted(robot: Client) -> None:
    id = (await robot.insert(status="finished"))["id"]
    await robot.ask("DELETE", id)
    assert (await robot.get(id))["status"] == "deleted"


async def test_what_staff_do_is_seen(robot: Client, services: Services) -> None:
    """Each state that there is, and what it is called here."""
    store = services.store
    id = (await robot.insert())["id"]
    ticket = await services.reads.ticket_of_serial(int(id))
    seen = []

    async def look() -> None:
        seen.append((await robot.get(id))["status"])

    await store.open_desk("d1", staff="ann")
    await store.call_next("d1")
    await look()
    await store.put_back(ticket, "d1")
    await look()
    await store.hold(ticket)
    await look()
    await store.release(ticket)
    await store.call(ticket, "d1")
    await store.start(ticket, "d1")
    await look()
    await store.finish(ticket, "d1")
    await look()
    await store.correct(ticket, state=State.NO_SHOW)
    await look()
    await store.rejoin(ticket, force=True)
    await store.cancel(ticket, reason=CloseReason.CUSTOMER)
    await look()
    assert seen == ["inProgress", "registered", "registered", "inProgress", "finished", "noShow", "deleted"]


async def test_of_two_updates_at_once_neither_is_lost(robot: Client) -> None:
    """Their reads and writes are mixed: with one after the other this would hold by itself."""
    id = (await robot.insert(form=[{"id": "note", "value": "a"}]))["id"]
    for turn in range(10):
        note, first, last = [{"id": "note", "value": f"n{turn}"}], f"First{turn}", f"Last{turn}"
        await asyncio.gather(
            robot.update(id, client={"firstName": first}),
            robot.update(id, form=note),
            robot.update(id, client={"lastName": last}),
        )
        now = await robot.get(id)
        assert (now["client"]["firstName"], now["client"]["lastName"], now["form"]) == (first, last, note)


async def test_a_held_one_is_released_where_it_was(robot: Client, services: Services) -> None:
    first, second = [(await robot.insert())["id"] for _ in range(2)]
    await services.store.hold(await services.reads.ticket_of_serial(int(first)))
    await robot.update(first, status="registered")
    assert await robot.ids() == [first, second]


async def test_a_called_one_that_is_in_progress_is_being_served(
    robot: Client, services: Services, clock: Clock
) -> None:
    id = (await robot.insert())["id"]
    ticket = await services.reads.ticket_of_serial(int(id))
    await services.store.open_desk("d1", staff="ann")
    await services.store.call_next("d1")
    called = await robot.get(id)
    clock.pass_(min=1)
    served = await robot.update(id, status="inProgress")
    assert (await services.reads.ticket(ticket)).state == State.SERVING
    assert served["started"] == called["started"]


async def test_a_booking_is_a_registration_once_it_waits(robot: Client, services: Services, clock: Clock) -> None:
    booked = await services.store.book("general", slot_at=clock() + 600_000, name="Bo Berg", phone="+46701740605")
    assert booked.ticket is not None
    id = str(booked.ticket.serial)
    await robot.ask("GET", id, 404)
    assert await robot.ids("registered,inProgress,finished,noShow,deleted") == []
    await services.store.check_in(booked.ticket.id)
    shown = await robot.get(id)
    assert shown["client"] == {
        "firstName": "Bo",
        "lastName": "Berg",
        "emailAddress": "",
        "phoneNumber": "+46701740605",
    }
    assert await robot.ids() == [id]


async def test_it_may_go_on_in_another_queue(robot: Client, directory: Any) -> None:
    id = (await robot.insert())["id"]
    moved = await robot.update(id, queue={"id": "lab"})
    assert moved["queue"]["name"] == "Lab"
    await robot.ask("GET", id, 404)
    assert await Client(robot.http, queue="lab").ids() == [id]


async def test_our_own_ids_open_the_same(robot: Client, services: Services) -> None:
    made = await robot.insert()
    ticket = await services.reads.ticket_of_serial(int(made["id"]))
    other = Client(robot.http, queue="general")
    assert await other.get(ticket) == await other.get(made["id"]) == made


async def test_queues_can_be_looked_up_as_older_clients_do_first(robot: Client, old: Client) -> None:
    expected = {"id": QUEUE, "name": "General", "author": "Hilltop"}
    assert await robot.ask("GET", f"/queues/{QUEUE}") == await old.ask("GET", f"/queues/{QUEUE}") == expected
    assert [each["name"] for each in (await robot.ask("GET", "/queues"))["items"]] == ["General", "Lab", "Advice"]


MISTAKES = [
    ({"status": "deleted"}, "status"),
    ({"status": "busy"}, "status"),
    ({"status": 7}, "status"),
    ({"queue": {"id": "lab"}}, "queue.id"),
    ({"queue": {"id": "77"}}, "queue.id"),
    ({"client": {}}, "client.firstName"),
    ({"client": None}, "client.lastName"),
    ({"client": {"id": "99"}}, "client.id"),
    ({"client": {"id": "../.."}}, "client.id"),
    ({"client": ANN | {"emailAddress": "nobody"}}, "client.emailAddress"),
    ({"client": ANN | {"firstName": "x" * 128}}, "client.firstName"),
    ({"client": ANN | {"phoneNumber": "1" * 128}}, "client.phoneNumber"),
    ({"form": [{"id": ""}]}, "form.0.id"),
    ({"form": {}}, "form"),
]


@pytest.mark.parametrize(("body", "field"), MISTAKES)
async def test_a_mistake_is_named_and_changes_nothing(robot: Client, body: dict[str, Any], field: str) -> None:
    error = (await robot.ask("POST", "", 400, json={"client": ANN} | body))["error"]
    assert error["code"] == 400 and f"{field}:" in error["message"]
    assert await robot.ids("registered,inProgress,finished,noShow,deleted") == []


async def test_an_update_checks_everything_before_it_changes_anything(robot: Client) -> None:
    made = await robot.insert()
    for wrong in (
        {"id": "999", "status": "finished"},
        {"queue": {"id": "77"}, "status": "finished"},
        {"client": {"emailAddress": "x"}, "status": "finished"},
        {"form": [{"id": "a", "mandatory": True}], "status": "finished", "client": {"firstName": "Eve"}},
    ):
        await robot.ask("PUT", made["id"], 400, json=wrong)
    assert await robot.get(made["id"]) == made


async def test_a_filter_knows_its_words(robot: Client) -> None:
    error = (await robot.ask("GET", "", 400, params={"status": "registered,lost"}))["error"]
    assert error["message"].startswith("status:")


async def test_what_a_client_has_read_it_may_send_back(robot: Client) -> None:
    made = await robot.insert(form=[{"id": "d", "type": "date", "value": "2026-10-01"}])
    assert await robot.update(made["id"], **made) == made


async def test_a_closed_queue_takes_nobody(robot: Client, services: Services) -> None:
    await services.store.close_queue("general")
    error = (await robot.ask("POST", "", 409, json={"client": ANN}))["error"]
    assert error == {"code": 409, "message": "The queue takes nobody more."}


async def test_an_insert_that_is_sent_again_with_its_key_makes_one_registration(robot: Client) -> None:
    body = {"client": ANN, "status": "inProgress", "form": [{"id": "f", "type": "file", "value": "data:,x"}]}
    made = [await robot.ask("POST", "", json=body, headers={"Idempotency-Key": "0123456789abcdef"}) for _ in range(2)]
    assert made[0] == made[1]
    assert await robot.ids() == [made[0]["id"]]
