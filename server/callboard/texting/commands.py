"""What a text means: one of five commands in any language, which ticket it is about, or nothing that we know."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from callboard.texting.opting import HELP, START, STOP, as_typed

COMMANDS = ("status", "more", "leave", "here", "rejoin")
LETTERS = {"S": "status", "M": "more", "L": "leave", "H": "here", "J": "rejoin"}  # in every language
FILE = "_commands.txt"


class Meaning(NamedTuple):
    """`does`: a command, stop, start, help, or "" for none. `which` is a number or label that was given with it."""

    does: str
    which: str = ""


def read_words(roots: Sequence[Path]) -> Mapping[str, str]:
    """Every language's words, each with its command; of one language the first root that has the file counts. Raises
    ValueError for what is no such file."""
    found = {path.parent.name: path for root in reversed(roots) for path in sorted(root.glob(f"*/{FILE}"))}
    return dict(LETTERS) | {word: does for path in found.values() for word, does in _words(path)}


def meaning(text: str, words: Mapping[str, str]) -> Meaning:
    """A command stands alone, or with the ticket behind it: "M", "m.", "More time", "L A017", "2"."""
    said = as_typed(text)
    if said in STOP:
        return Meaning("stop")
    if said in START:
        return Meaning("start")
    if said in HELP:
        return Meaning("help")
    if said in words:
        return Meaning(words[said])
    before, _, last = said.rpartition(" ")
    if before in words and _names_a_ticket(last):
        return Meaning(words[before], last)
    return Meaning("", said if _names_a_ticket(said) else "")


def _names_a_ticket(word: str) -> bool:
    """A label such as A017, or its place in the list that we asked with."""
    tag = word.rstrip("0123456789٠١٢٣٤٥٦٧٨٩")
    return len(word) <= 8 and word != tag and (not tag or (len(tag) <= 2 and tag.isalpha()))


def _words(path: Path) -> list[tuple[str, str]]:
    found = []
    for line in path.read_text("utf-8").splitlines():
        does, _, words = line.partition(":")
        if line.strip() and does.strip() not in COMMANDS:
            raise ValueError(f"{path}: '{does.strip()}' is none of {', '.join(COMMANDS)}")
        found += [(as_typed(word), does.strip()) for word in words.split(",") if word.strip()]
    return found
