"""Signing in and out, and the first administrator, over HTTP."""

import asyncio
import logging
from http.cookies import SimpleCookie
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from callboard.app import create_app
from callboard.domain.directory import Directory
from callboard.services import Services
from callboard.store.passwords import Passwords
from callboard.store.redis import Connection
from conftest import Clock
from house import PASSWORD, client, everything, make_services

ENTRY = {"user": "Ada", "password": PASSWORD}
WRONG = {"user": "Ada", "password": "not the password"}


@pytest.fixture
def services(connection: Connection, directory: Directory, clock: Clock) -> Services:
    return make_services(connection, directory, clock)


@pytest.fixture
def app(services: Services) -> Starlette:
    return create_app(services)


@pytest.fixture
async def ada(services: Services) -> None:
    await services.accounts.add("Ada", PASSWORD, organization="hilltop", roles=("staff",))


def cookie_of(answer: httpx2.Response) -> Any:
    (cookie,) = SimpleCookie(answer.headers["set-cookie"]).values()
    return cookie


@pytest.mark.usefixtures("ada")
async def test_who_signs_in_is_known_until_they_sign_out(app: Starlette) -> None:
    async with client(app) as web:
        assert (await web.get("/api/v1/session")).status_code == 401
        signed_in = await web.post("/api/v1/session", json=ENTRY)
        assert signed_in.status_code == 200 and signed_in.json()["user"] == "Ada"
        assert (await web.get("/api/v1/session")).json() == signed_in.json()
        cookie = f"callboard={web.cookies['callboard']}"
        signed_out = await web.delete("/api/v1/session", headers={"X-CSRF-Token": signed_in.json()["csrf"]})
        assert signed_out.status_code == 204 and dict(web.cookies) == {}
        again = await web.get("/api/v1/session", headers={"Cookie": cookie})
        assert again.status_code == 401


@pytest.mark.usefixtures("ada")
async def test_the_cookie_is_for_this_server_and_for_no_script(app: Starlette) -> None:
    async with client(app) as web:
        cookie = cookie_of(await web.post("/api/v1/session", json=ENTRY))
    assert cookie.key == "callboard" and len(cookie.value) == 43
    assert (cookie["httponly"], cookie["samesite"].lower(), cookie["path"]) == (True, "lax", "/")
    assert (cookie["domain"], cookie["secure"], cookie["max-age"]) == ("", "", "")


async def test_over_https_the_cookie_cannot_be_set_by_another_host(
    connection: Connection, directory: Directory, clock: Clock
) -> None:
    services = make_services(connection, directory, clock, public_url="https://tickets.example.org")
    await services.accounts.add("Ada", PASSWORD, organization="hilltop", roles=("staff",))
    async with client(create_app(services), "https://tickets.example.org") as web:
        signed_in = await web.post("/api/v1/session", json=ENTRY)
        cookie = cookie_of(signed_in)
        assert (await web.get("/api/v1/session")).status_code == 200
        out = await web.delete("/api/v1/session", headers={"X-CSRF-Token": signed_in.json()["csrf"]})
    assert (cookie.key, cookie["secure"], cookie["path"], cookie["domain"]) == ("__Host-callboard", True, "/", "")
    assert cookie_of(out).key == "__Host-callboard" and cookie_of(out)["secure"]


@pytest.mark.usefixtures("ada")
async def test_signing_in_again_ends_the_session_before(app: Starlette) -> None:
    async with client(app) as web:
        first = cookie_of(await web.post("/api/v1/session", json=ENTRY)).value
        second = cookie_of(await web.post("/api/v1/session", json=ENTRY)).value
        assert first != second
        web.cookies.clear()
        assert (await web.get("/api/v1/session", headers={"Cookie": f"callboard={first}"})).status_code == 401
        assert (await web.get("/api/v1/session", headers={"Cookie": f"callboard={second}"})).status_code == 200


@pytest.mark.usefixtures("ada")
async def test_an_unknown_name_and_a_wrong_password_are_answered_alike(app: Starlette) -> None:
    async with client(app) as web:
        wrong = await web.post("/api/v1/session", json=WRONG)
        unknown = await web.post("/api/v1/session", json=WRONG | {"user": "nobody"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.json()["error"]["code"] == "wrong_password"
    differing = {"x-request-id"}
    assert {k: v for k, v in wrong.headers.items() if k not in differing} == {
        k: v for k, v in unknown.headers.items() if k not in differing
    }


@pytest.mark.usefixtures("ada")
async def test_after_five_wrong_passwords_an_account_waits_wherever_they_come_from(
    app: Starlette, clock: Clock
) -> None:
    for number in range(5):
        async with client(app, address=f"198.51.100.{number}") as web:
            assert (await web.post("/api/v1/session", json=WRONG)).status_code == 401
    async with client(app, address="203.0.113.9") as web:
        limited = await web.post("/api/v1/session", json=ENTRY | {"user": "ADA"})
        assert (limited.status_code, limited.headers["retry-after"]) == (429, "60")
        assert limited.json()["error"]["code"] == "too_many_requests"
        clock.pass_(s=60)
        assert (await web.post("/api/v1/session", json=ENTRY)).status_code == 200


@pytest.mark.usefixtures("ada")
async def test_right_passwords_do_not_count_against_an_account(app: Starlette) -> None:
    async with client(app) as web:
        answers = [(await web.post("/api/v1/session", json=ENTRY)).status_code for _ in range(10)]
    assert answers == [200] * 10


@pytest.mark.usefixtures("ada")
async def test_one_address_tries_twenty_passwords_a_minute_whatever_the_accounts(app: Starlette) -> None:
    async with client(app) as web:
        tried = [await web.post("/api/v1/session", json=WRONG | {"user": f"user {n}"}) for n in range(21)]
    assert [answer.status_code for answer in tried] == [401] * 20 + [429]
    async with client(app, address="203.0.113.8") as other:
        assert (await other.post("/api/v1/session", json=ENTRY)).status_code == 200


@pytest.mark.usefixtures("ada")
async def test_of_many_tries_at_once_no_more_are_looked_at_than_may_be(app: Starlette) -> None:
    async def attempt(number: int) -> int:
        async with client(app, address=f"198.51.100.{number}") as web:
            return (await web.post("/api/v1/session", json=WRONG)).status_code

    answers = await asyncio.gather(*(attempt(number) for number in range(40)))
    assert sorted(answers) == [401] * 5 + [429] * 35


async def test_too_many_at_once_are_asked_to_come_again(
    connection: Connection, directory: Directory, clock: Clock
) -> None:
    services = make_services(connection, directory, clock)
    app = create_app(services)

    async def attempt(number: int) -> httpx2.Response:
        async with client(app, address=f"198.51.100.{number}") as web:
            return await web.post("/api/v1/session", json=WRONG | {"user": f"user {number}"})

    answers = await asyncio.gather(*(attempt(number) for number in range(80)))
    busy = [answer for answer in answers if answer.status_code == 503]
    assert busy and {answer.status_code for answer in answers} == {401, 503}
    assert busy[0].headers["retry-after"] == "1" and busy[0].json()["error"]["code"] == "busy"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"user": "Ada"}, ["password"]),
        ({"user": "", "password": "x"}, ["user"]),
        ({"user": "A" * 81, "password": "x" * 257}, ["user", "password"]),
        (ENTRY | {"remember": True}, ["remember"]),
    ],
)
async def test_what_is_wrong_in_a_sign_in_is_named(app: Starlette, body: dict[str, Any], fields: list[str]) -> None:
    async with client(app) as web:
        answer = await web.post("/api/v1/session", json=body)
    assert answer.status_code == 422
    assert [field["field"] for field in answer.json()["error"]["fields"]] == fields


@pytest.mark.usefixtures("ada")
async def test_a_form_on_another_site_cannot_sign_anybody_in(app: Starlette) -> None:
    async with client(app) as web:
        form = await web.post("/api/v1/session", data=ENTRY)
        foreign = await web.post("/api/v1/session", json=ENTRY, headers={"Origin": "https://evil.example"})
    assert form.status_code == 415
    assert (foreign.status_code, foreign.json()["error"]["code"]) == (403, "forbidden_origin")
    assert "set-cookie" not in foreign.headers


@pytest.mark.usefixtures("ada")
async def test_signing_out_takes_the_page_s_token_too(app: Starlette) -> None:
    async with client(app) as web:
        await web.post("/api/v1/session", json=ENTRY)
        assert (await web.delete("/api/v1/session")).status_code == 403
        assert (await web.get("/api/v1/session")).status_code == 200


async def test_signing_out_twice_is_no_mistake(app: Starlette) -> None:
    async with client(app) as web:
        assert (await web.delete("/api/v1/session")).status_code == 204


async def test_a_key_is_told_whose_it_is(app: Starlette, services: Services) -> None:
    _, secret = await services.accounts.keys.make("Kiosk", organization="hilltop")
    async with client(app) as web:
        answer = await web.get("/api/v1/session", headers={"Authorization": f"Bearer {secret}"})
    assert answer.json() == {"user": "Kiosk", "csrf": ""}


# The first administrator


async def test_the_setup_link_makes_an_administrator_and_signs_them_in(app: Starlette, services: Services) -> None:
    token = await services.accounts.make_setup_link()
    async with client(app) as web:
        made = await web.post("/api/v1/setup", json=ENTRY | {"token": token})
        assert made.status_code == 201
        assert (await web.get("/api/v1/session")).json() == made.json()
    (user,) = await services.accounts.users()
    assert (user.name, user.organization, user.roles) == ("Ada", "hilltop", ("admin", "staff"))


async def test_of_two_who_use_the_link_at_once_one_wins(app: Starlette, services: Services) -> None:
    token = await services.accounts.make_setup_link()

    async def use(name: str) -> httpx2.Response:
        async with client(app) as web:
            return await web.post("/api/v1/setup", json={"token": token, "user": name, "password": PASSWORD})

    answers = await asyncio.gather(use("Ada"), use("Eve"))
    assert sorted(answer.status_code for answer in answers) == [201, 404]
    assert len(await services.accounts.users()) == 1
    assert [("set-cookie" in answer.headers) for answer in answers] == [answer.status_code == 201 for answer in answers]


async def test_a_link_that_is_over_is_answered_like_one_that_never_was(app: Starlette, services: Services) -> None:
    token = await services.accounts.make_setup_link()
    async with client(app) as web:
        await web.post("/api/v1/setup", json=ENTRY | {"token": token})
        over = await web.post("/api/v1/setup", json=ENTRY | {"token": token})
        never = await web.post("/api/v1/setup", json=ENTRY | {"token": "x" * 43})
    assert over.status_code == never.status_code == 404
    assert over.json() == never.json()
    assert token and token not in over.text


async def test_a_weak_password_is_named_and_the_link_stays(app: Starlette, services: Services) -> None:
    token = await services.accounts.make_setup_link()
    async with client(app) as web:
        for weak in ("short", "aaaaaaaaaaaa"):
            answer = await web.post("/api/v1/setup", json={"token": token, "user": "Ada", "password": weak})
            assert answer.status_code == 422
            assert [field["field"] for field in answer.json()["error"]["fields"]] == ["password"]
        assert (await web.post("/api/v1/setup", json=ENTRY | {"token": token})).status_code == 201


# What is not kept


async def test_passwords_tokens_and_keys_are_in_no_log_line_and_not_in_the_store(
    app: Starlette, services: Services, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx2").setLevel(logging.WARNING)  # the client's own lines, which have the addresses
    token = await services.accounts.make_setup_link()
    _, secret = await services.accounts.keys.make("Kiosk", organization="hilltop")
    assert token
    async with client(app) as web:
        await web.get(f"/setup/{token}")
        made = await web.post("/api/v1/setup", json=ENTRY | {"token": token})
        session, csrf = cookie_of(made).value, made.json()["csrf"]
        await web.post("/api/v1/session", json=WRONG)
        await web.post("/api/v1/desks/d1/open", headers={"X-CSRF-Token": csrf})
        await web.get("/api/v1/desks", headers={"Authorization": f"Bearer {secret}"})
        await web.get("/api/v1/desks", headers={"Authorization": f"Bearer {secret[:-1]}"})
        ticket = await web.post("/api/v1/tickets", json={"queue": "general", "name": "Nomen Nescio"})
        page = ticket.json()["token"]
        await web.get(f"/t/{page}")
        await web.get(f"/api/v1/t/{page}")
        await web.get(f"/t/{page[:-6]}AAAAAA")
    kept = await everything(connection)
    assert "callboard.access" in caplog.text and "route=/t/{token}" in caplog.text
    for text in (token, PASSWORD, WRONG["password"], session, csrf, secret, secret[12:]):
        assert text not in kept
        assert text not in caplog.text
    for text in (page, page[:20], "Nomen Nescio", "Ada"):
        assert text not in caplog.text


async def test_passwords_are_hashed_with_what_the_rfc_recommends() -> None:
    hash = await Passwords().hash(PASSWORD)
    assert hash.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
