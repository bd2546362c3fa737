"""What is too big, too deep, of another kind or of another organization is refused in the vendor's words, and nothing
has changed."""

import base64
from dataclasses import dataclass, field

import pytest
from starlette.applications import Starlette

from callboard.services import Services
from callboard.store.redis import Connection
from facades.qflow.world import DAY, Office
from house import client, everything

MIB = 1 << 20
DEEP = b"[" * 25_000 + b"]" * 25_000
KIND = "Content-Type"
JSON = {KIND: "application/json"}
FORM = {KIND: "application/x-www-form-urlencoded"}
CHECKIN, CASES, APPOINTMENTS = "/API/Appointments/Checkin", "/API/Cases", "/qflow/Appointments"
ENTITIES = b'<!DOCTYPE a [<!ENTITY b "cccccccc"><!ENTITY d "&b;&b;&b;&b;">]><Checkin><CaseId>&d;</CaseId></Checkin>'


@dataclass
class Attempt:
    """`{P}` in path and body is a process of ours; `key` whose key is sent; `number` the ErrorNumber; `fields` those of
    ModelState."""

    status: int
    method: str = "POST"
    path: str = CHECKIN
    body: bytes = b'{"ProcessId": {P}}'
    headers: dict[str, str] = field(default_factory=lambda: JSON)
    key: str | None = "own"
    number: int | None = None
    fields: set[str] = field(default_factory=set)


def wrong(body: bytes, *fields: str, path: str = CHECKIN, headers: dict[str, str] = JSON) -> Attempt:
    return Attempt(400, path=path, body=body, headers=headers, fields=set(fields))


def missing(method: str, path: str, body: bytes = b"", key: str = "strange") -> Attempt:
    return Attempt(404, method, path, body, key=key, number=51010)


ATTEMPTS = {
    "10 MB": Attempt(413, body=b'{"PersonalId": "' + b"x" * (10 * MIB) + b'"}'),
    "10 MB of a form": Attempt(413, body=b"CaseId=" + b"1" * (10 * MIB), headers=FORM),
    "10 MB to a delete": Attempt(413, "DELETE", APPOINTMENTS, b" " * (10 * MIB)),
    "no JSON": wrong(b"CaseId=1", "model"),
    "no UTF-8": wrong(b'{"PersonalId": "\xff"}', "model"),
    "half a character": wrong(b'{"PersonalId": "\\ud800"}', "model"),
    "broken off": wrong(b'{"CaseId": 1', "model"),
    "nothing": wrong(b"", "model"),
    "null": wrong(b"null", "model"),
    "a list": wrong(b"[1, 2]", "model"),
    "deep": wrong(DEEP, "model"),
    "deep where a text goes": wrong(b'{"PersonalId": ' + DEEP + b"}", "model"),
    "deep among properties": wrong(
        b'{"ServiceId": 20, "CustomProperties": {"a": ' + b'{"a":' * 200 + b"1" + b"}" * 200 + b"}}",
        "model.CustomProperties.a",
        path=CASES,
    ),
    "a number beyond all": wrong(b'{"CaseId": 1e999}', "model"),
    "a number beyond the vendor's": wrong(b'{"CaseId": 99999999999}', "model.CaseId"),
    "a number of a thousand digits": wrong(b'{"CaseId": ' + b"9" * 1000 + b"}", "model.CaseId"),
    "wrong types": wrong(b'{"CaseId": "x", "ForceEarlyLate": 7}', "model.CaseId", "model.ForceEarlyLate"),
    "too many properties": wrong(
        b'{"ServiceId": 20, "CustomProperties": {' + b",".join(b'"%d": "a"' % n for n in range(200)) + b"}}",
        "model.CustomProperties",
        path=CASES,
    ),
    "a form of everything": wrong(b"&".join(b"a%d=1" % n for n in range(5000)), "model", headers=FORM),
    "a form that contradicts itself": wrong(b"CaseId=1&CaseId[a]=2", "model.CaseId", headers=FORM),
    "a form too deep": wrong(b"a" + b"[a]" * 500 + b"=1", "model." + ("a" + "[a]" * 500)[:100], headers=FORM),
    "text": Attempt(415, headers={KIND: "text/plain"}),
    "XML": Attempt(415, body=ENTITIES, headers={KIND: "application/xml"}),
    "a file": Attempt(415, headers={KIND: "multipart/form-data; boundary=x"}),
    "no kind": Attempt(415, headers={}),
    "another charset": Attempt(415, headers={KIND: "application/json; charset=utf-16"}),
    "compressed": Attempt(415, headers=JSON | {"Content-Encoding": "gzip"}),
    "no key": Attempt(401, key=None),
    "a key that is none": Attempt(401, key="XYZ"),
    "an empty key": Attempt(401, key=""),
    "a long key": Attempt(401, key="x" * 4000),
    "a key for another API": Attempt(401, key="agendize"),
    "an authorization of another kind": Attempt(401, key=None, headers=JSON | {"Authorization": "JWT abc"}),
    "a basic authorization that is none": Attempt(401, key=None, headers=JSON | {"Authorization": "Basic !!!"}),
    "two keys": Attempt(401, headers=JSON | {"Authorization": "Bearer XYZ"}),
    "a strange key on a check-in": missing("POST", CHECKIN, b'{"ProcessId": {P}}'),
    "a strange key on a move": missing(
        "PATCH", APPOINTMENTS, b'{"OriginalProcessId": {P}, "AppointmentDateTime": "2026-09-22T16:00:00"}'
    ),
    "a strange key on a cancellation": missing("DELETE", APPOINTMENTS, b'{"ProcessId": {P}}'),
    "a strange key on a forced state": missing("POST", "/API/Cases/Cancel", b'{"CaseId": {P}}'),
    "a strange key on a case": missing("GET", "/API/Cases/{P}"),
    "a strange key on a process": missing("GET", "/API/Cases/Processes/{P}"),
    "a strange key on an appointment": missing("GET", "/API/Appointments/{P}"),
    "a strange key on a unit": missing("GET", "/API/Tickets/Waiting/29"),
    "a strange key on a service": missing("POST", CASES, b'{"ServiceId": 20}'),
    "a strange key on a customer": missing("POST", "/API/Customers", b'{"CustomerId": 1, "FirstName": "Eve"}'),
    "a slot that was not kept": missing(
        "PUT",
        APPOINTMENTS,
        b'{"ServiceId": 20, "CustomerId": 1, "AppointmentDateTime": "2026-09-22T16:00:00", "ReservedSlotId": {P}}',
        "own",
    ),
    "an address that is none": Attempt(404, "GET", "/API/Users", b""),
    "an address that leads out": Attempt(404, "GET", "/API/Cases/..%2F..%2Fadmin", b""),
    "an id that is none": Attempt(400, "GET", "/API/Cases/1%00", b"", fields={"id"}),
    "an id in other digits": Attempt(400, "GET", "/API/Cases/%D9%A3", b"", fields={"id"}),
    "a method that is none": Attempt(405, "DELETE", "/API/Cases/{P}", b""),
    "a key that was used for another command": Attempt(
        400, path=CASES, body=b'{"ServiceId": 21}', headers=JSON | {"Idempotency-Key": "used"}, number=90017
    ),
    "an idempotency key that cannot be": Attempt(
        400,
        path=CASES,
        body=b'{"ServiceId": 20}',
        headers=JSON | {"Idempotency-Key": "x" * 300},
        fields={"model.Idempotency-Key"},
    ),
}


@pytest.mark.parametrize("name", ATTEMPTS)
async def test_it_is_refused_and_nothing_changes(
    app: Starlette, services: Services, connection: Connection, office: Office, stranger: Office, key: str, name: str
) -> None:
    attempt = ATTEMPTS[name]
    process = await office.booked(await office.customer())
    await office.ask("POST", CASES, {"ServiceId": 20}, headers={"Idempotency-Key": "used"})
    _, agendize = await services.accounts.keys.make("Other", organization="riverside", api="agendize")
    await stranger.ask("GET", "/API/Statistics/Units")
    await services.accounts.keys.find(agendize)  # that a key is used is noted once a minute
    keys = {"own": key, "strange": stranger.client.headers["Application-API-Key"], "agendize": agendize}
    before = await everything(connection)
    async with client(app) as who:
        response = await who.request(
            attempt.method,
            attempt.path.replace("{P}", str(process)),
            content=attempt.body.replace(b"{P}", str(process).encode()),
            headers=attempt.headers
            | ({} if attempt.key is None else {"Application-API-Key": keys.get(attempt.key, attempt.key)}),
        )
    assert response.status_code == attempt.status, response.text
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    said = response.json()
    assert said["Message"]
    assert said.get("ErrorNumber") == attempt.number
    assert set(said.get("ModelState", {})) == attempt.fields
    assert set(said) <= {"Message", "MessageDetail", "ErrorNumber", "ModelState"}
    assert "Anna" not in response.text
    assert await everything(connection) == before


@pytest.mark.parametrize("scheme", ["header", "bearer", "basic", "as the hosted product's clients"])
async def test_the_ways_to_bring_a_key(app: Starlette, key: str, scheme: str) -> None:
    headers = {
        "header": {"application-api-key": key},
        "bearer": {"Authorization": f"bearer {key}"},
        "basic": {"Authorization": f"Basic {base64.b64encode(f'portal:{key}'.encode()).decode()}"},
        "as the hosted product's clients": {
            "Application-API-Key": key,
            "Application-Name": "Portal",
            "Authorization": "JWT abc",
        },
    }[scheme]
    async with client(app) as who:
        assert (await who.get("/API/Statistics/Units", headers=headers)).status_code == 200


async def test_the_same_key_twice_is_one(app: Starlette, key: str) -> None:
    async with client(app) as who:
        headers = {"Application-API-Key": key, "Authorization": f"Bearer {key}"}
        assert (await who.get("/API/Statistics/Units", headers=headers)).status_code == 200


async def test_a_revoked_key_is_none_at_once(app: Starlette, services: Services) -> None:
    made, secret = await services.accounts.keys.make("Portal", organization="riverside", api="qflow")
    async with client(app) as who:
        for status in (200, 401):
            response = await who.get("/API/Statistics/Units", headers={"Application-API-Key": secret})
            assert response.status_code == status
            await services.accounts.keys.revoke(made.id)


async def test_who_guesses_keys_is_told_to_wait(app: Starlette) -> None:
    async with client(app) as who:
        answers = [await who.get("/API/Statistics/Units", headers={"Application-API-Key": "x"}) for _ in range(40)]
    assert {answer.status_code for answer in answers} == {401, 429}
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert answers[-1].json()["Message"]


async def test_no_event_and_no_log_has_anything_personal(
    office: Office, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    process = await office.booked(await office.customer(), Subject="Secret matter", at=f"{DAY}T12:05:00")
    await office.done("POST", CHECKIN, {"PersonalId": "19800501-1234"})
    await office.done("POST", "/API/Cases/Cancel", {"ProcessId": process, "Notes": "Secret note"})
    events = [key async for key in connection.client.scan_iter() if str(key).endswith(":events")]
    said = caplog.text + "".join([str(await connection.client.xrange(key)) for key in events])
    assert events
    for personal in ("Anna", "Berg", "19800501", "anna@example.org", "491570156", "Secret"):
        assert personal not in said
