"""Every mistake in a plain value that should become a msgspec type, in words that a person understands.

msgspec itself stops at the first mistake and speaks of types and patterns. A pattern is put in words by
`Meta(pattern=..., extra={"words": "two lower-case letters"})`, read as "must be two lower-case letters".
"""

import difflib
import operator
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

from callboard.errors import Mistake

_KINDS: tuple[tuple[type, str], ...] = (  # bool before int, since it is one
    (type(None), "nothing"),
    (str, "text"),
    (bool, "true or false"),
    (int, "a whole number"),
    (float, "a number"),
    (Mapping, "an object"),
    (list, "a list"),
)
_TAKES: dict[type[inspect.Type], tuple[type, ...]] = {
    inspect.NoneType: (type(None),),
    inspect.StrType: (str,),
    inspect.BoolType: (bool,),
    inspect.IntType: (int,),
    inspect.FloatType: (float, int),
    inspect.ListType: (list, tuple),
    inspect.VarTupleType: (list, tuple),
    inspect.SetType: (list, tuple),
    inspect.FrozenSetType: (list, tuple),
    inspect.DictType: (Mapping,),
    inspect.StructType: (Mapping,),
}
_LOOSE: dict[type[inspect.Type], type] = {inspect.BoolType: bool, inspect.IntType: int, inspect.FloatType: float}


def mistakes_in(value: object, type: Any, *, strict: bool = True) -> list[Mistake]:
    """What keeps `value` from becoming a `type`, in reading order. Types it does not know are taken as fitting."""
    return list(_any(value, _type_info(type), "", strict))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'colour'?`, or nothing when no known word is near."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean '{near[0]}'?" if near else ""


@cache
def _type_info(type: Any) -> inspect.Type:
    return inspect.type_info(type)


def _any(value: object, info: inspect.Type, where: str, strict: bool, words: str = "") -> Iterator[Mistake]:
    if isinstance(info, inspect.Metadata):
        yield from _any(value, info.type, where, strict, (info.extra or {}).get("words", words))
    elif isinstance(info, inspect.UnionType):
        yield from _union(value, info, where, strict, words)
    else:
        value = value if strict else _loosened(value, info)
        if not _fits_kind(value, info):
            yield Mistake(where, f"must be {_expected(info)}, not {_kind(value)}")
        elif isinstance(info, inspect.StructType):
            yield from _struct(value, info, where, strict)
        elif isinstance(info, inspect.DictType):
            yield from _dict(value, info, where, strict)
        elif isinstance(info, inspect.ListType | inspect.VarTupleType | inspect.SetType | inspect.FrozenSetType):
            yield from _list(value, info, where, strict)
        elif what := _wrong_leaf(value, info, words):
            yield Mistake(where, what)


def _struct(value: Any, info: inspect.StructType, where: str, strict: bool) -> Iterator[Mistake]:
    fields = {field.encode_name: field for field in info.fields}
    for key in value:
        if info.forbid_unknown_fields and key not in fields and key != info.tag_field:
            yield Mistake(_join(where, key), f"unknown key{did_you_mean(str(key), fields)}")
    for name, field in fields.items():
        if name in value:
            yield from _any(value[name], field.type, _join(where, name), strict)
        elif field.required:
            yield Mistake(_join(where, name), "is missing")


def _dict(value: Any, info: inspect.DictType, where: str, strict: bool) -> Iterator[Mistake]:
    yield from _length(value, info, where)
    for key, item in value.items():
        at = _join(where, key)
        yield from (Mistake(at, f"the key {m.what}") for m in _any(key, info.key_type, at, strict))
        yield from _any(item, info.value_type, at, strict)


def _list(value: Any, info: Any, where: str, strict: bool) -> Iterator[Mistake]:
    yield from _length(value, info, where)
    for index, item in enumerate(value):
        yield from _any(item, info.item_type, _join(where, index), strict)


def _length(value: Any, info: Any, where: str) -> Iterator[Mistake]:
    if info.min_length is not None and len(value) < info.min_length:
        yield Mistake(where, "must not be empty" if info.min_length == 1 else f"needs at least {info.min_length} items")
    if info.max_length is not None and len(value) > info.max_length:
        yield Mistake(where, f"must have at most {info.max_length} items")


def _union(value: object, info: inspect.UnionType, where: str, strict: bool, words: str) -> Iterator[Mistake]:
    """Speaks of the alternative whose kind the value has; says nothing where any alternative fits."""
    loosened = [value if strict else _loosened(value, each) for each in info.types]
    tried = [
        list(_any(each_value, each, where, strict, words))
        for each_value, each in zip(loosened, info.types, strict=True)
        if _fits_kind(each_value, each)
    ]
    if not tried:
        expected = " or ".join(dict.fromkeys(_expected(each) for each in info.types))
        yield Mistake(where, f"must be {expected}, not {_kind(value)}")
    elif all(tried):
        yield from tried[0]


def _wrong_leaf(value: Any, info: inspect.Type, words: str) -> str:
    if isinstance(info, inspect.StrType):
        return _wrong_text(value, info, words)
    if isinstance(info, inspect.IntType | inspect.FloatType):
        return _wrong_number(value, info)
    known = _choices(info)
    if known and value not in known:
        near = did_you_mean(str(value), map(str, known))
        return f"must be one of {', '.join(map(str, known))}{near}"
    return ""


def _wrong_text(value: str, info: inspect.StrType, words: str) -> str:
    if info.min_length is not None and len(value) < info.min_length:
        return "must not be empty" if info.min_length == 1 else f"must be at least {info.min_length} characters"
    if info.max_length is not None and len(value) > info.max_length:
        return f"must be at most {info.max_length} characters"
    if info.pattern is not None and not re.search(info.pattern, value):
        return f"must be {words}" if words else f"does not match {info.pattern}"
    return ""


def _wrong_number(value: float, info: inspect.IntType | inspect.FloatType) -> str:
    bounds = (
        (info.ge, "at least", operator.ge),
        (info.gt, "more than", operator.gt),
        (info.le, "at most", operator.le),
        (info.lt, "less than", operator.lt),
    )
    given = [(limit, word, holds) for limit, word, holds in bounds if limit is not None]
    if all(holds(value, limit) for limit, _, holds in given):
        return ""
    return "must be " + " and ".join(f"{word} {limit}" for limit, word, _ in given)


def _choices(info: inspect.Type) -> list[Any]:
    if isinstance(info, inspect.LiteralType):
        return list(info.values)
    return [each.value for each in info.cls] if isinstance(info, inspect.EnumType) else []


def _takes(info: inspect.Type) -> tuple[type, ...]:
    """The Python kinds that can become `info`; empty where anything might."""
    info = info.type if isinstance(info, inspect.Metadata) else info
    return _TAKES.get(type(info)) or tuple({type(choice) for choice in _choices(info)})


def _fits_kind(value: object, info: inspect.Type) -> bool:
    takes = _takes(info)
    return not takes or (isinstance(value, takes) and not (isinstance(value, bool) and bool not in takes))


def _expected(info: inspect.Type) -> str:
    return next((word for kind, word in _KINDS if kind is (_takes(info) or (object,))[0]), "something else")


def _kind(value: object) -> str:
    kind = type(value).__name__
    return next((word for each, word in _KINDS if isinstance(value, each)), f"a {kind}")


def _loosened(value: object, info: inspect.Type) -> object:
    """Text read as the number, or the true or false, that it spells."""
    info = info.type if isinstance(info, inspect.Metadata) else info
    if not isinstance(value, str) or type(info) not in _LOOSE:
        return value
    try:
        return msgspec.convert(value, _LOOSE[type(info)], strict=False)
    except msgspec.ValidationError:
        return value


def _join(where: str, key: object) -> str:
    return f"{where}.{key}" if where else str(key)
