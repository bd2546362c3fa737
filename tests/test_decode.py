"""What comes in is typed, or every mistake in it is named at once, in words."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct, ValidationError
from msgspec import convert as library_convert

from callboard.decode import convert, decode_json, read_toml
from callboard.errors import Invalid, Mistake
from callboard.mistakes import mistakes_in

Code = Annotated[str, Meta(pattern="^[a-z]{2}$", extra={"words": "two lower-case letters"})]


class Shade(StrEnum):
    LIGHT = "light"
    DARK = "dark"


class Leaf(Struct, frozen=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1, max_length=5)]
    count: Annotated[int, Meta(ge=0, le=50)] = 0


class Tree(Struct, frozen=True, forbid_unknown_fields=True):
    leaf: Leaf
    leaves: Annotated[tuple[Leaf, ...], Meta(min_length=1, max_length=3)] = (Leaf("a"),)
    codes: Mapping[Code, Annotated[float, Meta(gt=0)]] = {}
    shade: Shade = Shade.LIGHT
    kind: Literal["oak", "ash"] = "oak"
    label: Annotated[str, Meta(min_length=1)] | dict[Code, str] = "x"
    limit: Annotated[int, Meta(ge=1)] | None = None
    raw: Annotated[str, Meta(pattern="^x")] = "x"
    alive: bool = True


def told(value: object, type: Any = Tree, *, strict: bool = True) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        convert(value, type, strict=strict)
    assert len({m.where for m in caught.value.mistakes}) == len(caught.value.mistakes)
    return {m.where: m.what for m in caught.value.mistakes}


def test_every_mistake_is_named_with_its_place() -> None:
    assert told(
        {
            "leaf": {"nam": "b", "count": 51},
            "leaves": [{"name": ""}, {"name": "longer", "count": "3"}, 7],
            "codes": {"sv": 0, "SV": 1.5},
            "shade": "drak",
            "kind": "oka",
            "label": {"english": "tree"},
            "limit": 0,
            "raw": "y",
            "alive": "yes",
            "colour": 1,
        }
    ) == {
        "leaf.nam": "unknown key; did you mean 'name'?",
        "leaf.name": "is missing",
        "leaf.count": "must be at least 0 and at most 50",
        "leaves.0.name": "must not be empty",
        "leaves.1.name": "must be at most 5 characters",
        "leaves.1.count": "must be a whole number, not text",
        "leaves.2": "must be an object, not a whole number",
        "codes.sv": "must be more than 0",
        "codes.SV": "the key must be two lower-case letters",
        "shade": "must be one of light, dark; did you mean 'dark'?",
        "kind": "must be one of ash, oak; did you mean 'oak'?",
        "label.english": "the key must be two lower-case letters",
        "limit": "must be at least 1",
        "raw": "does not match ^x",
        "alive": "must be true or false, not text",
        "colour": "unknown key",
    }


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ({"leaves": []}, "must not be empty"),
        ({"leaves": [{"name": "a"}] * 4}, "must have at most 3 items"),
        ({"leaves": "a"}, "must be a list, not text"),
        ({"leaves": None}, "must be a list, not nothing"),
        ({"label": 3}, "must be text or an object, not a whole number"),
        ({"label": ""}, "must not be empty"),
        ({"limit": True}, "must be a whole number or nothing, not true or false"),
        ({"limit": 1.5}, "must be a whole number or nothing, not a number"),
        ({"codes": {"sv": False}}, "must be a number, not true or false"),
        ({"kind": 3}, "must be text, not a whole number"),
    ],
)
def test_what_is_wrong_is_said_in_words(value: dict[str, object], what: str) -> None:
    assert list(told({"leaf": {"name": "a"}} | value).values()) == [what]


def test_what_fits_is_returned() -> None:
    data = b'{"leaf": {"name": "a"}, "label": {"sv": "tr\xc3\xa4d"}, "limit": null, "codes": {"sv": 2}}'
    assert decode_json(data, Tree) == Tree(Leaf("a"), label={"sv": "träd"}, codes={"sv": 2.0})


def test_json_with_mistakes_names_all_of_them() -> None:
    with pytest.raises(Invalid) as caught:
        decode_json(b'{"leaf": {"name": 1, "count": -1}}', Tree)
    assert caught.value.mistakes == [
        Mistake("leaf.name", "must be text, not a whole number"),
        Mistake("leaf.count", "must be at least 0 and at most 50"),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b'{"leaf": {"name": "a"}} x',
        b'{"leaf": 1, ',
        b'{"leaf": {"name": "\xff"}}',
        b'{"zz": ' + b"[" * 60_000,
        b"[" * 60_000,
        b'{"leaf": {"name": "\\ud800"}}',
        b"NaN",
    ],
)
def test_what_is_not_json_is_one_mistake_without_a_place(data: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        decode_json(data, Tree)
    [mistake] = caught.value.mistakes
    assert mistake.where == ""
    assert mistake.what.startswith("not valid JSON: ")


def test_a_number_beyond_any_range_is_named() -> None:
    with pytest.raises(Invalid) as caught:
        decode_json(b'{"leaf": {"name": "a", "count": 1e999}}', Tree)
    assert [m.where for m in caught.value.mistakes] == ["leaf.count"]


def test_text_stands_for_numbers_where_that_was_asked_for() -> None:
    value = {"leaf": {"name": "1", "count": "7"}, "limit": "3", "alive": "false"}
    assert convert(value, Tree, strict=False) == Tree(Leaf("1", 7), limit=3, alive=False)
    assert told(value | {"limit": "many", "alive": "maybe", "leaf": {"name": "1", "count": "70"}}, strict=False) == {
        "leaf.count": "must be at least 0 and at most 50",
        "limit": "must be a whole number or nothing, not text",
        "alive": "must be true or false, not text",
    }


def test_toml_that_does_not_parse_is_told_with_line_and_column() -> None:
    with pytest.raises(Invalid, match=r"^not valid TOML: .*line 2, column 2"):
        read_toml(b'a = 1\nb: "x"\n')
    with pytest.raises(Invalid, match="line 2 is not UTF-8"):
        read_toml(b"a = 1\nb = '\xff'\n")
    assert read_toml(b"\xef\xbb\xbfa = 1\r\n") == {"a": 1}


words = st.sampled_from(["", "a", "sv", "oak", "dark"])
json_like = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 60) | st.floats(-1, 3) | words,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from([*Tree.__struct_fields__, *Leaf.__struct_fields__, "sv", "zz"]), inner)
    ),
    max_leaves=12,
)


@given(json_like)
def test_our_list_is_empty_exactly_when_the_library_agrees(value: object) -> None:
    """The two readings of a type may not part: no mistake is invented, none is overlooked."""
    try:
        library_convert(value, Tree)
    except ValidationError:
        assert mistakes_in(value, Tree)
    else:
        assert mistakes_in(value, Tree) == []


@given(json_like)
def test_a_leaf_of_anything_is_judged_as_the_library_does(value: object) -> None:
    """The same for smaller types, which random values reach more deeply."""
    for type in (Leaf, Tree.__annotations__["codes"], Tree.__annotations__["label"], Tree.__annotations__["leaves"]):
        try:
            library_convert(value, type)
        except ValidationError:
            assert mistakes_in(value, type)
        else:
            assert mistakes_in(value, type) == []
