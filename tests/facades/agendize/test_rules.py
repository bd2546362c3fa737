"""What a filled field must fulfil by its own rules."""

import time
from typing import Any

import msgspec
import pytest

from callboard.facades.agendize.models import FormItem
from callboard.facades.agendize.rules import LONGEST_VALUE, item_mistakes


def mistakes(**item: Any) -> list[str]:
    return [each.what for each in item_mistakes(msgspec.convert({"id": "f", **item}, FormItem), "form.0")]


@pytest.mark.parametrize(
    "item",
    [
        {},
        {"value": ""},
        {"value": None, "values": []},
        {"values": [{"id": "a"}]},
        {"subItem": [{"id": "s", "value": ""}]},
    ],
)
def test_a_mandatory_field_has_to_be_filled(item: dict[str, Any]) -> None:
    assert mistakes(mandatory=True, **item) == ["is missing, and the field is mandatory"]
    assert mistakes(mandatory=False, **item) == []
    assert mistakes(mandatory=True, visible=False, **item) == [], "nobody can fill what they do not see"


@pytest.mark.parametrize(
    "item",
    [
        {"value": "x"},
        {"values": [{"id": "a", "value": "x"}]},
        {"values": [{"id": "a", "name": "A", "values": [{"id": "b", "value": "x"}]}]},
        {"subItem": [{"id": "s"}, {"id": "t", "value": "x"}]},
    ],
)
def test_a_filled_field_is_filled(item: dict[str, Any]) -> None:
    assert mistakes(mandatory=True, **item) == []


def test_lengths_are_those_of_what_is_typed() -> None:
    rules = {"minLength": 2, "maxLength": 3}
    assert mistakes(value="åäö", valueFormat=rules) == []
    assert mistakes(value="å", valueFormat=rules) == ["must be at least 2 characters"]
    assert mistakes(value="åäöÅ", valueFormat=rules) == ["must be at most 3 characters"]
    assert mistakes(value="", valueFormat=rules) == [], "what may be empty has no least length"


def test_a_pattern_has_to_fit_the_whole_value() -> None:
    rules = {"regexType": "custom", "regexValue": r"[A-Z]{2}\d+"}
    assert mistakes(value="AB12", valueFormat=rules) == []
    assert mistakes(value="xAB12", valueFormat=rules) == ["does not fit the field's regexValue"]
    assert mistakes(value="AB12\n", valueFormat=rules) != []
    assert mistakes(value="AB12", valueFormat={"regexValue": r"^[A-Z]{2}\d+$"}) == []
    assert mistakes(value="é", valueFormat={"regexValue": r"\pL"}) == []


@pytest.mark.parametrize("pattern", ["(", r"(a)\1", "(?=a)a", "a" * 2000, "((a{100}){100}){100}", "\\"])
def test_a_pattern_that_cannot_be_run_is_a_mistake(pattern: str) -> None:
    (what,) = mistakes(value="a", valueFormat={"regexValue": pattern})
    assert what.startswith("cannot be checked")


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|a)*b", "(a*)*b", "(.*a){20}", "(a|aa)+$", "[ab]*a" + "[ab]{1000}" * 15]
)
def test_no_pattern_makes_the_server_wait(pattern: str) -> None:
    """Each of these takes Python's own engine longer than anybody lives."""
    began = time.process_time()
    mistakes(value="a" * LONGEST_VALUE + "!", valueFormat={"regexValue": pattern})
    mistakes(value="a" * (LONGEST_VALUE - 1) + "!", valueFormat={"regexValue": pattern})
    assert time.process_time() - began < 1


def test_what_is_very_long_is_not_held_against_a_pattern() -> None:
    (what,) = mistakes(value="a" * (LONGEST_VALUE + 1), valueFormat={"regexValue": "a*"})
    assert what.startswith("must be at most")


@pytest.mark.parametrize("pattern", [r"[\p{L} '-]{1,50}", r"^\+?[0-9 ()-]{6,20}$", r".{1,500}", r"(?i)[a-z]{3}\d{3}"])
def test_usual_patterns_can_be_run(pattern: str) -> None:
    assert not [what for what in mistakes(value="?", valueFormat={"regexValue": pattern}) if "cannot" in what]
