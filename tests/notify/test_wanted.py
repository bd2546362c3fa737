"""What a location does not want sent, and what waits until the quiet hours end."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from callboard.domain.directory import Directory
from callboard.domain.hours import quiet_until
from callboard.domain.model import CloseReason
from callboard.notify.kinds import KINDS
from callboard.notify.wanted import is_off, rests_until
from conftest import Clock
from notify.conftest import ANNA, Office

MAIL = "anna@example.org"
HOUR_MS = 3_600_000


def at(day: int, hour: int, minute: int = 0, month: int = 9) -> int:
    return round(datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo("Europe/Stockholm")).timestamp() * 1000)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (at(21, 20, 59), None),
        (at(21, 21), at(22, 7)),
        (at(22, 6, 59), at(22, 7)),
        (at(22, 7), None),
        (at(24, 22, month=10), at(25, 7, month=10)),  # an hour longer: the clock goes back
    ],
)
def test_quiet_hours_last_over_midnight(directory: Directory, now: int, until: int | None) -> None:
    location = replace(directory.location("main"), quiet_hours="21:00-07:00")
    assert quiet_until(location, now) == until


def test_quiet_hours_may_lie_within_a_day(directory: Directory) -> None:
    location = replace(directory.location("main"), quiet_hours="12:00-13:30")
    assert quiet_until(location, at(21, 12, 30)) == at(21, 13, 30)
    assert quiet_until(location, at(21, 13, 30)) is None
    assert quiet_until(directory.location("main"), at(21, 12, 30)) is None


def test_calls_never_wait(directory: Directory) -> None:
    location = replace(directory.location("main"), quiet_hours="21:00-07:00")
    waits = {
        lane: {kind for kind in KINDS if rests_until(location, kind, lane, at(21, 23)) is not None}
        for lane in ("push", "sms", "mail")
    }
    assert (
        waits["push"]
        == waits["sms"]
        == {"delayed", "booking_delayed", "booking_confirmed", "booking_moved", "booking_reminder"}
    )
    assert waits["mail"] == {*waits["sms"], "taken"}


def test_a_kind_is_off_for_everybody_or_in_a_language(directory: Directory) -> None:
    location = replace(directory.location("main"), messages={"taken": False, "missed": {"en": False}})
    assert is_off(location, "taken", "sv")
    assert [is_off(location, "missed", locale) for locale in ("en", "sv", "fi")] == [True, False, True]
    assert not is_off(location, "your_turn", "en")


async def test_what_a_location_does_not_send_is_on_record_with_the_reason(office: Office) -> None:
    office.change_site(messages={"taken": {"en": False}})
    anna, bo = await office.join(phone=ANNA), await office.join(phone="+46701740606", locale="sv")
    await office.tell()
    await office.call_next()
    await office.tell()
    assert await office.told(anna) == [("taken", "skipped"), ("your_turn", "shown")]
    assert await office.told(bo) == [("taken", "shown")]
    assert next(r for r in await office.records() if r.state == "skipped").detail == "the location does not send this"


async def test_almost_is_told_where_taken_is_off(office: Office) -> None:
    office.change_site(messages={"taken": False})
    before = [await office.join() for _ in range(3)]
    anna = await office.join(phone=ANNA)
    await office.tell()
    await office.store.cancel(before[0].id, reason=CloseReason.CUSTOMER)
    await office.tell()
    assert await office.told(anna) == [("taken", "skipped"), ("almost_your_turn", "shown")]


async def test_a_booking_made_at_night_is_confirmed_in_the_morning_and_a_call_at_once(
    office: Office, clock: Clock
) -> None:
    office.change_site(quiet_hours="21:00-07:00")
    clock.now = at(21, 23)
    booked = (await office.store.book("general", slot_at=at(22, 10), phone=ANNA, locale="en")).ticket
    assert booked
    anna = await office.join(phone="+46701740606")
    await office.call_next()
    await office.tell()
    assert sorted(await office.told()) == [("taken", "skipped"), ("your_turn", "shown")]
    assert ("your_turn", "shown") in await office.told(anna)
    clock.now = at(22, 6, 59)
    await office.tell()
    assert await office.told(booked) == []
    clock.now = at(22, 7)
    await office.tell()
    assert await office.told(booked) == [("booking_confirmed", "shown")]


async def test_what_is_worth_nothing_in_the_morning_is_dropped_with_the_reason(office: Office, clock: Clock) -> None:
    office.change_site(quiet_hours="21:00-07:00")
    clock.now = at(21, 23)
    early = (await office.store.book("general", slot_at=at(22, 6, 30), phone=ANNA, locale="en")).ticket
    assert early
    await office.join(email=MAIL)
    await office.tell()
    (record,) = await office.records()
    assert (record.kind, record.state, record.detail) == ("taken", "skipped", "quiet hours until 07:00")
    clock.now = at(22, 7)
    await office.tell()
    record = next(r for r in await office.records() if r.ticket == early.id)
    assert (record.state, record.detail) == ("skipped", "the booked time is over")
