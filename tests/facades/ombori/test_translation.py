"""The tables are total, and say what the source documents say."""

import pytest

from callboard.domain.events import Event, Kind
from callboard.domain.model import CloseReason, State
from callboard.errors import Refusal
from callboard.facades.ombori.code import code_of, ticket_of_code
from callboard.facades.ombori.translation import (
    PRIORITY,
    REFUSED,
    RESTATED,
    STATUS,
    TYPES,
    WEBHOOK,
    label_of,
    type_of,
    webhook_of,
)

TICKET = "00000000-0001-8abc-8def-0123456789ab"


def test_every_word_of_ours_has_one_of_theirs() -> None:
    assert set(STATUS) == set(RESTATED) == set(State)
    assert set(WEBHOOK) == set(Kind)
    assert set(REFUSED) == set(Refusal)
    assert {type_of(source, slot) for source in ("join", "staff", "ombori") for slot in (None, 1)} == set(PRIORITY)


def test_the_statuses_are_those_of_the_model() -> None:
    model = {"draft", "pending", "notified", "fulfilled", "completed", "rejected"}
    assert set(STATUS.values()) == model | {"reserved"}


def test_there_are_twelve_types_of_webhook() -> None:
    assert len(TYPES) == 12


@pytest.mark.parametrize(
    ("reason", "before", "type"),
    [
        (CloseReason.CUSTOMER, State.WAITING, "positionCancelled"),
        (CloseReason.CUSTOMER, State.BOOKED, "positionCancelled"),
        (CloseReason.STAFF, State.BOOKED, "positionCancelledByStaff"),
        (CloseReason.STAFF, State.RESERVED, "positionCancelledByStaff"),
        (CloseReason.STAFF, State.WAITING, "positionRemoved"),
        (CloseReason.ABANDONED, State.CALLED, "positionRemoved"),
    ],
)
def test_a_cancellation_is_told_by_who_did_it_and_to_what(reason: CloseReason, before: State, type: str) -> None:
    assert webhook_of(event(Kind.CANCELLED, State.CANCELLED, before=before, reason=reason)) == type


NOW = {
    State.RESERVED: None,
    State.BOOKED: None,
    State.WAITING: "positionRetry",
    State.CALLED: "positionCalled",
    State.SERVING: "positionFulfilled",
    State.HELD: None,
    State.DONE: "positionCompleted",
    State.NO_SHOW: "positionRemoved",
    State.CANCELLED: "positionRemoved",
}


@pytest.mark.parametrize("kind", [Kind.CORRECTED, Kind.UNDONE])
def test_what_staff_put_right_is_told_as_what_is_true_now(kind: Kind) -> None:
    assert {state: webhook_of(event(kind, state, reason=CloseReason.STAFF)) for state in State} == NOW


@pytest.mark.parametrize("before", [State.RESERVED, State.BOOKED])
def test_a_booking_that_is_corrected_is_activated_or_cancelled_as_one(before: State) -> None:
    assert webhook_of(event(Kind.CORRECTED, State.WAITING, before=before)) == "bookingActivated"
    gone = event(Kind.CORRECTED, State.CANCELLED, before=before, reason=CloseReason.STAFF)
    assert webhook_of(gone) == "positionCancelledByStaff"


def test_a_reservation_that_moves_is_no_booking_that_was_updated() -> None:
    assert webhook_of(event(Kind.RESCHEDULED, State.RESERVED)) is None
    assert webhook_of(event(Kind.RESCHEDULED, State.BOOKED)) == "bookingUpdated"


@pytest.mark.parametrize(
    ("label", "number", "shown"),
    [("A007", 7, "A7"), ("A1234", 1234, "A1234"), ("", 0, ""), ("B2010", 10, "B210"), ("X", 7, "X")],
)
def test_a_label_has_no_zeros_before_its_number(label: str, number: int, shown: str) -> None:
    assert label_of(label, number) == shown


def test_the_code_is_json_that_names_the_position() -> None:
    assert code_of(TICKET) == f'{{"type":"check-in-position","positionId":"{TICKET}"}}'
    assert ticket_of_code(code_of(TICKET)) == TICKET
    assert ticket_of_code(f' {{ "positionId" : "{TICKET}", "more": 1, "type":"check-in-position" }}') == TICKET


@pytest.mark.parametrize(
    "text",
    ["", TICKET, "https://example.org/t/x", "{}", '{"type":"check-in-position"}', '{"type":"x","positionId":"y"}'],
)
def test_another_code_is_none(text: str) -> None:
    assert ticket_of_code(text) is None
    assert ticket_of_code('{"type":"check-in-position","positionId":["' + text + '"]}') is None


@pytest.mark.parametrize("text", ["[" * 299, "\ud800", '{"type":' + "9" * 200, "x" * 1_000_000])
def test_a_hostile_code_is_none(text: str) -> None:
    assert ticket_of_code(text) is None


def event(kind: Kind, state: State, *, before: str = "", reason: str = "") -> Event:
    return Event(
        id="1-0", kind=kind, at=1, location="main", seq=1, ticket=TICKET, state=state, before=before, reason=reason
    )
