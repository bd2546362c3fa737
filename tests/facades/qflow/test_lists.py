"""Who waits in a unit, and the figures of units."""

from typing import Any

import pytest

from callboard.domain.model import CloseReason
from facades.qflow.world import DAY, Office, refused, wrong

WAITING, UNITS = "/API/Tickets/Waiting/29", "/API/Statistics/Units"


async def test_who_waits_the_oldest_first(office: Office) -> None:
    process = await office.booked(await office.customer(), at=f"{DAY}T12:10:00", Subject="x" * 120)
    walk_in = await office.walked_in(service=21)
    office.clock.pass_(min=1)
    await office.done("POST", "/API/Appointments/Checkin", {"ProcessId": process})
    done = await office.services.store.join("photos", name="Bo van Dyke")
    assert done.ticket
    rows = await office.done("GET", WAITING)
    assert [(row["Row"], row["ProcessId"]) for row in rows] == [(1, walk_in), (2, process), (3, done.ticket.serial)]
    assert rows[1] == {
        "Row": 2,
        "ProcessId": process,
        "CaseId": process,
        "EnqueueTime": f"{DAY}T12:01:00.0000000+10:00",
        "ReceptionPointId": 0,
        "QCode": "P",
        "QNumber": 1,
        "Subject": "x" * 100,
        "ServiceName": "Passports",
        "UnitId": 29,
        "UnitName": "Harbour Office",
        "PersonalId": "19800501-1234",
        "FirstName": "Anna",
        "LastName": "Berg",
        "IsAppointment": True,
    }
    names = ("PersonalId", "FirstName", "LastName", "IsAppointment")
    assert [rows[2][name] for name in names] == [None, "Bo", "van Dyke", False]


async def test_a_customer_without_names_stands_there_as_they_are_called(office: Office) -> None:
    eva = await office.services.customers.put("riverside", username="eva", email="eva@example.org")
    await office.services.store.join("photos", name="Eva Lind", customer=eva.id)
    (row,) = await office.done("GET", WAITING)
    assert (row["FirstName"], row["LastName"]) == ("Eva", "Lind")


async def test_who_is_called_is_not_in_it(office: Office) -> None:
    await office.walked_in()
    second = await office.walked_in()
    await office.called()
    assert [row["ProcessId"] for row in await office.done("GET", WAITING)] == [second]


async def test_a_unit_that_there_is_not(office: Office, stranger: Office) -> None:
    assert refused(await office.ask("GET", "/API/Tickets/Waiting/999")) == (404, 51010)
    assert refused(await stranger.ask("GET", WAITING)) == (404, 51010)
    assert wrong(await office.ask("GET", "/API/Tickets/Waiting/here")) == {"UnitId"}


async def day(office: Office) -> None:
    """One was served, one is, one gave up, one waits."""
    first = await office.walked_in()
    await office.walked_in()
    office.clock.pass_(min=20)
    gave_up = await office.walked_in()
    await office.walked_in()
    office.clock.pass_(min=4)
    ticket = await office.called()
    await office.services.store.start(ticket)
    office.clock.pass_(min=6)
    await office.services.store.finish(ticket)
    assert (await office.ticket(first)).closed_at
    await office.called()
    await office.cancelled(gave_up, CloseReason.CUSTOMER)
    office.clock.pass_(min=2)


async def test_the_figures_of_a_day(office: Office) -> None:
    await day(office)
    rows = {row["UnitId"]: row for row in await office.done("GET", UNITS)}
    figures = {
        "ServiceCount": 1,
        "AvgServiceTime": 120,
        "WaitCount": 1,
        "AvgWaitTime": 12 * 60,
        "UsersAvail": 1,
        "LocationsInUse": 1,
        "Locations": 2,
        "TodayCount": 4,
        "TodayServiceCount": 1,
        "TodayWaitCount": 2,
        "TodayAbandonCount": 1,
        "TodayAvgWaitTime": (24 + 30) * 60 // 2,
        "TodayAvgServiceTime": 6 * 60,
        "TodaySLA": 0,
        "IsInWorkHours": True,
        "WaitingTimeTarget": 900,
    }
    unit = {
        "UnitId": 29,
        "UnitName": "Harbour Office",
        "UnitDescription": "1 Quay Street, Sydney, NSW",
        "UnitTypeId": 2,
        "ParentUnitId": 0,
        "UnitLevel": 1,
    }
    assert rows[29] == unit | figures
    root = {"UnitName": "Riverside", "UnitDescription": "Riverside", "UnitTypeId": 1, "UnitLevel": 0, "Locations": 3}
    assert rows[0] == rows[29] | root | {"UnitId": 0}
    assert (rows[30]["TodayCount"], rows[30]["IsInWorkHours"], rows[30]["TodaySLA"]) == (0, False, 100)


async def test_yesterday_does_not_count(office: Office) -> None:
    await day(office)
    office.clock.pass_(h=24)
    await office.services.store.reset("harbour")
    row = (await office.done("GET", UNITS))[0]
    assert {name: row[name] for name in row if name.startswith("Today")} == {
        **dict.fromkeys(("TodayCount", "TodayServiceCount", "TodayWaitCount", "TodayAbandonCount"), 0),
        **{"TodayAvgWaitTime": 0, "TodayAvgServiceTime": 0, "TodaySLA": 100},
    }


@pytest.mark.parametrize(
    ("query", "units"),
    [
        ("", [0, 29, 30]),
        ("?UnitType=2", [29, 30]),
        ("?UnitType=1", [0]),
        ("?UnitLevel=0", [0]),
        ("?unitlevel=1&parentunitid=0", [29, 30]),
        ("?ParentUnitId=7", []),
        ("?UnitType=&UnitLevel=", [0, 29, 30]),
        ("?Whatever=1", [0, 29, 30]),
    ],
)
async def test_only_some_units(office: Office, query: str, units: list[int]) -> None:
    rows: list[dict[str, Any]] = await office.done("GET", UNITS + query)
    assert [row["UnitId"] for row in rows] == units


async def test_a_query_that_is_no_number(office: Office) -> None:
    assert wrong(await office.ask("GET", f"{UNITS}?UnitLevel=top")) == {"UnitLevel"}


async def test_each_organization_sees_its_own_units(stranger: Office) -> None:
    assert [row["UnitId"] for row in await stranger.done("GET", UNITS)] == [0, 129]
