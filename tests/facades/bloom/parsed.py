"""An answer in XML beside the same in JSON: both as nested lists of names and texts, to be compared.

The parser is the standard library's, which never saw our writer.
"""

from typing import Any
from xml.etree import ElementTree

IMPOSSIBLE = {*map(chr, range(32)), "\ufffe", "\uffff"} - {"\t", "\n", "\r"}


def parsed(body: bytes | ElementTree.Element, like: Any) -> Any:
    """What the XML says, read with the shape of `like` in mind: XML does not tell an empty list from an empty text."""
    element = ElementTree.fromstring(body) if isinstance(body, bytes) else body
    if isinstance(like, dict):
        keys = [child.get("key", child.tag) for child in element]
        assert len(keys) == len(like), (keys, list(like))
        return [(key, parsed(child, inner)) for key, child, inner in zip(keys, element, like.values(), strict=True)]
    if isinstance(like, list):
        assert len({child.tag for child in element}) <= 1
        return [parsed(child, inner) for child, inner in zip(element, like, strict=True)]
    assert len(element) == 0
    return element.text or ""


def spoken(value: Any) -> Any:
    """The JSON value in the words of XML: all leaves are text, without what XML cannot hold."""
    if isinstance(value, dict):
        return [(_possible(key), spoken(inner)) for key, inner in value.items()]
    if isinstance(value, list):
        return [spoken(inner) for inner in value]
    if value is None or isinstance(value, bool):
        return {None: "", True: "true", False: "false"}[value]
    return _possible(str(value))


def _possible(text: str) -> str:
    return "".join(character for character in text if character not in IMPOSSIBLE)
