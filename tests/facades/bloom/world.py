"""The places of the document's samples, and a second organization; and short ways to ask."""

from typing import Any

import httpx2
import msgspec

from callboard.domain.directory import Directory
from callboard.domain.model import Site
from callboard.services import Services
from callboard.store.redis import Connection
from facades.bloom.parsed import parsed, spoken
from house import everything

QBETTER, COMPANY, TESTE = (
    "81ddf0e9-9e21-4bc1-a400-f40411931fbf",
    "eef1c6b5-6362-462f-a1eb-b23ad0a4b043",
    "dcbb6b02-c5c3-4330-994d-1183ab785e0c",
)
SERVICE_A, SERVICE_B = "1547c9bd-ba1a-4348-8dee-d61f71bc635c", "54f419e3-e38e-409b-8c61-ddaac01bd6c7"
TESTE_A, COMPANY_A = "0bfe6b8e-a216-475c-bc6f-7ffc8168d464", "7c0a4a3c-52a5-4be4-9c3b-0f6f7f0d7f10"

RULES = {"radius_km": 50, "min_waiting": 9000, "several_tickets": False}
TEXTS = {
    "your_turn": "Ticket %{ticket.tag}%{ticket.number}, please come to desk %{ticket.desk.tag}.",
    "almost_your_turn": "%{ticket.customers_ahead} before you.",
}
TITLES = {"your_turn": "Your turn", "almost_your_turn": "Nearly there"}
ALL_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def place(id: str, uuid: str, name: str, queues: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "uuid": uuid,
        "name": name,
        "time_zone": "Europe/Lisbon",
        "country": "PT",
        "remote": RULES,
        "texts": {"en": TEXTS},
        "titles": {"en": TITLES},
        "queues": queues,
        "desks": [{"id": f"{id}-1", "tag": "1", "name": "Desk 1", "queues": [queue["id"] for queue in queues]}],
        **more,
    }


def queue(id: str, uuid: str, tag: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "uuid": uuid, "tag": tag, "name": f"Service {tag}", **more}


SITE = {
    "organization": {"id": "braga", "name": "Braga"},
    "locations": [
        place(
            "qbetter",
            QBETTER,
            "Q-Better",
            [queue("qb-a", SERVICE_A, "A"), queue("qb-b", SERVICE_B, "B")],
            city="Braga",
            region="Braga",
            coordinates=(41.572408, -8.426258),
            address="Rua Dr. Manuel José de Oliveira Machado, n.º 37",
            hours={day: ["09:00-12:30", "14:00-24:00"] for day in ALL_WEEK},
        ),
        place(
            "company",
            COMPANY,
            "Company",
            [queue("company-a", COMPANY_A, "A")],
            city="Some City",
            region="Braga",
            address="Main Road",
            hours={"sun": ["10:00-11:00"]},
        ),
        place(
            "teste",
            TESTE,
            "Location Teste",
            [queue("teste-a", TESTE_A, "A", colour="#f9ae3b")],
            hours={day: ["00:00-12:00", "13:00-24:00"] for day in ALL_WEEK},
        ),
    ],
}
OTHER = {
    "organization": {"id": "porto", "name": "Porto"},
    "locations": [
        place(
            "ribeira",
            "d2f1c7d4-6a3c-4c76-8a55-0d7b4d0a9e11",
            "Ribeira",
            [queue("rib-a", "5b8c1d8e-3c1e-4f43-9d0a-7d1d0e6a2b42", "R")],
        )
    ],
}


class Bloom:
    """One client: asks in JSON, and where nothing is changed by it also in XML, which must say the same."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client
        self.token = ""

    async def get(self, path: str, status: int = 200, **query: str) -> Any:
        headers = self._headers()
        response = await self.client.get(f"/vt/api/json/{path}", headers=headers, params=query)
        answer = said(response, status)
        same(await self.client.get(f"/vt/api/XML/{path}", headers=headers, params=query), status, answer)
        return answer

    async def post(self, path: str, body: Any = None, status: int = 200, format: str = "json", **query: str) -> Any:
        response = await self.client.post(f"/vt/api/{format}/{path}", json=body, params=query, headers=self._headers())
        return said(response, status)

    async def sign_up(self, name: str = "andre", **more: Any) -> Any:
        """Registers and stays signed in."""
        body = {"username": name, "password": "aksjdhf879234", "first_name": "André", "last_name": "Araújo"}
        self.token = (await self.post("customer/register", body | more))["vt_token"]
        return await self.user()

    async def user(self) -> Any:
        return (await self.post("customer/details"))["user"]

    async def take(self, service: str = TESTE_A, master: str = TESTE, status: int = 200) -> Any:
        return await self.post("ticket/create", {"tickets": [{"master_id": master, "service_id": service}]}, status)

    def _headers(self) -> dict[str, str]:
        return {"vt_token": self.token} if self.token else {}


def said(response: httpx2.Response, status: int = 200) -> Any:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    return response.json()


def same(response: httpx2.Response, status: int, answer: Any) -> None:
    """The answer in XML carries what the JSON does."""
    assert (response.status_code, response.headers["content-type"]) == (status, "application/xml")
    assert parsed(response.content, like=answer) == spoken(answer)


def change(services: Services, uuid: str, **changes: Any) -> None:
    """As if the site file was applied again with these changes to a location."""
    site = msgspec.to_builtins(services.directory.sites[0])
    for location in site["locations"]:
        if location["uuid"] == uuid:
            location.update(changes)
    directory = Directory([msgspec.convert(site, Site), *services.directory.sites[1:]])
    services.store.directory = services.reads.directory = directory


async def kept(connection: Connection) -> str:
    """All that the store holds, but for the answers that it keeps a minute lest a command act twice."""
    async for key in connection.client.scan_iter("*:once:*"):
        await connection.client.delete(key)
    return await everything(connection)


def wrong(answer: Any) -> int:
    """The errno of an answer that says no."""
    assert set(answer) == {"success", "errno", "message"} and answer["success"] is False and answer["message"]
    return int(answer["errno"])
