"""Answers as XML. No sample of it is known: keys become elements, and each item of a list the plural's singular."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

PROLOGUE = '<?xml version="1.0" encoding="UTF-8"?>'
ROOT = "response"

# What no XML 1.0 document can hold, escaped or not: control characters, halves of pairs, two that are no characters.
_IMPOSSIBLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
# A parser reads a bare carriage return as a line feed, and any of the last three in an attribute as a blank.
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}
_IN_TEXT = re.compile("[&<>\r]")
_IN_ATTRIBUTES = re.compile('[&<"\r\n\t]')


def write(value: object) -> bytes:
    """`tickets: [..]` is `<tickets><ticket>..</ticket></tickets>`; null and "" are empty elements. A key that cannot be
    an element's name stands in an attribute: `<item key="..">`."""
    return f"{PROLOGUE}<{ROOT}>{''.join(_content(ROOT, msgspec.to_builtins(value)))}</{ROOT}>".encode()


def singular(name: str) -> str:
    """What each item of a list is called."""
    return name[:-1] if len(name) > 1 and name.endswith("s") else "item"


def _content(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _element(str(key), inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _element(singular(name), inner)
    else:
        yield _text(value)


def _element(name: str, value: Any) -> Iterator[str]:
    begin, end = (name, name) if _NAME.fullmatch(name) else (f'item key="{_escaped(name, _IN_ATTRIBUTES)}"', "item")
    content = "".join(_content(name, value))
    yield f"<{begin}>{content}</{end}>" if content else f"<{begin}/>"


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _escaped(str(value), _IN_TEXT)


def _escaped(text: str, found_in: re.Pattern[str]) -> str:
    """What XML cannot hold is left out."""
    return found_in.sub(lambda found: _ESCAPES[found[0]], _IMPOSSIBLE.sub("", text))
