"""Who asks, and what is theirs: keys, sessions, pages of other sites, other organizations, guessed secrets."""

from typing import Any

import httpx2
import msgspec
import pytest
from starlette.applications import Starlette
from starlette.requests import HTTPConnection

from callboard import auth
from callboard.api import permits
from callboard.app import create_app
from callboard.domain.directory import Directory, Unknown
from callboard.domain.model import Site
from callboard.http import Forbidden
from callboard.rates import TooMany
from callboard.services import Services
from callboard.store.redis import Connection
from conftest import SITE, Clock
from house import PASSWORD, client, make_services

OTHER = {
    "organization": {"id": "seaside", "name": "Seaside"},
    "locations": [
        {
            "id": "harbour",
            "name": "Harbour",
            "queues": [{"id": "ferries", "tag": "F", "name": "Ferries"}],
            "desks": [{"id": "quay", "tag": "1", "name": "Quay", "queues": ["ferries"]}],
        }
    ],
}
EVIL = [
    "https://evil.example",
    "null",
    "",
    "http://callboard.test.evil.example",
    "http://evilcallboard.test",
    "http://callboard.test:81",
    "https://callboard.test",
    "HTTP://callboard.test",
    "http://CALLBOARD.test",
    "http://callboard.test/",
    "http://callboard.test.",
    "http://user@callboard.test",
    "http://callboard.test\t",
    "file://",
    "http://xn--callbard-q4a.test",
]


@pytest.fixture
def directory() -> Directory:
    return Directory([msgspec.convert(SITE, Site), msgspec.convert(OTHER, Site)])


@pytest.fixture
def services(connection: Connection, directory: Directory, clock: Clock) -> Services:
    return make_services(connection, directory, clock)


@pytest.fixture
def app(services: Services) -> Starlette:
    return create_app(services)


async def key(services: Services, organization: str = "hilltop") -> dict[str, str]:
    _, secret = await services.accounts.keys.make("A machine", organization=organization)
    return {"Authorization": f"Bearer {secret}"}


async def sign_in(web: httpx2.AsyncClient, services: Services, organization: str = "hilltop") -> dict[str, str]:
    """The header that writes of this browser need from now on."""
    await services.accounts.add("Ada", PASSWORD, organization=organization, roles=("staff",))
    answer = await web.post("/api/v1/session", json={"user": "Ada", "password": PASSWORD})
    return {"X-CSRF-Token": answer.json()["csrf"]}


def code(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


# Keys


async def test_without_a_key_or_session_staff_s_addresses_are_401(app: Starlette) -> None:
    async with client(app) as web:
        for answer in (await web.get("/api/v1/desks"), await web.post("/api/v1/desks/d1/call_next")):
            assert code(answer) == (401, "not_allowed")
            assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_a_key_opens_its_own_organization(app: Starlette, services: Services, scheme: str) -> None:
    secret = (await key(services))["Authorization"].removeprefix("Bearer ")
    async with client(app) as web:
        answer = await web.get("/api/v1/desks", headers={"Authorization": f"{scheme} {secret}"})
    assert [desk["id"] for desk in answer.json()["desks"]] == ["d1", "d2", "d3"]


async def test_what_belongs_to_another_organization_is_answered_like_what_is_not_there(
    app: Starlette, services: Services
) -> None:
    taken = await services.store.join("ferries")
    assert taken.ticket
    ours = await key(services)
    absent = f"00000000-0000-{taken.ticket.id[14:18]}-{taken.ticket.id[19:23]}-000000000000"
    pairs = [
        ("POST", "/api/v1/desks/quay/open", "/api/v1/desks/nowhere/open"),
        ("POST", "/api/v1/desks/quay/call_next", "/api/v1/desks/nowhere/call_next"),
        ("POST", "/api/v1/queues/ferries/close", "/api/v1/queues/nothing/close"),
        ("GET", "/api/v1/queues/ferries", "/api/v1/queues/nothing"),
        ("GET", f"/api/v1/tickets/{taken.ticket.id}", f"/api/v1/tickets/{absent}"),
        ("POST", f"/api/v1/tickets/{taken.ticket.id}/cancel", f"/api/v1/tickets/{absent}/cancel"),
    ]
    async with client(app) as web:
        for method, foreign, missing in pairs:
            answers = [await web.request(method, path, headers=ours) for path in (foreign, missing)]
            assert [answer.status_code for answer in answers] == [404, 404], foreign
            assert answers[0].json() == answers[1].json(), foreign
        assert (await web.get("/api/v1/queues/ferries", headers=await key(services, "seaside"))).status_code == 200
    assert (await services.reads.ticket(taken.ticket.id)) == taken.ticket


async def test_a_revoked_key_is_refused_by_the_next_request_to_any_process(
    services: Services, connection: Connection, directory: Directory, clock: Clock
) -> None:
    made, secret = await services.accounts.keys.make("A machine", organization="hilltop")
    header = {"Authorization": f"Bearer {secret}"}
    another = create_app(make_services(connection, directory, clock))
    async with client(another) as web:
        assert (await web.get("/api/v1/desks", headers=header)).status_code == 200
        await services.accounts.keys.revoke(made.id)
        assert code(await web.get("/api/v1/desks", headers=header)) == (401, "unknown_key")


@pytest.mark.parametrize("secret", ["", "x", "cb_aaaaaaaa_" + "a" * 32, "cb_" + "a" * 100_000, "a b"])
async def test_a_key_that_is_none_is_refused_even_where_none_is_needed(app: Starlette, secret: str) -> None:
    async with client(app) as web:
        for path in ("/api/v1/desks", "/api/v1/session"):
            answer = await web.get(path, headers={"Authorization": f"Bearer {secret}"})
            assert answer.status_code == 401
            assert secret not in answer.text or len(secret) < 2


async def test_two_keys_are_none_and_a_proxy_s_password_is_not_a_key(app: Starlette, services: Services) -> None:
    header = (await key(services))["Authorization"]
    async with client(app) as web:
        twice = await web.get("/api/v1/desks", headers=[("Authorization", header), ("Authorization", header)])
        basic = [("Authorization", "Basic YTpi")]
        assert twice.status_code == 401
        assert code(await web.get("/api/v1/desks", headers=basic)) == (401, "not_allowed")
        assert (await web.get("/api/v1/locations/main", headers=basic)).status_code == 200


# Sessions and pages


async def test_a_write_of_staff_needs_their_page_s_token_and_a_read_does_not(
    app: Starlette, services: Services
) -> None:
    async with client(app) as web:
        token = await sign_in(web, services)
        assert (await web.get("/api/v1/desks")).status_code == 200
        assert code(await web.post("/api/v1/desks/d1/open")) == (403, "csrf")
        for wrong in ("", "x", token["X-CSRF-Token"][:-1], "å"):
            header = {b"X-CSRF-Token": wrong.encode()}
            assert code(await web.post("/api/v1/desks/d1/open", headers=header)) == (403, "csrf")
        assert (await web.post("/api/v1/desks/d1/open", headers=token)).status_code == 200


async def test_another_session_s_token_is_not_this_one_s(app: Starlette, services: Services) -> None:
    async with client(app) as web, client(app) as other:
        token = await sign_in(web, services)
        answer = await other.post("/api/v1/session", json={"user": "Ada", "password": PASSWORD})
        assert answer.status_code == 200
        assert code(await other.post("/api/v1/desks/d1/open", headers=token)) == (403, "csrf")


async def test_in_a_browser_of_staff_a_page_for_everybody_goes_on_working(app: Starlette, services: Services) -> None:
    """A kiosk sends no token: it is a visitor, whoever has signed in beside it."""
    async with client(app) as web:
        await sign_in(web, services)
        taken = await web.post("/api/v1/tickets", json={"queue": "general"})
        assert taken.status_code == 201
        reserved_for_staff = await web.post("/api/v1/tickets", json={"queue": "general", "priority": "elderly"})
        assert reserved_for_staff.status_code == 422


@pytest.mark.parametrize("origin", EVIL)
async def test_a_page_of_another_site_writes_nothing(app: Starlette, services: Services, origin: str) -> None:
    async with client(app) as web:
        token = await sign_in(web, services)
        headers = token | {"Origin": origin}
        assert code(await web.post("/api/v1/desks/d1/open", headers=headers)) == (403, "forbidden_origin")
        assert code(await web.post("/api/v1/tickets", json={"queue": "general"}, headers={"Origin": origin})) == (
            403,
            "forbidden_origin",
        )
        assert (await web.get("/api/v1/desks", headers={"Origin": origin})).status_code == 200
    assert (await services.reads.picture("main")).lines["general"].waiting == 0


async def test_our_own_page_and_a_program_that_is_no_page_write(app: Starlette, services: Services) -> None:
    async with client(app) as web:
        token = await sign_in(web, services)
        for headers in (token, token | {"Origin": "http://callboard.test"}):
            assert (await web.post("/api/v1/desks/d1/open", headers=headers)).status_code == 200
        twice = [*token.items(), ("Origin", "http://callboard.test"), ("Origin", "https://evil.example")]
        assert (await web.post("/api/v1/desks/d1/open", headers=twice)).status_code == 403


async def test_behind_a_proxy_the_public_address_is_our_page_s(
    connection: Connection, directory: Directory, clock: Clock
) -> None:
    services = make_services(connection, directory, clock, public_url="https://tickets.example.org/hall")
    async with client(create_app(services), "http://10.0.0.5:8080") as web:
        for origin, status in (("https://tickets.example.org", 201), ("http://tickets.example.org", 403)):
            answer = await web.post("/api/v1/tickets", json={"queue": "general"}, headers={"Origin": origin})
            assert answer.status_code == status


async def test_a_key_needs_neither_token_nor_origin(app: Starlette, services: Services) -> None:
    """Browsers never add it by themselves, so no other page can make one send it."""
    async with client(app) as web:
        headers = await key(services) | {"Origin": "https://intranet.example"}
        assert (await web.post("/api/v1/desks/d1/open", headers=headers)).status_code == 200


# Guessed secrets


async def test_who_guesses_secrets_is_told_to_wait_and_everybody_else_is_not(
    app: Starlette, services: Services, clock: Clock
) -> None:
    token = (await services.store.join("general")).token
    tail = token[-4:]
    guesses = [f"{number:022d}{tail}" for number in range(31)]
    paths = ["/api/v1/t/{}", "/t/{}", "/qr/{}.svg", "/api/v1/t/{}/cancel"]
    async with client(app) as web:
        statuses = []
        for number, guess in enumerate(guesses):
            path = paths[number % len(paths)].format(guess)
            answer = await web.request("POST" if path.endswith("cancel") else "GET", path)
            assert guess not in answer.text
            statuses.append(answer.status_code)
        assert statuses == [404] * 30 + [429]
        assert int(answer.headers["retry-after"]) > 0
        assert (await web.get(f"/api/v1/t/{token}")).status_code == 200
    async with client(app, address="203.0.113.99") as web:
        assert (await web.get(f"/api/v1/t/{guesses[0]}")).status_code == 404
    clock.pass_(s=60)
    async with client(app) as web:
        assert (await web.get(f"/api/v1/t/{guesses[0]}")).status_code == 404


async def test_one_address_takes_so_many_tickets_a_minute(
    connection: Connection, directory: Directory, clock: Clock
) -> None:
    services = make_services(connection, directory, clock, join_per_minute=3)
    async with client(create_app(services)) as web:
        taken = [await web.post("/api/v1/tickets", json={"queue": "general"}) for _ in range(4)]
    assert [answer.status_code for answer in taken] == [201, 201, 201, 429]
    assert (await services.reads.picture("main")).lines["general"].waiting == 3


# Who may listen


def listening(app: Starlette, kind: str = "websocket", headers: dict[str, str] | None = None, **path: str) -> Any:
    """A connection as the live addresses get it."""
    sent = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    scope = {"type": kind, "app": app, "headers": sent, "path_params": path, "scheme": "ws", "client": ("::1", 1)}
    return HTTPConnection(scope)


async def test_a_desk_is_listened_to_by_staff_and_keys_of_its_organization(app: Starlette, services: Services) -> None:
    async with client(app) as web:
        await sign_in(web, services)
        cookie = {"Cookie": f"callboard={web.cookies['callboard']}"}
    for headers in (cookie, await key(services)):
        permit = await permits._desk(listening(app, headers=headers, desk="d1"))
        assert permit and permit.place == ("main", "desk:d1") and permit.still and await permit.still()
        with pytest.raises(Unknown):
            await permits._desk(listening(app, headers=headers, desk="quay"))
    for refused in ({}, {"Cookie": "callboard=x"}, {"Authorization": "Bearer x"}):
        assert await permits._desk(listening(app, headers=refused, desk="d1")) is None


async def test_who_signs_out_or_loses_the_key_may_not_go_on_listening(app: Starlette, services: Services) -> None:
    made, secret = await services.accounts.keys.make("A machine", organization="hilltop")
    permit = await permits._desk(listening(app, headers={"Authorization": f"Bearer {secret}"}, desk="d1"))
    assert permit and permit.still and await permit.still()
    await services.accounts.keys.revoke(made.id)
    assert not await permit.still()
    async with client(app) as web:
        token = await sign_in(web, services)
        cookie = {"Cookie": f"callboard={web.cookies['callboard']}"}
        permit = await permits._desk(listening(app, headers=cookie, desk="d1"))
        assert permit and permit.still and await permit.still()
        await web.delete("/api/v1/session", headers=token)
    assert not await permit.still()


async def test_listening_does_not_keep_a_session_alive(app: Starlette, services: Services, clock: Clock) -> None:
    """A desk that is left open over night asks for the password in the morning."""
    async with client(app) as web:
        await sign_in(web, services)
        cookie = {"Cookie": f"callboard={web.cookies['callboard']}"}
    permit = await permits._desk(listening(app, headers=cookie, desk="d1"))
    assert permit and permit.still
    for _ in range(11):
        clock.pass_(h=1)
        assert await permit.still()
    clock.pass_(h=1)
    assert not await permit.still()


async def test_secrets_guessed_over_sockets_count_too(app: Starlette, services: Services) -> None:
    taken = await services.store.join("general")
    assert taken.ticket
    permit = await permits._ticket(listening(app, token=taken.token))
    assert permit and permit.place == ("main", f"ticket:{taken.ticket.id}")
    for number in range(30):
        with pytest.raises(Unknown):
            await permits._ticket(listening(app, token=f"{number:022d}{taken.token[-4:]}"))
    with pytest.raises(TooMany):
        await permits._ticket(listening(app, token="x"))
    assert await permits._ticket(listening(app, token=taken.token))


def test_a_caller_is_of_one_organization(directory: Directory) -> None:
    ours = auth.Caller("key", "A machine", "hilltop")
    assert auth.may(ours, "main", directory)
    assert not auth.may(ours, "harbour", directory)
    assert not auth.may(auth.Caller("visitor", organization="hilltop"), "main", directory)
    with pytest.raises(Unknown):
        auth.allow(ours, "harbour", directory)


async def test_a_visitor_s_origin_is_checked_on_writes_only(app: Starlette) -> None:
    scope = {"type": "http", "app": app, "scheme": "http", "headers": [(b"host", b"a"), (b"origin", b"http://b")]}
    assert await auth.caller(HTTPConnection(scope | {"method": "GET"})) == auth.VISITOR
    for method in ("POST", "PUT", "PATCH", "DELETE", "PROPFIND"):
        with pytest.raises(Forbidden):
            await auth.caller(HTTPConnection(scope | {"method": method}))
