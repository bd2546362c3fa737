"""A watch's schema: what its expressions are replaced by, and which are not taken."""

import time
from typing import Any

import pytest

from callboard.errors import Invalid
from callboard.facades.agendize.schema import fill, read_schema

DOCUMENT = {
    "id": "7",
    "rank": 3,
    "open": True,
    "client": {"firstName": 'Ann "A"', "lastName": "Lee", "phoneNumber": None},
    "form": [{"id": "phone", "value": "123"}, {"id": "note", "value": "late"}],
}


def made(schema: Any) -> object:
    return fill(read_schema(schema), DOCUMENT)


def test_an_object_gives_texts_only() -> None:
    schema = {
        "id": "${$.id}",
        "who": "${$.client.firstName} ${$.client.lastName}",
        "place": "$.rank",
        "deep": {"list": ["{$.open}", "fixed", 5, None]},
        "nobody": "${$.nothing.at.all}",
        "no phone": "${$.client.phoneNumber}",
        "client": "$.client",
    }
    assert made(schema) == {
        "id": "7",
        "who": 'Ann "A" Lee',
        "place": "3",
        "deep": {"list": ["true", "fixed", 5, None]},
        "nobody": "",
        "no phone": "",
        "client": '{"firstName":"Ann \\"A\\"","lastName":"Lee","phoneNumber":null}',
    }


def test_a_text_keeps_types_outside_quotes() -> None:
    schema = """{"id": ${$.id}, "rank": {$.rank}, "open": ${$.open},
        "none": ${$.nothing}, "phone": ${$.client.phoneNumber},
        "text": "no ${$.rank} \\"${$.client.lastName}\\"", "client": ${$.client}, "plain": "$.id"}"""
    assert made(schema) == {
        "id": "7",
        "rank": 3,
        "open": True,
        "none": None,
        "phone": None,
        "text": 'no 3 "Lee"',
        "client": DOCUMENT["client"],
        "plain": "$.id",
    }


def test_a_whole_body_may_be_one_value() -> None:
    assert made("${$.rank}") == 3


def test_a_path_to_several_gives_all_of_them() -> None:
    assert made({"ids": "${$.form[*].id}"}) == {"ids": "phone,note"}
    assert made('{"ids": ${$.form[*].id}, "none": ${$.form[*].nothing}}') == {"ids": ["phone", "note"], "none": []}


@pytest.mark.parametrize(
    "path", ["$.form[?@.id=='phone'].value", '$.form[?(@.id == "phone")].value', "$['form'][0].value"]
)
def test_a_field_of_the_form_is_picked_by_its_id(path: str) -> None:
    assert made({"phone": f"${{{path}}}"}) == {"phone": "123"}


def test_a_brace_in_quotes_does_not_end_a_path() -> None:
    assert made({"a": "${$['}']}!"}) == {"a": "!"}


@pytest.mark.parametrize("text", ["$.50 off", "costs $5", "{$5}", "${name}", "{}", "$"])
def test_what_only_looks_like_a_path_stays(text: str) -> None:
    assert made({"a": text}) == {"a": text}


@pytest.mark.parametrize(
    "schema",
    [
        '{"a": ${$.id}',
        '{"a": ${$.id',
        '{"a": "${$.id}',
        '{"a": "x"} {"b": "y"}',
        "{${$.id}: 1}",
        "hello",
        '{"a": ${$.}}',
        {"a": "${$.[}"},
        {"a": "${$." + "a" * 300 + "}"},
        {"a": "x" * 30_000},
        {"a": [["${$.id}"] * 60] * 2},
    ],
)
def test_a_broken_schema_is_refused(schema: Any) -> None:
    with pytest.raises(Invalid, match="schema"):
        read_schema(schema)


def test_a_deep_schema_is_refused() -> None:
    schema: Any = "x"
    for _ in range(30):
        schema = {"a": schema}
    with pytest.raises(Invalid, match="deep"):
        read_schema(schema)
    with pytest.raises(Invalid, match="schema"):
        read_schema("[" * 15_000)


@pytest.mark.parametrize(
    "path",
    [
        "$.form[?match(@.id, '(a+)+$')]",
        "$.form[?search(@.id, '(a+)+$')]",
        "$..*..*",
        "$['a','a']['a','a']",
        "$.*.*.*",
        "$.form[?@[?@.x]]",
        "$.form[?$.form[0].id == @.id]",
    ],
)
def test_a_path_that_could_cost_much_is_refused(path: str) -> None:
    with pytest.raises(Invalid, match="not supported"):
        read_schema({"a": f"${{{path}}}"})


def test_the_dearest_schema_is_filled_fast() -> None:
    """As many of the dearest expressions as one may hold, on the largest form that is taken."""
    form = [{"id": str(n), "values": [{"id": "x", "value": "y"}] * 2, "subItem": []} for n in range(200)]
    tree = read_schema({"a": ["${$..[?(@.a || @.b || @.c || @.d || @.e || @.f || @.g)]}"] * 5})
    began = time.process_time()
    fill(tree, {"form": form})
    assert time.process_time() - began < 2
