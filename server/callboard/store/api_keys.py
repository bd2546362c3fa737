"""Keys of machines: `cb_<id>_<secret>`, shown once, of one organization, revoked for everybody at once."""

import base64
import re
from collections.abc import Callable
from contextlib import suppress

import msgspec
from msgspec import Struct

from callboard.errors import StoreAway
from callboard.store.keys import accounts_key
from callboard.store.redis import Connection
from callboard.store.secret import fingerprint, same

SHAPE = re.compile(r"cb_([a-z2-7]{8})_[a-z2-7]{32}")
USED_MS = 60_000  # how exactly it is known when a key was last used


class ApiKey(Struct, frozen=True, kw_only=True):
    id: str
    name: str  # what it is for
    organization: str
    api: str = ""  # the one API that it opens; "" opens all
    fingerprint: str
    created_at: int


class ApiKeys:
    """Read from the store each time, so a key that was revoked opens nothing any more, in no process."""

    def __init__(self, connection: Connection, clock: Callable[[], int], random: Callable[[int], bytes]) -> None:
        self._connection = connection
        self._at_once = Connection(connection.url, connection.client, wait_s=0)
        self._clock = clock
        self._random = random
        self._used: dict[str, int] = {}

    async def make(self, name: str, *, organization: str, api: str = "") -> tuple[ApiKey, str]:
        """A new key and its secret, which nobody can read again."""
        id, rest = _letters(self._random(5)), _letters(self._random(20))
        secret = f"cb_{id}_{rest}"
        key = ApiKey(
            id=id,
            name=name,
            organization=organization,
            api=api,
            fingerprint=fingerprint(secret),
            created_at=self._clock(),
        )
        value = msgspec.json.encode(key).decode()
        await self._connection.call(lambda: self._connection.client.hset(accounts_key("keys"), id, value))
        return key, secret

    async def find(self, secret: str) -> ApiKey | None:
        """The key of that secret, which counts as its use."""
        shape = SHAPE.fullmatch(secret)
        if shape is None:
            return None
        raw = await self._connection.call(lambda: self._connection.client.hget(accounts_key("keys"), shape[1]))
        key = None if raw is None else msgspec.json.decode(raw, type=ApiKey)
        if key is None or not same(key.fingerprint, fingerprint(secret)):
            return None
        await self._note_use(key.id)
        return key

    async def all(self) -> list[tuple[ApiKey, int | None]]:
        """Every key and when it was last used, oldest first."""
        raws = await self._connection.call(lambda: self._connection.client.hgetall(accounts_key("keys")))
        used = await self._connection.call(lambda: self._connection.client.hgetall(accounts_key("keys_used")))
        keys = [msgspec.json.decode(raw, type=ApiKey) for raw in raws.values()]
        return [
            (key, int(used[key.id]) if key.id in used else None)
            for key in sorted(keys, key=lambda key: (key.created_at, key.id))
        ]

    async def revoke(self, id: str) -> bool:
        """False when there is no such key."""
        removed = await self._connection.call(lambda: self._connection.client.hdel(accounts_key("keys"), id))
        await self._connection.call(lambda: self._connection.client.hdel(accounts_key("keys_used"), id))
        self._used.pop(id, None)
        return bool(removed)

    async def _note_use(self, id: str) -> None:
        """A store that takes no writes now is no reason to refuse a read."""
        now = self._clock()
        if now - self._used.get(id, 0) < USED_MS:
            return
        self._used[id] = now
        with suppress(StoreAway):
            await self._at_once.call(lambda: self._at_once.client.hset(accounts_key("keys_used"), id, now))


def _letters(random: bytes) -> str:
    return base64.b32encode(random).decode().lower()
