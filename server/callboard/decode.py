"""From bytes, JSON, TOML or plain values to a typed value, or `errors.Invalid` with every mistake in words."""

import re
import tomllib
from typing import Any, TypeVar

import msgspec

from callboard.errors import Invalid, Mistake
from callboard.mistakes import mistakes_in

T = TypeVar("T")


def decode_json(data: bytes, type: type[T]) -> T:
    """The value that the JSON says. Raises `Invalid`: one mistake for text that is not JSON, else every mistake."""
    try:
        return msgspec.json.decode(data, type=type)
    except msgspec.ValidationError as error:
        raise _invalid_json(data, type, error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _not_json(error) from None


def convert(value: object, type: type[T], *, strict: bool = True) -> T:
    """The plain value as `type`. Not strict: text stands for numbers and true or false too, as in the environment.
    Raises `Invalid` with every mistake."""
    try:
        return msgspec.convert(value, type, strict=strict)
    except msgspec.ValidationError as error:
        raise _invalid(value, type, strict, error) from None


def read_toml(data: bytes) -> dict[str, Any]:
    """The table that the TOML says. Raises `Invalid` with line and column."""
    try:
        return tomllib.loads(data.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Invalid([Mistake("", f"not valid TOML: line {line} is not UTF-8")]) from None
    except tomllib.TOMLDecodeError as error:
        raise Invalid([Mistake("", f"not valid TOML: {error}")]) from None
    except RecursionError:
        raise Invalid([Mistake("", "not valid TOML: nested too deeply")]) from None


def _invalid_json(data: bytes, type: Any, error: msgspec.ValidationError) -> Invalid:
    try:
        value = msgspec.json.decode(data)
    except msgspec.ValidationError:  # a number beyond any range, which the first error has a place for
        return Invalid([_in_library_words(error)])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as deeper:
        return _not_json(deeper)
    return _invalid(value, type, True, error)


def _not_json(error: Exception) -> Invalid:
    if isinstance(error, RecursionError):
        why = "nested too deeply"
    elif isinstance(error, UnicodeDecodeError):
        why = "not UTF-8"
    else:
        why = str(error).removeprefix("JSON is malformed: ")
    return Invalid([Mistake("", f"not valid JSON: {why}")])


def _invalid(value: object, type: Any, strict: bool, error: msgspec.ValidationError) -> Invalid:
    """Every mistake in our words; the library's first one where it knows a rule that ours do not."""
    return Invalid(mistakes_in(value, type, strict=strict) or [_in_library_words(error)])


def _in_library_words(error: msgspec.ValidationError) -> Mistake:
    what, _, path = str(error).partition(" - at `$")
    where = re.sub(r"\[(\d+)\]", r".\1", path.removesuffix("`").replace("[...]", "")).strip(".")
    return Mistake(where, what.replace("`", "'"))
