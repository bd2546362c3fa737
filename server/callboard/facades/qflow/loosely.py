"""From what a client wrote to what the types want: names in any case, numbers and truth in quotation marks.

The vendor's library reads so (INF): a text that spells a number is one, an empty text is none where a number is
wanted, a number is a text where that is wanted, null is as good as nothing, and unknown names are passed over.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

from msgspec import Struct, inspect

from callboard.decode import convert

T = TypeVar("T", bound=Struct)


def shaped(plain: object, type: type[T]) -> T:
    """Raises Invalid with every mistake, the fields named as the type writes them."""
    return convert(_loosened(plain, _info(type)), type, strict=False)


@cache
def _info(type: type[Struct]) -> inspect.Type:
    return inspect.type_info(type)


def _loosened(value: Any, info: inspect.Type) -> Any:
    if isinstance(info, inspect.Metadata):
        return _loosened(value, info.type)
    if isinstance(info, inspect.UnionType):
        return _loosened(value, next(each for each in info.types if not isinstance(each, inspect.NoneType)))
    if isinstance(info, inspect.StructType):
        return _fields(value, info) if isinstance(value, Mapping) else value
    if isinstance(info, inspect.DictType):
        return _properties(value) if isinstance(value, Mapping) else value
    if isinstance(info, inspect.ListType):
        return [_loosened(each, info.item_type) for each in _listed(value)]
    value = value[-1] if isinstance(value, Several) else value
    if isinstance(info, inspect.StrType):
        return _text(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)  # 2.0 is whole, as JSON schema has it
    return value.strip() or None if isinstance(value, str) else value


class Several(list[Any]):
    """What a form says more than once under one name: a list where one is wanted, else the last of them."""


def _fields(value: Mapping[Any, Any], info: inspect.StructType) -> dict[str, Any]:
    """Of two spellings of one name the later counts. A field that is null is left out."""
    named = {field.encode_name.casefold(): field for field in info.fields}
    loosened: dict[str, Any] = {}
    for name, each in value.items():
        if field := named.get(str(name).casefold()):
            loosened[field.encode_name] = _loosened(each, field.type)
    return {name: each for name, each in loosened.items() if each is not None}


def _properties(value: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(key): "" if each is None else _text(each) for key, each in value.items()}


def _text(value: Any) -> Any:
    if isinstance(value, Several):
        return _text(value[-1])
    if isinstance(value, bool):
        return "True" if value else "False"
    return str(value) if isinstance(value, int | float) else value


def _listed(value: Any) -> list[Any]:
    """A form's list: one text, several of a name, or numbered ones."""
    if isinstance(value, Mapping) and all(str(key).isdigit() or not key for key in value):
        values = [value[key] for key in sorted(value, key=lambda key: int(key or 0))]
        return [each for one in values for each in (one if isinstance(one, Several) else [one])]
    return list(value) if isinstance(value, list) else [value]
