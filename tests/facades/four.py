"""Four integrators who watch one waiting room, each through another API, and the table of what each should see."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from callboard.domain.identity import location_uuid, queue_number, queue_uuid
from callboard.domain.model import State, Ticket
from callboard.services import Services
from conftest import SITE, Clock

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
    (State.HELD, ""): ("pending", "registered", (0, 0, 11, None), (2, False, False)),
    (State.DONE, "served"): ("completed", "finished", (1, 1, 8, 0), (4, True, True)),
    (State.NO_SHOW, "no_show"): ("rejected", "noShow", (1, 1, 17, 2), (3, True, True)),
    (State.CANCELLED, "customer"): ("rejected", "deleted", (1, 1, 15, 1), (3, False, True)),
    (State.CANCELLED, "staff"): ("rejected", "deleted", (1, 1, 15, 1), (3, False, True)),
    (State.CANCELLED, "abandoned"): ("rejected", "deleted", (1, 1, 4, 3), (3, False, True)),
}
# Of who was called before they were parked; and of what took another slot as a new process of the same case.
HELD_FROM_COUNTER: Words = ("pending", "registered", (0, 0, 12, None), (2, True, False))
RESCHEDULED: Words = ("rejected", "deleted", (1, 1, 15, 5), (3, False, True))


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
        self.number = 0

    async def ask(self, method: str, path: str, body: Any = None, expect: int = 200, **headers: str) -> Any:
        said = {"ApiKey": self.secret, "token": self.secret, "Application-API-Key": self.secret}
        said |= {"Authorization": f"Bearer {self.secret}"} | headers
        if path.startswith("/vt/"):
            said = {"vt_token": self.bloom_token}
        answer = await self.http.request(method, path, json=body, headers=said)
        assert answer.status_code == expect, f"{method} {path}: {answer.text}"
        return answer.json() if answer.content else None

    async def sign_up(self) -> None:
        body = {"username": "anna", "password": "aksjdhf879234", "first_name": "Anna", "last_name": "Berg"}
        self.bloom_token = (await self.ask("POST", "/vt/api/json/customer/register", body))["vt_token"]
        self.customer = (await self.ask("POST", "/vt/api/json/customer/details"))["user"]["id"]
        known = await self.services.customers.find("hilltop", id=self.customer)
        assert known
        self.number = known.number

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

    def names(self, ticket: Ticket | None) -> dict[str, Any]:
        """Of the house, of a ticket, and of two times."""
        house = {
            "ombori": self.ombori,
            "agendize": self.agendize,
            "master": self.master,
            "general": self.general,
            "number": self.number,
        }
        times = {"slot": self.local(20), "then": self.local(35), "at": self.clock.now + 1_200_000}
        return house | times | ({"id": ticket.id, "serial": ticket.serial} if ticket else {})
