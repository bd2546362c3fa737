"""A location's log: its first line says how it is configured, every other is a fact."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from callboard.domain.wait.facts import AnyFact
from callboard.domain.wait.lobby import DAY, Desk, Lobby, Week


class Service(Struct, frozen=True):
    name: str
    nominal_min: float


class Post(Struct, frozen=True, omit_defaults=True):
    id: str
    services: tuple[str, ...]
    listed: bool = False


class Meta(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="ev", tag="meta"):
    """Seconds of the day; services and desks as they are configured. A log that was exported says in what order tickets
    are called, and has the hours of each day: `hours` of the location (empty: it is always open), `calendar` of desks
    that are planned."""

    open: float
    close: float
    due_before: float = 300
    order: Literal["score", "class"] = "class"
    hours: Week | None = None
    calendar: Mapping[str, Week] = {}
    services: tuple[Service, ...]
    desks: tuple[Post, ...]


class Broken(ValueError):
    """A line that is no fact: the message names it."""


def lobby_of(meta: Meta) -> Lobby:
    return Lobby(
        services={service.name: service.nominal_min * 60 for service in meta.services},
        desks={desk.id: Desk(desk.services, desk.listed) for desk in meta.desks},
        order=meta.order,
        due_before_s=meta.due_before,
        hours=(((meta.open, meta.close),),) * 7 if meta.hours is None else meta.hours,
        calendar=meta.calendar,
    )


def meta_of(lobby: Lobby) -> Meta:
    """The first line of its log."""
    spans = [span for day in lobby.hours for span in day] or [(0.0, float(DAY))]
    return Meta(
        open=min(start for start, _ in spans),
        close=max(end for _, end in spans),
        due_before=lobby.due_before_s,
        order=lobby.order,
        hours=lobby.hours,
        calendar=lobby.calendar,
        services=tuple(Service(name, seconds / 60) for name, seconds in lobby.services.items()),
        desks=tuple(Post(name, desk.services, desk.listed) for name, desk in lobby.desks.items()),
    )


def write(lobby: Lobby, facts: Iterable[AnyFact]) -> Iterator[bytes]:
    """The lines of a log, without their ends: `read` has the same of them. Facts of what is configured no more are left
    out, and none is before the one above it: clocks of several machines, and that of autumn, may go back."""
    yield msgspec.json.encode(meta_of(lobby))
    last = float("-inf")
    for fact in facts:
        if _stranger(lobby, fact) is None:
            last = max(last, fact.t)
            yield msgspec.json.encode(replace(fact, t=last))


def _stranger(lobby: Lobby, fact: AnyFact) -> tuple[str, str] | None:
    """What of a fact is not configured, if anything is not."""
    for what, configured in (("service", lobby.services), ("desk", lobby.desks)):
        if (name := getattr(fact, what, None)) is not None and name not in configured:
            return what, name
    return None


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
        if stranger := _stranger(lobby, fact):
            raise Broken(f"line {number}: {stranger[0]} {stranger[1]!r} is not configured")
        before = fact.t
        yield fact
