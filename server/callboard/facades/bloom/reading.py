"""How bodies are read: as JSON or as a form, whatever format the answer is asked for in. XML is not read at all."""

import re
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from starlette.requests import Request

from callboard.decode import convert, decode_json
from callboard.errors import Invalid, Mistake
from callboard.http import Problem

T = TypeVar("T")

JSON = re.compile(r"application/([a-z0-9!#$&^_.-]+\+)?json|text/json|text/plain|")  # of old clients many say nothing
FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 200
DEEPEST = 4
# name, name[part], name[0][part]
_KEY = re.compile(rf"([^\[\]]+)((?:\[[^\[\]]*\]){{0,{DEEPEST - 1}}})")


async def read(request: Request, type: type[T]) -> T:
    """The body as a value; without one, nothing is said. Raises Invalid, and Problem 415."""
    body = await request.body()
    kind, _, _ = request.headers.get("content-type", "").partition(";")
    kind = kind.strip().lower()
    if not body:
        return decode_json(b"{}", type)
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Problem(415, "unsupported_media_type", "The body must not be compressed.")
    if kind == FORM:
        return convert(form(body), type, strict=False)
    if not JSON.fullmatch(kind):
        raise Problem(415, "unsupported_media_type", "The body must be JSON or a form.")
    return decode_json(body, type)


def form(body: bytes) -> dict[str, Any]:
    """`tickets[0][service_id]=..` stands for a list of objects, as web pages send it. Raises Invalid."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:  # also what is not UTF-8
        raise _wrong() from None
    found: dict[str, Any] = {}
    for key, value in pairs:
        _set(found, key, value)
    return {key: _listed(inner) for key, inner in found.items()}


def _set(found: dict[str, Any], key: str, value: str) -> None:
    shape = _KEY.fullmatch(key)
    if shape is None:
        raise _wrong()
    here = found
    *path, last = (shape[1], *re.findall(r"\[([^\[\]]*)\]", shape[2]))
    for name in path:
        here = here.setdefault(name or str(len(here)), {})
        if not isinstance(here, dict):  # the name has a value of its own already
            raise _wrong()
    here[last or str(len(here))] = value


def _listed(value: Any) -> Any:
    """What is numbered from 0 is a list."""
    if not isinstance(value, dict):
        return value
    inner = {key: _listed(each) for key, each in value.items()}
    is_list = bool(inner) and list(inner) == [str(n) for n in range(len(inner))]
    return list(inner.values()) if is_list else inner


def _wrong() -> Invalid:
    return Invalid([Mistake("", "the form cannot be read")])
