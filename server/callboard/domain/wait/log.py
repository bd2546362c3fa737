"""A location's log: its first line says how it is configured, every other is a fact."""

from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Struct

from callboard.domain.wait.facts import AnyFact
from callboard.domain.wait.lobby import Desk, Lobby


class Service(Struct, frozen=True):
    name: str
    nominal_min: float


class Post(Struct, frozen=True):
    id: str
    services: tuple[str, ...]


class Meta(Struct, frozen=True, kw_only=True, tag_field="ev", tag="meta"):
    """Seconds of the day; services and desks as they are configured."""

    open: float
    close: float
    due_before: float = 300
    services: tuple[Service, ...]
    desks: tuple[Post, ...]


class Broken(ValueError):
    """A line that is no fact: the message names it."""


def lobby_of(meta: Meta) -> Lobby:
    return Lobby(
        services={service.name: service.nominal_min * 60 for service in meta.services},
        desks={desk.id: Desk(desk.services) for desk in meta.desks},
        order="class",
        due_before_s=meta.due_before,
        hours=(((meta.open, meta.close),),) * 7,
    )


_meta = msgspec.json.Decoder(Meta)
_fact = msgspec.json.Decoder(AnyFact)


def read(lines: Iterable[bytes]) -> tuple[Lobby, Iterator[AnyFact]]:
    """The configuration, and the facts as they are read. Raises Broken, also while they are."""
    numbered = enumerate(lines, 1)
    try:
        lobby = lobby_of(_meta.decode(next(numbered, (1, b""))[1]))
    except msgspec.MsgspecError as error:
        raise Broken(f"line 1: {error}") from None
    return lobby, _facts(numbered, lobby)


def _facts(numbered: Iterator[tuple[int, bytes]], lobby: Lobby) -> Iterator[AnyFact]:
    before = float("-inf")
    for number, line in numbered:
        try:
            fact = _fact.decode(line)
        except msgspec.MsgspecError as error:
            raise Broken(f"line {number}: {error}") from None
        if fact.t < before:
            raise Broken(f"line {number}: t {fact.t} is before the line above it")
        for what, configured in (("service", lobby.services), ("desk", lobby.desks)):
            if (name := getattr(fact, what, None)) is not None and name not in configured:
                raise Broken(f"line {number}: {what} {name!r} is not configured")
        before = fact.t
        yield fact
