"""Many who each want one field of a hash at the same moment are answered by few reads."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from functools import partial

from callboard.store.redis import Connection

AT_ONCE = 500  # fields of one read


class _Read:
    """One that has not begun. `answer` is there when somebody waits for it: None tells them to ask again."""

    def __init__(self, field: str) -> None:
        self.fields = [field]
        self.answer: asyncio.Future[Mapping[str, str | None] | None] | None = None


class Together:
    """One read of a hash is under way at a time; what is asked for meanwhile is the next one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._next: dict[str, _Read] = {}

    async def hget(self, key: str, field: str) -> str | None:
        """As the command of that name. Raises StoreAway."""
        while (read := self._next.get(key)) and len(read.fields) < AT_ONCE:
            read.fields.append(field)
            read.answer = read.answer or asyncio.get_running_loop().create_future()
            if (answer := await asyncio.shield(read.answer)) is not None:
                return answer[field]
        return (await self._lead(key, _Read(field)))[field]

    async def _lead(self, key: str, read: _Read) -> Mapping[str, str | None]:
        self._next[key] = read
        try:
            async with self._turns[key]:
                self._begins(key, read)
                raws = await self._connection.call(partial(self._connection.client.hmget, key, read.fields))
        except BaseException as error:
            self._begins(key, read)
            if read.answer and isinstance(error, Exception):
                read.answer.set_exception(error)
                read.answer.exception()  # no complaint when nobody waits for it any more
            elif read.answer:  # who leads went away, and the others did not
                read.answer.set_result(None)
            raise
        answer = dict(zip(read.fields, raws, strict=True))
        if read.answer:
            read.answer.set_result(answer)
        return answer

    def _begins(self, key: str, read: _Read) -> None:
        """Nobody joins it any more."""
        if self._next.get(key) is read:
            del self._next[key]
