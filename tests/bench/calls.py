"""What is compared: each vendor's five commonest calls, and the same command through our own API."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from callboard import site
from callboard.compose import clock
from callboard.domain.directory import Directory
from callboard.domain.identity import location_number, location_uuid, queue_number, queue_uuid
from callboard.domain.model import Ticket

FILE = Path(__file__).with_name("offices.toml")
ROOM = Directory(site.load([FILE]))
_, QUEUE = ROOM.queue("a")
DEPOT, POOL = ROOM.queue("c")
SERVICE, NUMBER = queue_uuid(QUEUE), queue_number(QUEUE)
VIRTUAL = {"tickets": [{"master_id": location_uuid(DEPOT), "service_id": queue_uuid(POOL)}]}
OMBORI = f"/regions/eu/queues/v1/organizations/bench/queues/{SERVICE}"
OMBORI_C = OMBORI.replace(SERVICE, queue_uuid(ROOM.queue("c")[1]))
AGENDIZE = f"/api/2.3/queues/{NUMBER}/registrations"
ANNA = {"firstName": "Anna", "lastName": "Berg", "emailAddress": "anna@example.org"}
SESSION = "6f0f9a52-5a1e-4bb1-8f0e-2ad9fbd8a3a1"


class Request(NamedTuple):
    method: str
    path: str
    body: Any = None
    token: str = ""


Make = Callable[[], Request]


class Tickets:
    """Ids of tickets that wait, each handed out once."""

    def __init__(self, tickets: list[Ticket]) -> None:
        self._left = tickets

    def id(self) -> str:
        return self._left.pop().id

    def serial(self) -> int:
        return self._left.pop().serial


def pairs(waiting: Tickets, booked: Tickets, virtual: list[str], token: str) -> dict[str, tuple[Make, Make]]:
    """By name: the vendor's call, and ours."""
    one, serial = waiting.id(), waiting.serial()
    mine = virtual.pop()

    def take() -> Request:
        return Request("POST", "/api/v1/tickets", {"queue": "a"})

    def take_for_anna() -> Request:
        """Who has an address is written to, whichever API it came by."""
        return Request("POST", "/api/v1/tickets", {"queue": "a", "name": "Anna Berg", "email": ANNA["emailAddress"]})

    def look() -> Request:
        return Request("GET", f"/api/v1/tickets/{one}")

    def cancel() -> Request:
        return Request("POST", f"/api/v1/tickets/{waiting.id()}/cancel", {})

    def line() -> Request:
        return Request("GET", "/api/v1/queues/b?first=50")

    def place() -> Request:
        return Request("GET", "/api/v1/locations/hall")

    def next_one() -> Request:
        return Request("POST", "/api/v1/desks/desk/call_next", {})

    slot_at = clock() + 600_000
    slot = {"start": _iso(slot_at), "end": _iso(slot_at + 900_000)}
    contact = {"type": "email", "settings": {"recipient": "a@example.org"}}
    kept = {"locale": "en", "notification": contact, "booking": slot}

    def check_in() -> Request:
        return Request("POST", f"/api/v1/tickets/{booked.id()}/check_in", {})

    second, third = (f"/api/2.3/queues/{queue_number(ROOM.queue(id)[1])}/registrations" for id in "bc")
    register = {"client": ANNA}
    hall = location_number(ROOM.location("hall"))
    return {
        "Ombori join": (lambda: Request("POST", f"{OMBORI}/join", {"session": SESSION}), take),
        "Ombori position": (lambda: Request("GET", f"{OMBORI_C}/positions/{one}"), look),
        "Ombori update": (
            lambda: Request("PATCH", f"{OMBORI_C}/positions/{one}", {"customerInfo": ["blue coat"]}),
            lambda: Request("POST", f"/api/v1/tickets/{one}/postpone", {"places": 1, "force": True}),
        ),
        "Ombori cancel": (lambda: Request("PUT", f"{OMBORI_C}/positions/{waiting.id()}/cancel-position"), cancel),
        "Ombori reserve": (
            lambda: Request("POST", f"{OMBORI}/reservations", kept),
            lambda: Request(
                "POST", "/api/v1/tickets", {"queue": "a", "slot_at": slot_at, "reserve": True, "email": "a@example.org"}
            ),
        ),
        "Agendize list of 50": (lambda: Request("GET", second), line),
        "Agendize insert": (lambda: Request("POST", AGENDIZE, register), take_for_anna),
        "Agendize get": (lambda: Request("GET", f"{third}/{serial}"), look),
        "Agendize delete": (lambda: Request("DELETE", f"{third}/{waiting.serial()}"), cancel),
        "Agendize next": (lambda: Request("POST", f"{AGENDIZE}/next"), next_one),
        "Q-Flow Checkin": (
            lambda: Request("POST", "/qflow/Appointments/Checkin", {"ProcessId": booked.serial()}),
            check_in,
        ),
        "Q-Flow case": (lambda: Request("GET", f"/qflow/Cases/{serial}"), look),
        "Q-Flow new case": (lambda: Request("POST", "/qflow/Cases", {"ServiceId": NUMBER}), take),
        "Q-Flow waiting, 50": (lambda: Request("GET", f"/qflow/Tickets/Waiting/{hall}"), line),
        "Q-Flow cancel": (
            lambda: Request("POST", "/qflow/Cases/Cancel", {"ProcessId": waiting.serial(), "Status": 15}),
            cancel,
        ),
        "Bloom create": (lambda: Request("POST", "/vt/api/json/ticket/create", VIRTUAL, token), take),
        "Bloom ticket": (lambda: Request("GET", f"/vt/api/json/customer/tickets/{mine}", token=token), look),
        "Bloom cancel": (
            lambda: Request("POST", "/vt/api/json/ticket/cancel", {"ticket": virtual.pop()}, token),
            cancel,
        ),
        "Bloom locations": (lambda: Request("GET", "/vt/api/json/locations/get?city=Hall", token=token), place),
        "Bloom services": (
            lambda: Request(
                "GET",
                f"/vt/api/json/server_services/get?location_id={location_uuid(ROOM.location('hall'))}",
                token=token,
            ),
            place,
        ),
    }


def _iso(at: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(at // 1000))
