"""What nobody sends in good faith: refused in the API's own words, in both formats, and nothing is changed by it."""

import json
from collections.abc import AsyncIterator
from typing import Any
from xml.etree import ElementTree

import httpx2
import pytest

from callboard.app import create_app
from callboard.domain.directory import Directory
from callboard.services import Services
from callboard.store.redis import Connection
from conftest import Clock
from facades.bloom.parsed import parsed, spoken
from facades.bloom.world import TESTE, TESTE_A, Bloom, kept, wrong
from house import client, make_services

MEGABYTE = 2**20
WISH = {"tickets": [{"master_id": TESTE, "service_id": TESTE_A}]}
GOOD = json.dumps(WISH).encode()
JSON, FORM, XML = "application/json", "application/x-www-form-urlencoded", "application/xml"

ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<response><tickets><ticket><service_id>&b;</service_id></ticket></tickets></response>"""
FILE = b"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><response>&x;</response>"""

# What comes with a token that opens everything of its customer: to where, of which type, which body; status and errno.
TABLE: dict[str, tuple[str, str, bytes, int, int]] = {
    "10 MB of JSON": ("ticket/create", JSON, b'{"x":"' + b"a" * 10 * MEGABYTE + b'"}', 413, 112),
    "10 MB of form": ("customer/login", FORM, b"username=" + b"a" * 10 * MEGABYTE, 413, 112),
    "10 MB of XML": ("ticket/create", XML, b"<a>" * 3_500_000, 413, 112),
    "XML": ("ticket/create", XML, b"<response/>", 200, 5),
    "XML as text": ("ticket/create", "text/xml", b"<response/>", 200, 5),
    "XML with entities": ("ticket/create", XML, ENTITIES, 200, 5),
    "XML that reads a file": ("ticket/create", XML, FILE, 200, 5),
    "deep XML": ("ticket/create", XML, b"<a>" * 10_000, 200, 5),
    "XML that says it is JSON": ("ticket/create", JSON, ENTITIES, 200, 5),
    "a file": ("ticket/create", "application/octet-stream", GOOD, 200, 5),
    "several parts": ("ticket/create", "multipart/form-data; boundary=x", b"--x\r\n\r\n--x--", 200, 5),
    "no type at all, and no JSON": ("ticket/create", "", b"\x00\x01\x02", 200, 5),
    "deep JSON": ("ticket/create", JSON, b'{"tickets":' + b"[" * 30_000 + b"]" * 30_000 + b"}", 200, 5),
    "deep objects": ("ticket/create", JSON, b'{"a":' * 10_000 + b"1" + b"}" * 10_000, 200, 5),
    "half of a JSON": ("ticket/create", JSON, GOOD[:40], 200, 5),
    "a list": ("ticket/create", JSON, b"[" + GOOD + b"]", 200, 5),
    "a number": ("ticket/create", JSON, b"1e999", 200, 5),
    "null": ("ticket/create", JSON, b"null", 200, 5),
    "no UTF-8": ("customer/login", JSON, b'{"username":"\xff\xfe"}', 200, 5),
    "half a character": ("customer/login", JSON, b'{"username":"\\ud800","password":"x"}', 200, 5),
    "numbers for texts": ("ticket/create", JSON, b'{"tickets":[{"service_id":7}]}', 200, 5),
    "1000 tickets": ("ticket/create", JSON, json.dumps({"tickets": WISH["tickets"] * 500}).encode(), 200, 5),
    "a form of 1000 fields": ("ticket/create", FORM, b"&".join(b"f%d=1" % n for n in range(1000)), 200, 5),
    "a form with deep brackets": ("ticket/create", FORM, b"a" + b"[b]" * 1000 + b"=1", 200, 5),
    "a form that is none": ("ticket/create", FORM, b"%ff=%fe", 200, 5),
    "a pressed body": ("ticket/create", JSON + "; gzip", GOOD, 200, 5),
    "an id with a zero byte": ("ticket/cancel", JSON, b'{"ticket":"\\u0000"}', 200, 6),
    "an id that is a key of the store": ("ticket/cancel", JSON, b'{"ticket":"cb:{p00}:events"}', 200, 6),
    "a service that is a path": ("ticket/create", JSON, b'{"tickets":[{"service_id":"../../etc"}]}', 200, 6),
    "a long id": ("ticket/cancel", JSON, b'{"ticket":"' + b"a" * 5000 + b'"}', 200, 5),
    "a secret of nobody": ("customer/newpassword", JSON, b'{"token":"x","password":"y","repeat_password":"y"}', 200, 5),
    "a name with everything in it": (
        "customer/login",
        JSON,
        b'{"username":"\\u0000*?[a]\\n","password":"x"}',
        200,
        101,
    ),
}


@pytest.mark.parametrize("name", TABLE)
async def test_hostile_bodies(bloom: Bloom, connection: Connection, name: str) -> None:
    path, kind, body, status, errno = TABLE[name]
    await bloom.sign_up()
    before = await kept(connection)
    for format in ("json", "xml"):
        headers = {"vt_token": bloom.token, "Content-Type": kind.removesuffix("; gzip")}
        if kind.endswith("; gzip"):
            headers["Content-Encoding"] = "gzip"
        response = await bloom.client.post(f"/vt/api/{format}/{path}", content=body, headers=headers)
        assert (response.status_code, refusal(response)) == (status, errno)
    assert await kept(connection) == before


async def test_a_long_body_of_unknown_length(bloom: Bloom, connection: Connection) -> None:
    await bloom.sign_up()
    before = await kept(connection)

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b" " * MEGABYTE

    headers = {"vt_token": bloom.token, "Content-Type": JSON}
    response = await bloom.client.post("/vt/api/xml/ticket/create", content=endless(), headers=headers)
    assert (response.status_code, refusal(response)) == (413, 112)
    assert await kept(connection) == before


# With which headers and query, to where: status and errno.
ADDRESSES: dict[str, tuple[str, dict[str, str], int, int]] = {
    "no token": ("customer/tickets", {}, 401, 100),
    "a token of nobody": ("customer/tickets", {"vt_token": "braga.x"}, 401, 100),
    "a token of the document": ("customer/tickets", {"vt_token": "frewjng4"}, 401, 100),
    "a token with strange letters": ("customer/tickets", {"vt_token": "braga.\xe9\x7f"}, 401, 100),
    "a long token": ("customer/tickets", {"vt_token": "braga." + "x" * 20_000}, 401, 100),
    "a key of nobody": ("locations/get", {"Authorization": "Bearer cb_aaaaaaaa_" + "a" * 32}, 401, 100),
    "a key that has not its form": ("locations/get", {"Authorization": "Bearer cb_"}, 401, 100),
    "a staff session's cookie": ("customer/tickets", {"Cookie": "callboard=x"}, 401, 100),
    "an organization of nobody": ("locations/get?organization=nobody", {}, 200, 107),
    "a long parameter": ("locations/get?city=" + "x" * 1000, {}, 200, 5),
    "coordinates beyond the earth": ("locations/get?coordinates=1e309,0", {}, 200, 5),
    "an id with a line break": ("customer/tickets/a%0Ab", {"vt_token": "braga.x"}, 401, 100),
    "a path upwards": ("customer/tickets/..%2F..%2Fetc", {}, 200, 3),
}


@pytest.mark.parametrize("name", ADDRESSES)
async def test_hostile_addresses(http: httpx2.AsyncClient, connection: Connection, name: str) -> None:
    path, headers, status, errno = ADDRESSES[name]
    raw = {key.encode(): value.encode("latin-1") for key, value in headers.items()}
    before = await kept(connection)
    for format in ("json", "xml"):
        response = await http.get(f"/vt/api/{format}/{path}", headers=raw)
        assert (response.status_code, refusal(response)) == (status, errno)
    assert await kept(connection) == before


async def test_what_customers_say_of_themselves_breaks_no_answer(bloom: Bloom) -> None:
    """Markup, entities and what XML cannot hold, in every field that is answered."""
    odd = "<!ENTITY x SYSTEM 'file:///etc/passwd'> ]]> &x; <b>\x00\x0b\ufffe\u202e🎟</b>"
    attributes: dict[str, Any] = {name: odd for name in ("first_name", "last_name", "phone", "address", "name")}
    await bloom.sign_up("odd " + odd)
    account = {"username": "odd " + odd, "password": "aksjdhf879234", "customer_attribute": attributes}
    await bloom.post("customer/login", account)
    user = await bloom.user()
    assert all(user[name] == odd.strip() for name in ("first_name", "phone", "address", "display_name"))
    headers = {"vt_token": bloom.token}
    in_xml = await bloom.client.post("/vt/api/xml/customer/details", headers=headers)
    assert parsed(in_xml.content, like={"status": {"success": "true"}, "user": user})[1][1] == spoken(user)
    ticket = (await bloom.take())["ticket"]
    assert ticket["customer"]["display_name"] == odd
    assert (await bloom.get("customer/tickets"))["tickets"] == [ticket]


async def test_too_many_from_one_address(bloom: Bloom, services: Services) -> None:
    given = {"username": "nobody", "password": "not this one"}
    answers = [
        await bloom.client.post("/vt/api/xml/customer/login", json=given | {"username": f"nobody-{n}"})
        for n in range(21)
    ]
    assert [refusal(answer) for answer in answers] == [101] * 20 + [110]
    assert answers[-1].status_code == 429 and int(answers[-1].headers["retry-after"]) > 0


async def test_so_many_a_minute_from_one_address_but_any_number_from_a_program(
    connection: Connection, directory: Directory, clock: Clock
) -> None:
    """Who has registered in a lobby may take tickets as often as who has not; a program asks for many people."""
    services = make_services(connection, directory, clock, join_per_minute=4)
    _, key = await services.accounts.keys.make("App", organization="braga", api="bloom")
    async with client(create_app(services)) as http:
        bloom = Bloom(http)
        await bloom.sign_up()
        wish = {"master_id": TESTE, "service_id": TESTE_A}
        for _ in range(3):
            taken = await bloom.post("ticket/create", {"tickets": [wish]})
            await bloom.post("ticket/cancel", {"ticket": taken["ticket"]["id"]})
        assert wrong(await bloom.post("ticket/create", {"tickets": [wish]}, status=429)) == 110
        other = {"username": "eva", "password": "aksjdhf879234"}
        assert wrong(await bloom.post("customer/register", other, status=429)) == 110
        http.headers["Authorization"] = "Bearer cb_" + "a" * 8 + "_" + "a" * 32
        assert wrong(await bloom.post("customer/register", other, status=401)) == 100
        http.headers["Authorization"] = f"Bearer {key}"
        assert (await bloom.post("ticket/create", {"tickets": [wish]}))["success"] is True
        assert (await bloom.post("customer/register", other))["success"] is True


def refusal(response: httpx2.Response) -> int:
    """The errno, whichever format it is said in."""
    if response.headers["content-type"] == "application/json":
        return wrong(response.json())
    assert response.headers["content-type"] == "application/xml"
    said = {element.tag: element.text for element in ElementTree.fromstring(response.content)}
    assert set(said) == {"success", "errno", "message"} and said["success"] == "false" and said["message"]
    return int(said["errno"] or "")
