"""What stands in a position's QR code: a JSON document inside a string, for staff or a kiosk to scan."""

import msgspec
from msgspec import Struct

LONGEST = 300


class _Code(Struct, rename="camel"):
    type: str
    position_id: str


def code_of(ticket: str) -> str:
    """The text that the code shows, and that the position carries as a string."""
    return msgspec.json.encode(_Code("check-in-position", ticket)).decode()


def ticket_of_code(text: str) -> str | None:
    """The ticket whose code was scanned; None for a text that is no such code. Whether there is such a ticket, and
    whose it is, remains to be seen."""
    if len(text) > LONGEST:
        return None
    try:
        code = msgspec.json.decode(text, type=_Code)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return code.position_id if code.type == "check-in-position" else None
