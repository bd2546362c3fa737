"""The text that the core keeps and does not read: each API has its own part, and whatever else is there stays."""

import pytest

from callboard import opaque


def test_each_api_has_its_own_part() -> None:
    text = opaque.put(opaque.put("", "one", {"a": 1}), "two", {"b": [2]})
    assert (opaque.of(text, "one"), opaque.of(text, "two"), opaque.of(text, "three")) == ({"a": 1}, {"b": [2]}, {})
    assert opaque.of(opaque.put(text, "one", {"a": 3}), "one") == {"a": 3}
    assert opaque.put(opaque.put(text, "one", {}), "two", {}) == ""


@pytest.mark.parametrize("typed", ["a note", "[1]", "17", "{", "[" * 4000])
def test_what_somebody_typed_is_kept_beside_it(typed: str) -> None:
    assert opaque.of(typed, "one") == {}
    text = opaque.put(typed, "one", {"a": 1})
    assert opaque.of(text, "one") == {"a": 1}
    assert typed == __import__("json").loads(text)[""]
