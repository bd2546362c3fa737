"""Many waiting tickets in a short time: joins as the store does them, sent many at once over one connection."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import hiredis
from redis.exceptions import NoScriptError

from callboard.domain.directory import Directory
from callboard.store.redis import Connection
from callboard.store.transitions import Done, Store

AT_ONCE = 500


class Pipe:
    """The part of a client that scripts need. What is asked in one turn of the loop is sent in one piece."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._asked: deque[asyncio.Future[Any]] = deque()

    async def evalsha(self, *args: Any) -> Any:
        return await self._ask("EVALSHA", *args)

    async def eval(self, *args: Any) -> Any:
        return await self._ask("EVAL", *args)

    async def forget_answers(self) -> None:
        """The store keeps each answer for a minute, in case it is asked for again: so many, so soon, would be seen."""
        cursor = ""
        while cursor != "0":
            cursor, found = await self._ask("SCAN", cursor or "0", "MATCH", "*:once:r:*", "COUNT", AT_ONCE)
            if found:
                await self._ask("UNLINK", *found)

    async def _ask(self, *args: Any) -> Any:
        answer = asyncio.get_running_loop().create_future()
        self._asked.append(answer)
        self._writer.write(hiredis.pack_command(tuple(map(str, args))))  # type: ignore[arg-type]
        return await answer

    async def listen(self) -> None:
        parser = hiredis.Reader(encoding="utf-8", replyError=_error)
        while data := await self._reader.read(1 << 16):
            parser.feed(data)
            while (reply := parser.gets()) is not False:
                answer = self._asked.popleft()
                if isinstance(reply, Exception):
                    answer.set_exception(reply)
                else:
                    answer.set_result(reply)


def _error(text: str) -> Exception:
    return NoScriptError(text) if text.startswith("NOSCRIPT") else RuntimeError(text)


async def fill(url: str, directory: Directory, clock: Callable[[], int], queue: str, count: int) -> list[Done]:
    """`count` more people wait in a queue. `url` is of a unix socket."""
    reader, writer = await asyncio.open_unix_connection(urlsplit(url).path)
    pipe: Any = Pipe(reader, writer)
    store = Store(Connection(url, pipe, wait_s=60), directory, clock)
    left, done = count, list[Done]()

    async def arrive() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            done.append(await store.join(queue, force=True))

    async with asyncio.TaskGroup() as tasks:
        listening = tasks.create_task(pipe.listen())
        await asyncio.gather(*(arrive() for _ in range(min(count, AT_ONCE))))
        await pipe.forget_answers()
        listening.cancel()
    writer.close()
    await writer.wait_closed()
    return done
