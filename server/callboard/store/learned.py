"""What was learned of a location's waits: kept with how far its events have been followed, so that each counts once."""

from contextlib import suppress

import msgspec
from msgspec import Struct

from callboard.domain.expected import Expected
from callboard.domain.tally import Tally
from callboard.store import scripts
from callboard.store.keys import events, learned_key, location_key, partition
from callboard.store.redis import Connection

KEEP_MS = 90_000  # what is expected is gone when nobody has worked it out for so long


class Learned(Struct, frozen=True):
    """`seen` is the `seq` of the newest event in `state` and `tally`, texts of whoever learns; `tally` empty: as it
    is kept."""

    epoch: str
    seen: int
    state: str
    tally: str = ""


class Learning:
    """All raise StoreAway."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def load(self, location: str) -> Learned | None:
        key, client = learned_key(location), self._connection.client
        names = ["epoch", "seen", "learned", "tally"]
        epoch, seen, state, tally = await self._connection.call(lambda: client.hmget(key, names))
        return None if state is None else Learned(epoch, int(seen), state, tally or "")

    async def tally(self, location: str) -> Tally:
        """How well what was told there was kept; empty where nothing was, or by another version."""
        key, client = learned_key(location), self._connection.client
        text = await self._connection.call(lambda: client.hget(key, "tally"))
        with suppress(msgspec.DecodeError):
            return msgspec.json.decode(text or "{}", type=Tally)
        return Tally()

    async def is_at_work(self, location: str) -> bool:
        """Whether what is expected there has been worked out lately."""
        key, client = location_key(location, "expected"), self._connection.client
        return bool(await self._connection.call(lambda: client.exists(key)))

    async def keep(self, location: str, learned: Learned, expected: Expected | None, *, tell: bool, at: int) -> bool:
        """Both at once; `tell` lets screens and phones know. False, and nothing is written, when somebody else has
        followed the events further. It may come twice."""
        arg = {
            "epoch": learned.epoch,
            "seen": learned.seen,
            "keep_ms": KEEP_MS,
            "location": location,
            "at": at,
            "tell": tell,
        }
        told = msgspec.json.encode(expected).decode() if expected else ""
        keys = [learned_key(location), *(location_key(location, name) for name in ("expected", "state"))]
        keys.insert(2, events(partition(location)))
        given = [msgspec.json.encode(arg).decode(), learned.state, learned.tally, told]
        return int(await scripts.run(self._connection, scripts.text("expect"), keys, given)) == 1
