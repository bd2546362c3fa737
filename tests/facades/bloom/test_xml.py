"""XML as a parser reads it that never saw the writer."""

from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callboard.facades.bloom import xml
from facades.bloom.parsed import parsed, spoken


def test_the_plural_holds_the_singular() -> None:
    value = {"success": True, "tickets": [{"number": 6, "tag": "A"}, {"number": 7, "tag": None}], "list": ["x"]}
    assert xml.write(value).decode() == (
        '<?xml version="1.0" encoding="UTF-8"?><response><success>true</success>'
        "<tickets><ticket><number>6</number><tag>A</tag></ticket><ticket><number>7</number><tag/></ticket></tickets>"
        "<list><item>x</item></list></response>"
    )


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Tom & Jerry <b>\"'", "Tom & Jerry <b>\"'"),
        ("]]>", "]]>"),
        ("&lt;!ENTITY x SYSTEM 'file:///etc/passwd'>", "&lt;!ENTITY x SYSTEM 'file:///etc/passwd'>"),
        ("one\r\ntwo\tthree\rfour", "one\r\ntwo\tthree\rfour"),
        ("bell\x07 nul\x00 escape\x1b", "bell nul escape"),
        ("\ufffe\uffff no characters", " no characters"),
        ("André Araújo, n.º 37 عيادة 🎟", "André Araújo, n.º 37 عيادة 🎟"),
    ],
)
def test_text_comes_through_but_for_what_no_document_can_hold(text: str, read: str) -> None:
    assert ElementTree.fromstring(xml.write({"name": text})).findtext("name") == read


def test_a_key_that_is_no_name_stands_in_an_attribute() -> None:
    root = ElementTree.fromstring(xml.write({"lastTickets": {'0bfe6b8e "<': [{"ticketNumber": 1}], "-x": []}}))
    assert [item.attrib for item in root.findall("lastTickets/item")] == [{"key": '0bfe6b8e "<'}, {"key": "-x"}]


# Of a list, an item that is itself empty cannot be told from one that is an empty text: there is none in our answers.
texts = st.text(st.characters(codec="utf-8"), max_size=30)
scalars = st.none() | st.booleans() | st.integers() | texts
objects = st.recursive(
    st.dictionaries(texts.filter(bool), scalars, max_size=4),
    lambda inner: st.dictionaries(texts.filter(bool), scalars | inner | st.lists(inner, max_size=3), max_size=4),
    max_leaves=12,
)


@given(objects)
def test_any_value_reads_back(value: dict[str, Any]) -> None:
    assert parsed(xml.write(value), like=value) == spoken(value)
