"""The first free slot from a moment on, on some weekdays or any."""

import asyncio
from typing import Any

from facades.qflow.world import DAY, Office, refused

APPOINTMENTS = "/API/Appointments"
NO_CALENDAR, NO_TIME, KEY_REUSED = 58710, 58725, 90017


async def first(office: Office, **fields: Any) -> Any:
    body = {
        "ServiceId": 31,
        "CustomerId": await office.customer(),
        "AppointmentDateTime": f"{DAY}T00:00:00",
        "BookFirstAvailable": True,
        **fields,
    }
    return await office.ask("PUT", APPOINTMENTS, body)


async def test_the_first_that_is_free(office: Office) -> None:
    times = [(await first(office)).json()["AppointmentDateTime"] for _ in range(4)]
    wednesday, friday = "2026-09-23T", "2026-09-25T"
    assert times == [
        *(f"{wednesday}{hour}:00:00.0000000+08:00" for hour in ("09", "10", "11")),
        f"{friday}09:00:00.0000000+08:00",
    ]


async def test_the_first_that_is_free_is_booked_once_with_one_key(office: Office) -> None:
    office.client.headers["Idempotency-Key"] = "one-and-the-same"
    answers = [await first(office) for _ in range(2)]
    assert answers[0].status_code == 200 and refused(answers[1]) == (400, KEY_REUSED)
    del office.client.headers["Idempotency-Key"]
    assert (await first(office)).json()["AppointmentDateTime"] == "2026-09-23T10:00:00.0000000+08:00"  # the second


async def test_several_at_once_get_a_slot_each(office: Office) -> None:
    answers = await asyncio.gather(*(first(office) for _ in range(4)))
    assert len({answer.json()["AppointmentDateTime"] for answer in answers}) == 4


async def test_no_more_than_there_are_places(office: Office) -> None:
    """Whoever is not quick enough too often is told that there is no time."""
    answers = await asyncio.gather(*(first(office, DaysToSearch=2) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 400, 400]
    assert {refused(answer) for answer in answers if answer.status_code == 400} == {(400, NO_TIME)}


async def test_the_first_on_some_weekdays(office: Office) -> None:
    monday = (await first(office, BookFirstAvailMondays=True)).json()
    assert monday["AppointmentDateTime"] == "2026-09-28T09:00:00.0000000+08:00"


async def test_none_within_the_days_that_are_searched(office: Office) -> None:
    response = await first(office, BookFirstAvailMondays=True, DaysToSearch=3)
    assert refused(response) == (400, NO_CALENDAR)
    customer = await office.customer()
    for hour in ("09", "10", "11"):
        await office.booked(customer, at=f"2026-09-23T{hour}:00:00", service=31)
    assert refused(await first(office, DaysToSearch=2)) == (400, NO_TIME)
