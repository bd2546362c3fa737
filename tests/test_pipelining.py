"""Requests that come before the one ahead of them is answered: some wait, and nobody else waits for a thousand."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

import pytest
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from callboard.wire import REQUESTS
from house import served
from test_wire import SOON_S, line

Loop = Callable[[], asyncio.AbstractEventLoop]

ASKED = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
BOTH = pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])


class Slow:
    """Answers the first request when it is told to, and counts."""

    def __init__(self) -> None:
        self.begun = 0
        self.go = asyncio.Event()
        self.app = Starlette(routes=[Route("/", self.answer)])

    async def answer(self, request: Request) -> Response:
        self.begun += 1
        await self.go.wait()
        return Response("well")

    async def has_begun(self) -> None:
        async with asyncio.timeout(SOON_S):
            while not self.begun:  # noqa: ASYNC110
                await asyncio.sleep(0.005)


@BOTH
def test_as_many_as_may_wait_are_answered_in_turn(loop: Loop) -> None:
    async def main() -> None:
        slow = Slow()
        async with served(slow.app) as port, line(port) as web:
            await web.send(ASKED * (REQUESTS + 1))
            await slow.has_begun()
            slow.go.set()
            for _ in range(REQUESTS + 1):
                assert (await web.answer()).body == b"well"

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(main())


@BOTH
def test_of_thousands_that_come_at_once_none_is_looked_at_any_more(
    loop: Loop, caplog: pytest.LogCaptureFixture
) -> None:
    """The one that was begun finds that nobody is there."""

    async def main() -> None:
        slow = Slow()
        async with served(slow.app) as port, line(port) as web:
            with suppress(ConnectionError):
                await web.send(ASKED * 10_000)
            await slow.has_begun()
            assert await web.ended()
            slow.go.set()
        assert slow.begun == 1

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(main())
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
