"""Follows the streams of events, and follows one anew that has broken, cannot be understood, or is doubted."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from callboard.domain.events import Event
from callboard.endless import goes_on
from callboard.errors import StoreAway
from callboard.hub.rhythm import Rhythm

log = logging.getLogger(__name__)

Stream = Callable[[], Awaitable[AsyncIterator[Sequence[Event]]]]
AWAY = (StoreAway, TimeoutError)


class Following:
    """`begun` is called when a stream is followed, anew too, before anything of it is told by `happened`: what was
    missed before is not told. `broken` is called when it is followed no more."""

    def __init__(
        self,
        rhythm: Rhythm,
        *,
        begun: Callable[[], object],
        happened: Callable[[Event], object],
        broken: Callable[[], object],
    ) -> None:
        self._rhythm = rhythm
        self._begun, self._happened, self._broken = begun, happened, broken
        self._following: dict[Stream, asyncio.Timeout] = {}

    async def follow(self, stream: Stream) -> None:
        """Until it is cancelled, through any absence of the store."""
        while goes_on():
            try:
                async with asyncio.timeout(self._rhythm.read_s):
                    batches = await stream()
                await self._hear(stream, batches)
            except AWAY:
                pass  # the beats that stop tell it, and the store's own log says it once
            except Exception:
                log.exception("a stream of events cannot be read; following it anew")
            await asyncio.sleep(self._rhythm.retry_s)

    def doubt(self) -> None:
        """Something has happened of which no stream has told."""
        if self._following:
            log.warning("a stream of events has gone silent, or is another one now; following anew")
        while self._following:
            self._following.popitem()[1].reschedule(asyncio.get_running_loop().time())

    async def _hear(self, stream: Stream, batches: AsyncIterator[Sequence[Event]]) -> None:
        self._begun()
        try:
            async with asyncio.timeout(None) as self._following[stream]:
                async for events in batches:
                    for event in events:
                        self._happened(event)
                    if not goes_on():
                        return
        finally:
            self._following.pop(stream, None)
            self._broken()
