"""Both formats of every call: an answer in XML, read by a parser that never saw our writer, says what the JSON does."""

import re
from typing import Any
from xml.etree import ElementTree

import httpx2
import pytest

from callboard.facades.bloom.routes import faces
from facades.bloom.letters import Letters
from facades.bloom.parsed import parsed, spoken
from facades.bloom.world import TESTE, TESTE_A, Bloom, same

WISH = {"tickets": [{"master_id": TESTE, "service_id": TESTE_A}]}
NEW = {"password": "another password", "repeat_password": "another password"}
OWN = re.compile(r"[0-9a-f-]{36}|braga\.[\w-]+")  # ids and tokens of one run


async def post(bloom: Bloom, format: str, path: str, body: Any) -> httpx2.Response:
    headers = {"vt_token": bloom.token} if bloom.token else {}
    return await bloom.client.post(f"/vt/api/{format}/{path}", json=body, headers=headers)


async def test_customers_are_answered_alike(bloom: Bloom) -> None:
    odd = {"first_name": "<b>\x07\"André\" & 'Co' ]]>", "last_name": "&amp;", "phone": None}
    for path, body in (
        ("register", {"password": "aksjdhf879234", **odd}),
        ("login", {"password": "aksjdhf879234"}),
        ("login", {"password": "aksjdhf879234", "customer_attribute": {"address": "Rua 1\r\nBraga"}}),
        ("register", {"password": "aksjdhf879234"}),  # which is refused: they exist
    ):
        answers = [
            await post(bloom, format, f"customer/{path}", body | {"username": f"{format}@example.org"})
            for format in ("Json", "xml")
        ]
        alike(*answers)
    account = {"username": "xml@example.org", "password": "aksjdhf879234"}
    bloom.token = (await bloom.post("customer/login", account))["vt_token"]
    alike(await post(bloom, "json", "customer/details", None), await post(bloom, "xML", "customer/details", None))
    bloom.token = ""
    alike(await post(bloom, "json", "customer/details", None), await post(bloom, "xML", "customer/details", None))


async def test_a_new_password_is_answered_alike(bloom: Bloom, letters: Letters) -> None:
    await bloom.sign_up(email="andre@example.org")
    await bloom.get("customer/resetpassword", email="andre@example.org")
    given = NEW | {"token": await letters.secret()}
    opened = await post(bloom, "xml", "customer/newpassword", given)
    again = await post(bloom, "xml", "customer/newpassword", given)
    same(again, 200, (await post(bloom, "json", "customer/newpassword", given)).json())
    (success, token) = ElementTree.fromstring(opened.content)
    assert (success.tag, success.text, token.tag) == ("success", "true", "vt_token")
    bloom.token = token.text or ""
    assert (await bloom.user())["username"] == "andre"


async def test_tickets_are_answered_alike(bloom: Bloom) -> None:
    """The same key makes it the same ticket."""
    await bloom.sign_up(first_name="<André>")
    bloom.client.headers["Idempotency-Key"] = "one"
    made = await post(bloom, "json", "ticket/create", WISH)
    same(await post(bloom, "xml", "ticket/create", WISH), 200, made.json())
    del bloom.client.headers["Idempotency-Key"]
    same(
        await post(bloom, "xml", "ticket/create", WISH), 200, (await post(bloom, "json", "ticket/create", WISH)).json()
    )
    cancelled = await post(bloom, "xml", "ticket/cancel", {"ticket": made.json()["ticket"]["id"]})
    same(cancelled, 200, {"success": True})
    await bloom.get("customer/tickets")


def alike(in_json: httpx2.Response, in_xml: httpx2.Response) -> None:
    """But for ids, tokens, and the name that tells the two customers apart."""
    assert in_json.status_code == in_xml.status_code and in_xml.headers["content-type"] == "application/xml"
    own, other = parsed(in_xml.content, like=in_json.json()), spoken(in_json.json())
    assert OWN.sub("*", repr(own)) == OWN.sub("*", repr(other))


@pytest.mark.parametrize("format", ["json", "JSON", "Json", "xml", "XML", "Xml"])
async def test_the_format_is_taken_in_capitals_or_not(http: httpx2.AsyncClient, format: str) -> None:
    response = await http.get(f"/vt/api/{format}/settings/get")
    assert response.headers["content-type"] == f"application/{format.lower()}"


@pytest.mark.parametrize(
    ("path", "errno"),
    [
        ("yaml/settings/get", 4),
        ("xml/settings/got", 3),
        ("xml/", 1),
        ("xml", 1),
        ("xml/customer/register", 2),
        ("xml/server_services/get?location_id=no-such", 6),
    ],
)
async def test_errors_are_written_in_the_format_of_the_address(http: httpx2.AsyncClient, path: str, errno: int) -> None:
    response = await http.get(f"/vt/api/{path}")
    if path.startswith("yaml"):
        assert response.json()["errno"] == errno
    else:
        assert ElementTree.fromstring(response.content).findtext("errno") == str(errno)


@pytest.mark.parametrize("root", ["/vt/api/json", "/vt/api/xml", "/restapi"])
async def test_each_root_describes_itself(http: httpx2.AsyncClient, root: str) -> None:
    document = (await http.get(f"{root}/openapi.json")).json()
    operations = next(face.operations for face in faces if root.startswith(face.roots[0].partition("/{")[0]))
    assert set(document["paths"]) == {root + operation.path for operation in operations}
    media = "application/xml" if root.endswith("xml") else "application/json"
    for methods in document["paths"].values():
        for operation in methods.values():
            assert all([*answer["content"]] == [media] for answer in operation["responses"].values())
