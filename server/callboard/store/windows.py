"""How often somebody has done something lately, counted for all processes that share the store."""

from collections.abc import Callable

import msgspec

from callboard.store import scripts
from callboard.store.keys import window
from callboard.store.redis import Connection
from callboard.store.secret import fingerprint


class Windows:
    """Moving windows by name, of which the store knows only fingerprints: it may be an account, or what somebody typed
    for one. A call that the store has heard twice counts twice."""

    def __init__(self, connection: Connection, clock: Callable[[], int]) -> None:
        self._connection = connection
        self._clock = clock

    async def take(self, name: str, times: int, ms: int) -> int:
        """Counts once, and answers 0; where there were so many in the last `ms`, in how many ms there is room again."""
        arg = msgspec.json.encode({"now": self._clock(), "times": times, "ms": ms}).decode()
        return int(await scripts.run(self._connection, scripts.text("window"), [window(fingerprint(name))], [arg]))

    async def give_back(self, name: str) -> None:
        """The last one did not count after all."""
        await self._connection.call(lambda: self._connection.client.rpop(window(fingerprint(name))))
