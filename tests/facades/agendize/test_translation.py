"""The tables are total, and each word leads back to where it came from."""

import pytest

from callboard.domain.events import Event, Kind
from callboard.domain.model import State
from callboard.domain.watch import Watch
from callboard.errors import Invalid, Refusal
from callboard.facades.agendize.shape import word_of
from callboard.facades.agendize.translation import (
    EVENTS,
    LISTED,
    OLD_STATUSES,
    REFUSED,
    STATUSES,
    WRITTEN,
    moment,
    state_of,
    states_of,
    status_of,
)
from callboard.facades.agendize.watching import Options, options_of
from conftest import START


def test_every_state_event_and_refusal_has_its_row() -> None:
    assert set(STATUSES) == set(State)
    assert set(EVENTS) == set(Kind)
    assert set(REFUSED) == set(Refusal)
    assert set(OLD_STATUSES) == {word for word in STATUSES.values() if word}


@pytest.mark.parametrize("version", ["2.3", "2.0"])
def test_what_is_shown_can_be_written_and_asked_for(version: str) -> None:
    for state in State:
        word = status_of(state, version)
        if word and state != State.CANCELLED:
            assert STATUSES[state_of(word)] == STATUSES[state]
        if word:
            assert state in states_of(word)
    assert set(WRITTEN) | {"deleted"} == set(LISTED)


def test_deleted_cannot_be_written() -> None:
    with pytest.raises(Invalid, match="status"):
        state_of("deleted")


@pytest.mark.parametrize(
    ("at", "zone", "local"),
    [
        (START, "UTC", "2026-09-21T14:13:20"),
        (START + 999, "America/Bogota", "2026-09-21T09:13:20"),
        (START, "Asia/Kathmandu", "2026-09-21T19:58:20"),
    ],
)
def test_a_moment_is_local_and_to_the_second(at: int, zone: str, local: str) -> None:
    assert (moment(at, zone).date_time, moment(at, zone).time_zone) == (local, zone)


@pytest.mark.parametrize(
    ("kind", "before", "state", "word"),
    [
        (Kind.JOINED, "", "waiting", "created"),
        (Kind.CHECKED_IN, "booked", "waiting", "created"),
        (Kind.CORRECTED, "booked", "serving", "created"),
        (Kind.CORRECTED, "serving", "cancelled", "deleted"),
        (Kind.CORRECTED, "done", "waiting", "updated"),
        (Kind.CANCELLED, "waiting", "cancelled", "deleted"),
        (Kind.CANCELLED, "booked", "cancelled", None),
        (Kind.BOOKED, "", "booked", None),
        (Kind.PERSON_CHANGED, "", "waiting", "updated"),
        (Kind.PERSON_CHANGED, "", "booked", None),
        (Kind.UNDONE, "called", "waiting", "updated"),
        (Kind.UNDONE, "waiting", "booked", None),
        (Kind.RECALLED, "called", "called", None),
        (Kind.DESK_OPENED, "", "", None),
    ],
)
def test_what_kind_of_change_an_event_is(kind: Kind, before: str, state: str, word: str | None) -> None:
    event = Event(id="1-1", kind=kind, at=START, location="main", seq=1, ticket="t", state=state, before=before)
    assert word_of(event) == word


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("", Options()),
        ("{}", Options()),
        ("nonsense", Options()),
        ('{"schema": 5}', Options()),
        ('{"version": "2.0", "previous": true}', Options(version="2.0", previous=True)),
    ],
)
def test_options_typed_by_hand_never_stop_anything(text: str, options: Options) -> None:
    watch = Watch(organization="hilltop", shape="agendize", address="https://a.example.org", options=text)
    assert options_of(watch) == options
