"""What an administrator types: `%{ticket.label}` placeholders and nothing else, so a text can say but never do."""

import re
from collections.abc import Mapping

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
