"""What is wrong, too long or not theirs to ask is refused in the vendor's form, and nothing has changed."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from callboard.services import Services
from callboard.store.redis import Connection
from facades.ombori.conftest import QUEUE, ROOT
from house import client, everything

MIB = 1 << 20
DEEP = b"[" * 30_000 + b"]" * 30_000
NESTED = b'{"a":' * 40 + b"1" + b"}" * 40
VALLEY = "/regions/eu/queues/v1/organizations/valley"
BOOKING = b'"booking":{"start":"2026-09-22T09:00:00Z","end":"2026-09-22T09:15:00Z"}'
RESERVATION = b'{"locale":"en","notification":{"type":"email","settings":{}},' + BOOKING + b"}"


@dataclass
class Attempt:
    """`key`: the organization's, another's, some text, or none. `{T}` in the path is a ticket's id."""

    status: int
    method: str = "POST"
    path: str = f"{ROOT}/queues/{QUEUE}/join"
    body: bytes = b'{"session":"s"}'
    key: str | None = "own"
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})


def joining(position: bytes) -> bytes:
    return b'{"session":"s","position":' + position + b"}"


JOIN, POSITION = f"{ROOT}/queues/{QUEUE}/join", f"{ROOT}/queues/{QUEUE}/positions/{{T}}"
RESERVE, BOOK = f"{ROOT}/queues/{QUEUE}/reservations", f"{ROOT}/queues/{QUEUE}/bookings"
KIND = "Content-Type"

ATTEMPTS = {
    "10 MB": Attempt(413, body=b'{"session":"' + b"x" * (10 * MIB) + b'"}'),
    "10 MB to the public": Attempt(413, path=BOOK, body=b" " * (10 * MIB), key=None),
    "no JSON": Attempt(400, body=b"session=s"),
    "no UTF-8": Attempt(400, body=b'{"session":"\xff"}'),
    "half a character": Attempt(400, body=b'{"session":"\\ud800"}'),
    "broken off": Attempt(400, body=b'{"session":"s'),
    "nothing": Attempt(400, body=b""),
    "null": Attempt(400, body=b"null"),
    "a list": Attempt(400, body=b"[]"),
    "deep": Attempt(400, body=DEEP),
    "deep where anything goes": Attempt(400, body=joining(b'{"customData":{"a":' + DEEP + b"}}")),
    "deeper than is kept": Attempt(400, body=joining(b'{"customData":' + NESTED + b"}")),
    "a number beyond all": Attempt(400, body=joining(b'{"customData":{"a":1e999}}')),
    "wrong types": Attempt(400, body=b'{"session":5,"position":"p"}'),
    "too many people": Attempt(400, body=joining(b'{"numberOfPeople":100000}')),
    "nobody": Attempt(400, body=joining(b'{"numberOfPeople":0}')),
    "too many tags": Attempt(400, body=joining(b'{"tags":[' + b'{"id":"a","title":{}},' * 60 + b"]}")),
    "a long name": Attempt(400, body=joining(b'{"customerInfo":["' + b"x" * 500 + b'"]}')),
    "a form": Attempt(415, headers={KIND: "application/x-www-form-urlencoded"}),
    "text": Attempt(415, headers={KIND: "text/plain"}),
    "XML": Attempt(415, body=b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", headers={KIND: "application/xml"}),
    "another charset": Attempt(415, headers={KIND: "application/json; charset=utf-16"}),
    "compressed": Attempt(415, headers={KIND: "application/json", "Content-Encoding": "gzip"}),
    "no key": Attempt(401, key=None),
    "a key that is none": Attempt(401, key="XYZ"),
    "an empty key": Attempt(401, key=""),
    "a long key": Attempt(401, key="x" * 4000),
    "another organization's key": Attempt(401, key="strange"),
    "another organization's key where none is needed": Attempt(401, "GET", POSITION, b"", "strange"),
    "another organization's key on a cancellation": Attempt(401, "PUT", f"{POSITION}/cancel-position", b"", "strange"),
    "our key at another organization": Attempt(401, path=f"{VALLEY}/queues/valley-desk/join"),
    "another organization's queue": Attempt(404, path=f"{ROOT}/queues/valley-desk/join"),
    "our queue at another organization": Attempt(
        404, path=f"{VALLEY}/queues/{QUEUE}/bookings", body=b"{" + BOOKING + b"}", key=None
    ),
    "a ticket of ours seen from another organization": Attempt(
        404, "GET", f"{VALLEY}/queues/valley-desk/positions/{{T}}", b"", "strange"
    ),
    "an organization that is none": Attempt(401, path="/api/organizations/nobody/queues/general/join"),
    "a queue that is none": Attempt(404, path=f"{ROOT}/queues/nothing/join"),
    "a ticket that is none": Attempt(404, "PATCH", f"{ROOT}/queues/{QUEUE}/positions/x", b"{}"),
    "a path that leads out": Attempt(404, "GET", f"{ROOT}/queues/{QUEUE}/positions/..%2F..%2Fjoin", b""),
    "an address that is none": Attempt(404, "GET", f"{ROOT}/queues", b""),
    "a method that is none": Attempt(405, "DELETE", POSITION, b""),
    "a method that is another's": Attempt(405, "POST", f"{POSITION}/cancel-position", b""),
    "a key that is used for another command": Attempt(
        400, "POST", RESERVE, RESERVATION, headers={KIND: "application/json", "Idempotency-Key": "used"}
    ),
    "an idempotency key that cannot be": Attempt(400, headers={KIND: "application/json", "Idempotency-Key": "x" * 300}),
    "a reservation without a key": Attempt(401, path=RESERVE, body=RESERVATION, key=None),
    "an update without a key": Attempt(401, "PATCH", POSITION, b"{}", None),
}


@pytest.mark.parametrize("name", ATTEMPTS)
async def test_it_is_refused_and_nothing_changes(
    app: Starlette, services: Services, connection: Connection, key: str, strange_key: str, name: str
) -> None:
    attempt = ATTEMPTS[name]
    keys = {"own": key, "strange": strange_key}
    done = await services.store.join("general", name="Ann Example", phone="+46701740605", once="key:x:used")
    assert done.ticket
    async with client(app) as who:
        if "Idempotency-Key" in attempt.headers:
            await used(who, key)
        for each in keys.values():
            assert await services.accounts.keys.find(each), "that a key is used is noted"
        before = await everything(connection)
        headers = attempt.headers | ({} if attempt.key is None else {"ApiKey": keys.get(attempt.key, attempt.key)})
        path = attempt.path.format(T=done.ticket.id)
        answer = await who.request(attempt.method, path, content=attempt.body, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (attempt.status, "application/json")
    said = answer.json()
    assert said.keys() == {"statusCode", "message"}
    assert said["statusCode"] == attempt.status
    assert said["message"]
    assert "Ann" not in answer.text
    assert await everything(connection) == before


async def used(who: httpx2.AsyncClient, key: str) -> None:
    headers = {"ApiKey": key, "Idempotency-Key": "used"}
    assert (await who.post(JOIN, json={"session": "s"}, headers=headers)).status_code == 200


async def test_two_keys_are_none(app: Starlette, key: str) -> None:
    async with client(app) as who:
        answer = await who.post(JOIN, json={"session": "s"}, headers=[("ApiKey", key), ("ApiKey", key)])
    assert answer.status_code == 401


async def test_a_revoked_key_is_none_at_once(app: Starlette, services: Services) -> None:
    made, secret = await services.accounts.keys.make("Robot", organization="hilltop", api="ombori")
    async with client(app) as who:
        for status in (200, 401):
            answer = await who.post(JOIN, json={"session": "s"}, headers={"ApiKey": secret})
            assert answer.status_code == status
            await services.accounts.keys.revoke(made.id)


async def test_what_is_kept_can_be_as_deep_as_is_allowed(integrator: httpx2.AsyncClient) -> None:
    """And is read again however often."""
    deepest: Any = 1
    for _ in range(20):
        deepest = {"a": deepest}
    answer = await integrator.post(f"/queues/{QUEUE}/join", json={"session": "s", "position": {"customData": deepest}})
    assert answer.status_code == 200
    id = answer.json()["position"]["id"]
    seen = await integrator.get(f"/queues/{QUEUE}/positions/{id}")
    assert seen.json()["customData"] == deepest


async def test_twenty_bookings_at_once_fill_a_slot_and_no_more(visitor: httpx2.AsyncClient) -> None:
    start = "2026-09-22T09:00:00Z"
    booking = {"booking": {"start": start, "end": "2026-09-22T09:30:00Z"}}
    answers = await asyncio.gather(*(visitor.post("/queues/advice/bookings", json=booking) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 2 + [409] * 18
