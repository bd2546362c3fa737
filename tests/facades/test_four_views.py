"""One ticket, four views: whoever moves it, every API tells the same of it, and what our own pages tell.

The table is that of the states in vendors' words; each walk is driven through one API after the other.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from callboard.domain.expected import Expected, Told, line_of
from callboard.domain.model import CloseReason, State
from callboard.store.learned import Learned, Learning
from callboard.store.redis import Connection
from facades.four import WORDS, FourApis

# Each walk takes a ticket and yields what has become of it, step by step.
Walk = Callable[[FourApis], AsyncIterator[tuple[str, State, str]]]


async def a_reservation_to_the_end(four: FourApis) -> AsyncIterator[tuple[str, State, str]]:
    """Ombori keeps and confirms, Q-Flow checks in, Agendize calls and finishes."""
    slot = {"start": four.local(10), "end": four.local(25)}
    body = {
        "locale": "en",
        "notification": {"type": "email", "settings": {"recipient": "a@example.org"}},
        "booking": slot,
    }
    made = await four.ask("POST", f"{four.ombori}/reservations", body)
    id = made["id"]
    await four.belongs_to_anna(id)
    yield id, State.RESERVED, ""
    await four.ask("POST", f"{four.ombori}/reservations/{id}/confirm")
    yield id, State.BOOKED, ""
    serial = (await four.ticket(id)).serial
    await four.ask("POST", "/qflow/Appointments/Checkin", {"ProcessId": serial, "ForceEarlyLate": False})
    yield id, State.WAITING, ""
    assert (await four.ask("POST", f"{four.agendize}/next"))["id"] == str(serial)
    yield id, (await four.ticket(id)).state, ""
    await four.ask("PUT", f"{four.agendize}/{serial}", {"status": "finished"})
    yield id, State.DONE, "served"


async def a_registration_there_and_back(four: FourApis) -> AsyncIterator[tuple[str, State, str]]:
    """Agendize makes it and says every status; the last word is Ombori's."""
    client = {"firstName": "Anna", "lastName": "Berg", "emailAddress": "a@example.org"}
    serial = (await four.ask("POST", four.agendize, {"client": client}))["id"]
    id = await four.services.reads.ticket_of_serial(int(serial))
    await four.belongs_to_anna(id)
    yield id, State.WAITING, ""
    for status, state, reason in (
        ("inProgress", State.SERVING, ""),
        ("registered", State.WAITING, ""),
        ("finished", State.DONE, "served"),
        ("registered", State.WAITING, ""),
    ):
        await four.ask("PUT", f"{four.agendize}/{serial}", {"status": status})
        yield id, state, reason
    await four.ask("PUT", f"{four.ombori}/positions/{id}/cancel-position")
    yield id, State.CANCELLED, "customer"


async def a_case_forced_through_everything(four: FourApis) -> AsyncIterator[tuple[str, State, str]]:
    """Q-Flow: an appointment, its check-in, and each status that a case can be forced into."""
    customer = (
        await four.ask("POST", "/qflow/Customers", {"PersonalId": "P-1", "FirstName": "Anna", "LastName": "B"})
    )["CustomerId"]
    appointment = {"ServiceId": 20, "AppointmentDateTime": four.local(5), "CustomerId": customer}
    process = (await four.ask("PUT", "/qflow/Appointments", appointment))["ProcessId"]
    id = await four.services.reads.ticket_of_serial(process)
    await four.belongs_to_anna(id)
    yield id, State.BOOKED, ""
    await four.ask("POST", "/API/Appointments/Checkin", {"CaseId": process, "ForceEarlyLate": True})
    yield id, State.WAITING, ""
    for status, state, reason in (
        (15, State.CANCELLED, "staff"),
        (3, State.WAITING, ""),
        (4, State.CANCELLED, "abandoned"),
        (3, State.WAITING, ""),
    ):
        await four.ask("POST", "/qflow/Cases/Cancel", {"ProcessId": process, "Status": status})
        yield id, state, reason
    await four.services.store.call(id, "d1")
    yield id, State.CALLED, ""
    await four.ask("POST", "/qflow/Cases/Cancel", {"ProcessId": process, "Status": 17})
    yield id, State.NO_SHOW, "no_show"


async def a_virtual_ticket_cancelled(four: FourApis) -> AsyncIterator[tuple[str, State, str]]:
    """Bloom takes it and gives it back."""
    wanted = {"tickets": [{"master_id": four.master, "service_id": four.general}]}
    id = (await four.ask("POST", "/vt/api/json/ticket/create", wanted))["ticket"]["id"]
    yield id, State.WAITING, ""
    assert (await four.ask("POST", "/vt/api/json/ticket/cancel", {"ticket": id}))["success"] is True
    yield id, State.CANCELLED, "customer"


async def a_day_at_the_desk(four: FourApis) -> AsyncIterator[tuple[str, State, str]]:
    """Ombori's ticket, and all that staff do with one."""
    joined = await four.ask("POST", f"{four.ombori}/join", {"session": "6f0f9a52-5a1e-4bb1-8f0e-2ad9fbd8a3a1"})
    id, store = joined["position"]["id"], four.services.store
    await four.belongs_to_anna(id)
    yield id, State.WAITING, ""
    steps: list[tuple[Callable[[], Awaitable[Any]], State, str]] = [
        (lambda: store.call_next("d1"), State.CALLED, ""),
        (lambda: store.recall(id, "d1"), State.CALLED, ""),
        (lambda: store.start(id, "d1"), State.SERVING, ""),
        (lambda: store.undo("d1"), State.CALLED, ""),
        (lambda: store.start(id, "d1"), State.SERVING, ""),
        (lambda: store.finish(id, "d1"), State.DONE, "served"),
    ]
    for step, state, reason in steps:
        await step()
        yield id, state, reason


async def a_booking_that_is_missed_and_comes_back(four: FourApis) -> AsyncIterator[tuple[str, State, str]]:
    """Ombori books; the slot comes; staff call, miss, take back, let wait and send on; Q-Flow has the last word."""
    slot = {"start": four.local(1), "end": four.local(16)}
    made = await four.ask("POST", f"{four.ombori}/bookings", {"locale": "en", "booking": slot})
    id, store = made["id"], four.services.store
    await four.belongs_to_anna(id)
    yield id, State.BOOKED, ""
    four.clock.pass_(min=2)
    steps: list[tuple[Callable[[], Awaitable[Any]], State, str]] = [
        (lambda: store.activate(id), State.WAITING, ""),
        (lambda: store.call(id, "d1"), State.CALLED, ""),
        (lambda: store.no_show(id, "d1"), State.NO_SHOW, "no_show"),
        (lambda: store.rejoin(id), State.WAITING, ""),
        (lambda: store.postpone(id, minutes=5), State.WAITING, ""),
        (lambda: store.call(id, "d1"), State.CALLED, ""),
        (lambda: store.put_back(id, "d1"), State.WAITING, ""),
        (lambda: store.transfer(id, queue="lab"), State.WAITING, ""),
    ]
    for step, state, reason in steps:
        await step()
        yield id, state, reason
    serial = (await four.ticket(id)).serial
    await four.ask("POST", "/qflow/Cases/Cancel", {"ProcessId": serial, "Status": 8})
    yield id, State.DONE, "served"


WALKS = [
    a_booking_that_is_missed_and_comes_back,
    a_reservation_to_the_end,
    a_registration_there_and_back,
    a_case_forced_through_everything,
    a_virtual_ticket_cancelled,
    a_day_at_the_desk,
]


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.__name__)
async def test_whoever_moves_a_ticket_all_show_it_alike(walk: Walk, four: FourApis) -> None:
    seen = 0
    async for id, state, reason in walk(four):
        four.clock.pass_(s=1)
        await four.agree(id, state, reason)
        seen += 1
    assert seen >= 2


async def test_a_parked_ticket_is_shown_by_each_in_its_nearest_words(four: FourApis) -> None:
    joined = await four.ask("POST", f"{four.ombori}/join", {"session": "6f0f9a52-5a1e-4bb1-8f0e-2ad9fbd8a3a1"})
    id, store = joined["position"]["id"], four.services.store
    await four.belongs_to_anna(id)
    await store.hold(id, held_by="pool")
    await four.agree(id, State.HELD)
    await store.release(id)
    await four.agree(id, State.WAITING)
    await store.call_next("d1")
    await store.hold(id, "d1")
    assert (await four.words(id))[2] == (0, 0, 12, None)
    await store.release(id)
    await store.call_next("d1")
    await store.put_back(id, "d1")
    await four.agree(id, State.WAITING)


async def test_the_numbers_agree_for_everybody_who_waits(four: FourApis) -> None:
    """Place, people before, and minutes: by each API, and on the person's own page."""
    ids = []
    for _ in range(7):
        four.clock.pass_(s=1)
        wanted = {"tickets": [{"master_id": four.master, "service_id": four.general}]}
        ids.append((await four.ask("POST", "/vt/api/json/ticket/create", wanted))["ticket"]["id"])
    await four.services.store.call_next("d1")
    await four.services.store.postpone(ids[1], places=2)
    in_line = [ids[2], ids[3], ids[1], *ids[4:]]
    listed = (await four.ask("GET", f"{four.agendize}?status=registered"))["items"]
    waiting = await four.ask("GET", "/qflow/Tickets/Waiting/29")
    assert len(listed) == len(waiting) == 6
    for ahead, id in enumerate(in_line):
        ticket = await four.ticket(id)
        page = await four.services.screens.phone(id)
        registration = await four.ask("GET", f"{four.agendize}/{ticket.serial}")
        case = await four.ask("GET", f"/qflow/Cases/{ticket.serial}")
        (virtual,) = (await four.ask("GET", f"/vt/api/json/customer/tickets/{id}"))["tickets"]
        position = (await four.ask("POST", f"{four.ombori}/join", {"session": four.general, "position": {"id": id}}))[
            "position"
        ]
        assert (page.ahead, registration["numberOfPeopleAhead"], case["QueuePosition"]) == (ahead, ahead, ahead)
        assert (registration["rank"], position["numberInTheQueue"]) == (ahead + 1, ahead + 1)
        assert virtual["waiting_tickets"] == str(ahead)
        minutes = int(virtual["hours"]) * 60 + int(virtual["minutes"])
        assert registration["waitingTime"] == case["WaitTimeEst"] == minutes
        assert page.wait and page.wait.low <= minutes <= (page.wait.high or page.wait.low)
        assert listed[ahead]["id"] == str(ticket.serial)


async def test_one_estimate_is_written_in_each_apis_unit(four: FourApis) -> None:
    """545 s, and for who comes now 4000 s: whole minutes, begun ones counted; hours and minutes of two digits each."""
    wanted = {"tickets": [{"master_id": four.master, "service_id": four.general}]}
    ids = [(await four.ask("POST", "/vt/api/json/ticket/create", wanted))["ticket"]["id"] for _ in range(3)]
    for desk in ("d1", "d2"):
        await four.services.store.call_next(desk)
    line = line_of([Told(5, 12, 545), Told(50, 80, 4000)])
    expected = Expected(at=four.clock.now, seq=9, lines={"general": line})
    learning = Learning(four.services.store.connection)
    assert await learning.keep("main", Learned("", 0, "{}"), expected, tell=False, at=four.clock.now)
    serial = (await four.ticket(ids[2])).serial
    registration = await four.ask("GET", f"{four.agendize}/{serial}")
    assert (registration["waitingTime"], registration["averageWaitingTime"]) == (10, 67)
    assert (await four.ask("GET", f"/qflow/Cases/{serial}"))["WaitTimeEst"] == 10
    (mine,) = (await four.ask("GET", f"/vt/api/json/customer/tickets/{ids[2]}"))["tickets"]
    assert (mine["hours"], mine["minutes"]) == ("00", "10")
    places = (await four.ask("GET", "/vt/api/json/locations/get"))["locations"]
    (service,) = (each for place in places for each in place["services"] if each["id"] == four.general)
    assert service["waiting_avg"] == "01:07"
    known = (await four.ask("GET", f"/vt/api/json/server_services/get?location_id={four.master}"))["server_services"]
    places = [place for service in known for place in service["locations"]]
    (local,) = (each for place in places for each in place["services"] if each["id"] == four.general)
    assert (local["hours"], local["minutes"], local["waiting_avg"]) == ("01", "07", "01:07")


async def test_nobody_sees_a_ticket_of_another_organization(four: FourApis, connection: Connection) -> None:
    joined = await four.ask("POST", f"{four.ombori}/join", {"session": four.general})
    ticket = await four.ticket(joined["position"]["id"])
    _, four.secret = await four.services.accounts.keys.make("Stranger", organization="nowhere")
    for method, path, body in (
        ("GET", f"{four.agendize}/{ticket.serial}", None),
        ("PUT", f"{four.agendize}/{ticket.serial}", {"status": "finished"}),
        ("GET", f"/qflow/Cases/{ticket.serial}", None),
        ("POST", "/qflow/Cases/Cancel", {"CaseId": ticket.serial, "Status": 15}),
        ("POST", f"{four.ombori}/join", {"session": four.general}),
    ):
        headers = {
            "ApiKey": four.secret,
            "token": four.secret,
            "apiKey": four.secret,
            "Application-API-Key": four.secret,
        }
        answer = await four.http.request(method, path, json=body, headers=headers)
        assert answer.status_code in (401, 403, 404), (path, answer.text)
    assert (await four.bloom_state(ticket)) is None
    assert await four.ticket(ticket.id) == ticket


def test_the_table_has_every_state() -> None:
    assert {state for state, _ in WORDS} == set(State)
    shown = {CloseReason(reason) for _, reason in WORDS if reason}
    assert shown == set(CloseReason) - {CloseReason.RESCHEDULED, CloseReason.RESET}
