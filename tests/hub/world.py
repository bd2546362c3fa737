"""A store in memory for tests of the hub: it counts events, is read, tells its stream, and can be away or silent."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable

from callboard.domain.events import Event, Kind
from callboard.errors import StoreAway
from callboard.hub.protocol import Document, Version
from callboard.hub.rhythm import Rhythm

BRISK = Rhythm(refresh_s=30, probe_s=0.02, away_s=0.2, read_s=1, retry_s=0.02)


async def until(condition: Callable[[], object]) -> None:
    """Wait for the thing itself; the test fails when it has not come within five seconds."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110  conditions are of any kind
            await asyncio.sleep(0.002)


class World:
    """`seq` by location. `words` by channel is what a document says besides; a channel in `gone` has no document."""

    def __init__(self) -> None:
        self.epoch = "e1"
        self.seq: Counter[str] = Counter()
        self.words: dict[str, str] = {}
        self.tells_events = True  # in documents
        self.gone: set[str] = set()
        self.now = 1_000
        self.away = False  # nothing answers
        self.silent = False  # all is well, but the stream does not tell
        self.pause: asyncio.Event | None = None  # a read waits for it
        self.mistake: Exception | None = None  # raised by reads
        self.broken: set[str] = set()  # channels of which no document can be built
        self.reads: list[tuple[str, list[str]]] = []
        self.asked: list[str] = []  # by the last read, in its order
        self.streams: list[asyncio.Queue[Event | None]] = []
        self.followed = 0
        self.pings = 0

    def clock(self) -> int:
        self.now += 1
        return self.now

    def happen(self, location: str = "hall", times: int = 1) -> None:
        for _ in range(times):
            self.seq[location] += 1
            seq = self.seq[location]
            event = Event(id=f"{seq}-0", kind=Kind.CALLED, at=self.clock(), location=location, seq=seq)
            for stream in [] if self.silent else self.streams:
                stream.put_nowait(event)

    def leave(self) -> None:
        """The store goes away, and its streams break."""
        self.away = True
        for stream in self.streams:
            stream.put_nowait(None)

    async def ping(self) -> None:
        if self.away:
            raise StoreAway("away")
        self.pings += 1

    async def follow(self) -> AsyncIterator[list[Event]]:
        await self.ping()
        self.followed += 1
        stream: asyncio.Queue[Event | None] = asyncio.Queue()
        self.streams.append(stream)
        return self._tell(stream)

    async def _tell(self, stream: asyncio.Queue[Event | None]) -> AsyncIterator[list[Event]]:
        try:
            while event := await stream.get():
                yield [event]
            raise StoreAway("the stream broke")
        finally:
            self.streams.remove(stream)

    async def build(self, location: str, channels: list[str]) -> Iterable[Document]:
        self.reads.append((location, sorted(channels)))
        self.asked = channels
        version = Version(self.epoch, self.seq[location], self.clock())
        words = {channel: self.words.get(channel, "") for channel in channels if channel not in self.gone}
        if self.pause:
            await self.pause.wait()
        await self.ping()
        if self.mistake:
            raise self.mistake
        if broken := self.broken & words.keys():
            raise ValueError(f"no document for {broken}")
        return [
            Document.parted(channel, body(channel, version, said, tells_events=self.tells_events), version)
            for channel, said in words.items()
        ]


def body(channel: str, version: Version, words: str = "", *, tells_events: bool = True) -> bytes:
    """In the shape of the real ones: type, seq, epoch and at come first. Every event shows in it, or none."""
    epoch, seq, at = version
    head = {"type": "board", "seq": seq, "epoch": epoch, "at": at}
    said = {"channel": channel, "words": words, "events": seq if tells_events else 0, "calls": [{"at": 5}]}
    return json.dumps(head | said, separators=(",", ":"), ensure_ascii=False).encode()
