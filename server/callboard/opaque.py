"""The one text beside a person that the core keeps and never reads: a JSON object with a part for each API."""

from typing import Any

import msgspec


def of(extra: str, name: str) -> dict[str, Any]:
    """The part of one API; empty where it has none, or the text is something else's."""
    part = _whole(extra).get(name) if extra else None
    return part if isinstance(part, dict) else {}


def put(extra: str, name: str, part: dict[str, Any]) -> str:
    """The text with this part; what others keep there stays. An empty part is taken out."""
    whole = {key: value for key, value in _whole(extra).items() if key != name} | ({name: part} if part else {})
    return msgspec.json.encode(whole).decode() if whole else ""


def _whole(extra: str) -> dict[str, Any]:
    try:
        whole = msgspec.json.decode(extra or "{}")
    except (msgspec.DecodeError, RecursionError):
        whole = None
    if isinstance(whole, dict):
        return whole
    return {"": extra}  # typed by somebody through our own API: kept under a name that nobody has
