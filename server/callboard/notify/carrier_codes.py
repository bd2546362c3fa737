"""The SMS carrier's error codes, sorted into never, later and unknown."""

from callboard.delivery.model import Answer, Later, Never, Unknown

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
}
BUSY = frozenset({20429, 21611, 30001})  # too many at once, or too many waiting
REFUSED_ACCOUNT = frozenset({401, 403, 404})  # our own credentials: somebody may put them right in time


def classified(status: int, code: int | None) -> Answer:
    """What an error answer means for the message."""
    if code in NEVER:
        return Never(NEVER[code])
    if status == 429 or code in BUSY:
        return Later("the carrier is busy", busy=True)
    if status in REFUSED_ACCOUNT:
        return Later(f"the carrier refuses our account ({code or status})", busy=True)
    if status >= 500 or status == 408:
        return Unknown(f"the carrier failed ({status})", busy=True)
    return Never(f"refused by the carrier ({code or status})")
