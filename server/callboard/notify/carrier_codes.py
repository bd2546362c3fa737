"""The SMS carrier's error codes, sorted into never, later and unknown, and its words for how far a text has come."""

from callboard.delivery.model import Answer, Later, Never, Unknown
from callboard.store.records import Said

# Sending the same again cannot help. In words that staff understand.
NEVER = {
    21211: "not a phone number",
    21214: "not a phone number that can be reached",
    21408: "texts to this country are not switched on",
    21610: "the person has opted out of texts from this number",
    21612: "this number cannot be reached from ours",
    21614: "not a mobile number",
    30003: "the phone cannot be reached",
    30004: "the phone blocks messages",
    30005: "no such number",
    30006: "a landline, or a carrier that takes no texts",
    30007: "filtered by the carrier",
    30008: "lost on the way, nobody knows why",
    30036: "came too late: the phone was not reached in time",
}
# What that says of the number, in a word. "not_mobile" is so for good; the rest may be otherwise another time.
OPTED_OUT, NOT_MOBILE = "opted_out", "not_mobile"
WORDS = {
    21610: OPTED_OUT,
    **dict.fromkeys((21211, 21214, 21614, 30005, 30006), NOT_MOBILE),
    **dict.fromkeys((21408, 21612, 30003, 30036), "out_of_reach"),
    **dict.fromkeys((30004, 30007), "blocked"),
}
BUSY = frozenset({20429, 21611, 30001})  # too many at once, or too many waiting
REFUSED_ACCOUNT = frozenset({401, 403, 404})  # our own credentials: somebody may put them right in time

# How far a text has come, by the carrier's word for it. Of one rank the first stays: it is delivered or it is not.
STATUSES = {
    "accepted": (1, "waits at the carrier"),
    "scheduled": (1, "waits at the carrier"),
    "queued": (1, "waits at the carrier"),
    "sending": (2, "is being sent"),
    "sent": (3, "handed to the phone's network"),
    "delivered": (4, "delivered"),
    "read": (5, "read"),
}
FAILED = ("failed", "undelivered", "canceled")


def classified(status: int, code: int | None, after_ms: int | None = None) -> Answer:
    """What an error answer means for the message; `after_ms` is how long the carrier asks to be left alone."""
    if code in NEVER:
        return Never(NEVER[code], word_of(code))
    if status == 429 or code in BUSY:
        return Later("the carrier is busy", busy=True, after_ms=after_ms)
    if status in REFUSED_ACCOUNT:
        return Later(f"the carrier refuses our account ({code or status})", busy=True)
    if status >= 500 or status == 408:
        return Unknown(f"the carrier failed ({status})", busy=True)
    return Never(f"refused by the carrier ({code or status})")


def word_of(code: int) -> str:
    """What a code says of the number that was written to."""
    return WORDS.get(code, "failed")


def has_failed(status: str) -> bool:
    """Whether a text with that status reaches nobody any more."""
    return status in FAILED


def said(status: str, code: int, number: str, at: int) -> Said | None:
    """What a text's status says; None for a word that the carrier did not have when this was written."""
    if status in FAILED:
        why = NEVER.get(code, f"error {code}" if code else "no reason given")
        return Said(rank=4, words=f"not delivered: {why}", at=at, number=number)
    if status not in STATUSES:
        return None
    rank, words = STATUSES[status]
    return Said(rank=rank, words=words, at=at, number=number)
