"""Commands of many callers on one connection to the store: none waits for another's answer before it is sent."""

import asyncio
from collections import deque
from typing import Any

import hiredis
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection, DefaultParser
from redis.client import NEVER_DECODE
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import ReadOnlyError
from redis.exceptions import TimeoutError as StoreTimeout

MOST = 10_000  # commands without an answer
NOTHING_YET = object()
# Answers of a store that is not the one to speak to now, and may not be the one that the address leads to any more.
WRONG_STORE = (LostConnection, ReadOnlyError)


class Pipe(asyncio.Protocol):
    """A connection, from when redis-py has opened it: it has said who we are, over TLS where that is asked for.

    Its own way, a lock and two timeouts and a turn of the loop for each command, takes three times as long, and ten at
    once are ten writes. Here what is asked for in one turn of the loop is one, and what the store then answers is one
    read, or few. One clock watches over all: who is silent for `patience_s` while something is due has gone.
    """

    def __init__(self, wire: AbstractConnection, patience_s: float) -> None:
        self.is_over = False
        self.wire = wire
        self._patience_s = patience_s
        self._due: deque[asyncio.Future[Any]] = deque()
        self._loop = asyncio.get_running_loop()
        # What is not UTF-8 troubles whoever reads that value, and not everybody who waits.
        how = {"encoding": "utf-8", "errors": "surrogateescape", "notEnoughData": NOTHING_YET}
        self._reader = hiredis.Reader(replyError=DefaultParser.parse_error, **how)  # type: ignore[arg-type]
        self._heard_at = self._loop.time()
        self._watch: asyncio.TimerHandle | None = None
        self._transport = transport_of(wire)
        self._opener = self._transport.get_protocol()
        self._transport.set_protocol(self)

    def ask(self, command: tuple[Any, ...]) -> asyncio.Future[Any]:
        """The answer is there later. Sends at once, and what a command is made of has to be text, bytes or numbers.
        Raises the library's ConnectionError when too many wait."""
        if len(self._due) >= MOST:
            raise LostConnection("too many commands wait for the store")
        packed = hiredis.pack_command(command)
        if self._transport.is_closing():
            self.end()
            raise LostConnection("the connection to the store is lost")
        if not self._due:
            self._heard_at = self._loop.time()
            self._watch = self._watch or self._loop.call_later(self._patience_s, self._look)
        answer: asyncio.Future[Any] = self._loop.create_future()
        self._due.append(answer)
        self._transport.write(packed)
        return answer

    def end(self, error: Exception | None = None) -> None:
        """At once; whoever waits is told that the connection is lost, or this error."""
        self._transport.abort()
        self._fail(error or LostConnection("the connection to the store was closed"))

    def data_received(self, data: bytes) -> None:
        self._heard_at = self._loop.time()
        try:
            self._reader.feed(data)
            while (answer := self._reader.gets()) is not NOTHING_YET:
                if not isinstance(answer, hiredis.PushNotification):
                    _tell(self._due.popleft(), answer)
                if isinstance(answer, WRONG_STORE):
                    return self.end()
        except (hiredis.ProtocolError, IndexError):  # of what comes then nobody knows whose it is
            self.end(LostConnection("the store speaks another language"))

    def connection_lost(self, error: Exception | None) -> None:
        self._fail(LostConnection(f"the store has hung up: {type(error).__name__ if error else 'no reason'}"))
        self._opener.connection_lost(error)  # for redis-py, which may wait for that

    def _look(self) -> None:
        self._watch = None
        if not self._due:
            return
        left_s = self._heard_at + self._patience_s - self._loop.time()
        if left_s <= 0:
            self.end(StoreTimeout("the store is silent"))
        else:
            self._watch = self._loop.call_later(left_s, self._look)

    def _fail(self, error: Exception) -> None:
        self.is_over = True
        if self._watch:
            self._watch.cancel()
        while self._due:
            _tell(self._due.popleft(), type(error)(*error.args))  # a trace is written into each where it is raised


def transport_of(wire: AbstractConnection) -> Any:
    stream: asyncio.StreamWriter = wire._writer  # type: ignore[assignment]  # redis-py has no other name for it
    return stream.transport


def _tell(waiting: asyncio.Future[Any], answer: Any) -> None:
    if waiting.done():  # whoever asked has gone
        return
    if isinstance(answer, Exception):
        waiting.set_exception(answer)
    else:
        waiting.set_result(answer)


class Piped(Redis):
    """A client whose commands go through one pipe, opened again when it is over; pipelines go through the pool's other
    connections. `alone`: for one blocking read at a time; who gives it up closes the pipe, for what would yet come."""

    def __init__(self, pool: BlockingConnectionPool, patience_s: float, *, alone: bool = False) -> None:
        super().__init__(connection_pool=pool)
        self.auto_close_connection_pool = True
        self._patience_s = patience_s
        self._alone = alone
        self._pipe: Pipe | None = None
        self._opening = asyncio.Lock()
        self._failures = 0  # to open one

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        if NEVER_DECODE in options:  # bytes, which a pipe does not have
            return await super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        pipe = self._pipe
        if pipe is None or pipe.is_over:
            pipe = await self._open()
        name, *rest = args
        answer: Any = _Answer(pipe.ask((*name.split(), *rest)))
        try:
            return await self.parse_response(answer, name, **options)
        except asyncio.CancelledError:
            if self._alone:
                pipe.end()
            raise

    async def _open(self) -> Pipe:
        """For all who wait for it. When that fails, all of them have failed: were each to try in turn, a store that
        does not even refuse would hold up the last for hours."""
        failures = self._failures
        async with self._opening:
            if self._failures != failures:
                raise LostConnection("the store could not be reached")
            await self._release()
            if self._pipe is None:
                try:
                    self._pipe = Pipe(await self._wire(), self._patience_s)
                except BaseException:
                    self._failures += 1
                    raise
            return self._pipe

    async def _wire(self) -> AbstractConnection:
        wire: Any = await self.connection_pool.get_connection()  # type: ignore[no-untyped-call]
        try:
            if transport_of(wire).is_closing():  # it broke while it lay there, which the pool does not see
                await wire.disconnect(nowait=True)
                await wire.connect()
        except BaseException:
            await self.connection_pool.release(wire)
            raise
        return wire  # type: ignore[no-any-return]

    async def _release(self) -> None:
        if self._pipe and self._pipe.is_over:
            over, self._pipe = self._pipe, None
            await over.wire.disconnect(nowait=True)
            await self.connection_pool.release(over.wire)


class _Answer:
    """One to come, as the library's parser reads it from a connection."""

    def __init__(self, answer: asyncio.Future[Any]) -> None:
        self._answer = answer

    async def read_response(self, disable_decoding: bool = False) -> Any:
        return await self._answer
