"""Open or closed, and which day it is: on plain days, on both clock changes, and where the reset falls in a hole."""

from datetime import UTC, date, datetime, timedelta

import pytest

from callboard.domain.hours import business_day, day_starts_at, next_day_at, opening
from callboard.domain.model import Location, Queue

HOUR = 3_600_000


def place(time_zone: str = "Europe/Stockholm", reset_at: str = "04:00", **hours: tuple[str, ...]) -> Location:
    queue = Queue(id="q", tag="A", name="Q")
    return Location(id="l", name="L", time_zone=time_zone, reset_at=reset_at, hours=hours, queues=(queue,))  # type: ignore[arg-type]


def at(text: str) -> int:
    """The moment (ms) of a time in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


WEEK = place(
    mon=("09:00-12:00", "13:00-17:00"), tue=("22:00-24:00",), wed=("00:00-02:00",), fri=(), sun=("01:00-02:30",)
)


def test_without_hours_it_is_always_open() -> None:
    assert opening(place(), at("2026-11-20 03:00")) == (True, None)


@pytest.mark.parametrize(
    ("now", "is_open", "opens_at"),
    [  # Stockholm is UTC+1 in November; the 23rd is a Monday
        ("2026-11-23 07:59:59", False, "2026-11-23 08:00"),
        ("2026-11-23 08:00", True, None),
        ("2026-11-23 10:59:59", True, None),
        ("2026-11-23 11:00", False, "2026-11-23 12:00"),
        ("2026-11-23 16:00", False, "2026-11-24 21:00"),
        ("2026-11-24 22:59:59", True, None),
        ("2026-11-24 23:00", True, None),  # midnight belongs to Wednesday's first range
        ("2026-11-25 01:00", False, "2026-11-29 00:00"),
        ("2026-11-29 01:30", False, "2026-11-30 08:00"),
    ],
)
def test_hours_are_local_and_a_closed_place_says_when_it_opens(now: str, is_open: bool, opens_at: str | None) -> None:
    assert opening(WEEK, at(now)) == (is_open, at(opens_at) if opens_at else None)


def test_a_place_with_empty_days_only_never_opens() -> None:
    assert opening(place(mon=()), at("2026-11-23 08:00")) == (False, None)


def test_a_place_open_once_a_week_opens_in_a_week() -> None:
    assert opening(place(mon=("09:00-10:00",)), at("2026-11-23 09:00")) == (False, at("2026-11-30 08:00"))


def test_opening_hours_keep_their_local_time_over_the_clock_change() -> None:
    week = place(sat=("09:00-10:00",), mon=("09:00-10:00",))
    assert opening(week, at("2027-03-27 09:00")) == (False, at("2027-03-29 07:00"))  # summer time from the 28th
    assert opening(week, at("2026-10-24 08:00")) == (False, at("2026-10-26 08:00"))  # winter time from the 25th


def test_the_end_of_a_range_in_the_repeated_hour_is_its_first_coming() -> None:
    assert opening(WEEK, at("2026-10-25 00:29:59"))[0]  # 02:29:59 summer time
    assert not opening(WEEK, at("2026-10-25 00:30"))[0]
    assert not opening(WEEK, at("2026-10-25 01:15"))[0]  # 02:15 again, winter time


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-11-20 02:59:59", "2026-11-19"),
        ("2026-11-20 03:00", "2026-11-20"),
        ("2026-11-20 23:30", "2026-11-20"),
        ("2026-11-21 02:59:59", "2026-11-20"),
    ],
)
def test_the_business_day_begins_at_the_reset(now: str, day: str) -> None:
    assert business_day(place(), at(now)) == day


@pytest.mark.parametrize(
    ("reset_at", "day", "starts"),
    [
        ("04:00", "2027-03-28", "2027-03-28 02:00"),
        ("02:30", "2027-03-28", "2027-03-28 01:30"),  # skipped: 03:30 summer time
        ("02:30", "2026-10-25", "2026-10-25 00:30"),  # comes twice: the first
        ("00:00", "2026-10-25", "2026-10-24 22:00"),
    ],
)
def test_the_reset_on_days_with_a_clock_change(reset_at: str, day: str, starts: str) -> None:
    location = place(reset_at=reset_at)
    assert day_starts_at(location, date.fromisoformat(day)) == at(starts)
    assert business_day(location, at(starts)) == day
    assert business_day(location, at(starts) - 1) < day


@pytest.mark.parametrize(
    ("time_zone", "reset_at", "around"),
    [
        ("Europe/Stockholm", "02:30", "2027-03-28 01:00"),
        ("Europe/Stockholm", "02:30", "2026-10-25 01:00"),
        ("Europe/Stockholm", "03:00", "2026-10-25 01:00"),
        ("Africa/Cairo", "00:30", "2026-04-23 22:00"),  # midnight to one is skipped
        ("America/Havana", "00:30", "2026-11-01 05:00"),  # midnight to one comes twice
        ("America/St_Johns", "00:00", "2010-11-07 02:31"),  # a minute past midnight it was yesterday again
        ("Pacific/Apia", "04:00", "2011-12-30 10:00"),  # a whole day is skipped
        ("Australia/Lord_Howe", "02:15", "2026-10-03 15:30"),  # half an hour is skipped
        ("UTC", "00:00", "2026-11-20 00:00"),
    ],
)
def test_days_never_go_back_and_each_begins_once(time_zone: str, reset_at: str, around: str) -> None:
    location = place(time_zone, reset_at)
    moments = range(at(around) - 60 * HOUR, at(around) + 60 * HOUR, HOUR // 12)
    days = [business_day(location, now) for now in moments]
    assert days == sorted(days)
    one_day = timedelta(days=1)
    for now, before, after in zip(moments[1:], days, days[1:], strict=False):
        if before != after:
            assert date.fromisoformat(after) - date.fromisoformat(before) in (one_day, 2 * one_day)
            assert day_starts_at(location, date.fromisoformat(after)) <= now
            assert next_day_at(location, now - HOUR // 12) <= now


def test_the_next_day_is_found_across_a_clock_change() -> None:
    assert next_day_at(place(), at("2027-03-27 12:00")) == at("2027-03-28 02:00")
    assert next_day_at(place(), at("2026-10-24 12:00")) == at("2026-10-25 03:00")
