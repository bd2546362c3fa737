"""One thing to be told to somebody outside, and the ways in which telling can end."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import msgspec
from msgspec import Struct


class Delivery(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Scheduled once for its id. It names the ticket or customer and no person: who and where they are is read when it
    is sent."""

    id: str
    kind: str
    lane: str  # deliveries of a lane share a due list and a limit: a stuck lane does not hold up another
    location: str
    ticket: str = ""
    customer: str = ""
    call: int = 0  # the `seq` of the event, where it matters which
    at: int  # ms, the event's moment
    until: int  # ms, the last moment at which it is still worth telling
    after: str = ""  # the id of a delivery that it must not overtake: not scheduled unless that one was
    bars: str = ""  # the id of a delivery that is superfluous once this one is scheduled
    line: str = ""  # those with the same word are sent one after another, each when the one before it is over
    place: int = 0  # and in this order, as far as they have not begun
    apart: str = ""  # of those with the same word only one is on its way out at a time
    apart_ms: int = 0  # and no longer than so since another one left does it wait; 0: until that has surely arrived
    what: str = ""  # what its user wants to remember of it; nothing of a person
    quiet: str = ""  # deliveries with the same word keep at least `quiet_ms` between their events
    quiet_ms: int = 0
    tries: int = 0  # attempts that were answered with "later"
    asked: int = 0  # of them those in which the other side was
    tries_before: int = 0  # of them those in a lane that it was in before, and those that waited for another delivery
    trying: str = ""  # what was handed over in an attempt whose answer is not known
    trying_at: int = 0
    why: str = ""  # why it is not out yet


@dataclass(frozen=True, slots=True)
class Sent:
    """It is out. `shown` when it went no further than our own list; `segments` are what a text is paid as."""

    detail: str = ""
    shown: bool = False
    segments: int = 0


@dataclass(frozen=True, slots=True)
class Later:
    """Not taken now; `busy` when that concerns the whole lane and not this delivery alone. `after_ms` is how long to
    wait, where that is known; `asked` whether the other side was."""

    why: str
    busy: bool = False
    after_ms: int | None = None
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have been taken: the answer was lost. It is not sent again before the other side was asked. `after_ms` and
    `asked` as for `Later`."""

    why: str
    busy: bool = False
    after_ms: int | None = None
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Never:
    """Refused for good. `word` says why in a word, where that tells something of the address."""

    why: str
    word: str = ""


@dataclass(frozen=True, slots=True)
class Moot:
    """What it would have said is not true any more; `again` when it may become true another time."""

    why: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class Instead:
    """Not this way: the same delivery goes on at once in another lane, as if nothing had been tried."""

    why: str
    lane: str


Answer = Sent | Later | Unknown | Never | Moot | Instead


@dataclass(frozen=True, slots=True)
class About:
    """What staff may see of a delivery. `private` parts are dropped when the person is erased."""

    label: str = ""
    recipient: str = ""
    subject: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    answer: Answer
    about: About = About()


class Plan(Struct, frozen=True, kw_only=True):
    """What follows from an event: deliveries to schedule, and ids that must not be scheduled any more."""

    schedule: tuple[Delivery, ...] = ()
    bar: tuple[str, ...] = ()


Mark = Callable[[str], Awaitable[None]]
"""Awaited with what is about to be handed over: written down first, so that a crash leaves a question, not a repeat."""

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Delivery)


def encode(delivery: Delivery) -> str:
    return _encoder.encode(delivery).decode()


def decode(body: str) -> Delivery:
    return _decoder.decode(body)
