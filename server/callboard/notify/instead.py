"""The rule of push and text.

Each message to a phone is one delivery with one id. Where the person's browser shows notifications it begins as a push,
which costs nothing; where that is refused, or not taken in time, the same delivery goes on as a text. So of the two
exactly one is under way at any moment, whoever crashes when.
"""

from callboard.delivery.attempt import pause_ms
from callboard.delivery.model import Answer, Delivery, Instead, Later, Never
from callboard.notify.kinds import CALLS

CALL_MS = 6_000  # how long after its event a push service may take a call ...
PATIENCE_MS = 60_000  # ... and how long anything else, before the text goes


def or_text(answer: Answer, delivery: Delivery, now: int, *, phone: bool, sends_texts: bool) -> Answer:
    """What becomes of a push.

    A refusal becomes a text at once, if there is a number to send it to. So does a push that would be tried again too
    late, if texts are really sent: then a call may come twice, where a push service took it and its answer was lost,
    since one that nobody hears is worse. Without a number it is tried until it is worth nothing.
    """
    if isinstance(answer, Never) and phone:
        return Instead(answer.why, "sms")
    if isinstance(answer, Later) and phone and sends_texts:
        wait_ms = pause_ms(delivery) if answer.after_ms is None else answer.after_ms
        if now + wait_ms > delivery.at + (CALL_MS if delivery.kind in CALLS else PATIENCE_MS):
            return Instead(answer.why, "sms")
    return answer
