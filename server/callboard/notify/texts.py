"""What an administrator types: `%{ticket.label}` placeholders and nothing else, so a text can say but never do."""

import re
from collections.abc import Mapping
from typing import Any

PLACEHOLDERS = frozenset(
    {
        "ticket.label",  # the tag, then the number
        "ticket.tag",
        "ticket.number",
        "ticket.link",
        "ticket.customers_ahead",
        "ticket.service.name",
        "ticket.desk.tag",
        "ticket.desk.name",
        "queue.name",
        "location.name",
        "desk.tag",
        "desk.name",
        "people.ahead",
        "wait.low",
        "wait.high",
        "booking.day",
        "booking.time",
    }
)

_PLACEHOLDER = re.compile(r"%\{([^{}]*)\}")


def unknown(text: str) -> list[str]:
    """The placeholders of a text that mean nothing, in order; a text with any is refused when it is saved."""
    return [name for name in _PLACEHOLDER.findall(text) if name not in PLACEHOLDERS]


def fill(text: str, values: Mapping[str, str]) -> str:
    """A value is never looked into for further placeholders; one without a value leaves nothing."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], ""), text)


def placeholders(given: Mapping[str, Any]) -> dict[str, str]:
    """The same values under the names that administrators type. A ticket's tag and its number make its label."""
    desk = given["desk"] or {"tag": None, "name": None}
    tag = given["label"].rstrip("0123456789")
    named = {
        "ticket.label": given["label"],
        "ticket.tag": tag,
        "ticket.number": given["label"].removeprefix(tag),
        "ticket.link": given["link"],
        "ticket.customers_ahead": given["ahead"],
        "ticket.service.name": given["queue"],
        "ticket.desk.tag": desk["tag"],
        "ticket.desk.name": desk["name"],
        "queue.name": given["queue"],
        "location.name": given["venue"],
        "desk.tag": desk["tag"],
        "desk.name": desk["name"],
        "people.ahead": given["ahead"],
        "wait.low": given["low"],
        "wait.high": given["high"],
        "booking.day": given["day"],
        "booking.time": given["time"],
    }
    return {name: str(value) for name, value in named.items() if value is not None}
