"""A small town: an organization with two units, another one beside it, and short ways to ask."""

from typing import Any

import httpx2

from callboard.domain.model import CloseReason, Ticket
from callboard.services import Services
from conftest import Clock

NOON = 1_790_042_400_000  # Tuesday 22 September 2026, 12:00 in Sydney (+10:00), 10:00 in Perth
DAY = "2026-09-22"

RIVERSIDE = {
    "organization": {"id": "riverside", "name": "Riverside"},
    "locations": [
        {
            "id": "harbour",
            "number": 29,
            "name": "Harbour Office",
            "region": "NSW",
            "city": "Sydney",
            "address": "1 Quay Street",
            "time_zone": "Australia/Sydney",
            "country": "AU",
            "languages": ["en", "ar"],
            "queues": [
                {"id": "passports", "number": 20, "tag": "P", "name": {"en": "Passports", "ar": "جوازات"}},
                {"id": "visas", "number": 21, "tag": "V", "name": "Visas", "check_in_by": "staff"},
                {"id": "photos", "number": 22, "tag": "F", "name": "Photos", "slot_places": 1, "slot_min": 30},
            ],
            "desks": [
                {"id": "c1", "tag": "1", "name": "Counter 1", "kind": "counter", "queues": ["passports", "visas"]},
                {"id": "c2", "tag": "2", "name": "Counter 2", "kind": "counter", "queues": ["photos"]},
            ],
        },
        {
            "id": "outback",
            "number": 30,
            "name": "Outback Office",
            "time_zone": "Australia/Perth",
            "country": "AU",
            "hours": {"mon": ["09:00-17:00"], "wed": ["09:00-12:00"], "fri": ["09:00-17:00"]},
            "queues": [
                {"id": "permits", "number": 31, "tag": "W", "name": "Permits", "slot_min": 60, "slot_places": 1}
            ],
            "desks": [{"id": "o1", "tag": "1", "name": "Desk 1", "queues": ["permits"]}],
        },
    ],
}
ELSEWHERE = {
    "organization": {"id": "elsewhere", "name": "Elsewhere"},
    "locations": [
        {
            "id": "elsewhere-hall",
            "number": 129,
            "name": "Elsewhere Hall",
            "queues": [{"id": "elsewhere-desk", "number": 120, "tag": "E", "name": "Reception"}],
        }
    ],
}

ANNA = {
    "PersonalId": "19800501-1234",
    "PersonalIdTypeId": 1,
    "PersonalIdTypeExtRef": "passport",
    "FirstName": "Anna",
    "LastName": "Berg",
    "Email": "anna@example.org",
    "TelNumber1": "0491 570 156",
    "TelNumber2": "02 5550 0000 ext 4",
    "DOB": "1980-05-01T00:00:00",
    "Sex": 2,
    "Notes": "Prefers mornings",
    "ExtRef": "CRM-7",
    "NotificationConsent": True,
    "IsActive": True,
    "CustomProperties": {"colour": "green", "tier": "gold"},
}


class Office:
    """What a program that speaks this API does, and what staff do at a desk meanwhile."""

    def __init__(self, client: httpx2.AsyncClient, services: Services, clock: Clock) -> None:
        self.client = client
        self.services = services
        self.clock = clock

    async def ask(self, method: str, path: str, body: Any = None, **options: Any) -> httpx2.Response:
        return await self.client.request(method, path, json=body, **options)

    async def done(self, method: str, path: str, body: Any = None) -> Any:
        """The answer of a call that succeeds."""
        response = await self.ask(method, path, body)
        assert response.status_code == 200, response.text
        return response.json()

    async def customer(self, **fields: Any) -> int:
        """The number of a customer."""
        return int((await self.done("POST", "/qflow/Customers", ANNA | fields))["CustomerId"])

    async def booked(self, customer: int, at: str = f"{DAY}T12:10:00", service: int = 20, **fields: Any) -> int:
        """The process of an appointment."""
        body = {"ServiceId": service, "AppointmentDateTime": at, "CustomerId": customer, **fields}
        return int((await self.done("PUT", "/qflow/Appointments", body))["ProcessId"])

    async def walked_in(self, service: int = 20, **fields: Any) -> int:
        return int((await self.done("POST", "/qflow/Cases", {"ServiceId": service, **fields}))["CaseId"])

    async def case(self, process: int) -> Any:
        return await self.done("GET", f"/qflow/Cases/Processes/{process}")

    async def ticket(self, process: int) -> Ticket:
        return await self.services.reads.ticket(await self.services.reads.ticket_of_serial(process))

    async def called(self, desk: str = "c1", staff: str = "Ada Lovelace") -> str:
        """The id of the ticket that is called next."""
        await self.services.store.open_desk(desk, staff=staff)
        done = await self.services.store.call_next(desk)
        assert done.ticket
        return done.ticket.id

    async def cancelled(self, process: int, reason: CloseReason) -> None:
        await self.services.store.cancel((await self.ticket(process)).id, reason=reason)


def refused(response: httpx2.Response) -> tuple[int, int | None]:
    """Status and ErrorNumber; the whole answer is the vendor's error object."""
    body = response.json()
    assert set(body) <= {"Message", "ErrorNumber", "ModelState", "MessageDetail"}, body
    assert isinstance(body["Message"], str)
    return response.status_code, body.get("ErrorNumber")


def wrong(response: httpx2.Response) -> set[str]:
    """The fields that a 400 names."""
    body = response.json()
    assert response.status_code == 400, response.text
    assert set(body) == {"Message", "ModelState"}, body
    assert all(isinstance(each, list) and each for each in body["ModelState"].values())
    return set(body["ModelState"])
