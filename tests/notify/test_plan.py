"""Which messages follow from which event: pure."""

from typing import Any

import pytest

from callboard.delivery.model import Delivery, Moot
from callboard.domain.events import Event, Kind
from callboard.domain.model import Queue, State, Ticket
from callboard.notify.plan import MINUTE_MS, moved_queues, plan, untrue

AT = 1_790_000_000_000
QUEUE = Queue(id="general", tag="A", name="General", almost_ahead=2, rejoin_min=15)
BOTH = ("sms", "mail")


def event(kind: Kind, ticket: str = "t9", **more: Any) -> Event:
    values: dict[str, Any] = {"state": "waiting", "seq": 7, **more}
    return Event(id="1-0", kind=kind, at=AT, location="main", ticket=ticket, queue="general", **values)


def ticket(id: str, state: State = State.WAITING, **more: Any) -> Ticket:
    return Ticket(id=id, serial=1, location="main", queue="general", state=state, created_at=AT, **more)


def ids(event: Event, near: tuple[Ticket, ...] = (), **reach: tuple[str, ...]) -> list[str]:
    return [delivery.id for delivery in plan(event, QUEUE, near, reach).schedule]


@pytest.mark.parametrize("kind", [Kind.JOINED, Kind.CHECKED_IN, Kind.ACTIVATED, Kind.PERSON_CHANGED])
def test_who_starts_to_wait_is_told_that_the_ticket_is_taken(kind: Kind) -> None:
    assert ids(event(kind), t9=BOTH) == ["taken:t9:sms", "taken:t9:mail"]


def test_nobody_is_told_in_a_medium_without_an_address() -> None:
    assert ids(event(Kind.JOINED), t9=("mail",)) == ["taken:t9:mail"]
    assert ids(event(Kind.JOINED)) == []


@pytest.mark.parametrize("kind", [Kind.BOOKED, Kind.CONFIRMED, Kind.PERSON_CHANGED])
def test_a_booking_is_confirmed_once_for_each_address(kind: Kind) -> None:
    assert ids(event(kind, state="booked"), t9=BOTH) == ["booking_confirmed:t9:sms", "booking_confirmed:t9:mail"]


def test_a_reservation_is_not_confirmed_before_it_is() -> None:
    for kind in (Kind.RESERVED, Kind.PERSON_CHANGED, Kind.RESCHEDULED):
        assert ids(event(kind, state="reserved"), t9=BOTH) == []


def test_each_move_and_each_reminder_is_told() -> None:
    assert ids(event(Kind.RESCHEDULED, state="booked"), t9=("sms",)) == ["booking_moved:t9:sms:7"]
    assert ids(event(Kind.REMINDED, state="booked"), t9=("mail",)) == ["booking_reminder:t9:mail:7"]


@pytest.mark.parametrize(
    ("state", "more", "told"),
    [
        ("waiting", {"before": "booked"}, ["taken:t9:sms"]),
        ("waiting", {"before": "done"}, []),
        ("serving", {}, []),
        ("done", {"reason": "served"}, []),
        ("no_show", {"reason": "no_show"}, ["missed:t9:sms:7"]),
        ("cancelled", {"reason": "staff"}, ["cancelled:t9:sms"]),
        ("cancelled", {"reason": "customer"}, []),
    ],
)
def test_a_correction_is_told_as_what_it_makes_of_a_ticket(state: str, more: dict[str, str], told: list[str]) -> None:
    assert ids(event(Kind.CORRECTED, state=state, **more), t9=("sms",)) == told
    assert moved_queues(event(Kind.CORRECTED, state=state)) == ["general"]


@pytest.mark.parametrize("state", ["booked", "reserved", "called"])
def test_a_ticket_that_does_not_wait_is_not_announced_as_taken(state: str) -> None:
    assert not [id for id in ids(event(Kind.PERSON_CHANGED, state=state), t9=BOTH) if id.startswith("taken")]


@pytest.mark.parametrize(
    "kind",
    [Kind.CALLED, Kind.CANCELLED, Kind.POSTPONED, Kind.HELD, Kind.TRANSFERRED, Kind.UNDONE, Kind.JOINED, Kind.PUT_BACK],
)
def test_any_event_that_moves_the_line_tells_who_is_near(kind: Kind) -> None:
    told = ids(event(kind, state="x"), (ticket("t1"), ticket("t2")), t1=("sms",), t2=("mail",))
    assert told == ["almost_your_turn:t1:sms", "almost_your_turn:t2:mail"]
    assert moved_queues(event(kind)) == ["general"]


def test_a_transfer_moves_both_lines() -> None:
    assert moved_queues(event(Kind.TRANSFERRED, from_queue="lab")) == ["general", "lab"]


@pytest.mark.parametrize(
    "kind", [Kind.STARTED, Kind.FINISHED, Kind.RECALLED, Kind.DESK_OPENED, Kind.RESET, Kind.ERASED]
)
def test_other_events_move_no_line(kind: Kind) -> None:
    assert moved_queues(event(kind)) == []


def test_who_joins_with_few_ahead_reads_so_in_the_first_message_and_not_twice() -> None:
    made = plan(event(Kind.JOINED), QUEUE, (ticket("t9"),), {"t9": BOTH})
    assert [(delivery.id, delivery.bars) for delivery in made.schedule[:2]] == [
        ("taken:t9:sms", "almost_your_turn:t9:sms"),
        ("taken:t9:mail", "almost_your_turn:t9:mail"),
    ]
    assert made.bar == ()


def test_who_joins_far_back_is_told_almost_later() -> None:
    made = plan(event(Kind.JOINED), QUEUE, (ticket("t1"),), {"t9": ("sms",)})
    assert [(delivery.id, delivery.bars) for delivery in made.schedule] == [("taken:t9:sms", "")]


def test_who_is_called_needs_no_almost_any_more() -> None:
    made = plan(event(Kind.CALLED, state="called"), QUEUE, (), {})
    assert made.bar == ("almost_your_turn:t9:sms", "almost_your_turn:t9:mail")


def test_who_was_put_back_is_not_almost_there_again() -> None:
    assert ids(event(Kind.PUT_BACK), (ticket("t9", retry_count=1),), t9=("sms",)) == []


def test_each_call_is_told_by_its_number() -> None:
    assert ids(event(Kind.CALLED, seq=7), t9=("sms",)) == ["your_turn:t9:sms:7"]
    assert ids(event(Kind.RECALLED, seq=8), t9=("sms",)) == ["called_again:t9:sms:8"]


def test_who_is_sent_to_another_queue_is_told_so_each_time() -> None:
    sent_on = event(Kind.TRANSFERRED, before="waiting", from_queue="lab")
    (told,) = plan(sent_on, QUEUE, (), {"t9": ("sms",)}).schedule
    assert (told.id, told.what, told.until) == ("moved:t9:sms:7", "general", AT + 10 * MINUTE_MS)
    assert untrue(told, ticket("t9"), False) is None
    moved_on = Ticket(id="t9", serial=1, location="main", queue="lab", state=State.WAITING, created_at=AT)
    assert untrue(told, moved_on, False) == Moot("moved on to another queue")


def test_a_booking_that_is_sent_on_has_taken_its_ticket() -> None:
    assert ids(event(Kind.TRANSFERRED, before="booked"), t9=("sms",)) == ["taken:t9:sms"]


def test_who_is_sent_on_to_a_short_line_reads_so_once() -> None:
    made = plan(event(Kind.TRANSFERRED, before="called"), QUEUE, (ticket("t9"),), {"t9": ("sms",)})
    assert (made.schedule[0].id, made.schedule[0].bars) == ("moved:t9:sms:7", "almost_your_turn:t9:sms")


def test_a_recall_keeps_quiet_for_half_a_minute_and_a_call_does_not() -> None:
    called = plan(event(Kind.CALLED), QUEUE, (), {"t9": ("sms",)}).schedule[0]
    recalled = plan(event(Kind.RECALLED), QUEUE, (), {"t9": ("sms",)}).schedule[0]
    assert called.quiet == recalled.quiet == "your_turn:t9:sms"
    assert (called.quiet_ms, recalled.quiet_ms) == (0, 30_000)


@pytest.mark.parametrize(("reason", "told"), [("staff", 1), ("reset", 1), ("customer", 0), ("rescheduled", 0)])
def test_a_cancelling_is_told_when_somebody_else_did_it(reason: str, told: int) -> None:
    assert len(ids(event(Kind.CANCELLED, state="cancelled", reason=reason), t9=("sms",))) == told


@pytest.mark.parametrize(
    ("before", "lanes", "told"),
    [
        ("booked", BOTH, ["cancelled:t9:mail"]),
        ("booked", ("push",), []),
        ("reserved", BOTH, []),
        ("waiting", BOTH, []),
    ],
)
def test_who_cancels_a_booking_themselves_is_told_by_mail_alone(
    before: str, lanes: tuple[str, ...], told: list[str]
) -> None:
    gone = event(Kind.CANCELLED, state="cancelled", before=before, reason="customer")
    assert ids(gone, t9=lanes) == told


@pytest.mark.parametrize(
    ("kind", "minutes"), [(Kind.JOINED, 10), (Kind.CALLED, 5), (Kind.RECALLED, 5), (Kind.NO_SHOW, 15)]
)
def test_every_message_has_a_last_moment(kind: Kind, minutes: int) -> None:
    made = plan(event(kind), QUEUE, (), {"t9": ("sms",)}).schedule[0]
    assert (made.at, made.until) == (AT, AT + minutes * MINUTE_MS)


def delivery(kind: str) -> Delivery:
    return Delivery(id="x", kind=kind, lane="sms", location="main", ticket="t9", at=AT, until=AT + 1, what="general")


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        ("taken", State.WAITING),
        ("your_turn", State.CALLED),
        ("called_again", State.CALLED),
        ("moved", State.WAITING),
        ("missed", State.NO_SHOW),
        ("cancelled", State.CANCELLED),
        ("almost_your_turn", State.WAITING),
        ("booking_confirmed", State.BOOKED),
        ("booking_moved", State.BOOKED),
        ("booking_reminder", State.BOOKED),
    ],
)
def test_a_message_is_true_in_one_state_only(kind: str, state: State) -> None:
    for other in State:
        moot = untrue(delivery(kind), ticket("t9", other), True)
        assert (moot is None) == (other == state)


def test_almost_is_untrue_after_stepping_back_and_may_become_true_again() -> None:
    assert untrue(delivery("almost_your_turn"), ticket("t9"), False) == Moot("moved back in the line", again=True)
    assert untrue(delivery("almost_your_turn"), ticket("t9", retry_count=1), True) == Moot("was called already")
