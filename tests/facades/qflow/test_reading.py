"""What comes in: names in any case, numbers and truth in quotation marks, forms with brackets and dots."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from callboard.errors import Invalid
from callboard.facades.qflow.booking_models import AppointmentCreation
from callboard.facades.qflow.forms import form
from callboard.facades.qflow.loosely import shaped
from callboard.facades.qflow.models import CaseCreation, Checkin, Customer
from callboard.facades.qflow.moments import minutes_from, moment, parsed, spelled, written
from facades.qflow.world import Office, refused

SYDNEY, PERTH, UTC_ZONE = ZoneInfo("Australia/Sydney"), ZoneInfo("Australia/Perth"), ZoneInfo("UTC")

FORCED: dict[str, Any] = {"force_early_late": True}


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        ({"caseid": 1, "PROCESSID": 2, "forceEarlyLate": True}, Checkin(case_id=1, process_id=2, **FORCED)),
        ({"CaseId": "7", "ForceEarlyLate": "true"}, Checkin(case_id=7, force_early_late=True)),
        ({"CaseId": " 7 ", "ForceEarlyLate": "False"}, Checkin(case_id=7)),
        ({"CaseId": 7.0, "ForceEarlyLate": 1}, Checkin(case_id=7, force_early_late=True)),
        ({"CaseId": "", "ProcessId": None, "ForceEarlyLate": None}, Checkin()),
        ({"PersonalId": 4711}, Checkin(personal_id="4711")),
        ({"PersonalId": True, "Unknown": [1]}, Checkin(personal_id="True")),
        ({"CaseId": 1, "caseId": 2}, Checkin(case_id=2)),
    ],
)
def test_loosely_as_the_vendors_library_reads(plain: dict[str, Any], expected: Checkin) -> None:
    assert shaped(plain, Checkin) == expected


def test_properties_are_texts() -> None:
    read = shaped({"CustomProperties": {"a": 1, "b": None, "c": True, "D": "x"}}, CaseCreation)
    assert read.custom_properties == {"a": "1", "b": "", "c": "True", "D": "x"}


@pytest.mark.parametrize(
    ("plain", "fields"),
    [
        ({"CaseId": 1.5}, ["CaseId"]),
        ({"CaseId": "one", "ForceEarlyLate": "often"}, ["CaseId", "ForceEarlyLate"]),
        ({"CaseId": 2**31}, ["CaseId"]),
        ({"PersonalId": "x" * 31}, ["PersonalId"]),
        ({"PersonalId": {"a": 1}}, ["PersonalId"]),
        (["CaseId"], [""]),
        ("CaseId", [""]),
    ],
)
def test_what_does_not_fit_is_named(plain: Any, fields: list[str]) -> None:
    with pytest.raises(Invalid) as raised:
        shaped(plain, Checkin)
    assert [mistake.where for mistake in raised.value.mistakes] == fields


def test_lists_of_a_form() -> None:
    start = {"ServiceId": "1", "CustomerId": "2", "AppointmentDateTime": "x"}
    for more in (b"Classifications=A&Classifications=B", b"Classifications[]=A&Classifications[]=B"):
        assert shaped(start | form(more), AppointmentCreation).classifications == ["A", "B"]
    numbered = form(b"Classifications[1]=B&Classifications[0]=A")
    assert shaped(start | numbered, AppointmentCreation).classifications == ["A", "B"]
    assert shaped(start | form(b"Classifications=A"), AppointmentCreation).classifications == ["A"]


def test_nested_names_of_a_form() -> None:
    read = shaped(
        form(
            b"firstname=Anna+Maria&CustomProperties[colour]=gr%C3%BCn&CustomProperties.tier=gold&CustomProperties.tier=tin"
        ),
        Customer,
    )
    assert read.first_name == "Anna Maria"
    assert read.custom_properties == {"colour": "grün", "tier": "tin"}


def test_of_one_value_that_stands_twice_the_last_counts() -> None:
    assert shaped(form(b"CaseId=1&CaseId=2"), Checkin).case_id == 2


@pytest.mark.parametrize(
    "body",
    [
        b"a=1&a[b]=2",
        b"a[b]=2&a=1",
        b"a" + b"[b]" * 9 + b"=1",
        b"a=%FF",
        b"\xff=1",
        b"a",
        b"&".join(b"a%d=1" % n for n in range(1001)),
    ],
)
def test_forms_that_cannot_be_read(body: bytes) -> None:
    with pytest.raises(Invalid):
        form(body)


def test_an_empty_form() -> None:
    assert form(b"") == {}


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2025-09-13T08:26:07.6348032+10:00", "2025-09-13T08:26:07.6340000+10:00"),
        ("2025-09-13T08:26:07", "2025-09-13T08:26:07.0000000+10:00"),
        ("2025-09-13T08:26", "2025-09-13T08:26:00.0000000+10:00"),
        ("2025-09-13", "2025-09-13T00:00:00.0000000+10:00"),
        ("2025-09-12T22:26:07Z", "2025-09-13T08:26:07.0000000+10:00"),
        (" 2025-09-12 22:26:07 z ", "2025-09-13T08:26:07.0000000+10:00"),
        ("2025-09-12T22:26:07+0000", "2025-09-13T08:26:07.0000000+10:00"),
        ("/Date(1757715967634)/", "2025-09-13T08:26:07.6340000+10:00"),
        ("/Date(1757715967634+0200)/", "2025-09-13T08:26:07.6340000+10:00"),
        ("2025-12-13T08:26:07", "2025-12-13T08:26:07.0000000+11:00"),
    ],
)
def test_dates(text: str, at: str) -> None:
    read = moment(text, SYDNEY)
    assert read is not None
    assert written(read, SYDNEY) == at


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "2025-13-01", "2025-02-30T00:00:00", "2025-W37-6", "20250913", "2025-09-13T24:01:00"),
        *("2025-09-13T08:26:07+99:99", "/Date(99999999999999999)/", "/Date(253402300800000)/", "٢٠٢٥-09-13"),
        *("2025-09-13T08:26:07.6348032+10:00\n\n2025",),
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert parsed(text, SYDNEY) is None
    assert moment(text, SYDNEY) is None


def test_dates_at_the_edge_of_the_calendar() -> None:
    for text in ("0001-01-01T00:00:00", "9999-12-31T23:59:59-10:00"):
        at = parsed(text, SYDNEY)
        assert at is not None
        assert len(spelled(at)) == len("2025-09-13T08:26:07.6348032+10:00")
        assert moment(text, SYDNEY) is not None


def test_how_far_a_zone_is_from_the_servers() -> None:
    winter, summer = (int(datetime(2026, month, 1, tzinfo=UTC).timestamp() * 1000) for month in (7, 12))
    assert minutes_from(SYDNEY, PERTH, winter) == -120
    assert minutes_from(SYDNEY, PERTH, summer) == -180
    assert minutes_from(UTC_ZONE, SYDNEY, summer) == 660


async def test_bodies_with_the_mark_of_utf_8_in_front(office: Office) -> None:
    headers = {"Content-Type": "application/json"}
    body = '\ufeff{"ServiceId": 20}'.encode()
    assert (await office.client.post("/API/Cases", content=body, headers=headers)).status_code == 200


async def test_a_delete_brings_its_body_as_a_form_too(office: Office) -> None:
    process = await office.booked(await office.customer())
    response = await office.client.request("DELETE", "/API/Appointments", data={"processId": str(process)})
    assert response.status_code == 200, response.text
    assert response.json()["ProcessId"] == process


async def test_addresses_below_a_root_are_matched_in_any_case_and_with_a_slash_behind(office: Office) -> None:
    process = await office.walked_in()
    for path in ("/API/cases/{}", "/qflow/CASES/processes/{}", "/API/Cases/{}/"):
        assert (await office.done("GET", path.format(process)))["CaseId"] == process
    assert (await office.done("GET", "/API/tickets/waiting/29"))[0]["CaseId"] == process
    assert (await office.ask("GET", "/api/cases/1")).json() == {
        "error": {"code": "not_found", "message": "There is nothing at this address."}
    }


async def test_an_address_that_is_none(office: Office) -> None:
    response = await office.ask("GET", "/API/Tickets/Gone")
    assert refused(response) == (404, None)
    assert "/API/Tickets/Gone" in response.json()["MessageDetail"]


async def test_a_method_that_an_address_does_not_take(office: Office) -> None:
    response = await office.ask("PUT", "/API/Cases")
    assert refused(response) == (405, None)
    assert response.headers["Allow"] == "POST"
