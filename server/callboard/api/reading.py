"""What a request brings: its body, its query and its idempotency key, each with every mistake that is in it."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from msgspec import Struct
from starlette.requests import Request

from callboard import http
from callboard.auth import Caller
from callboard.decode import convert, decode_json
from callboard.errors import Invalid, Mistake

T = TypeVar("T", bound=Struct)

ONCE_PATTERN = r"^[\x21-\x7e]([\x20-\x7e]{0,198}[\x21-\x7e])?$"


async def body(request: Request, type: type[T], more: Callable[[Mapping[str, Any]], list[Mistake]] | None) -> T:
    """The body as `type`. A number such as 2.0 is whole, as JSON schema has it.

    Raises Invalid with every mistake of the types, and those that `more` finds in the fields that fit them.
    """
    try:
        return await http.read(request, type)
    except Invalid:
        plain = _plain(await request.body())
        if plain is None:
            raise
    try:
        return convert(plain, type)
    except Invalid as error:
        named = {mistake.where for mistake in error.mistakes}
        besides = [mistake for mistake in more(plain) if mistake.where not in named] if more else []
        raise Invalid([*error.mistakes, *besides]) from None


def query(request: Request, type: type[T]) -> T:
    """The query as `type`. Raises Invalid; a word that stands there twice is a mistake too."""
    given = request.query_params.multi_items()
    names = [name for name, _ in given]
    twice = [Mistake(name, "stands here twice") for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise Invalid(twice)
    return convert(dict(given), type, strict=False)


def once(request: Request, caller: Caller) -> str | None:
    """The idempotency key, which is the caller's own: another's of the same text is another. Raises Invalid."""
    given = request.headers.getlist("idempotency-key")
    if not given:
        return None
    if len(given) > 1 or not re.fullmatch(ONCE_PATTERN, given[0]):
        raise Invalid([Mistake("Idempotency-Key", "must be 1 to 200 printable characters")])
    return f"{caller.id}:{given[0]}"


def _plain(body: bytes) -> dict[str, Any] | None:
    try:
        plain = decode_json(body, object)
    except Invalid:
        return None
    return {name: _whole(value) for name, value in plain.items()} if isinstance(plain, dict) else None


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value
