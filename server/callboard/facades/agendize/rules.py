"""What a filled field must fulfil by its own rules: that it is filled, its length, its pattern.

Patterns come from clients, so they run in time that grows with pattern and text alone, whatever they are: RE2 has no
others. It lets other threads work meanwhile.
"""

from collections.abc import Iterator
from typing import Any

import re2

from callboard.errors import Mistake
from callboard.facades.agendize.models import FormItem, ValueFormat

LONGEST_PATTERN = 1000
LONGEST_VALUE = 2000  # that is held against a pattern
MEMORY = 1 << 20  # enough for fifty letters of any script


def item_mistakes(item: FormItem, where: str) -> Iterator[Mistake]:
    """Of one field; those of its parts are their own."""
    value = item.value or ""
    if item.mandatory and item.visible is not False and not _is_filled(item):
        yield Mistake(f"{where}.value", "is missing, and the field is mandatory")
    if value and item.value_format and item.type != "file":
        yield from (Mistake(f"{where}.value", what) for what in _wrong(value, item.value_format))


def _is_filled(item: FormItem) -> bool:
    chosen = item.values or ()
    return bool(item.value or any(_is_chosen(each.value, each.name, each.values) for each in chosen)) or any(
        _is_filled(part) for part in item.sub_item or ()
    )


def _is_chosen(*given: object) -> bool:
    return any(given)


def _wrong(value: str, rules: ValueFormat) -> Iterator[str]:
    if rules.max_length and len(value) > rules.max_length:
        yield f"must be at most {rules.max_length:g} characters"
    if rules.min_length and len(value) < rules.min_length:
        yield f"must be at least {rules.min_length:g} characters"
    if rules.regex_value:
        yield from _pattern_mistakes(value, rules.regex_value)


def _pattern_mistakes(value: str, pattern: str) -> Iterator[str]:
    """The pattern has to fit the whole value."""
    if len(value) > LONGEST_VALUE:
        yield f"must be at most {LONGEST_VALUE} characters to be checked by its regexValue"
    elif (compiled := _compiled(pattern)) is None:
        yield "cannot be checked: its regexValue is too long, no regular expression, or looks around or back"
    elif not compiled.fullmatch(value):
        yield "does not fit the field's regexValue"


def _compiled(pattern: str) -> Any:
    """None for what cannot be run."""
    options = re2.Options()
    options.max_mem, options.log_errors = MEMORY, False
    try:
        return re2.compile(pattern, options) if len(pattern) <= LONGEST_PATTERN else None
    except re2.error:
        return None
