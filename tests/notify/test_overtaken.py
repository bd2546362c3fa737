"""Nobody reads what was so before something that they were told already: pure, by the moments of what came."""

import pytest

from callboard.delivery.model import Delivery
from callboard.notify.overtaken import overtaken, words

AT = 1_790_000_000_000
CALL, MOVED, ALMOST, BARRED, REBOOKED, REMINDED = (
    "your_turn:t:sms",
    "moved:t:sms",
    "almost_your_turn:t:sms",
    "barred:almost_your_turn:t:sms",
    "booking_moved:t:sms",
    "booking_reminder:t:sms",
)


@pytest.mark.parametrize(
    ("kind", "came", "is_overtaken"),
    [
        ("taken", {}, False),
        ("taken", {CALL: AT - 1}, False),  # and waits again
        ("taken", {CALL: AT}, True),
        ("taken", {MOVED: AT + 1}, True),
        ("taken", {ALMOST: AT + 1}, True),
        ("taken", {ALMOST: AT - 1}, True),  # by what happened before, and was read after
        ("taken", {ALMOST: AT, BARRED: AT}, False),  # it says so itself
        ("moved", {ALMOST: AT + 1}, True),
        ("moved", {ALMOST: AT - 1}, False),
        ("moved", {CALL: AT + 1}, True),
        ("almost_your_turn", {CALL: AT + 1}, True),
        ("almost_your_turn", {ALMOST: AT, BARRED: AT + 1}, True),  # called while there was no way to tell
        ("delayed", {}, False),
        ("delayed", {CALL: AT - 3_600_000}, True),
        ("delayed", {ALMOST: AT - 1}, True),
        ("delayed", {ALMOST: AT - 1, BARRED: AT - 1}, False),
        ("your_turn", {CALL: AT}, False),
        ("your_turn", {CALL: AT + 1}, True),
        ("called_again", {CALL: AT + 1}, True),
        ("missed", {CALL: AT + 1}, False),
        ("booking_confirmed", {}, False),
        ("booking_confirmed", {REBOOKED: AT + 1}, True),
        ("booking_confirmed", {REMINDED: AT + 1}, True),
        ("booking_moved", {REMINDED: AT - 1}, False),  # and moved then
        ("booking_moved", {REMINDED: AT + 1}, True),
        ("booking_reminder", {REBOOKED: AT + 1}, False),
    ],
)
def test_a_message_is_overtaken_by_what_came_later(kind: str, came: dict[str, int], is_overtaken: bool) -> None:
    quiet = CALL if kind in ("your_turn", "called_again") else ""
    delivery = Delivery(
        id="x", kind=kind, lane="push", location="main", ticket="t", at=AT, until=AT + 60_000, quiet=quiet
    )
    moments = {word: came.get(word) for word in words(delivery)}
    assert (overtaken(delivery, moments) is not None) is is_overtaken
