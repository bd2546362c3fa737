"""The private key by which push services know this installation: made once, the same in all processes and machines.

It lies in the store beside the subscriptions, which are good for this key alone: they are saved, restored and lost
together.
"""

from collections.abc import Callable

from callboard.store.keys import accounts_key
from callboard.store.redis import Connection

FIELD = "vapid"


class PushKeys:
    """`make` makes a key, in the text that is kept. Never shown, and in no log."""

    def __init__(self, connection: Connection, make: Callable[[], str]) -> None:
        self._connection = connection
        self._make = make
        self._private = ""

    async def private(self) -> str:
        """The one key; whoever asks first makes it, and of several that do at once one. Raises StoreAway."""
        if not self._private:
            client, key, made = self._connection.client, accounts_key("push"), self._make()
            await self._connection.call(lambda: client.hsetnx(key, FIELD, made))
            self._private = await self._connection.call(lambda: client.hget(key, FIELD))
        return self._private
