"""Watches: every field of one, what is answered, and a receiver on loopback that checks what reaches it."""

import base64
import hashlib
import hmac
import re
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from callboard.delivery.attempt import Attempts
from callboard.delivery.worker import Worker
from callboard.domain.events import Witnessed
from callboard.domain.model import CloseReason
from callboard.facades.agendize.shape import RegistrationShape
from callboard.outside.http import Client as Sender
from callboard.outside.reach import networks
from callboard.services import Services
from callboard.store.keys import partition
from callboard.store.signing_keys import SigningKey
from callboard.store.stream import Group
from callboard.webhooks.planner import Planner
from callboard.webhooks.send import Teller
from callboard.webhooks.worker import LIMITS, NAME, notices
from conftest import Clock
from facades.agendize.conftest import ANN, QUEUE, URL, Client
from webhooks.receiver import Receiver

FULL: dict[str, Any] = {
    "address": "https://hooks.example.org/agendize?a=b",
    "name": "Our CRM",
    "basicAuth": {"username": "crm", "password": "s3cret"},
    "httpRequestHeader": {"X-Tenant": "7", "X-Kind": "queue"},
    "schema": {"id": "${$.id}"},
    "addPreviousData": True,
    "levelDetails": "extraFull",
    "method": "PUT",
    "status": "disabled",
    "events": ["created", "updated"],
    "oauth2Auth": {
        "grantType": "refresh_token",
        "clientId": "me",
        "clientSecret": "cl1ent-s3cret",
        "refreshToken": "r3fresh",
        "authUrl": "https://login.example.org/auth",
        "accessTokenUrl": "https://login.example.org/token",
        "redirectUri": "https://hooks.example.org/back",
        "scope": "queue.write",
    },
}
MASKED = "********"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver().serve() as receiver:
        yield receiver


@pytest.fixture
def worker(services: Services, clock: Clock) -> Worker:
    """The delivery machine with this vendor's shape."""
    reads, shapes = services.reads, {"agendize": RegistrationShape()}
    box, here = notices(reads.connection), partition("main")
    signing, sender = services.accounts.signing, Sender(networks(("127.0.0.0/8",)), 5)
    teller = Teller(reads, services.watches, signing, shapes, sender, URL, clock, random=lambda: 0.5)
    return Worker(
        {here: Group(reads.connection, NAME, here, "one", Witnessed)},
        box,
        Planner(reads, services.watches, box, shapes).plan,
        Attempts(box, teller, clock, lambda: 0.5),
        LIMITS,
        clock=clock,
        random=lambda: 0.5,
    )


async def watch(robot: Client, receiver: Receiver, **more: Any) -> Any:
    return await robot.ask("POST", "watch", json={"address": f"{receiver.base}/hook", **more})


async def test_every_field_of_a_watch_is_kept_and_no_secret_is_answered(robot: Client, services: Services) -> None:
    key = await services.accounts.signing.make("CRM", organization="hilltop")
    signature = {"enabled": True, "cryptoKeyIds": [key.id]}
    made = await robot.ask("POST", "watch", json=FULL | {"signature": signature})
    assert made == FULL | {
        "id": made["id"],
        "objectOwner": {"type": "queue", "id": QUEUE},
        "signature": signature,
        "basicAuth": {"username": "crm", "password": MASKED},
        "oauth2Auth": FULL["oauth2Auth"] | {"clientSecret": MASKED, "refreshToken": MASKED},
    }
    assert await robot.ask("GET", f"/watchers/{made['id']}") == made
    (kept,) = await services.watches.list("hilltop")
    assert kept.basic and kept.basic.password == "s3cret"
    assert kept.oauth2 and (kept.oauth2.client_secret, kept.oauth2.refresh_token) == ("cl1ent-s3cret", "r3fresh")
    assert (kept.signing_keys, kept.queue, kept.enabled) == ((key.id,), "general", False)


async def test_an_address_is_enough(robot: Client) -> None:
    made = await robot.ask("POST", "watch", json={"address": "https://hooks.example.org/"})
    assert made == {
        "id": made["id"],
        "address": "https://hooks.example.org/",
        "objectOwner": {"type": "queue", "id": QUEUE},
        "httpRequestHeader": {},
        "addPreviousData": False,
        "levelDetails": "full",
        "method": "POST",
        "status": "enabled",
    }


async def test_the_other_spellings_are_taken(robot: Client, services: Services) -> None:
    """The vendor's own sample has a truth as text; one page calls the ids of keys `keys`."""
    key = await services.accounts.signing.make("CRM", organization="hilltop")
    body = {"address": "https://hooks.example.org/", "addPreviousData": "false", "method": "patch"}
    made = await robot.ask("POST", "watch", json=body | {"signature": {"enabled": True, "keys": [key.id]}})
    assert (made["addPreviousData"], made["method"]) == (False, "PATCH")
    assert made["signature"] == {"enabled": True, "cryptoKeyIds": [key.id]}


async def test_watches_are_listed_and_removed(robot: Client, old: Client, foreigner: Client, clock: Clock) -> None:
    first = await robot.ask("POST", "watch", json={"address": "https://a.example.org/"})
    clock.pass_(s=1)
    second = await old.ask("POST", "watch", json={"address": "https://b.example.org/"})
    await foreigner.ask("POST", "watch", json={"address": "https://c.example.org/"})
    assert (await robot.ask("GET", "/watchers"))["items"] == [first, second]
    assert (await robot.ask("GET", "/watchers?objectType=queue"))["items"] == [first, second]
    assert (await old.ask("GET", "/watchers?objectType=schedulingCompany"))["items"] == []
    await foreigner.ask("GET", f"/watchers/{first['id']}", 404)
    await foreigner.ask("DELETE", f"/watchers/{first['id']}", 404)
    assert await old.ask("DELETE", f"/watchers/{first['id']}") is None
    await robot.ask("GET", f"/watchers/{first['id']}", 404)
    assert (await robot.ask("GET", "/watchers"))["items"] == [second]


MISTAKES = [
    ({"address": "ftp://x.example.org"}, "address"),
    ({"address": ""}, "address"),
    ({"method": "TRACE"}, "method"),
    ({"status": "on"}, "status"),
    ({"httpRequestHeader": {"Host": "x"}}, "httpRequestHeader.Host"),
    ({"httpRequestHeader": {"a b": "x"}}, "httpRequestHeader"),
    ({"basicAuth": {"password": "x"}}, "basicAuth.username"),
    ({"oauth2Auth": {"clientId": "x"}}, "oauth2Auth.accessTokenUrl"),
    ({"oauth2Auth": {"clientId": "x", "accessTokenUrl": "https://a.example.org"}}, "oauth2Auth.refreshToken"),
    ({"oauth2Auth": {"clientId": "x", "accessTokenUrl": "nowhere", "refreshToken": "y"}}, "oauth2Auth.accessTokenUrl"),
    ({"oauth2Auth": {"grantType": "password"}}, "oauth2Auth.grantType"),
    ({"signature": {"enabled": True}}, "signature.cryptoKeyIds"),
    ({"signature": {"enabled": True, "cryptoKeyIds": ["nokey"]}}, "signature.cryptoKeyIds"),
    ({"schema": '{"a": ${$.id}'}, "schema"),
    ({"schema": "${$..*..*}"}, "schema"),
    ({"schema": ["a"]}, "schema"),
    ({"events": ["exploded"]}, "events.0"),
]


@pytest.mark.parametrize(("body", "field"), MISTAKES)
async def test_a_mistake_is_named_in_the_vendors_words(robot: Client, body: dict[str, Any], field: str) -> None:
    error = (await robot.ask("POST", "watch", 400, json={"address": "https://a.example.org/"} | body))["error"]
    assert f"{field}:" in error["message"]
    assert (await robot.ask("GET", "/watchers"))["items"] == []


async def test_another_organizations_key_signs_nothing(robot: Client, services: Services) -> None:
    key = await services.accounts.signing.make("Theirs", organization="valley")
    body = {"address": "https://a.example.org/", "signature": {"enabled": True, "cryptoKeyIds": [key.id]}}
    await robot.ask("POST", "watch", 400, json=body)


async def test_every_change_is_told_as_the_registration_then_is(
    robot: Client, receiver: Receiver, worker: Worker, clock: Clock
) -> None:
    await watch(robot, receiver)
    made = await robot.insert(form=[{"id": "f", "type": "file", "value": "data:,x"}])
    await worker.run(until_idle=True)
    assert receiver.at("/hook")[0].json() == made
    for status in ("inProgress", "finished", "registered", "noShow"):
        clock.pass_(min=1)
        shown = await robot.update(made["id"], status=status)
        await worker.run(until_idle=True)
        assert receiver.at("/hook")[-1].json() == shown
    await robot.ask("DELETE", made["id"])
    await worker.run(until_idle=True)
    assert receiver.at("/hook")[-1].json()["status"] == "deleted"
    assert len(receiver.got) == 6
    assert receiver.got[0].method == "POST" and receiver.got[0].headers["content-type"] == "application/json"


async def test_next_tells_of_both_whom_it_ends_and_whom_it_begins(
    robot: Client, receiver: Receiver, worker: Worker
) -> None:
    first, second = await robot.insert(), await robot.insert()
    await robot.ask("POST", "next")
    await watch(robot, receiver)
    await robot.ask("POST", "next")
    await worker.run(until_idle=True)
    told = [(got.json()["id"], got.json()["status"]) for got in receiver.at("/hook")]
    assert [status for id, status in told if id == first["id"]][-2:] == ["inProgress", "finished"]
    assert [status for id, status in told if id == second["id"]] == ["registered", "inProgress"]


async def test_a_booking_is_told_of_once_it_waits(
    robot: Client, receiver: Receiver, worker: Worker, services: Services, clock: Clock
) -> None:
    await watch(robot, receiver, events=["created", "deleted"])
    booked = [(await services.store.book("general", slot_at=clock() + 60_000)).ticket for _ in range(2)]
    assert booked[0] and booked[1]
    await customer_cancels(services, booked[0].id)
    await services.store.check_in(booked[1].id)
    await services.store.hold(booked[1].id)
    await customer_cancels(services, booked[1].id)
    await worker.run(until_idle=True)
    told = [(got.json()["id"], got.json()["status"]) for got in receiver.at("/hook")]
    serial = str(booked[1].serial)
    assert told == [(serial, "registered"), (serial, "deleted")]


async def customer_cancels(services: Services, ticket: str) -> None:
    await services.store.cancel(ticket, reason=CloseReason.CUSTOMER)


async def test_version_2_0_is_told_in_its_own_words(
    robot: Client, old: Client, receiver: Receiver, worker: Worker
) -> None:
    await watch(old, receiver)
    made = await robot.insert(status="inProgress")
    await worker.run(until_idle=True)
    assert receiver.at("/hook")[-1].json() == await old.get(made["id"])
    assert receiver.at("/hook")[-1].json()["status"] == "onGoing"


async def test_a_schema_makes_the_body(robot: Client, receiver: Receiver, worker: Worker) -> None:
    text = '{"n": ${$.rank}, "who": "${$.client.firstName}", "phone": ${$.form[?@.id=="tel"].value}}'
    await watch(robot, receiver, schema={"n": "${$.rank}", "who": "$.client.firstName", "x": {"y": "${$.nothing}"}})
    await robot.ask("POST", "watch", json={"address": f"{receiver.base}/text", "schema": text})
    await robot.insert(form=[{"id": "tel", "value": "5"}])
    await worker.run(until_idle=True)
    assert receiver.at("/hook")[0].json() == {"n": "1", "who": "Ann", "x": {"y": ""}}
    assert receiver.at("/text")[0].json() == {"n": 1, "who": "Ann", "phone": ["5"]}


async def test_the_version_before_comes_along_when_asked_for(robot: Client, receiver: Receiver, worker: Worker) -> None:
    await watch(robot, receiver, addPreviousData=True)
    made = await robot.insert()
    await robot.update(made["id"], status="noShow")
    await worker.run(until_idle=True)
    created, missed = (got.json() for got in receiver.at("/hook"))
    assert created["previousData"] is None
    assert (missed["status"], missed["previousData"]["status"]) == ("noShow", "registered")
    assert missed["previousData"]["client"] == missed["client"]


@pytest.mark.parametrize("method", ["DELETE", "GET", "PUT", "PATCH"])
async def test_the_method_is_the_watchs_and_delete_and_get_have_no_body(
    robot: Client, receiver: Receiver, worker: Worker, method: str
) -> None:
    await watch(robot, receiver, method=method)
    made = await robot.insert()
    await worker.run(until_idle=True)
    (got,) = receiver.at("/hook")
    assert got.method == method
    assert got.body == b"" if method in ("DELETE", "GET") else got.json()["id"] == made["id"]


async def test_a_disabled_watch_is_told_nothing(robot: Client, receiver: Receiver, worker: Worker) -> None:
    await watch(robot, receiver, status="disabled")
    await robot.insert()
    await worker.run(until_idle=True)
    assert receiver.got == []


async def test_basic_authentication_and_headers_of_ones_own(robot: Client, receiver: Receiver, worker: Worker) -> None:
    await watch(
        robot,
        receiver,
        basicAuth={"username": "crm", "password": "s3cret:å"},
        httpRequestHeader={"X-Tenant": "7", "Content-Type": "application/vnd.crm+json"},
    )
    await robot.insert()
    await worker.run(until_idle=True)
    (got,) = receiver.at("/hook")
    assert got.headers["authorization"] == "Basic " + base64.b64encode("crm:s3cret:å".encode()).decode()
    assert got.headers["x-tenant"] == "7"
    assert got.headers["content-type"] == "application/vnd.crm+json"


def signatures(got: Any) -> dict[str, tuple[str, str]]:
    """By key, the algorithm and the signature, as a receiver reads them."""
    found = {}
    for header in got.signatures:
        fields = dict(re.findall(r'(\w+)="([^"]*)"', header))
        found[fields["keyId"]] = (fields["algorithm"], fields["signature"])
    return found


async def test_each_key_signs_what_is_sent(
    robot: Client, receiver: Receiver, worker: Worker, services: Services
) -> None:
    keys: list[SigningKey] = [
        await services.accounts.signing.make(name, organization="hilltop") for name in ("old", "new")
    ]
    await watch(robot, receiver, signature={"enabled": True, "cryptoKeyIds": [key.id for key in keys]})
    await robot.insert()
    await worker.run(until_idle=True)
    (got,) = receiver.at("/hook")
    for key in keys:
        secret = base64.b64decode(key.secret.removeprefix("whsec_"))
        expected = base64.b64encode(hmac.digest(secret, got.body, hashlib.sha256)).decode()
        assert signatures(got)[key.id] == ("hmac-sha256", expected)
        assert hmac.digest(secret, got.body + b" ", hashlib.sha256) != base64.b64decode(expected)


async def test_nothing_is_signed_where_it_is_not_enabled(
    robot: Client, receiver: Receiver, worker: Worker, services: Services
) -> None:
    key = await services.accounts.signing.make("CRM", organization="hilltop")
    made = await watch(robot, receiver, signature={"enabled": False, "cryptoKeyIds": [key.id]})
    assert made["signature"] == {"enabled": False, "cryptoKeyIds": [key.id]}
    await robot.insert()
    await worker.run(until_idle=True)
    assert receiver.at("/hook")[0].signatures == []


@pytest.mark.parametrize(
    ("auth", "form"),
    [
        (
            {"refreshToken": "r3fresh", "scope": "q"},
            {"grant_type": "refresh_token", "refresh_token": "r3fresh", "scope": "q"},
        ),
        ({"grantType": "client_credentials"}, {"grant_type": "client_credentials"}),
    ],
)
async def test_an_access_token_is_fetched_used_and_fetched_again_when_it_is_over(
    robot: Client, receiver: Receiver, worker: Worker, clock: Clock, auth: dict[str, str], form: dict[str, str]
) -> None:
    given = {"clientId": "me", "clientSecret": "s3cret", "accessTokenUrl": f"{receiver.base}/token"}
    await watch(robot, receiver, oauth2Auth=given | auth)
    receiver.good = {"first"}
    await robot.insert()
    await robot.insert()
    await worker.run(until_idle=True)
    assert receiver.asked == [("Basic " + base64.b64encode(b"me:s3cret").decode(), form)]
    assert [got.headers["authorization"] for got in receiver.at("/hook")] == ["Bearer first"] * 2
    clock.pass_(h=2)
    receiver.tokens, receiver.good = {"access_token": "second", "expires_in": 3600}, {"second"}
    await robot.insert()
    await worker.run(until_idle=True)
    assert receiver.at("/hook")[-1].headers["authorization"] == "Bearer second"
    assert len(receiver.asked) == 2


async def test_nobody_is_named_after_they_are_erased(
    robot: Client, receiver: Receiver, worker: Worker, services: Services
) -> None:
    await watch(robot, receiver, schema='{"who": ${$.client}, "form": ${$.form}}')
    made = await robot.insert(client=ANN, form=[{"id": "note", "value": "secret"}])
    await services.store.erase(await services.reads.ticket_of_serial(int(made["id"])))
    await worker.run(until_idle=True)
    assert [msgspec.json.decode(got.body) for got in receiver.at("/hook")] == [{"who": {}, "form": []}]
