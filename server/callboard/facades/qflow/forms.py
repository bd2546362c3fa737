"""Bodies in form encoding, with the brackets and dots that the vendor's library reads nested names from."""

import re
from typing import Any
from urllib.parse import parse_qsl

from callboard.errors import Invalid, Mistake
from callboard.facades.qflow.loosely import Several

MOST_FIELDS = 1000
DEEPEST = 8


def form(body: bytes) -> dict[str, Any]:
    """`a=1&b[c]=2&b.d=3` as {a: 1, b: {c: 2, d: 3}}. Raises Invalid for what is no form."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body.strip()),
            encoding="utf-8",
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise Invalid([Mistake("", "not a form that can be read")]) from None
    read: dict[str, Any] = {}
    for name, value in pairs:
        _put(read, _path(name), value)
    return read


def _path(name: str) -> list[str]:
    path = [part.rstrip("]") for part in re.split(r"[.\[]", name)]
    if len(path) > DEEPEST:
        raise Invalid([Mistake(name[:100], "nested too deeply")])
    return path


def _put(into: dict[str, Any], path: list[str], value: str) -> None:
    *above, last = path
    for part in above:
        inner = into.setdefault(part, {})
        if not isinstance(inner, dict):
            raise Invalid([Mistake(part[:100], "is one value and several")])
        into = inner
    known = into.get(last)
    if isinstance(known, dict):
        raise Invalid([Mistake(last[:100], "is one value and several")])
    if last in into:
        value_now: Any = Several([*known, value] if isinstance(known, Several) else [known, value])
    else:
        value_now = value
    into[last] = value_now
