"""What should not be sent: refused as the vendor refuses, and nothing has changed afterwards."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import msgspec
import pytest

from callboard.services import Services
from facades.agendize.conftest import ANN, QUEUE, Client
from house import everything

ALL = f"/api/2.3/queues/{QUEUE}/registrations"
JSON = {"Content-Type": "application/json"}
GOOD = msgspec.json.encode({"client": ANN})


async def chunks() -> AsyncIterator[bytes]:
    for _ in range(160):
        yield b" " * 65_536


def deep(depth: int) -> Any:
    form: Any = []
    for _ in range(depth):
        form = [{"id": "a", "subItem": form}]
    return form


def body(content: Any, **headers: str) -> dict[str, Any]:
    content = content if isinstance(content, bytes) else msgspec.json.encode(content)
    return {"content": content, "headers": JSON | headers}


# What is sent to `POST .../registrations`, and the status that it is refused with.
BODIES: dict[str, tuple[dict[str, Any], int]] = {
    "10 MB": (body(b'{"x": "' + b"x" * 10_000_000 + b'"}'), 413),
    "10 MB without a length": ({"content": "chunks", "headers": JSON}, 413),
    "nested in lists 100,000 deep": (body(b'{"form": ' + b"[" * 30_000), 400),
    "nested in objects 5,000 deep": (body(b'{"client":' * 5_000 + b"1" + b"}" * 5_000), 400),
    "a form nested 200 deep": (body({"client": ANN, "form": deep(200)}), 400),
    "a form nested 4 deep": (body({"client": ANN, "form": deep(4)}), 400),
    "1,000 fields": (body({"client": ANN, "form": [{"id": str(n)} for n in range(1000)]}), 400),
    "nothing": ({"content": b"", "headers": JSON}, 400),
    "no JSON": (body(b"{'client': 1}"), 400),
    "half of it": (body(GOOD[:-3]), 400),
    "more behind it": (body(GOOD + b"{}"), 400),
    "null": (body(None), 400),
    "a list": (body([{"client": ANN}]), 400),
    "a text": (body("client"), 400),
    "not UTF-8": (body(b'{"client": {"firstName": "\xff"}}'), 400),
    "half a letter": (body(b'{"client": {"firstName": "\\ud800"}}'), 400),
    "UTF-16": (body(GOOD.decode().encode("utf-16")), 400),
    "a number for a name": (body({"client": ANN | {"lastName": 5}}), 400),
    "a number without end": (body(b'{"id": ' + b"9" * 5000 + b"}"), 400),
    "a pattern that looks back": (
        body({"client": ANN, "form": [{"id": "a", "value": "b", "valueFormat": {"regexValue": "(a)\\1"}}]}),
        400,
    ),
    "a pattern that explodes": (
        body({"client": ANN, "form": [{"id": "a", "value": "a" * 9999, "valueFormat": {"regexValue": "(a+)+b"}}]}),
        400,
    ),
    "XML": (body(b"<a/>", **{"Content-Type": "application/xml"}), 415),
    "a form of a page": (body(b"client=1", **{"Content-Type": "application/x-www-form-urlencoded"}), 415),
    "JSON that says it is text": (body(GOOD, **{"Content-Type": "text/plain"}), 415),
    "another charset": (body(GOOD, **{"Content-Type": "application/json; charset=utf-16"}), 415),
    "compressed": (body(GOOD, **{"Content-Encoding": "gzip"}), 415),
}

# Method, address, options and status of other requests.
REQUESTS: dict[str, tuple[str, str, dict[str, Any], int]] = {
    "a watch of 10 MB": ("POST", f"{ALL}/watch", body(b" " * 10_000_000), 413),
    "a watch of our own machine by another scheme": ("POST", f"{ALL}/watch", body({"address": "file:///etc"}), 400),
    "a header that ends the headers": (
        "POST",
        f"{ALL}/watch",
        body({"address": "https://a.example.org", "httpRequestHeader": {"X": "a\r\nB: c"}}),
        400,
    ),
    "a schema that explodes": (
        "POST",
        f"{ALL}/watch",
        body({"address": "https://a.example.org", "schema": "${$" + "['a','a']" * 20 + "}"}),
        400,
    ),
    "a schema with a pattern": (
        "POST",
        f"{ALL}/watch",
        body({"address": "https://a.example.org", "schema": {"a": "${$.form[?search(@.id,'(a+)+$')]}"}}),
        400,
    ),
    "an id of 5,000 digits": ("GET", f"{ALL}/{'9' * 5000}", {}, 404),
    "an id in other digits": ("GET", f"{ALL}/١٢٣", {}, 404),
    "a negative id": ("DELETE", f"{ALL}/-1", {}, 404),
    "a blank for an id": ("GET", f"{ALL}/%20", {}, 404),
    "a path that climbs": ("GET", f"{ALL}/..%2f..%2fwatchers", {}, 404),
    "nothing under the root": ("GET", "/api/2.3/", {}, 404),
    "an unknown address": ("GET", "/api/2.3/companies", {}, 404),
    "a method that there is not": ("DELETE", ALL, {}, 405),
    "a question what is possible": ("OPTIONS", f"{ALL}/1", {}, 405),
    "a status that goes on": ("GET", ALL, {"params": {"status": "registered," * 3000 + "x"}}, 400),
    "an idempotency key of two lines": ("POST", f"{ALL}/next", {"headers": {"Idempotency-Key": "a\tb"}}, 400),
}


def is_refused(answer: httpx2.Response, status: int) -> None:
    assert answer.status_code == status, answer.text[:200]
    error = answer.json()["error"]
    assert set(answer.json()) == {"error"} and error["code"] == status and error["message"]


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_a_body_is_refused_and_changes_nothing(robot: Client, services: Services, name: str, method: str) -> None:
    id = (await robot.insert())["id"]
    options, status = BODIES[name]
    if options["content"] == "chunks":
        options = options | {"content": chunks()}
    before = await everything(services.store.connection)
    is_refused(await robot.http.request(method, ALL if method == "POST" else f"{ALL}/{id}", **options), status)
    assert await everything(services.store.connection) == before


@pytest.mark.parametrize("name", REQUESTS)
async def test_a_request_is_refused_and_changes_nothing(robot: Client, services: Services, name: str) -> None:
    await robot.insert()
    method, path, options, status = REQUESTS[name]
    before = await everything(services.store.connection)
    is_refused(await robot.http.request(method, path, **options), status)
    assert await everything(services.store.connection) == before


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
async def test_another_organizations_key_changes_nothing(
    robot: Client, foreigner: Client, services: Services, method: str
) -> None:
    id = (await robot.insert(form=[{"id": "f", "type": "file", "value": "data:,x"}]))["id"]
    watcher = (await robot.ask("POST", "watch", json={"address": "https://a.example.org/"}))["id"]
    await foreigner.ask("GET", "")
    before = await everything(services.store.connection)
    for path in (ALL, f"{ALL}/{id}", f"{ALL}/next", f"{ALL}/watch", f"/api/2.3/watchers/{watcher}"):
        content: dict[str, Any] = (
            {} if method in ("GET", "DELETE") else {"json": {"client": ANN, "address": "https://b.example.org"}}
        )
        answer = await foreigner.http.request(method, path, **content)
        is_refused(answer, answer.status_code)
        assert answer.status_code in (403, 404, 405), path
    assert await everything(services.store.connection) == before


async def test_what_is_odd_and_harmless_is_taken(robot: Client) -> None:
    """Unknown fields, null where nothing is said, and letters that break a line elsewhere."""
    client = ANN | {"firstName": "<b>\u0000\u2028'\"", "nickname": [1], "phoneNumber": None}
    made = await robot.insert(client=client, color="red", form=None, queue=None, status=None, id=None)
    assert made["client"]["firstName"] == "<b>\u0000\u2028'\""
