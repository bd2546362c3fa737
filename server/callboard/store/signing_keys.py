"""Keys with which an organization's webhooks are signed. Unlike others they are kept whole: signing needs them."""

import base64
from collections.abc import Callable, Sequence
from functools import partial

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from callboard.store.keys import accounts_key
from callboard.store.redis import Connection

PREFIX = "whsec_"
SECRET_BYTES = 32


class SigningKey(Struct, frozen=True, kw_only=True, omit_defaults=True):
    id: str
    name: str  # what it is for
    organization: str
    secret: str  # `whsec_` and the key's bytes in base64, as receivers keep it
    created_at: int
    until: int | None = None  # ms; nothing is signed with it from then on

    @property
    def material(self) -> bytes:
        """What the signature is made with."""
        return base64.b64decode(self.secret.removeprefix(PREFIX))


class SigningKeys:
    """Read from the store each time, so nothing is signed with a key that was revoked. All raise StoreAway."""

    def __init__(self, connection: Connection, clock: Callable[[], int], random: Callable[[int], bytes]) -> None:
        self._connection = connection
        self._clock = clock
        self._random = random

    async def make(self, name: str, *, organization: str) -> SigningKey:
        """A new key. Its secret is to be shown once."""
        key = SigningKey(
            id=base64.b32encode(self._random(5)).decode().lower(),
            name=name,
            organization=organization,
            secret=PREFIX + base64.b64encode(self._random(SECRET_BYTES)).decode(),
            created_at=self._clock(),
        )
        value = msgspec.json.encode(key).decode()
        await self._connection.call(lambda: self._connection.client.hset(accounts_key("signing"), key.id, value))
        return key

    async def of(self, organization: str, ids: Sequence[str]) -> list[SigningKey]:
        """Those of the ids that are keys of the organization, in that order."""
        if not ids:
            return []
        raws = await self._connection.call(partial(self._connection.client.hmget, accounts_key("signing"), list(ids)))
        keys = [msgspec.json.decode(raw, type=SigningKey) for raw in raws if raw]
        now = self._clock()
        return [key for key in keys if key.organization == organization and (key.until is None or now < key.until)]

    async def end(self, organization: str, id: str, until: int) -> None:
        """It signs until then, and no longer than it did."""
        for key in await self.of(organization, [id]):
            ended = replace(key, until=min(until, key.until or until))
            value = msgspec.json.encode(ended).decode()
            await self._connection.call(partial(self._connection.client.hset, accounts_key("signing"), id, value))

    async def all(self) -> list[SigningKey]:
        """Every key, oldest first."""
        raws = await self._connection.call(lambda: self._connection.client.hgetall(accounts_key("signing")))
        keys = [msgspec.json.decode(raw, type=SigningKey) for raw in raws.values()]
        return sorted(keys, key=lambda key: (key.created_at, key.id))

    async def revoke(self, id: str) -> bool:
        """False when there is no such key."""
        removed = await self._connection.call(lambda: self._connection.client.hdel(accounts_key("signing"), id))
        return bool(removed)
