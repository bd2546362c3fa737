"""Ties the stream of events to the hub: an event makes documents stale; they are read and built once for everybody."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing, contextmanager, suppress

from callboard.domain.events import Event
from callboard.endless import goes_on
from callboard.hub.following import AWAY, Following, Stream
from callboard.hub.hub import Hub, Listener, Mailbox
from callboard.hub.protocol import Close, Document, Version
from callboard.hub.rhythm import Rhythm
from callboard.hub.turns import Turns
from callboard.hub.watched import NEVER, Place, Sight, Watched, Work
from callboard.precedence import Precedence
from callboard.slices import SLICE, slices

log = logging.getLogger(__name__)

Built = Iterable[Document]


class Fanout:
    """Keeps the documents of every location with listeners as new as the store.

    `streams` hold all events between them. Each answers an iterator over batches as they come; by the time it has
    answered, the place where that starts is fixed. `build` reads a location once and answers the documents of the
    channels named that exist, each made when it is taken; of the kind of the first of them those come first. `ping` is
    short. All of them raise StoreAway.
    `built` hears how many documents a read made, `published` how long (ms) its oldest event took to reach listeners.
    Who reads and tells has taken `precedence`.
    """

    def __init__(
        self,
        hub: Hub,
        *,
        streams: Sequence[Stream],
        build: Callable[[str, list[str]], Awaitable[Built]],
        ping: Callable[[], Awaitable[object]],
        clock: Callable[[], int],
        rhythm: Rhythm | None = None,
        built: Callable[[int], object] = lambda documents: None,
        published: Callable[[int], object] = lambda ms: None,
        precedence: Precedence | None = None,
    ) -> None:
        self.hub = hub
        self.precedence = precedence or Precedence()
        self._streams = streams
        self._build = build
        self._ping = ping
        self._clock = clock
        self._rhythm = rhythm or Rhythm()
        self._on_built = built
        self._on_published = published
        self._locations: dict[str, Watched] = {}
        self._turns = Turns()
        self._pinged = NEVER
        self._following = Following(self._rhythm, begun=self._begun, happened=self._happened, broken=self._broken)

    async def run(self) -> None:
        """Works until it is cancelled, through any absence of the store."""
        async with asyncio.TaskGroup() as group:
            for stream in self._streams:
                group.create_task(self._following.follow(stream))
            group.create_task(self._probe())
            group.create_task(self._look())
            for _ in range(self._rhythm.readers):
                group.create_task(self._read_in_turn())

    @contextmanager
    def listen(self, place: Place) -> Iterator[Mailbox]:
        """A mailbox that gets the newest document of the place as soon as there is one, until the block ends."""
        mailbox = Mailbox()
        self.join(place, mailbox)
        try:
            yield mailbox
        finally:
            self.leave(place, mailbox)

    def join(self, place: Place, listener: Listener) -> None:
        """Listen; the first of a channel causes a read."""
        watched = self._locations.setdefault(place.location, Watched(due=self._now() + self._rhythm.refresh_s))
        watched.channels.add(place.channel)
        watched.came.add(place.channel)
        self.hub.join(place.channel, listener)
        if self.hub.newest(place.channel) is None:
            watched.missing.add(place.channel)
            self._turns.add(place.location)

    def came(self, place: Place) -> None:
        """One more listens behind somebody who has joined, and was given the newest document."""
        if watched := self._locations.get(place.location):
            watched.came.add(place.channel)

    def leave(self, place: Place, listener: Listener) -> None:
        self.hub.leave(place.channel, listener)
        watched = self._locations.get(place.location)
        if watched and not self.hub.listeners(place.channel):
            watched.forget(place.channel)
            if not watched.channels:
                del self._locations[place.location]

    def read_all_again(self) -> None:
        """Something beside the store has changed that documents are made of."""
        for name, watched in self._locations.items():
            watched.stale = True
            self._turns.add(name)

    def is_fresh(self, place: Place) -> bool:
        """Whether the store was seen lately, so that what the place's listeners have is what it says."""
        return self._seen_at(place) is not None

    def beat(self, place: Place) -> Version | None:
        """What the newest document is true of, with the moment at which the store was last seen; None while there is no
        document, or it is not known to be true."""
        document, seen_at = self.hub.newest(place.channel), self._seen_at(place)
        if document is None or seen_at is None:
            return None
        return document.version._replace(at=seen_at)

    def _seen_at(self, place: Place) -> int | None:
        """By a ping too, until the stream breaks or a read fails: then only a read tells, since something may have been
        missed, and in a cluster another node may be the one that answers pings."""
        watched = self._locations.get(place.location)
        if watched is None or place.channel in watched.broken:
            return None
        seen = watched.seen if watched.unsure else max(watched.seen, self._pinged)
        return seen.at if self._now() - seen.moment <= self._rhythm.away_s else None

    def _begun(self) -> None:
        """What was missed before is made good by reading everything."""
        for name, watched in self._locations.items():
            watched.forget_stream()
            self._turns.add(name)

    def _happened(self, event: Event) -> None:
        if watched := self._locations.get(event.location):
            watched.event(event.seq, event.at)
            self._turns.add(event.location)

    def _broken(self) -> None:
        for watched in self._locations.values():
            watched.unsure = True

    async def _probe(self) -> None:
        while goes_on():
            with suppress(*AWAY):
                async with asyncio.timeout(self._rhythm.away_s):
                    await self._ping()
                self._pinged = self._sight()
            await asyncio.sleep(self._rhythm.probe_s)

    async def _look(self) -> None:
        """Reads again what is due: after a failure, and because time passes."""
        while goes_on():
            await asyncio.sleep(min(self._rhythm.retry_s, self._rhythm.refresh_s))
            now = self._now()
            for name, watched in self._locations.items():
                if watched.due <= now:
                    watched.stale = True
                    watched.due = now + self._rhythm.refresh_s
                    self._turns.add(name)
                    if watched.stream_is_silent():
                        self._following.doubt()

    async def _read_in_turn(self) -> None:
        while goes_on():
            name = await self._turns.take()
            try:
                if watched := self._locations.get(name):
                    with self.precedence.taken():
                        did = await self._read(name, watched)
                    await asyncio.sleep(self._rhythm.rest_after_s(*did))
            finally:
                self._turns.done(name)

    async def _read(self, name: str, watched: Watched) -> tuple[int, int]:
        """Reads what is due; answers for how many events and for how many channels that somebody came to."""
        work = watched.next_work()
        if not work.channels:
            return 0, 0
        watched.broken.difference_update(work.channels if watched.broken else ())
        try:
            told = await self._tell(name, watched, work, work.channels)
        except AWAY:
            watched.read_failed(work, self._now() + self._rhythm.pause_s(watched.failures))
        else:
            self._on_built(len(told))
            if work.oldest is not None:
                self._on_published(self._clock() - work.oldest)
            if told and not watched.compare(told[-1].version):
                self._following.doubt()
        return work.events, len(work.came)

    async def _tell(self, name: str, watched: Watched, work: Work, channels: list[str]) -> list[Document]:
        """From one read; more only when one cannot be built, which must not keep the others from their listeners."""
        try:
            began = self._now()
            async with asyncio.timeout(self._rhythm.read_s):
                documents = await self._build(name, channels)
            watched.read_done(self._sight(), self._now() + self._rhythm.refresh_s)
            until = self._now() + self._rhythm.worth * (self._now() - began)
            return await self._publish(watched, work, channels, documents, until)
        except AWAY:
            raise
        except Exception:
            if len(channels) == 1:
                log.exception("the document of channel=%s cannot be built", channels[0])
                watched.broken.update(channels)
                return []
        half = len(channels) // 2
        first = await self._tell(name, watched, work, channels[:half])
        return first + await self._tell(name, watched, work, channels[half:])

    async def _publish(
        self, watched: Watched, work: Work, channels: list[str], documents: Built, until: float
    ) -> list[Document]:
        """Each as soon as it is there; when something newer has come by then, only `until` a moment. A channel that has
        none is over."""
        told: list[Document] = []
        async with aclosing(slices(documents)) as parts:
            async for some in parts:
                self.hub.publish_all(some, work.came)
                told += some
                if len(some) == SLICE and watched.stale and self._now() >= until and len(told) < len(channels):
                    watched.fell_behind(work, _without(channels, told))
                    return told
        if len(told) < len(channels):
            for channel in _without(channels, told):
                self.hub.hang_up(channel, Close.UNKNOWN)
        return told

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _sight(self) -> Sight:
        return Sight(self._now(), self._clock())


def _without(channels: list[str], told: list[Document]) -> list[str]:
    known = {document.channel for document in told}
    return [channel for channel in channels if channel not in known]
