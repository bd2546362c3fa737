"""How a body is read, and what exceptions become."""

from collections.abc import Iterable
from typing import Annotated, Any

import httpx2
import msgspec
import pytest
from msgspec import Meta, Struct
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from callboard import http
from callboard.errors import Invalid, Mistake, Refusal, Refused
from callboard.rates import TooMany


class Wanted(Struct, forbid_unknown_fields=True):
    queue: str
    places: Annotated[int, Meta(ge=0, le=10)] = 0


class Maybe(Struct, forbid_unknown_fields=True):
    places: int = 3


async def wanted(request: Request) -> Response:
    return http.answer(await http.read(request, Wanted))


async def maybe(request: Request) -> Response:
    return http.answer(await http.read(request, Maybe))


def client(*routes: Route) -> httpx2.AsyncClient:
    app = Starlette(routes=routes, exception_handlers=http.HANDLERS)
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://callboard.test")


async def post(content: bytes | Iterable[bytes], headers: dict[str, str] | None = None, path: str = "/wanted") -> Any:
    async with client(Route("/wanted", wanted, methods=["POST"]), Route("/maybe", maybe, methods=["POST"])) as web:
        sent = {"Content-Type": "application/json"} if headers is None else headers
        return await web.post(path, content=content, headers=sent)


async def raised(error: Exception, **headers: str) -> Any:
    async def endpoint(request: Request) -> Response:
        raise error

    async with client(Route("/", endpoint)) as web:
        return await web.get("/", headers=headers)


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        'application/json;charset="UTF-8"',
        "application/vnd.api+json",
        "application/merge-patch+json; version=1",
    ],
)
async def test_json_is_read_under_all_its_names(kind: str) -> None:
    answer = await post(b'{"queue":"general"}', {"Content-Type": kind})
    assert (answer.status_code, answer.json()) == (200, {"queue": "general", "places": 0})
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": ""},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/jsonp"},
        {"Content-Type": "text/json"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
async def test_what_is_not_said_to_be_json_is_415(headers: dict[str, str]) -> None:
    answer = await post(b'{"queue":"general"}', headers)
    assert answer.status_code == 415
    assert answer.json()["error"]["code"] == "unsupported_media_type"


@pytest.mark.parametrize("headers", [None, {}])
async def test_a_body_where_all_may_be_left_out_may_be_left_out(headers: dict[str, str] | None) -> None:
    answer = await post(b"", headers, "/maybe")
    assert (answer.status_code, answer.json()) == (200, {"places": 3})


async def test_a_body_that_is_needed_and_missing_is_422() -> None:
    answer = await post(b"")
    assert answer.status_code == 422
    assert answer.json()["error"] == {
        "code": "invalid",
        "message": "Something in the request does not fit.",
        "fields": [{"field": "", "message": "the body is missing"}],
    }


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b'{"queue":1,"places":11}', ["queue", "places"]),
        (b'{"queue":"a","quue":"b"}', ["quue"]),
        (b"{}", ["queue"]),
        (b"[]", [""]),
        (b"null", [""]),
        (b'{"queue":', [""]),
        (b'{"queue":"\xff"}', [""]),
        (b"[" * 5000, [""]),
        (b'{"queue":"a","places":1e400}', ["places"]),
        (b'\xef\xbb\xbf{"queue":"a"}', [""]),
    ],
)
async def test_a_body_that_does_not_fit_is_422_and_each_field_is_named(body: bytes, fields: list[str]) -> None:
    answer = await post(body)
    assert answer.status_code == 422
    assert [field["field"] for field in answer.json()["error"]["fields"]] == fields


def test_every_refusal_is_a_sentence() -> None:
    assert set(http.MESSAGES) == set(Refusal) == set(http.STATUSES)
    for sentence in http.MESSAGES.values():
        assert sentence[0].isupper() and sentence.endswith(".") and 10 < len(sentence) < 100


@pytest.mark.parametrize("refusal", Refusal)
async def test_every_refusal_is_told_by_its_word(refusal: Refusal) -> None:
    answer = await raised(Refused(refusal))
    assert answer.status_code == {Refusal.NOT_FOUND: 404, Refusal.KEY_REUSED: 422}.get(refusal, 409)
    assert answer.json()["error"]["code"] == refusal.value
    assert answer.json()["error"]["message"] == http.MESSAGES[refusal]


async def test_a_reused_idempotency_key_is_a_field_that_is_wrong() -> None:
    answer = await raised(Refused(Refusal.KEY_REUSED))
    assert [field["field"] for field in answer.json()["error"]["fields"]] == ["Idempotency-Key"]


async def test_fields_are_told_where_they_are_wrong_and_nowhere_else() -> None:
    invalid = await raised(Invalid([Mistake("phone", "must be a phone number")]))
    refused = await raised(Refused(Refusal.QUEUE_EMPTY))
    assert invalid.json()["error"]["fields"] == [{"field": "phone", "message": "must be a phone number"}]
    assert refused.json() == {
        "error": {"code": "queue_empty", "message": "Nobody waits in any queue that the desk serves."}
    }


async def test_too_often_says_when_again() -> None:
    answer = await raised(TooMany(12.2))
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "13")
    assert (await raised(TooMany(0.001))).headers["retry-after"] == "1"


async def test_denied_names_the_way_in_and_forbidden_does_not() -> None:
    denied, forbidden = await raised(http.Denied()), await raised(http.Forbidden("Not for you."))
    assert (denied.status_code, denied.headers["www-authenticate"]) == (401, "Bearer")
    assert forbidden.status_code == 403 and "www-authenticate" not in forbidden.headers
    assert forbidden.json() == {"error": {"code": "forbidden", "message": "Not for you."}}


def test_a_struct_is_answered_as_its_json() -> None:
    answer = http.answer(Maybe(places=1), 201, {"Location": "/x"})
    assert msgspec.json.decode(bytes(answer.body)) == {"places": 1}
    assert (answer.status_code, answer.headers["location"]) == (201, "/x")
    assert answer.headers["content-type"] == "application/json"
    assert http.answer(None, 204).body == b""
