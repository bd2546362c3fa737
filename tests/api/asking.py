"""Short ways to say what a test asks for."""

from typing import Any

import httpx2

ROOT = "/api/v1"


async def take(who: httpx2.AsyncClient, queue: str = "general", **body: Any) -> dict[str, Any]:
    """A new ticket: {ticket, token, url}."""
    response = await who.post(f"{ROOT}/tickets", json={"queue": queue, **body})
    assert response.status_code == 201, response.text
    taken: dict[str, Any] = response.json()
    return taken


async def command(who: httpx2.AsyncClient, path: str, **body: Any) -> dict[str, Any]:
    """The answer of a command that is done."""
    response = await who.post(f"{ROOT}/{path}", json=body)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def called(who: httpx2.AsyncClient, desk: str = "d1", queue: str = "general") -> str:
    """The id of a ticket that was taken and called to a desk."""
    await command(who, f"desks/{desk}/open")
    await take(who, queue)
    return str((await command(who, f"desks/{desk}/call_next"))["ticket"]["id"])


def code(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def fields(response: httpx2.Response) -> set[str]:
    """The fields that a 422 names."""
    assert response.status_code == 422, response.text
    return {mistake["field"] for mistake in response.json()["error"]["fields"]}
