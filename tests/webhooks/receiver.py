"""A receiver on loopback that keeps what it was sent and misbehaves when told to; it gives out access tokens too."""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import msgspec
from aiohttp import web


@dataclass(frozen=True)
class Got:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    signatures: list[str]

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def json(self) -> Any:
        return msgspec.json.decode(self.body)


@dataclass(frozen=True)
class Answer:
    """How one request is met: a status with headers; before that it may hang, and then the answer may be lost."""

    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: bool = False
    lose: bool = False
    endless: bool = False


class Receiver:
    """`answers` say what the next requests to a path meet, `always` what all of them do."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.answers: dict[str, deque[Answer]] = defaultdict(deque)
        self.always: dict[str, Answer] = {}
        self.tokens: dict[str, Any] = {"access_token": "first", "expires_in": 3600}
        self.good: set[str] | None = None  # access tokens that open; None: it does not look
        self.asked: list[tuple[str | None, dict[str, str]]] = []  # for tokens: who, and with which form
        self.free = asyncio.Event()  # lets go of what hangs
        self.base = ""
        self._something = asyncio.Event()

    def at(self, path: str) -> list[Got]:
        return [each for each in self.got if each.path == path]

    async def until(self, path: str, count: int) -> list[Got]:
        """Those that came to a path, when there are so many."""
        while len(self.at(path)) < count:
            self._something.clear()
            await self._something.wait()
        return self.at(path)

    @asynccontextmanager
    async def serve(self) -> AsyncIterator["Receiver"]:
        app = web.Application()
        app.router.add_route("POST", "/token", self._token)
        app.router.add_route("*", "/{path:.*}", self._take)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            self.free.set()
            await runner.cleanup()

    async def _take(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = await request.read()
        signatures = request.headers.getall("signature", [])
        self.got.append(Got(request.method, request.path, headers, body, signatures))
        self._something.set()
        queue = self.answers[request.path]
        answer = queue.popleft() if queue else self.always.get(request.path, Answer())
        if answer.hang:
            await self.free.wait()
        if answer.lose:
            assert request.transport is not None
            request.transport.close()
        if answer.endless:
            return await self._endless(request)
        if self.good is not None and headers.get("authorization", "").removeprefix("Bearer ") not in self.good:
            return web.Response(status=401)
        return web.Response(status=answer.status, headers=answer.headers)

    async def _endless(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while request.transport is not None and not request.transport.is_closing():
            await response.write(b"x" * 65536)
        return response

    async def _token(self, request: web.Request) -> web.Response:
        form = {name: values[0] for name, values in parse_qs(await request.text()).items()}
        self.asked.append((request.headers.get("authorization"), form))
        queue = self.answers["/token"]
        if queue:
            return web.Response(status=queue.popleft().status)
        return web.json_response(self.tokens)
