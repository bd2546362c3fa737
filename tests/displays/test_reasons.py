"""What comes of a message has words in the languages of staff: each sentence that the server may write of it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import callboard
from callboard.notify import carrier_codes, spending
from callboard.notify.kinds import KINDS
from callboard.notify.owner import DISABLED
from callboard.notify.reset import RESET
from callboard.texting.replies import KIND as REPLY
from displays.test_texts import STAFF_LANGUAGES, read

PACKAGE = Path(callboard.__file__).parent
TABLES = [carrier_codes.NEVER.values(), (words for _, words in carrier_codes.STATUSES.values()), spending.FULL.values()]
FILES = [*PACKAGE.glob("notify/*.py"), *PACKAGE.glob("outside/*.py"), PACKAGE / "delivery/attempt.py"]
ENDINGS = {"Never", "Later", "Unknown", "Moot", "Instead", "Failed", "_by_code"}


def literals(node: ast.AST) -> Iterator[str]:
    """The texts that a value may be; what is filled in stands as {}."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)  # type: ignore[misc]
    elif isinstance(node, ast.BoolOp):
        for each in node.values:
            yield from literals(each)


def written(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ENDINGS:
            for given in node.args:
                yield from literals(given)
        elif (isinstance(node, ast.keyword) and node.arg == "why") or (
            isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in ("why", "SILENT", "GONE")
        ):
            yield from literals(node.value)
        elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
            yield from (text for each in node.value.elts[1:] for text in literals(each))


def sentences() -> set[str]:
    found = {words for table in TABLES for words in table} | {"no reason given", "not delivered: {}", "error {}"}
    for path in FILES:
        found |= set(written(ast.parse(path.read_text("utf-8"))))
    return {words for words in found if " " in words} | {"delivered", "read"}


def test_there_are_many() -> None:
    assert len(sentences()) > 60


@pytest.mark.parametrize("lang", STAFF_LANGUAGES)
def test_whatever_comes_of_a_message_is_said_in_the_language_of_staff(lang: str) -> None:
    known = {re.sub(r"\{\w+\}", "{}", english) for english in read(lang, "messages")["reasons"]}
    assert [words for words in sorted(sentences()) if not is_known(words, known)] == []


def is_known(words: str, known: set[str]) -> bool:
    """As a whole, or as one sentence that ends with another."""
    longer = [each[:-2] for each in known if each.endswith(" {}")]
    return words in known or any(words.startswith(each) and words[len(each) :] in known for each in longer)


@pytest.mark.parametrize("lang", STAFF_LANGUAGES)
def test_every_kind_of_message_has_a_name(lang: str) -> None:
    assert set(read(lang, "messages")["kinds"]) == {*KINDS, REPLY, RESET, DISABLED}
