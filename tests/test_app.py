"""The whole application: headers, errors, health, metrics, log; and who it takes the client for."""

import logging
import re

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, Router
from starlette.types import Receive, Scope, Send

from callboard.app import create_app
from callboard.domain.directory import Directory
from callboard.guard import Broken
from callboard.observe import patterns
from callboard.proxies import Proxied
from callboard.services import Services
from callboard.store.redis import Connection
from conftest import Clock
from house import client, make_services

PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def services(connection: Connection, directory: Directory, clock: Clock) -> Services:
    return make_services(connection, directory, clock)


@pytest.fixture
def app(services: Services) -> Starlette:
    return create_app(services)


async def away(directory: Directory, clock: Clock) -> Starlette:
    """The application when there is no store."""
    return create_app(make_services(Connection.open("unix:///nowhere/store.sock", wait_s=0), directory, clock))


# Headers


async def test_every_answer_has_the_headers_that_keep_pages_apart(app: Starlette, services: Services) -> None:
    token = (await services.store.join("general")).token
    paths = [
        "/",
        "/display/lobby",
        f"/t/{token}",
        "/join/main",
        "/kiosk/main",
        "/signin",
        "/setup/x",
        "/static/base.css",
        f"/qr/{token}.svg",
        "/api/v1/locations/main",
        "/api/v1/openapi.json",
        "/api/v1/desks",
        "/nowhere",
        "/healthz",
        "/live/desk/d1",
    ]
    async with client(app) as web:
        for path in paths:
            headers = (await web.get(path, headers=PAGE)).headers
            policy = headers["content-security-policy"].split("; ")
            assert {"default-src 'self'", "img-src 'self' data:", "frame-ancestors 'none'"} <= set(policy), path
            assert "unsafe" not in headers["content-security-policy"]
            assert headers["referrer-policy"] == "no-referrer", path
            assert headers["x-content-type-options"] == "nosniff", path
            assert "camera=()" in headers["permissions-policy"], path
            assert re.fullmatch("[0-9a-f]{16}", headers["x-request-id"]), path
            assert "server" not in headers


@pytest.mark.parametrize("host", ["tv.example", "tv.example:8080", "[::1]:8080", "127.0.0.1"])
async def test_scripts_may_open_sockets_to_the_host_that_was_asked(app: Starlette, host: str) -> None:
    """Browsers of older televisions do not count ws: as 'self'."""
    async with client(app) as web:
        policy = (await web.get("/", headers={"Host": host})).headers["content-security-policy"]
    assert f"connect-src 'self' ws://{host} wss://{host};" in policy


@pytest.mark.parametrize("host", ["", "a b", "a; script-src *", "a, b", "*", "a/b", "evil'"])
async def test_a_host_that_is_none_does_not_get_into_the_policy(app: Starlette, host: str) -> None:
    async with client(app) as web:
        policy = (await web.get("/", headers={"Host": host})).headers["content-security-policy"]
    assert "connect-src 'self';" in policy


# Errors


async def test_an_address_that_is_nowhere_is_404_in_the_envelope_and_a_page_in_a_browser(app: Starlette) -> None:
    async with client(app) as web:
        told, shown = await web.get("/nowhere"), await web.get("/nowhere", headers=PAGE)
        api = await web.get("/api/v1/nowhere", headers=PAGE)
    assert told.json() == {"error": {"code": "not_found", "message": "There is nothing at this address."}}
    assert api.json() == told.json()
    assert shown.status_code == 404 and shown.headers["content-type"].startswith("text/html")


async def test_an_address_is_wrong_with_a_slash_too_many(app: Starlette) -> None:
    async with client(app) as web:
        assert (await web.get("/desk/")).status_code == 404
        assert (await web.post("/api/v1/tickets/", json={"queue": "general"})).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "/api/v1/session", "DELETE, GET, HEAD, POST"),
        ("GET", "/api/v1/setup", "POST"),
        ("GET", "/api/v1/desks/d1/call_next", "POST"),
        ("POST", "/live/board/lobby", "GET, HEAD"),
        ("DELETE", "/display/lobby", "GET, HEAD"),
        ("TRACE", "/", "GET, HEAD"),
    ],
)
async def test_a_method_that_is_not_taken_is_405_with_those_that_are(
    app: Starlette, method: str, path: str, allowed: str
) -> None:
    async with client(app) as web:
        answer = await web.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert answer.json()["error"]["code"] == "method_not_allowed"


async def test_methods_of_one_path_are_told_from_all_its_routes(app: Starlette) -> None:
    async def nothing(request: Request) -> Response:
        return Response()

    app.router.routes += [Route("/two", nothing, methods=["PUT"]), Route("/two", nothing, methods=["DELETE"])]
    async with client(app) as web:
        assert (await web.get("/two")).headers["allow"] == "DELETE, PUT"


async def test_a_bug_is_logged_with_its_request_and_told_to_nobody(
    app: Starlette, caplog: pytest.LogCaptureFixture
) -> None:
    async def bug(request: Request) -> Response:
        raise RuntimeError("the password is swordfish")

    app.router.routes.append(Route("/bug", bug))
    async with client(app) as web:
        answer = await web.get("/bug")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "failed" and "swordfish" not in answer.text
    assert answer.headers["content-security-policy"]
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.name == "callboard.guard" and answer.headers["x-request-id"] in record.getMessage()
    assert record.exc_info


async def test_an_answer_that_breaks_off_is_not_taken_as_whole(app: Starlette) -> None:
    class Half:
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"half", "more_body": True})
            raise RuntimeError

    app.router.routes.append(Route("/half", Half()))
    async with client(app) as web:
        with pytest.raises(Broken):
            await web.get("/half")


# Health


async def test_alive_and_ready(app: Starlette) -> None:
    async with client(app) as web:
        assert (await web.get("/healthz")).json() == {"alive": True}
        assert (await web.get("/readyz")).json() == {"ready": True}


async def test_without_a_store_it_is_alive_and_not_ready_and_asks_to_come_again(
    directory: Directory, clock: Clock
) -> None:
    async with client(await away(directory, clock)) as web:
        assert (await web.get("/healthz")).status_code == 200
        ready = await web.get("/readyz")
        assert (ready.status_code, ready.json()["error"]["code"]) == (503, "not_ready")
        assert "does not answer" in ready.json()["error"]["message"]
        for method, path in (("GET", "/api/v1/locations/main"), ("POST", "/api/v1/tickets")):
            answer = await web.request(method, path, json={"queue": "general"} if method == "POST" else None)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
            assert answer.json()["error"]["code"] == "store_away"
        sign_in = await web.post("/api/v1/session", json={"user": "Ada", "password": "whatever it is"})
        assert sign_in.status_code == 503


async def test_a_store_that_takes_no_writes_is_not_ready_and_says_why(
    connection: Connection, directory: Directory, clock: Clock
) -> None:
    services = make_services(connection, directory, clock, problem=lambda: "The disk is full.")
    async with client(create_app(services)) as web:
        ready = await web.get("/readyz")
    assert (ready.status_code, ready.json()["error"]["message"]) == (503, "The disk is full.")


# Metrics and log


async def test_requests_are_counted_by_pattern_and_never_by_path(app: Starlette, services: Services) -> None:
    token = (await services.store.join("general")).token
    async with client(app, address="127.0.0.1") as web:
        await web.get(f"/t/{token}")
        await web.get(f"/api/v1/t/{token}")
        await web.get(f"/live/ticket/{token[:-1]}")
        await web.get("/who/knows/what")
        await web.request("BREW", "/")
        text = (await web.get("/metrics")).text
    for labels in (
        'method="GET",route="/t/{token}",status="200"',
        'method="GET",route="/api/v1/t/{token}",status="200"',
        'method="GET",route="/live/ticket/{token}",status="404"',
        'method="GET",route="-",status="404"',
        'method="OTHER",route="/",status="405"',
    ):
        assert f"callboard_http_requests_total{{{labels}}} 1.0" in text
    assert 'callboard_http_request_seconds_count{method="GET",route="/t/{token}"} 1.0' in text
    assert token[:20] not in text and "knows" not in text and "BREW" not in text


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
async def test_metrics_are_for_this_machine(app: Starlette, address: str) -> None:
    async with client(app, address=address) as web:
        answer = await web.get("/metrics")
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert (await web.get("/metrics", headers={"X-Forwarded-For": "203.0.113.1"})).status_code == 401


async def test_metrics_are_for_others_with_a_key(app: Starlette, services: Services) -> None:
    _, secret = await services.accounts.keys.make("Prometheus", organization="hilltop")
    async with client(app) as web:
        assert (await web.get("/metrics")).status_code == 401
        assert (await web.get("/metrics", headers={"Authorization": f"Bearer {secret}"})).status_code == 200


async def test_a_request_is_one_line_without_anything_that_was_sent(
    app: Starlette, services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    token = (await services.store.join("general", name="Nomen Nescio")).token
    caplog.set_level(logging.INFO, "callboard")
    async with client(app, address="203.0.113.77") as web:
        answer = await web.get(f"/t/{token}?next=a%0Ab", headers={"User-Agent": "agent\x7fsmith"})
    (line,) = [record.getMessage() for record in caplog.records if record.name.partition(".")[0] == "callboard"]
    id = answer.headers["x-request-id"]
    assert re.fullmatch(rf"method=GET route=/t/{{token}} status=200 ms=\d+\.\d request={id}", line)
    assert "203.0.113.77" not in line and token not in line


def test_patterns_are_found_below_mounts_too() -> None:
    def one() -> None: ...

    def two() -> None: ...

    whole = Router()
    found = dict(patterns([Route("/a/{b}", one), Mount("/c", routes=[Route("/{d}", two)]), Mount("/e", app=whole)]))
    assert [found[id(each)] for each in (one, two, whole)] == ["/a/{b}", "/c/{d}", "/e/*"]


# Proxies


async def seen(trusted: list[str], peer: str | None, **headers: str) -> tuple[str | None, str]:
    """Whom the application takes for the client, and the scheme it believes."""
    found: list[tuple[str | None, str]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        found.append((scope["client"][0] if scope["client"] else None, scope["scheme"]))

    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "client": (peer, 1) if peer else None, "scheme": "http", "headers": sent}
    await Proxied(app, trusted)(scope, None, None)  # type: ignore[arg-type]
    return found[0]


async def test_whoever_is_no_proxy_of_ours_says_nothing_about_others() -> None:
    said = {"x_forwarded_for": "10.9.9.9", "x_forwarded_proto": "https"}
    assert await seen([], "203.0.113.1", **said) == ("203.0.113.1", "http")
    assert await seen(["127.0.0.1"], "203.0.113.1", **said) == ("203.0.113.1", "http")
    assert await seen(["127.0.0.1"], None, **said) == (None, "http")


async def test_a_proxy_of_ours_tells_the_client_and_the_scheme() -> None:
    said = {"x_forwarded_for": "203.0.113.1", "x_forwarded_proto": "https"}
    assert await seen(["127.0.0.1"], "127.0.0.1", **said) == ("203.0.113.1", "https")
    assert await seen(["10.0.0.0/8"], "10.1.2.3", **said) == ("203.0.113.1", "https")
    assert await seen(["127.0.0.1"], "127.0.0.1") == ("127.0.0.1", "http")


async def test_what_the_client_wrote_before_the_proxy_did_is_not_believed() -> None:
    said = {"x_forwarded_for": "198.51.100.1, 203.0.113.1", "x_forwarded_proto": "https, http"}
    assert await seen(["127.0.0.1"], "127.0.0.1", **said) == ("203.0.113.1", "http")
    through_two = {"x_forwarded_for": "198.51.100.1, 203.0.113.1, 10.0.0.2"}
    assert await seen(["10.0.0.0/8"], "10.0.0.1", **through_two) == ("203.0.113.1", "http")
    assert await seen(["127.0.0.1"], "127.0.0.1", x_forwarded_for="203.0.113.1, what") == ("127.0.0.1", "http")


async def test_limits_count_the_client_behind_the_proxy(
    connection: Connection, directory: Directory, clock: Clock
) -> None:
    services = make_services(connection, directory, clock, join_per_minute=1, trusted_proxies=("203.0.113.7",))
    async with client(create_app(services)) as web:
        statuses = [
            (
                await web.post("/api/v1/tickets", json={"queue": "general"}, headers={"X-Forwarded-For": hops})
            ).status_code
            for hops in ("198.51.100.1", "198.51.100.2", "192.0.2.1, 198.51.100.1")
        ]
    assert statuses == [201, 201, 429]
