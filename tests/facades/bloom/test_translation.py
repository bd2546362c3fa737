"""The tables: total, of the known numbers, and pure."""

from typing import Any

import pytest

from callboard.domain.model import State, Ticket
from callboard.errors import Refusal
from callboard.facades.bloom import translation
from callboard.facades.bloom.errors import ERRNOS, errno, status
from conftest import START

EVERY = {name: START for name in ("called_at", "last_called_at", "started_at", "closed_at", "changed_at")}


def ticket(state: State, **more: Any) -> Ticket:
    return Ticket(
        id="t", serial=1, location="l", queue="q", state=state, created_at=START, label="AB012", number=12, **more
    )


def test_every_state_has_its_rows() -> None:
    assert set(translation.STATES) == set(translation.STARTS) == set(State)
    assert {state for state in State if not translation.is_shown(ticket(state))} == {State.RESERVED, State.BOOKED}
    assert {translation.state(ticket(state)) for state in State} == {0, 1, 2, 3, 4}
    fields = set(Ticket.__struct_fields__)
    assert all(set(moments) <= fields for moments in translation.STARTS.values())


@pytest.mark.parametrize("state", State)
def test_what_was_called_has_a_start_whatever_is_known_of_it(state: State) -> None:
    """Also one that staff have put right, and that was never called."""
    closed = (
        {"closed_at": START, "changed_at": START} if state in (State.DONE, State.NO_SHOW) else {"changed_at": START}
    )
    always = state in (State.CALLED, State.SERVING, State.DONE, State.NO_SHOW)
    assert (translation.starts_at(ticket(state, **closed)) is not None) is always
    assert (translation.starts_at(ticket(state, **EVERY)) is not None) is (always or state == State.HELD)


@pytest.mark.parametrize(
    ("minutes", "told"), [(None, "00:00"), (0, "00:00"), (7, "00:07"), (60, "01:00"), (135, "02:15"), (6000, "100:00")]
)
def test_waits_have_two_digits_each(minutes: int | None, told: str) -> None:
    assert translation.average(minutes) == told == ":".join(translation.hours_minutes(minutes))


def test_numbers_have_three_digits_and_more_where_they_need() -> None:
    assert translation.ticket_number(ticket(State.WAITING)) == "AB 012"
    assert translation.tag("A1234") == "A"


@pytest.mark.parametrize(
    ("zone", "told"),
    [("Europe/Lisbon", "2026-09-21 15:13:20"), ("Pacific/Auckland", "2026-09-22 02:13:20")],
)
def test_moments_are_local(zone: str, told: str) -> None:
    assert translation.when(zone, START) == told
    assert translation.when(zone, None) is None


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("%{ticket.label}", "%{ticket.tag}%{ticket.number}"),
        ("%{ticket.tag}-%{ticket.number}", "%{ticket.tag}-%{ticket.number}"),
        ("%{ticket.desk.tag} %{desk.tag}", "%{ticket.desk.tag} %{ticket.desk.tag}"),
        ("100 % {desk.tag} %{wait.low}", "100 % {desk.tag} %{wait.low}"),
    ],
)
def test_placeholders_become_the_documents(ours: str, theirs: str) -> None:
    assert translation.placeholders(ours) == theirs


def test_every_refusal_of_taking_and_giving_up_a_ticket_has_a_number() -> None:
    words = "not_found ticket_closed location_closed queue_closed queue_full has_ticket key_reused"
    assert {Refusal(word) for word in words.split()} and set(words.split()) <= set(ERRNOS)
    assert errno("anything else") == 199


@pytest.mark.parametrize(("given", "told"), [(200, 200), (400, 200), (401, 401), (404, 200), (413, 413), (422, 200)])
def test_few_statuses_are_told(given: int, told: int) -> None:
    assert status(given) == told
