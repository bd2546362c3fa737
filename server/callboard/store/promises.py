"""What each person was last told of their wait, by each way; and whose turn it is to look at a location again."""

from collections.abc import Sequence

from callboard.store.keys import outbox_key, partition
from callboard.store.redis import Connection

KEEP_MS = 24 * 3_600_000  # longer than anybody waits


class Promises:
    """The store does not look into the texts. All raise StoreAway."""

    def __init__(self, connection: Connection, user: str) -> None:
        self._connection = connection
        self._user = user

    async def keep(self, location: str, name: str, text: str) -> None:
        """Instead of what was kept under that name."""
        key, client = self._key(location, f"promise:{name}"), self._connection.client
        await self._connection.call(lambda: client.set(key, text, px=KEEP_MS))

    async def of(self, location: str, names: Sequence[str]) -> list[str | None]:
        """What is kept under each of these names. One trip."""
        if not names:
            return []
        keys, client = [self._key(location, f"promise:{name}") for name in names], self._connection.client
        found: list[str | None] = await self._connection.call(lambda: client.mget(keys))
        return found

    async def turn(self, location: str, every_ms: int) -> bool:
        """Whether nobody has asked that for so long: of many processes one is told so each time."""
        key, client = self._key(location, f"look:{location}"), self._connection.client
        return bool(await self._connection.call(lambda: client.set(key, "1", px=every_ms, nx=True)))

    def _key(self, location: str, name: str) -> str:
        return outbox_key(partition(location), self._user, name)
