"""The documented sample, sent and answered: its fields, their order and types, and values that mean something.

Its own values are filler, out of the ranges that the same page gives, so only its shape is held against ours.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from facades.qflow.world import DAY, Office

SAMPLES = Path(__file__).parent / "samples"
REQUEST: dict[str, Any] = json.loads((SAMPLES / "checkin.request.json").read_text("utf-8"))
ANSWER: dict[str, Any] = json.loads((SAMPLES / "checkin.answer.json").read_text("utf-8"))

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}[+-]\d\d:\d\d")
GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
LONGEST = {  # of the same page; those of Customer are of its own
    **{"Ticket": 20, "CaseStatusDesc": 150, "ProcessStatusDesc": 150, "Subject": 150, "ExtRef": 200, "UserName": 250},
    **{"UserFirstName": 25, "UserLastName": 25, "UserServedName": 51, "ServiceName": 50, "ServiceDesc": 50},
    **{"ResolutionDesc": 150, "UnitName": 50, "UnitDescription": 250, "UnitParentName": 50, "UnitPath": 2000},
    **{"LocationName": 50, "LocationServedName": 50, "LanguageCode": 6, "AppointmentTypeName": 50},
}


async def sent(office: Office, root: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The sample's request with ids that there are, and what came back."""
    customer = await office.customer(PersonalId="sample string 1")
    more = {"Subject": "Renewal", "ExtRef": "REF-15", "LanguageCode": "en"}
    process = await office.booked(customer, f"{DAY}T15:00:00", 20, **more)
    request = REQUEST | {"CaseId": process, "ProcessId": process}
    return request, await office.done("POST", f"{root}/Appointments/Checkin", request)


@pytest.mark.parametrize("root", ["/qflow", "/API"])
async def test_the_sample_is_answered(office: Office, root: str) -> None:
    """Three hours early, but ForceEarlyLate is true in it."""
    request, answer = await sent(office, root)
    process, guid = request["ProcessId"], (await office.ticket(request["ProcessId"])).id
    customer = {
        "CustomerId": 1,
        "PersonalId": "sample string 1",
        "PersonalIdTypeId": 1,
        "PersonalIdTypeExtRef": "passport",
        "FirstName": "Anna",
        "LastName": "Berg",
        "Email": "anna@example.org",
        "TelNumber1": "0491 570 156",
        "TelNumber2": "02 5550 0000 ext 4",
        "DOB": "1980-05-01T00:00:00.0000000+10:00",
        "Sex": 2,
        "Notes": "Prefers mornings",
        "ExtRef": "CRM-7",
        "NotificationConsent": True,
        "IsActive": True,
        "CustomProperties": {"colour": "green", "tier": "gold"},
    }
    assert answer == {
        "CaseId": process,
        "ProcessId": process,
        "ProcessGuid": guid,
        "Ticket": "P001",
        "CaseDateCreated": "2026-09-22T12:00:00.0000000+10:00",
        "ReferenceDate": "2026-09-22T15:00:00.0000000+10:00",
        "ArrivalTime": "2026-09-22T12:00:00.0000000+10:00",
        "TimeZoneOffset": 0,
        "LastUpdated": "2026-09-22T12:00:00.0000000+10:00",
        "CaseStatus": 0,
        "CaseStatusDesc": "Active",
        "ProcessStatus": 0,
        "ProcessStatusDesc": "Active",
        "Subject": "Renewal",
        "ExtRef": "REF-15",
        "Customer": customer,
        "UserName": None,
        "UserFirstName": None,
        "UserLastName": None,
        "UserServedName": None,
        "ServiceId": 20,
        "ServiceName": "Passports",
        "ServiceDesc": "Passports",
        "Action": 0,
        "ActionDesc": "Enqueue",
        "EntityStatus": 3,
        "EntityStatusDesc": "Waiting",
        "Resolution": None,
        "ResolutionDesc": None,
        "UnitId": 29,
        "UnitName": "Harbour Office",
        "UnitDescription": "1 Quay Street, Sydney, NSW",
        "UnitTypeId": 2,
        "UnitParentName": "Riverside",
        "ParentUnitTypeId": 1,
        "UnitPath": "\\Riverside\\NSW\\Harbour Office",
        "LocationName": None,
        "LocationServedName": None,
        "LanguageCode": "en",
        "IsDirectAdmit": False,
        "AppointmentTypeName": "Appointment",
        "QueuePosition": 0,
        "WaitTimeEst": answer["WaitTimeEst"],
        "CustomProperties": {},
    }
    assert answer["WaitTimeEst"] in range(60)


async def test_fields_stand_in_the_order_of_the_sample(office: Office) -> None:
    _, answer = await sent(office, "/API")
    assert list(answer) == list(ANSWER)
    assert list(answer["Customer"]) == list(ANSWER["Customer"])


async def test_every_field_has_the_type_of_the_sample_in_some_state_and_else_is_null(office: Office) -> None:
    """Waiting, served and done, since no state has them all."""
    request, waiting = await sent(office, "/API")
    ticket = await office.called()
    await office.services.store.start(ticket)
    serving = await office.case(request["ProcessId"])
    await office.services.store.finish(ticket)
    done = await office.case(request["ProcessId"])
    seen: set[str] = set()
    for case in (waiting, serving, done):
        for name, sample in ANSWER.items():
            if case[name] is not None:
                seen.add(name)
                assert kind(case[name]) == kind(sample), name
                assert len(str(case[name])) <= LONGEST.get(name, 10_000), name
    assert seen == set(ANSWER)
    assert all(kind(waiting["Customer"][name]) == kind(sample) for name, sample in ANSWER["Customer"].items())


def kind(value: Any) -> str:
    if isinstance(value, str):
        return "date" if DATE.fullmatch(value) else "guid" if GUID.fullmatch(value) else "text"
    return type(value).__name__


async def test_as_text_json_too(office: Office) -> None:
    process = await office.booked(await office.customer(PersonalId="sample string 1"))
    body = json.dumps(REQUEST | {"CaseId": process, "ProcessId": process})
    headers = {"Content-Type": "text/json; charset=utf-8", "Accept": "text/json"}
    response = await office.client.post("/API/Appointments/Checkin", content=body, headers=headers)
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"] == "text/json; charset=utf-8"
    assert response.json()["ProcessId"] == process


async def test_as_a_form_too(office: Office) -> None:
    """The page lists the encoding without a sample."""
    process = await office.booked(await office.customer(PersonalId="sample string 1"))
    form = {name: str(value) for name, value in (REQUEST | {"CaseId": process, "ProcessId": process}).items()}
    response = await office.client.post("/API/Appointments/Checkin", data=form)
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    assert response.json()["EntityStatus"] == 3
