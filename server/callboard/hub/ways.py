"""The ways to listen that need no task, and how each is written: once for all who have come by it."""

from collections.abc import Callable
from typing import NamedTuple

from callboard.hub import sse
from callboard.hub.asker import Asker
from callboard.hub.frames import Op, frame
from callboard.hub.keeper import Keeper
from callboard.hub.lean import Lean
from callboard.hub.protocol import Document, Version, beat_body


class Way(NamedTuple):
    """`client` makes the object for one who comes."""

    client: Callable[[Keeper[Lean]], Lean]
    document: Callable[[Document], bytes]
    beat: Callable[[Version], bytes]


SOCKET = Way(
    client=Lean,
    document=lambda document: frame(Op.TEXT, document.head, document.content),
    beat=lambda beat: frame(Op.TEXT, beat_body(beat)),
)
STREAM = Way(
    client=sse.Stream,
    document=lambda document: sse.chunk(sse.event(document)),
    beat=lambda beat: sse.chunk(sse.beat_event(beat)),
)
POLL = Way(client=Asker, document=lambda document: document.body, beat=lambda beat: b"")  # written by who is asked
