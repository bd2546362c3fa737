"""An API of another shape: everything below its roots is answered in its own words, and as it is described."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx2
import msgspec
import pytest
from msgspec import Meta, Struct
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from callboard import auth
from callboard.auth import Caller
from callboard.domain.directory import Directory, Unknown
from callboard.errors import Refusal, Refused, StoreAway
from callboard.foreign.faults import Fault
from callboard.foreign.openapi import document
from callboard.foreign.operation import Asked, Face, Operation
from callboard.foreign.routes import fault_below, routes
from callboard.guard import Bodies
from callboard.http import Denied
from callboard.services import Services
from callboard.store.redis import Connection
from conftest import Clock
from house import client, make_services


class Body(Struct):
    name: Annotated[str, Meta(min_length=1)]
    size: int = 1


class Query(Struct):
    deep: bool = False


class Said(Struct):
    who: str
    name: str
    deep: bool


class Oops(Struct):
    oops: str


ERRORS: dict[str, Exception] = {
    "refused": Refused(Refusal.QUEUE_EMPTY),
    "unknown": Unknown("ticket", "secret"),
    "away": StoreAway(),
}


async def _say(asked: Asked[Body, Query]) -> Said:
    if error := ERRORS.get(asked.body.name):
        raise error
    if asked.body.name == "bug":
        raise RuntimeError("a bug")
    return Said(f"{asked.caller.organization}:{asked.ids['region']}:{asked.once}", asked.body.name, asked.query.deep)


async def _gone(asked: Asked[None, None]) -> None:
    return None


async def _caller(request: Request, services: Services) -> Caller:
    if "key" not in request.headers:
        raise Denied
    return await auth.key_caller(services, request.headers["key"], "one")


def _fault(fault: Fault, request: Request) -> Response:
    body = msgspec.json.encode({"oops": fault.code, "about": [m.where for m in fault.mistakes]})
    return Response(body, 400 if fault.status == 422 else fault.status, dict(fault.headers), "application/json")


FACE = Face(
    name="one",
    title="One",
    roots=("/one/{region}", "/uno/{region}"),
    operations=(
        Operation(
            name="say", method="POST", path="/things/{thing:int}", summary="Says", do=_say, takes=Body, asks=Query,
            answers=Said, errors=(409,),
        ),
        Operation(name="gone", method="DELETE", path="/things/{thing:int}", summary="Goes", do=_gone),
        Operation(name="see", method="GET", path="/open", summary="Open", do=_gone, open=True, limit="look"),
    ),
    caller=_caller,
    fault=_fault,
    error=Oops,
    always={400: "wrong", 401: "who", 404: "where"},
    security={"key": {"type": "apiKey", "in": "header", "name": "key"}},
)  # fmt: skip


@pytest.fixture
async def http(connection: Connection, directory: Directory, clock: Clock) -> AsyncIterator[httpx2.AsyncClient]:
    services = make_services(connection, directory, clock)
    _, secret = await services.accounts.keys.make("test", organization="hilltop", api="one")
    app = Starlette(routes=routes(FACE))
    app.add_middleware(Bodies, limit=1000, say=fault_below([FACE]))
    app.state.services = services
    async with client(app) as found:
        found.headers["key"] = secret
        yield found


async def test_it_reads_answers_and_knows_who_asks_at_every_root(http: httpx2.AsyncClient) -> None:
    for root in ("/one/eu", "/uno/eu"):
        found = await http.post(f"{root}/things/1?deep=true", json={"name": "a", "unheard": "of"})
        assert (found.status_code, found.json()) == (200, {"who": "hilltop:eu:None", "name": "a", "deep": True})
    empty = await http.delete("/one/eu/things/1")
    assert (empty.status_code, empty.content) == (200, b"")


@pytest.mark.parametrize(
    ("name", "status", "oops"),
    [("refused", 409, "queue_empty"), ("unknown", 404, "not_found"), ("away", 503, "store_away"), ("", 400, "invalid")],
)
async def test_what_goes_wrong_is_said_in_its_words(
    http: httpx2.AsyncClient, name: str, status: int, oops: str
) -> None:
    found = await http.post("/one/eu/things/1", json={"name": name})
    assert (found.status_code, found.json()["oops"]) == (status, oops)
    assert ("retry-after" in found.headers) == (status == 503)
    assert "secret" not in found.text


WRONG: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("POST", "/one/eu/things/1", {"headers": {"key": ""}, "json": {}}, 401, "unknown_key"),
    ("POST", "/one/eu/things/1", {"headers": {"key": "cb_aaaaaaaa_" + "a" * 32}, "json": {}}, 401, "unknown_key"),
    ("POST", "/one/eu/things/1", {"content": b"{", "headers": {"content-type": "application/json"}}, 400, "invalid"),
    (
        "POST",
        "/one/eu/things/1",
        {"content": b"x=1", "headers": {"content-type": "text/plain"}},
        415,
        "unsupported_media_type",
    ),
    ("POST", "/one/eu/things/1", {"content": b"[" * 900, "headers": {"content-type": "text/json"}}, 400, "invalid"),
    ("POST", "/one/eu/things/1", {"content": b" " * 1001}, 413, "too_large"),
    ("PATCH", "/one/eu/things/1", {}, 405, "method_not_allowed"),
    ("PROPFIND", "/one/eu/things/1", {}, 405, "method_not_allowed"),
    ("PROPFIND", "/one/eu/nothing/here", {}, 404, "not_found"),
    ("GET", "/one/eu/things/x", {}, 404, "not_found"),
    ("GET", "/one/eu/nothing/here", {}, 404, "not_found"),
    ("GET", "/one/eu", {}, 404, "not_found"),
    ("PROPFIND", "/uno/eu/", {}, 404, "not_found"),
]


@pytest.mark.parametrize(("method", "path", "sent", "status", "oops"), WRONG)
async def test_nothing_below_a_root_is_answered_in_our_words(
    http: httpx2.AsyncClient, method: str, path: str, sent: dict[str, Any], status: int, oops: str
) -> None:
    found = await http.request(method, path, **sent)
    assert (found.status_code, found.json()["oops"]) == (status, oops)


async def test_a_bug_is_not_said_to_be_somebody_elses(http: httpx2.AsyncClient) -> None:
    with pytest.raises(RuntimeError):
        await http.post("/one/eu/things/1", json={"name": "bug"})


async def test_a_key_of_one_api_opens_no_other_and_a_revoked_one_nothing(
    connection: Connection, directory: Directory, clock: Clock
) -> None:
    services = make_services(connection, directory, clock)
    one, secret = await services.accounts.keys.make("test", organization="hilltop", api="one")
    _, every = await services.accounts.keys.make("test", organization="hilltop")
    for api in ("two", ""):
        with pytest.raises(Denied):
            await auth.key_caller(services, secret, api)
        assert (await auth.key_caller(services, every, api)).organization == "hilltop"
    other = make_services(connection, directory, clock)  # another process
    assert (await auth.key_caller(other, secret, "one")).organization == "hilltop"
    await services.accounts.keys.revoke(one.id)
    with pytest.raises(Denied):
        await auth.key_caller(other, secret, "one")


async def test_it_is_described_from_the_same_words(http: httpx2.AsyncClient) -> None:
    found = (await http.get("/one/eu/openapi.json")).json()
    assert found == document(FACE, "/one/eu", "application/json")
    assert set(found["paths"]) == {"/one/eu/things/{thing}", "/one/eu/open"}
    say = found["paths"]["/one/eu/things/{thing}"]["post"]
    assert set(say["responses"]) == {"200", "400", "401", "404", "409"}
    assert say["security"] == [{"key": []}]
    assert "security" not in found["paths"]["/one/eu/open"]["get"]
    assert found["components"]["schemas"]["Body"]["required"] == ["name"]
    assert [each["name"] for each in say["parameters"]] == ["thing", "deep"]


async def test_what_is_open_is_limited_by_address(http: httpx2.AsyncClient) -> None:
    for _ in range(600):
        assert (await http.get("/one/eu/open")).status_code == 200
    again = await http.get("/one/eu/open")
    assert (again.status_code, again.json()["oops"]) == (429, "too_many_requests")
