"""Many who each want one field of a hash at the same moment are answered by few reads."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from functools import partial
from operator import methodcaller

from callboard.store.redis import Connection

AT_ONCE = 500  # fields of one read
IN_A_TURN = 8  # are told in one turn of the loop: each may go on with a handshake, and be at it for a while

Answer = Mapping[str, str | None]
Waiting = asyncio.Future[Answer | None]


class _Read:
    """One that has not begun, and who waits for it: None tells them to ask again."""

    def __init__(self, field: str) -> None:
        self.fields = [field]
        self.waiting: deque[Waiting] = deque()

    def join(self, field: str) -> Waiting:
        self.fields.append(field)
        self.waiting.append(asyncio.get_running_loop().create_future())
        return self.waiting[-1]

    def tell(self, say: Callable[[Waiting], object]) -> None:
        """A few at a time, in the order in which they came."""
        for _ in range(min(IN_A_TURN, len(self.waiting))):
            one = self.waiting.popleft()
            if not one.done():
                say(one)
        if self.waiting:
            asyncio.get_running_loop().call_soon(self.tell, say)


class Together:
    """One read of a hash is under way at a time; what is asked for meanwhile is the next one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._next: dict[str, _Read] = {}

    async def hget(self, key: str, field: str) -> str | None:
        """As the command of that name. Raises StoreAway."""
        while (read := self._next.get(key)) and len(read.fields) < AT_ONCE:
            if (answer := await read.join(field)) is not None:
                return answer[field]
        return (await self._lead(key, _Read(field)))[field]

    async def _lead(self, key: str, read: _Read) -> Answer:
        self._next[key] = read
        try:
            async with self._turns[key]:
                self._begins(key, read)
                raws = await self._connection.call(partial(self._connection.client.hmget, key, read.fields))
        except Exception as error:
            self._begins(key, read)
            read.tell(methodcaller("set_exception", error))
            raise
        except BaseException:  # who leads goes away, and the others do not
            self._begins(key, read)
            read.tell(methodcaller("set_result", None))
            raise
        answer = dict(zip(read.fields, raws, strict=True))
        read.tell(methodcaller("set_result", answer))
        return answer

    def _begins(self, key: str, read: _Read) -> None:
        """Nobody joins it any more."""
        if self._next.get(key) is read:
            del self._next[key]
