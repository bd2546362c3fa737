"""One ticket, four views: whoever moves it, every API tells the same of it, and what our own pages tell.

The table is that of the states in vendors' words; each walk is driven through one API after the other.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import msgspec
import pytest

from callboard.app import create_app
from callboard.domain.directory import Directory
from callboard.domain.identity import location_uuid, queue_number, queue_uuid
from callboard.domain.model import CloseReason, Site, State, Ticket
from callboard.services import Services
from callboard.store.redis import Connection
from conftest import SITE, Clock
from house import client, make_services

MAIN: dict[str, Any] = SITE["locations"][0]  # type: ignore[index]
GENERAL, LAB, *OTHERS = MAIN["queues"]
QUEUES = [GENERAL | {"number": 20}, LAB | {"number": 21, "finish_on_next": True, "booking_head_start_min": 0}, *OTHERS]
HOUSE = SITE | {"locations": [MAIN | {"number": 29, "queues": QUEUES}]}

# State and reason: Ombori's status; Agendize's (None: not shown); Q-Flow's case, process, entity and resolution;
# Bloom's state and which of its call dates are set (None: not shown).
Words = tuple[str, str | None, tuple[int, int, int, int | None], tuple[int, bool, bool] | None]
WORDS: dict[tuple[State, str], Words] = {
    (State.RESERVED, ""): ("reserved", None, (0, 2, 0, None), None),
    (State.BOOKED, ""): ("draft", None, (0, 2, 0, None), None),
    (State.WAITING, ""): ("pending", "registered", (0, 0, 3, None), (0, False, False)),
    (State.CALLED, ""): ("notified", "inProgress", (0, 0, 6, None), (1, True, False)),
    (State.SERVING, ""): ("fulfilled", "inProgress", (0, 0, 6, None), (1, True, False)),
    (State.DONE, "served"): ("completed", "finished", (1, 1, 8, 0), (4, True, True)),
    (State.NO_SHOW, "no_show"): ("rejected", "noShow", (1, 1, 17, 2), (3, True, True)),
    (State.CANCELLED, "customer"): ("rejected", "deleted", (1, 1, 15, 1), (3, False, True)),
    (State.CANCELLED, "staff"): ("rejected", "deleted", (1, 1, 15, 1), (3, False, True)),
    (State.CANCELLED, "abandoned"): ("rejected", "deleted", (1, 1, 4, 3), (3, False, True)),
}
HELD_IN_LINE: Words = ("pending", "registered", (0, 0, 11, None), (2, False, False))


def same_label(shown: str | None, ticket: Ticket) -> bool:
    """Each writes it in its own way: A7, A007, A 007."""
    written = re.fullmatch(r"([A-Z]+) ?(\d+)", shown or "")
    return (written[1] + f"{int(written[2]):03d}" if written else "") == ticket.label


class FourApis:
    """Four integrators who watch the same waiting room, and staff at a desk."""

    def __init__(self, http: httpx2.AsyncClient, services: Services, clock: Clock, secret: str) -> None:
        self.http, self.services, self.clock, self.secret = http, services, clock, secret
        main = services.directory.location("main")
        self.master, self.general = location_uuid(main), queue_uuid(main.queues[0])
        self.ombori = f"/regions/eu/queues/v1/organizations/hilltop/queues/{self.general}"
        self.agendize = "/api/2.3/queues/20/registrations"
        self.bloom_token = self.customer = ""

    async def ask(self, method: str, path: str, body: Any = None, expect: int = 200, **headers: str) -> Any:
        said = {"ApiKey": self.secret, "token": self.secret, "Application-API-Key": self.secret} | headers
        if path.startswith("/vt/"):
            said = {"vt_token": self.bloom_token}
        answer = await self.http.request(method, path, json=body, headers=said)
        assert answer.status_code == expect, f"{method} {path}: {answer.text}"
        return answer.json() if answer.content else None

    async def sign_up(self) -> None:
        body = {"username": "anna", "password": "aksjdhf879234", "first_name": "Anna", "last_name": "Berg"}
        self.bloom_token = (await self.ask("POST", "/vt/api/json/customer/register", body))["vt_token"]
        self.customer = (await self.ask("POST", "/vt/api/json/customer/details"))["user"]["id"]

    async def ticket(self, id: str) -> Ticket:
        return await self.services.reads.ticket(id)

    async def belongs_to_anna(self, id: str) -> None:
        await self.services.store.change_person(id, customer=self.customer)

    async def words(self, id: str) -> Words:
        ticket = await self.ticket(id)
        queue = queue_uuid(self.services.directory.queue(ticket.queue)[1])
        position = await self.ask("GET", f"{self.ombori.replace(self.general, queue)}/positions/{id}")
        case = await self.ask("GET", f"/qflow/Cases/Processes/{ticket.serial}")
        assert (position["id"], case["ProcessId"]) == (id, ticket.serial)
        assert same_label(position["label"], ticket) and same_label(case["Ticket"], ticket)
        entity = (case["CaseStatus"], case["ProcessStatus"], case["EntityStatus"], case["Resolution"])
        return position["status"], await self.registration_status(ticket), entity, await self.bloom_state(ticket)

    async def registration_status(self, ticket: Ticket) -> str | None:
        number = queue_number(self.services.directory.queue(ticket.queue)[1])
        path = f"/api/2.3/queues/{number}/registrations/{ticket.serial}"
        shown = await self.http.get(path, headers={"token": self.secret, "apiKey": self.secret})
        assert shown.status_code in (200, 404)
        return shown.json()["status"] if shown.status_code == 200 else None

    async def bloom_state(self, ticket: Ticket) -> tuple[int, bool, bool] | None:
        answer = await self.ask("GET", f"/vt/api/json/customer/tickets/{ticket.id}")
        if not answer["success"]:
            return None
        (shown,) = answer["tickets"]
        assert same_label(shown["ticket_number"], ticket)
        return shown["state"], shown["startcall_date"] is not None, shown["endcall_date"] is not None

    async def agree(self, id: str, state: State, reason: str = "", words: Words | None = None) -> None:
        """Every API shows the ticket as the table has that state, and the store has it so."""
        ticket = await self.ticket(id)
        assert (ticket.state, ticket.close_reason or "") == (state, reason)
        assert await self.words(id) == (words or WORDS[state, reason])

    def local(self, minutes: int) -> str:
        """So many minutes from now, as a slot in UTC."""
        at = datetime.fromtimestamp(self.clock.now / 1000, UTC) + timedelta(minutes=minutes)
        return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


@pytest.fixture
async def four(connection: Connection, clock: Clock) -> AsyncIterator[FourApis]:
    services = make_services(connection, Directory([msgspec.convert(HOUSE, Site)]), clock)
    _, secret = await services.accounts.keys.make("All four", organization="hilltop")
    async with client(create_app(services)) as http:
        found = FourApis(http, services, clock, secret)
        await found.sign_up()
        for desk in ("d1", "d2"):
            await services.store.open_desk(desk, staff="ada")
        yield found


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
    await four.agree(id, State.HELD, words=HELD_IN_LINE)
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
    assert {state for state, _ in WORDS} | {State.HELD} == set(State)
    shown = {CloseReason(reason) for _, reason in WORDS if reason}
    assert shown == set(CloseReason) - {CloseReason.RESCHEDULED, CloseReason.RESET}
