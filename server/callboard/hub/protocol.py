"""What a listener is told: documents with versions, beats between them, a code at the end."""

import zlib
from enum import IntEnum
from typing import NamedTuple

from msgspec import Struct

# The first `at` of a document is its own moment: the builders write type, seq, epoch and at before anything else.
_MOMENT = b'"at":'


class Close(IntEnum):
    """Why a connection ends. Clients come back after 1012 and 1013, at random moments; never after 4401 and 4404."""

    GONE = 1006  # the other end is away already; never sent
    TOO_OFTEN = 1008
    TOO_BIG = 1009
    SILENT = 1011  # it left a ping unanswered
    RESTARTING = 1012
    TOO_SLOW = 1013
    NOT_ALLOWED = 4401
    UNKNOWN = 4404


class Version(NamedTuple):
    """What a document is true of: the store's epoch, how many events its location has had, when it was read (ms)."""

    epoch: str
    seq: int
    at: int

    def is_before(self, other: "Version") -> bool:
        """Older news of the same store. Another epoch is never older: a store that was replaced counts anew."""
        return self < other and self.epoch == other.epoch


class Document(Struct, frozen=True, gc=False):
    """What is true now, encoded once for everybody who listens to the channel: its `head` tells of what it is true, and
    may be shared by many; `content` is what it says. Garbage collection need not look at it: there is one for each of
    many channels, and none can be part of a loop."""

    channel: str
    head: bytes
    content: bytes
    version: Version

    @classmethod
    def parted(cls, channel: str, body: bytes, version: Version) -> "Document":
        """Behind its moment, or all of it is content."""
        moment = body.find(_MOMENT)
        at = body.find(b",", moment) if moment >= 0 else 0
        return cls(channel, body[:at], body[at:], version)

    @property
    def body(self) -> bytes:
        return self.head + self.content

    def says_more_than(self, other: "Document | None") -> bool:
        """Whether anything differs but what it is true of: events that it does not tell of, and the moment."""
        return other is None or self.version.epoch != other.version.epoch or self.content != other.content

    @property
    def etag(self) -> str:
        """Weak: two documents that differ only in their moment have the same."""
        epoch, seq, _ = self.version
        return f'W/"{epoch}.{seq}.{zlib.crc32(self.content):08x}"'


def beat_body(beat: Version) -> bytes:
    """A beat is a version whose `at` is the last moment at which the store was seen."""
    return b'{"type":"beat","seq":%d,"epoch":"%b","at":%d}' % (beat.seq, beat.epoch.encode(), beat.at)
