"""What came of a delivery, as it is kept for staff, and what the other side has told of it since."""

from typing import Any

import msgspec
from msgspec import Struct

RECORDS_MS = 24 * 3_600_000  # as long as closed tickets and their people are kept
RECORDS = 500  # and at most so many a partition


class Record(Struct, frozen=True, kw_only=True):
    """What came of a delivery, for staff. `state`: sent, shown, skipped, expired, failed, unknown; or instead, when it
    goes on in another lane. `said` is what the carrier has told of it since, in words; `segments` are those that it is
    paid as."""

    id: str
    at: int
    medium: str
    kind: str
    location: str
    ticket: str
    state: str
    detail: str
    ticket_label: str = ""
    recipient: str = ""
    subject: str = ""
    text: str = ""
    segments: int = 0
    said: str = ""
    said_at: int | None = None
    again: str = ""  # of one that did not get through: what it takes to send it again, nothing of a person

    def bare(self) -> "Record":
        """Without what belongs to a person."""
        return msgspec.structs.replace(self, recipient="", subject="", text="")


class Said(Struct, frozen=True, kw_only=True):
    """What the other side told of a delivery. One with the same or a lower `rank` is no news any more."""

    rank: int
    words: str
    at: int
    number: str = ""  # under which it knows it


def on_record(record: Record) -> dict[str, Any]:
    """What a script takes to put it there."""
    return {
        "record": _text(record),
        "bare": _text(record.bare()),
        "ticket": record.ticket or None,
        "most": RECORDS,
        "before": record.at - RECORDS_MS,
    }


def _text(record: Record) -> str:
    return msgspec.json.encode(record).decode()


def told(record: Record, text: str | None) -> Record:
    """With what was said of it since, where that says more."""
    if text is None or record.state not in ("sent", "unknown"):
        return record
    said = msgspec.json.decode(text, type=Said)
    return msgspec.structs.replace(record, said=said.words, said_at=said.at)
