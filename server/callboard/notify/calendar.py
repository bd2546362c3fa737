"""A booking as a calendar has it (RFC 5545): the same entry however often it is sent, the newest one wins."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from callboard.domain.model import Location, State, Ticket

PRODUCT = "-//Callboard//Callboard//EN"
_EPOCH_2020_S = 1_577_836_800  # so that seconds fit into a calendar's integers for long
_LINE = 75  # octets


def calendar_entry(ticket: Ticket, location: Location, values: Mapping[str, Any], domain: str) -> str:
    """Published, so that nobody is asked to answer, with its place and its link; taken back where it is cancelled (RFC
    5546, 3.2.5).

    A booking keeps its UID when it moves or another takes its place; SEQUENCE grows with every change.
    Without a slot there is none: "".
    """
    if ticket.slot_at is None:
        return ""
    changed_s, gone = ticket.changed_at // 1000, ticket.state == State.CANCELLED
    lines = {
        "UID": f"booking.{location.id}.{ticket.known_as or ticket.serial}@{domain}",
        "SEQUENCE": str(max(0, changed_s - _EPOCH_2020_S)),
        "DTSTAMP": _moment(changed_s * 1000),
        "DTSTART": _moment(ticket.slot_at),
        "DTEND": _moment(ticket.slot_end or ticket.slot_at),
        "SUMMARY": _text(f"{values['venue']}: {values['queue']}" if values["queue"] else values["venue"]),
        "LOCATION": _text(", ".join(each for each in (values["venue"], location.address, location.city) if each)),
        "URL": values["link"],
        "STATUS": "CANCELLED" if gone else "CONFIRMED",
    }
    inner = [f"{name}:{value}" for name, value in lines.items() if value]
    method = f"METHOD:{'CANCEL' if gone else 'PUBLISH'}"
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", method, "BEGIN:VEVENT"]
    whole = [*head, *inner, "END:VEVENT", "END:VCALENDAR"]
    return "".join(f"{part}\r\n" for line in whole for part in _folded(line))


def method_of(entry: str) -> str:
    """What a calendar is to do with it: the mail that carries it says so, too (RFC 6047, 2.4)."""
    return next(line.removeprefix("METHOD:") for line in entry.splitlines() if line.startswith("METHOD:"))


def _moment(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y%m%dT%H%M%SZ}"


def _text(words: str) -> str:
    for character in ("\\", ";", ","):
        words = words.replace(character, f"\\{character}")
    return " ".join(words.split())


def _folded(line: str) -> Iterator[str]:
    """Lines of at most 75 octets, never within a character; all but the first begin with a blank."""
    part, room = "", _LINE
    for character in line:
        if len(f"{part}{character}".encode()) > room:
            yield part
            part = " "
        part += character
    yield part
