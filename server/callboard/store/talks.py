"""What is remembered of somebody who writes to us: the answer to each text, and what we have asked them."""

import hashlib
from collections.abc import Sequence
from functools import partial

import msgspec
from msgspec import Struct

from callboard.store.keys import talk_key
from callboard.store.redis import Connection

BEGUN_MS = 15_000  # longer than any answer takes
ANSWER_MS = 24 * 3_600_000
ASKED_MS = 30 * 60_000  # as long as a question waits, and a choice holds
DAY_MS = 24 * 3_600_000


class Talk(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """We asked which of these tickets is meant, for a command that waits; or it was said, in the text `chosen_by`."""

    options: Sequence[str] = ()
    command: str = ""
    chosen: str = ""
    chosen_by: str = ""


class Talks:
    """Numbers stand in the store as fingerprints, and texts not at all. Raises StoreAway."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def answer(self, text: str) -> str | None:
        """What was answered to the text of that id, if it was."""
        found: str | None = await self._connection.call(partial(self._connection.client.get, _key("answer", text)))
        return found

    async def answered(self, text: str, answer: str) -> str:
        """What is answered to it from now on: this, or what somebody else has answered meanwhile."""
        return await self._first(_key("answer", text), answer, ANSWER_MS)

    async def begin(self, text: str) -> bool:
        """Whether nobody else is answering that text at this moment."""
        begin = partial(self._connection.client.set, _key("begun", text), 1, px=BEGUN_MS, nx=True)
        return bool(await self._connection.call(begin))

    async def leave(self, text: str) -> None:
        """It was not answered after all."""
        await self._connection.call(partial(self._connection.client.delete, _key("begun", text)))

    async def may_hint(self, ticket: str, text: str) -> bool:
        """Whether the text of that id is the one of this day that is answered with a hint."""
        return await self._first(_key("hint", ticket), text, DAY_MS) == text

    async def talk(self, number: str) -> Talk:
        found = await self._connection.call(partial(self._connection.client.get, _key("talk", number)))
        return msgspec.json.decode(found, type=Talk) if found else Talk()

    async def keep(self, number: str, talk: Talk) -> None:
        """For a while, in the place of what was before."""
        value = msgspec.json.encode(talk).decode()
        await self._connection.call(partial(self._connection.client.set, _key("talk", number), value, px=ASKED_MS))

    async def _first(self, key: str, value: str, ms: int) -> str:
        set_it = partial(self._connection.client.set, key, value, px=ms, nx=True, get=True)
        before: str | None = await self._connection.call(set_it)
        return value if before is None else before


def _key(kind: str, of: str) -> str:
    return talk_key(kind, hashlib.sha256(of.encode()).hexdigest()[:32])
