"""Who is not to be written to any more, by the address that they said so from."""

import hashlib
from collections.abc import Callable

from callboard.store.keys import opt_outs_key
from callboard.store.redis import Connection


class OptOuts:
    """Of each organization, and of everybody who writes from the same `sender` (the number or service of texts): the
    carrier bars a number for all of them. The store knows fingerprints of addresses and no address; they stay when
    the person is erased, until the person undoes it. Both calls may come twice. Raises StoreAway."""

    def __init__(self, connection: Connection, clock: Callable[[], int], sender: str = "") -> None:
        self._connection = connection
        self._clock = clock
        self._sender = sender

    async def refuse(self, lane: str, address: str, organization: str = "") -> None:
        """From now on nothing goes to that address, what is scheduled already included. Without `organization`: from
        nobody who writes from our sender."""
        key, client = self._key(lane, organization), self._connection.client
        await self._connection.call(lambda: client.zadd(key, {_mark(address): self._clock()}, nx=True))

    async def accept(self, lane: str, address: str, organization: str = "") -> None:
        """That refusal is undone."""
        key, client = self._key(lane, organization), self._connection.client
        await self._connection.call(lambda: client.zrem(key, _mark(address)))

    async def refused(self, lane: str, address: str, organization: str) -> bool:
        """Whether that organization must not write there."""
        keys, client = (self._key(lane, organization), self._key(lane, "")), self._connection.client

        async def ask() -> list[float | None]:
            pipeline = client.pipeline(transaction=False)
            for key in keys:
                pipeline.zscore(key, _mark(address))
            found: list[float | None] = await pipeline.execute()
            return found

        return any(at is not None for at in await self._connection.call(ask))

    def _key(self, lane: str, organization: str) -> str:
        return opt_outs_key(lane, organization or f"from {self._sender}")


def _mark(address: str) -> str:
    """Neither capitals nor blanks around it make it another address."""
    return hashlib.sha256(address.strip().casefold().encode()).hexdigest()[:32]
