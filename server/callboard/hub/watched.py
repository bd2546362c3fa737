"""A location that somebody listens to: what is to be read, what the stream has told, and when it was last seen."""

from dataclasses import dataclass, field
from typing import NamedTuple

from callboard.hub.few import Few
from callboard.hub.protocol import Version


class Place(NamedTuple):
    """What one client listens to: a channel, and the location whose events make it stale."""

    location: str
    channel: str


class Sight(NamedTuple):
    """A moment at which the store was seen, by the loop's clock (s) and by the wall's (ms)."""

    moment: float
    at: int


NEVER = Sight(float("-inf"), 0)


class Work(NamedTuple):
    """What one read is for: channels, those of them to which somebody came before it began, and events, the oldest of
    which was at `since`. The first `behind` channels were not told of what was before, and that was at `behind_since`.
    """

    channels: list[str]
    came: frozenset[str]
    events: int
    since: int | None
    behind: int = 0
    behind_since: int | None = None

    @property
    def oldest(self) -> int | None:
        """Of all events that somebody is told of."""
        return self.behind_since or self.since


@dataclass(slots=True)
class Watched:
    """`due` is when it is read again without an event, by the loop's clock."""

    due: float
    channels: Few[str] = field(default_factory=Few)  # half the room of a set
    missing: set[str] = field(default_factory=set)  # those that have listeners and no document
    came: set[str] = field(default_factory=set)  # those that somebody has joined since they were read
    broken: set[str] = field(default_factory=set)  # those whose document could not be built
    behind: list[str] = field(default_factory=list)  # those whom something newer came before
    behind_since: int | None = None  # `at` of the oldest event that they were not told of
    stale: bool = False
    events: int = 0  # that no document shows yet
    since: int | None = None  # `at` of the oldest of them
    told: int | None = None  # the last `seq` that the stream announced
    version: Version | None = None  # of the last successful read
    seen: Sight = NEVER  # the last successful read
    failures: int = 0  # reads that failed since
    unsure: bool = False  # the stream broke, or a read failed: only a read tells what is true

    def next_work(self) -> Work:
        """The channels to build now, and since when; what comes later is the next turn's."""
        channels = self.channels if self.stale else self.missing
        came = frozenset(channel for channel in self.came if channel in channels)
        first, rest = self._in_order(channels)
        work = Work(first + rest, came, self.events, self.since, len(first), self.behind_since if first else None)
        self.behind_since = None
        self.came = self.came - work.came  # a new one: a set that has shrunk keeps its size
        self.stale, self.events, self.since = False, 0, None
        self.missing = set()
        return work

    def _in_order(self, channels: Few[str] | set[str]) -> tuple[list[str], list[str]]:
        """Those who were not told last time, and the others: so everybody has a turn, however fast things happen."""
        behind, self.behind = self.behind, []
        first = [channel for channel in behind if channel in channels]
        known = set(first)
        return first, [channel for channel in channels if channel not in known] if first else list(channels)

    def fell_behind(self, work: Work, channels: list[str]) -> None:
        """These, the last of a read, were not told, since there is something newer to read."""
        self.stale = True
        self.behind += channels
        told = len(work.channels) - len(channels)
        self.behind_since = self.behind_since or (work.since if told >= work.behind else work.oldest)
        self.came |= {channel for channel in channels if channel in work.came and channel in self.channels}

    def forget(self, channel: str) -> None:
        """Nobody listens to it any more."""
        self.channels.discard(channel)
        for some in (self.missing, self.came, self.broken):
            some.discard(channel)

    def event(self, seq: int, at: int) -> None:
        self.stale = True
        self.events += 1
        self.told = seq
        self.since = self.since or at

    def read_failed(self, work: Work, due: float) -> None:
        """Nothing is lost: the next read is of everything."""
        self.stale = True
        self.since = work.oldest or self.since
        self.came |= {channel for channel in work.came if channel in self.channels}
        self.failures += 1
        self.unsure = True
        self.due = due

    def read_done(self, seen: Sight, due: float) -> None:
        self.failures, self.unsure = 0, False
        self.seen = seen
        self.due = due

    def forget_stream(self) -> None:
        """The stream is followed anew, and anything may have happened meanwhile."""
        self.stale, self.told, self.version = True, None, None

    def compare(self, version: Version) -> bool:
        """Keep what was read; False when the store's epoch is another than before: it was replaced, stream and all."""
        same = self.version is None or self.version.epoch in ("", version.epoch)  # "": nothing had ever happened there
        self.told = version.seq if self.told is None else self.told
        self.version = version
        return same

    def stream_is_silent(self) -> bool:
        """Whether the stream has still not told of what was read; to be asked a good while after the read."""
        return self.version is not None and self.told is not None and self.told < self.version.seq
