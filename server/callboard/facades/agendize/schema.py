"""A watch's `schema`: the body that its receiver wants, in which JSONPath expressions stand for what is true then.

An object gives texts only; a text is a template of JSON, in which what stands outside quotes keeps its type. Read once
into a tree that cannot fail later; paths are bounded, so that no schema costs more than a walk over the registration.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from jsonpath import JSONPath, JSONPathEnvironment, JSONPathError
from jsonpath.token import TOKEN_COMMA, TOKEN_DDOT, TOKEN_FILTER, TOKEN_FUNCTION, TOKEN_ROOT, TOKEN_WILD

from callboard.errors import Invalid, Mistake

LONGEST_PATH = 200
LONGEST = 20_000
DEEPEST = 20
MOST = 100  # what all expressions of a schema may cost together; of one:
COSTS = {TOKEN_DDOT: 20, TOKEN_FILTER: 5, TOKEN_WILD: 5}  # and 1 that only names
# One of each at most: what is selected grows with their product. Functions bring regular expressions with them.
ONCE = {TOKEN_ROOT: "$", TOKEN_DDOT: "..", TOKEN_FILTER: "?"}
NEVER = {TOKEN_COMMA: ",", TOKEN_FUNCTION: "a function"}
MOST_WILD = 2
PLACE = re.compile(r"\$?\{(?=\$[.\[}])")  # ${$.id} as well as {$.id}


@dataclass(frozen=True, slots=True)
class Text:
    """Texts, and paths whose values become text; without a value, nothing."""

    parts: tuple[str | JSONPath, ...]


@dataclass(frozen=True, slots=True)
class Typed:
    """The value of a path, as it is; null where there is none. A path that may lead to several gives a list."""

    path: JSONPath


class _Reading:
    """One schema while it is read."""

    def __init__(self) -> None:
        self.environment = JSONPathEnvironment(strict=True)
        self.cost = 0
        self.typed: dict[str, Typed] = {}

    def path(self, text: str) -> JSONPath:
        """Raises Invalid for what is no path, or one that we do not follow."""
        try:
            found = [token.kind for token in self.environment.lexer.tokenize(text)]
            path = self.environment.compile(text)
        except JSONPathError as error:
            raise _wrong(f"{text!r} is not JSONPath: {str(error).splitlines()[0]}") from None
        for kind, word in NEVER.items():
            if kind in found:
                raise _wrong(f"{text!r} has {word}, which is not supported")
        for kind, word in ONCE.items():
            if found.count(kind) > 1:
                raise _wrong(f"{text!r} has {word} more than once, which is not supported")
        if found.count(TOKEN_WILD) > MOST_WILD:
            raise _wrong(f"{text!r} has * more than {MOST_WILD} times, which is not supported")
        self.cost += max(COSTS.get(kind, 1) for kind in found)
        if self.cost > MOST:
            raise _wrong("has too many JSONPath expressions")
        assert isinstance(path, JSONPath), "strict paths have no unions"
        return path

    def text(self, text: str) -> object:
        """A text with its placeholders; itself where it has none."""
        parts: list[str | JSONPath] = []
        done = 0
        while place := PLACE.search(text, done):
            end = _end(text, place.end())
            parts += [text[done : place.start()], self.path(text[place.end() : end])]
            done = end + 1
        return Text((*parts, text[done:])) if parts else text

    def leaf(self, text: str) -> object:
        """Of the object form: a text that is a path as a whole stands for its value, too."""
        if text.startswith(("$.", "$[")):
            try:
                return Text((self.path(text),))
            except Invalid:
                pass  # a text such as "$.50 off"
        return self.text(text)

    def template(self, text: str) -> object:
        """The string form, as JSON in which each placeholder outside quotes is a text that only we know."""
        out: list[str] = []
        at = 0
        while at < len(text):
            if text[at] == '"':
                end = _closing_quote(text, at)
                out.append(text[at:end])
                at = end
            elif place := PLACE.match(text, at):
                end = _end(text, place.end())
                out.append(self._mark(text[place.end() : end]))
                at = end + 1
            else:
                out.append(text[at])
                at += 1
        try:
            return msgspec.json.decode("".join(out))
        except (msgspec.DecodeError, RecursionError) as error:
            raise _wrong(f"is not JSON once its expressions are replaced: {error}") from None

    def _mark(self, path: str) -> str:
        name = f"\0{len(self.typed)}\0"
        self.typed[name] = Typed(self.path(path))
        return msgspec.json.encode(name).decode()


def read_schema(schema: Mapping[str, Any] | str) -> object:
    """What `fill` fills in. Raises Invalid, in words that name the field `schema`."""
    if len(msgspec.json.encode(schema)) > LONGEST:
        raise _wrong(f"must be at most {LONGEST} characters")
    reading = _Reading()
    if isinstance(schema, str):
        plain = reading.template(schema)
        return _tree(plain, lambda text: reading.typed.get(text) or reading.text(text), frozenset(reading.typed))
    return _tree(schema, reading.leaf)


def fill(tree: object, document: Mapping[str, Any]) -> object:
    """The body: the tree with every expression replaced by what it finds in the document."""
    if isinstance(tree, dict):
        return {name: fill(value, document) for name, value in tree.items()}
    if isinstance(tree, list):
        return [fill(value, document) for value in tree]
    if isinstance(tree, Typed):
        found = tree.path.findall(document)
        return (found[0] if found else None) if tree.path.singular_query() else found
    if isinstance(tree, Text):
        return "".join(part if isinstance(part, str) else _said(part.findall(document)) for part in tree.parts)
    return tree


def _tree(plain: object, leaf: Any, typed: Iterable[str] = (), depth: int = 0) -> object:
    if depth > DEEPEST:
        raise _wrong(f"is nested deeper than {DEEPEST}")
    if isinstance(plain, dict):
        if not plain.keys().isdisjoint(typed):
            raise _wrong("has an expression for a key, which has to be text in quotes")
        return {name: _tree(value, leaf, typed, depth + 1) for name, value in plain.items()}
    if isinstance(plain, list):
        return [_tree(value, leaf, typed, depth + 1) for value in plain]
    return leaf(plain) if isinstance(plain, str) else plain


def _end(text: str, begin: int) -> int:
    """Where the brace stands that closes a path; one in quotes does not. Raises Invalid."""
    quote = ""
    for at in range(begin, min(len(text), begin + LONGEST_PATH + 1)):
        letter = text[at]
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter == "}":
            return at
    raise _wrong(f"{text[begin : begin + 20]!r} is not closed by a brace within {LONGEST_PATH} characters")


def _closing_quote(text: str, at: int) -> int:
    """The place after the JSON string that begins at `at`. Raises Invalid."""
    end = at + 1
    while end < len(text) and text[end] != '"':
        end += 2 if text[end] == "\\" else 1
    if end >= len(text):
        raise _wrong("has a quote that is not closed")
    return end + 1


def _said(values: Iterable[object]) -> str:
    return ",".join(value if isinstance(value, str) else _json(value) for value in values)


def _json(value: object) -> str:
    return "" if value is None else msgspec.json.encode(value).decode()


def _wrong(what: str) -> Invalid:
    return Invalid([Mistake("schema", what)])
