"""Forms: every field of an item, files in and out, dates with their zone, rules."""

import asyncio
import base64
from typing import Any

import httpx2
import pytest

from callboard.services import Services
from facades.agendize.conftest import ANN, QUEUE, URL, Client

FULL: dict[str, Any] = {
    "id": "colour",
    "type": "select",
    "title": "Colour",
    "bind": "none",
    "bindGroup": "extra",
    "externalId": "utm_colour",
    "help": "Which one?",
    "placeholder": "Choose",
    "mandatory": True,
    "visible": True,
    "otherValue": False,
    "category": True,
    "multiple": True,
    "fileName": "colour.txt",
    "value": "AB1",
    "values": [{"id": "warm", "name": "Warm", "value": "w", "values": [{"id": "red", "name": "Red", "value": "r"}]}],
    "valueFormat": {
        "maxLength": 10,
        "minLength": 2,
        "regexType": "custom",
        "regexValue": "[A-Z]+[0-9]",
        "valueFormat": "text",
    },
    "subItem": [{"id": "shade", "type": "input", "value": "dark", "mandatory": True}],
}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def data(content: bytes = PNG, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


async def test_every_field_of_an_item_is_kept(robot: Client) -> None:
    made = await robot.insert(form=[FULL, {"id": "x", "type": "checkbox", "values": [{"id": "a", "value": "1"}]}])
    assert made["form"] == [FULL, {"id": "x", "type": "checkbox", "values": [{"id": "a", "value": "1"}]}]
    assert (await robot.get(made["id"]))["form"] == made["form"]


@pytest.mark.parametrize(
    ("typed", "local"),
    [
        ("2011-12-03T10:15:30", "2011-12-03T10:15:30"),
        ("2011-12-03", "2011-12-03T00:00:00"),
        ("2011-12-03T10:15:30Z", "2011-12-03T11:15:30"),
        ("2011-07-03T10:15:30.250-05:00", "2011-07-03T17:15:30"),
        ("3 December", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("", None),
    ],
)
async def test_a_date_comes_with_its_zone(robot: Client, typed: str, local: str | None) -> None:
    (item,) = (await robot.insert(form=[{"id": "born", "type": "date", "value": typed}]))["form"]
    zoned = {} if local is None else {"zonedDateTime": {"dateTime": local, "timeZone": "Europe/Stockholm"}}
    assert item == {"id": "born", "type": "date", "value": typed} | zoned


async def test_the_zone_is_ours_to_say(robot: Client) -> None:
    zone = {"dateTime": "1999-01-01T00:00:00", "timeZone": "Asia/Tokyo"}
    form = [
        {"id": "a", "type": "date", "value": "2011-12-03", "zonedDateTime": zone},
        {"id": "b", "zonedDateTime": zone},
    ]
    shown = (await robot.insert(form=form))["form"]
    assert shown[0]["zonedDateTime"] == {"dateTime": "2011-12-03T00:00:00", "timeZone": "Europe/Stockholm"}
    assert shown[1] == {"id": "b"}


async def test_a_file_goes_in_as_a_data_uri_and_comes_out_as_a_link(robot: Client, http: httpx2.AsyncClient) -> None:
    made = await robot.insert(form=[{"id": "photo", "type": "file", "fileName": 'Åsa\'s "cat".png', "value": data()}])
    (item,) = made["form"]
    assert item["fileName"] == 'Åsa\'s "cat".png'
    assert item["value"].startswith(f"{URL}/api/2.3/queues/{QUEUE}/registrations/{made['id']}/files/")
    answer = await http.get(item["value"])
    assert (answer.status_code, answer.content) == (200, PNG)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"_sa_s _cat_.png\"; filename*=UTF-8''%C3%85sa%27s%20%22cat%22.png"
    )
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("uri", "content", "kind", "name"),
    [
        ("data:,a%20b", b"a b", "text/plain", "file.txt"),
        ("data:text/plain;charset=utf-8,%C3%A5", "å".encode(), "text/plain", "file.txt"),
        ("DATA:application/pdf;BASE64,JVBERg==", b"%PDF", "application/pdf", "file.pdf"),
        ("data:application/x-nobody-knows;base64,", b"", "application/x-nobody-knows", "file"),
        ("data:text/html,<script>alert(1)</script>", b"<script>alert(1)</script>", "text/html", "file.html"),
    ],
)
async def test_a_file_without_a_name_is_named_after_its_type(
    robot: Client, http: httpx2.AsyncClient, uri: str, content: bytes, kind: str, name: str
) -> None:
    (item,) = (await robot.insert(form=[{"id": "f", "type": "file", "value": uri}]))["form"]
    answer = await http.get(item["value"])
    assert (item["fileName"], answer.content) == (name, content)
    assert answer.headers["content-type"].startswith(kind)
    assert answer.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize(
    "value",
    ["hello", "data:", "data:image/png;base64,%%%", "data:a b,c", "data:x/y\r\nSet-Cookie: a=b,c", "https://x/1"],
)
async def test_what_is_no_file_is_refused(robot: Client, value: str) -> None:
    error = await robot.ask(
        "POST", "", 400, json={"client": ANN, "form": [{"id": "f", "type": "file", "value": value}]}
    )
    assert error["error"]["message"].startswith("form.0.value:")


async def test_a_link_opens_its_own_file_only(robot: Client, http: httpx2.AsyncClient, services: Services) -> None:
    made = await robot.insert(form=[{"id": "f", "type": "file", "value": data()}])
    other = await robot.insert(form=[{"id": "f", "type": "file", "value": data()}])
    link, stolen = made["form"][0]["value"], other["form"][0]["value"].rpartition("/")[2]
    root = link.rpartition("/")[0]
    for wrong in (stolen, "1", "1-", "2-" + link.rpartition("-")[2], "1-" + "A" * 24, "%F0%9F%90%88"):
        answer = await http.get(f"{root}/{wrong}")
        assert answer.status_code == 404 and answer.json()["error"]["code"] == 404, wrong
    await services.store.erase(await services.reads.ticket_of_serial(int(made["id"])))
    assert (await http.get(link)).status_code == 404


async def test_a_file_stays_when_its_link_is_sent_back(robot: Client, http: httpx2.AsyncClient) -> None:
    made = await robot.insert(form=[{"id": "f", "type": "file", "value": data()}, {"id": "n", "value": "1"}])
    item, note = made["form"]
    again = (await robot.update(made["id"], form=[item, note | {"value": "2"}]))["form"]
    assert again == [item, note | {"value": "2"}]
    assert (await http.get(item["value"])).content == PNG
    other = (await robot.update(made["id"], form=[item | {"value": data(b"new")}]))["form"][0]
    assert (await http.get(other["value"])).content == b"new"
    assert (await http.get(item["value"])).status_code == 404, "what is replaced is gone"


async def test_a_field_that_is_sent_again_keeps_what_is_not_said(robot: Client) -> None:
    made = await robot.insert(form=[FULL, {"id": "gone"}])
    changed = await robot.update(made["id"], form=[{"id": "colour", "value": "CD2", "title": None}])
    assert changed["form"] == [FULL | {"value": "CD2"}]
    await robot.ask("PUT", made["id"], 400, json={"form": [{"id": "colour", "value": "lower"}]})
    assert (await robot.update(made["id"], form=[]))["form"] == []


async def test_rules_are_checked_wherever_a_field_is(robot: Client) -> None:
    form = [
        {"id": "a", "mandatory": True},
        {"id": "b", "subItem": [{"id": "c", "value": "x", "valueFormat": {"minLength": 2}}]},
        {"id": "d", "value": "x", "valueFormat": {"regexValue": "[0-9]"}},
    ]
    message = (await robot.ask("POST", "", 400, json={"client": ANN, "form": form}))["error"]["message"]
    assert [part.partition(":")[0] for part in message.split("; ")] == [
        "form.0.value",
        "form.1.subItem.0.value",
        "form.2.value",
    ]


async def test_what_a_form_says_of_the_client_counts_where_the_client_does_not(robot: Client) -> None:
    form = [
        {"id": "1", "bind": "crm-name", "subItem": [{"id": "2", "bind": "crm-first-name", "value": "Ida"}]},
        {"id": "3", "bind": "crm-last-name", "value": "Ek"},
        {"id": "4", "bind": "crm-email", "value": "ida@example.org"},
        {"id": "5", "bind": "crm-phone", "value": "+46701740605"},
    ]
    made = await robot.insert(client={"firstName": "Eva"}, form=form)
    del made["client"]["id"], made["client"]["selfLink"]
    assert list(made["client"].values()) == ["Eva", "Ek", "ida@example.org", "+46701740605"]


@pytest.mark.parametrize(
    "form",
    [
        [{"id": str(n)} for n in range(201)],
        [{"id": str(n), "value": "x", "valueFormat": {"regexValue": "x"}} for n in range(31)],
        [{"id": "a", "subItem": [{"id": "b", "subItem": [{"id": "c", "subItem": [{"id": "d"}]}]}]}],
        [{"id": "a", "values": [{"id": "b"}] * 501}],
        [{"id": "a", "values": [{"id": "b", "values": [{"id": "c", "values": [{"id": "d"}]}]}]}],
    ],
)
async def test_a_form_has_bounds(robot: Client, form: list[Any]) -> None:
    await robot.ask("POST", "", 400, json={"client": ANN, "form": form})


async def test_version_2_0_shows_no_form_and_keeps_one(robot: Client, old: Client) -> None:
    made = await old.insert(form=[{"id": "a", "value": "1"}])
    assert "form" not in made
    assert (await robot.get(made["id"]))["form"] == [{"id": "a", "value": "1"}]


async def test_others_are_answered_while_a_dear_form_is_checked(robot: Client) -> None:
    """As many of the dearest patterns as fit into a request: they take a thread, not the server."""
    rule = {"regexValue": "[ab]*a" + "[ab]{1000}" * 15}
    form = [{"id": str(n), "value": "ab" * 1000, "valueFormat": rule} for n in range(25)]
    checking = asyncio.create_task(robot.http.post(robot.all, json={"client": ANN, "form": form}))
    answered = 0
    while not checking.done():
        await robot.ids()
        answered += 1
    assert (await checking).status_code == 400
    assert answered > 3
