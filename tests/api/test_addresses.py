"""How a person's browser comes to be told, and goes: what is wrong is named, and no address is shown in full."""

import os
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from api.asking import ROOT, code, command, fields, take
from callboard.p256 import CURVE, is_point, point, read, written
from callboard.services import Services
from conftest import Clock


def browser(**changes: str) -> dict[str, str]:
    """What a browser says when it has subscribed."""
    key = written(point(ec.generate_private_key(CURVE).public_key()))
    given = {"endpoint": f"https://push.example.org/{os.urandom(4).hex()}", "p256dh": key}
    return given | {"auth": written(os.urandom(16))} | changes


async def test_a_browser_subscribes_and_unsubscribes(visitor: httpx2.AsyncClient, services: Services) -> None:
    taken = await take(visitor)
    path, told = f"t/{taken['token']}", browser()
    answer = await command(visitor, f"{path}/subscribe", **told)
    assert is_point(read(answer["push_key"]))
    (id,) = answer["push"]
    person = await services.reads.person(taken["ticket"]["id"])
    assert person is not None
    (kept,) = person.pushes
    assert (kept.id, kept.endpoint, kept.p256dh, kept.auth) == (id, told["endpoint"], told["p256dh"], told["auth"])
    assert await command(visitor, f"{path}/subscribe", **told) == answer
    assert (await command(visitor, f"{path}/unsubscribe", endpoint=told["endpoint"]))["push"] == []
    assert (await command(visitor, f"{path}/unsubscribe", endpoint=told["endpoint"]))["push"] == []


async def test_what_is_on_is_shown_and_no_address_in_full(visitor: httpx2.AsyncClient) -> None:
    taken = await take(visitor, phone="0701740605", email="eva@example.org")
    told = browser()
    await command(visitor, f"t/{taken['token']}/subscribe", **told)
    response = await visitor.get(f"{ROOT}/t/{taken['token']}/contact")
    shown = response.json()
    assert (shown["phone"], shown["email"]) == ("+46•••05", "e•••@example.org")
    assert len(shown["push"]) == 1
    assert not any(secret in response.text for secret in (told["endpoint"], told["auth"], told["p256dh"], "740605"))
    assert response.headers["cache-control"] == "no-store"


async def test_all_that_use_one_store_have_one_key(visitor: httpx2.AsyncClient) -> None:
    first, second = await take(visitor), await take(visitor)
    keys = [(await visitor.get(f"{ROOT}/t/{each['token']}/contact")).json()["push_key"] for each in (first, second)]
    assert keys[0] == keys[1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("endpoint", "http://push.example.org/a"),
        ("endpoint", "https://"),
        ("endpoint", "https://me:secret@push.example.org/a"),
        ("endpoint", "https://push.example.org:99999/a"),
        ("endpoint", "https://push.example.org/a b"),
        ("endpoint", "https://push.example.org/" + "a" * 1000),
        ("endpoint", "javascript:alert(1)"),
        ("endpoint", ""),
        ("p256dh", ""),
        ("p256dh", "not base64!"),
        ("p256dh", written(b"\x04" + b"\x01" * 64)),
        ("p256dh", written(b"\x04" + b"\x01" * 63)),
        ("auth", ""),
        ("auth", written(b"1" * 15)),
        ("auth", written(b"1" * 17)),
    ],
)
async def test_what_is_wrong_is_named(visitor: httpx2.AsyncClient, services: Services, name: str, value: str) -> None:
    taken = await take(visitor)
    answer = await visitor.post(f"{ROOT}/t/{taken['token']}/subscribe", json=browser(**{name: value}))
    assert answer.status_code == 422
    assert fields(answer) == {name}
    person = await services.reads.person(taken["ticket"]["id"])
    assert person is not None and person.pushes == ()


@pytest.mark.parametrize("missing", ["endpoint", "p256dh", "auth"])
async def test_what_is_missing_is_named_beside_what_is_wrong(visitor: httpx2.AsyncClient, missing: str) -> None:
    given = browser(endpoint="ftp://x", p256dh="x", auth="x")
    del given[missing]
    answer = await visitor.post(f"{ROOT}/t/{(await take(visitor))['token']}/subscribe", json=given)
    assert fields(answer) == {"endpoint", "p256dh", "auth"}


async def test_only_a_few_browsers_are_told_of_one_ticket(visitor: httpx2.AsyncClient) -> None:
    taken = await take(visitor)
    answers: list[Any] = [await command(visitor, f"t/{taken['token']}/subscribe", **browser()) for _ in range(5)]
    assert [len(answer["push"]) for answer in answers] == [1, 2, 3, 3, 3]
    assert answers[3]["push"][1:] == answers[4]["push"][:2]


async def test_a_closed_ticket_or_an_unknown_one_takes_none(visitor: httpx2.AsyncClient) -> None:
    taken = await take(visitor)
    await command(visitor, f"t/{taken['token']}/subscribe", **(told := browser()))
    await command(visitor, f"t/{taken['token']}/cancel")
    path = f"{ROOT}/t/{taken['token']}/subscribe"
    assert code(await visitor.post(path, json=browser())) == (409, "ticket_closed")
    assert (await command(visitor, f"t/{taken['token']}/unsubscribe", endpoint=told["endpoint"]))["push"] == []
    unknown = await visitor.post(f"{ROOT}/t/{'a' * len(taken['token'])}/subscribe", json=browser())
    assert unknown.status_code == 404


async def test_browsers_are_erased_with_the_person(
    visitor: httpx2.AsyncClient, services: Services, clock: Clock
) -> None:
    taken = await take(visitor)
    await command(visitor, f"t/{taken['token']}/subscribe", **browser())
    await services.store.erase(taken["ticket"]["id"])
    assert await services.reads.person(taken["ticket"]["id"]) is None
    assert (await visitor.get(f"{ROOT}/t/{taken['token']}/contact")).status_code == 404
