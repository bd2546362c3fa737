"""Requests as the vendor's Node module and a public Java client put them, byte for byte where that is odd."""

from typing import Any

import httpx2
import pytest

from facades.agendize.conftest import ANN, QUEUE

V20 = f"/api/2.0/queues/{QUEUE}"


@pytest.fixture
def java(http: httpx2.AsyncClient, key: str) -> Any:
    """Credentials in the query; ids are numbers; a deletion says that it is a form."""

    async def ask(method: str, path: str, body: Any = None) -> Any:
        kind = "application/x-www-form-urlencoded" if method == "DELETE" else "application/json"
        given: dict[str, Any] = {} if body is None else {"json": body}
        answer = await http.request(
            method, path, params={"apiKey": key, "token": key}, headers={"Content-Type": kind}, **given
        )
        assert answer.status_code == 200, answer.text
        return answer.json() if answer.content else None

    return ask


async def test_the_java_client_goes_through_its_day(java: Any) -> None:
    """It looks up the queue before each call, reads every id as a number, and sends back what it has read."""
    queue = int((await java("GET", V20))["id"])
    assert queue == int((await java("GET", "/api/2.0/queues"))["items"][0]["id"])
    registered = {"dateTime": "2026-09-21T16:13:20", "timeZone": "America/Mexico_City"}
    sent = {
        "author": "js@example.org",
        "queue": {"id": queue, "name": "General"},
        "registered": registered,
        "client": ANN,
        "status": "registered",
    }
    made = await java("POST", f"{V20}/registrations", sent)
    id = int(made["id"])
    (listed,) = (await java("GET", f"{V20}/registrations"))["items"]
    assert listed == made == await java("GET", f"{V20}/registrations/{id}")
    assert await java("GET", f"{V20}/registrations/next") == made
    for status in ("finished", "registered", "onGoing"):
        changed = made | {
            "id": id,
            "queue": {"id": queue},
            "status": status,
            "client": {"id": int(made["client"]["id"])},
        }
        assert (await java("PUT", f"{V20}/registrations/{id}", changed))["status"] == status
    assert await java("DELETE", f"{V20}/registrations/{id}") is None


async def test_the_node_module_is_answered_200_or_an_error_at_the_top(http: httpx2.AsyncClient, key: str) -> None:
    """It announces JSON and a length of 0 where it sends nothing, and parses whatever is not empty."""
    empty = {"Content-Type": "application/json", "Content-Length": "0", "token": key, "apiKey": key}
    json = {"Content-Type": "application/json", "token": key, "apiKey": key}
    all = f"/api/2.3/queues/{QUEUE}/registrations"
    made = await http.post(all, json={"client": ANN}, headers=json)
    assert made.status_code == 200
    one = f"{all}/{made.json()['id']}"
    for method, path in (("GET", all), ("GET", one), ("POST", f"{all}/next"), ("DELETE", one)):
        answer = await http.request(method, path, headers=empty)
        assert answer.status_code == 200, (method, path, answer.text)
        assert not answer.content or "error" not in answer.json()
    failed = await http.request("POST", f"{all}/next", headers=empty)
    assert failed.status_code != 200 and "error" in failed.json()
