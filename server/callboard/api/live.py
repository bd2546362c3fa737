"""The live addresses: WebSocket, server-sent events and long poll, all three under one path, all telling the same."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Annotated, Protocol

from msgspec import Meta, Struct
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from callboard.decode import convert
from callboard.domain.directory import Unknown
from callboard.errors import StoreAway
from callboard.http import Denied, Forbidden, Problem
from callboard.hub import sse
from callboard.hub.asker import ENDED, LEND, Asker, Lent
from callboard.hub.connection import Gone
from callboard.hub.hub import Closed
from callboard.hub.lean import Lean
from callboard.hub.leaving import LEAVE
from callboard.hub.origin import is_own, origin_of
from callboard.hub.poll import newest
from callboard.hub.protocol import Close, Document
from callboard.hub.seats import Full, Seat
from callboard.hub.watched import Place
from callboard.hub.ways import POLL, SOCKET, STREAM, Way
from callboard.hub.websocket import Frames
from callboard.lines import Lines, Permit
from callboard.services import address

NO_STORE = {"Cache-Control": "no-store", "Vary": "Accept"}


# None, or Denied or Forbidden: whoever asks may not listen. Unknown: there is nothing of that name.
Resolve = Callable[[HTTPConnection], Awaitable[Permit | None]]
Still = Callable[[], Awaitable[bool]]
Lend = Callable[[Callable[[], Awaitable[None]]], Awaitable[Lent | None]]


class Closes(Protocol):
    """A listener that can be ended."""

    def close(self, code: Close) -> None: ...


class Ask(Struct, frozen=True):
    """The query of a plain GET: the document that the client has, and how long it waits for a newer one."""

    after: Annotated[int, Meta(ge=0)] | None = None
    epoch: Annotated[str, Meta(max_length=64)] = ""
    wait: Annotated[float, Meta(ge=0, le=30)] = 0


def live_routes(lines: Lines, *, board: Resolve, ticket: Resolve, desk: Resolve) -> list[BaseRoute]:
    """The routes of `/live/...`; the resolvers read `path_params`: display, token, desk.

    A client that is no browser sends no Origin. Boards and tickets use no cookie, so that is nothing to them; a desk
    then wants a key.
    """
    routes: list[BaseRoute] = []
    for path, resolve, cookies in (
        ("/live/board/{display}", board, False),
        ("/live/ticket/{token}", ticket, False),
        ("/live/desk/{desk}", desk, True),
    ):
        live = Live(lines, resolve, uses_cookies=cookies)
        routes += [WebSocketRoute(path, live), Route(path, live, methods=["GET"])]
    return routes


class Live:
    """One live address, as an ASGI application for both kinds of request."""

    def __init__(self, lines: Lines, resolve: Resolve, *, uses_cookies: bool) -> None:
        self._lines = lines
        self._fanout = lines.fanout
        self._resolve = resolve
        self._uses_cookies = uses_cookies
        self._public = origin_of(lines.public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._answer_socket(WebSocket(scope, receive, send))
        else:
            await self._answer_request(Request(scope, receive, send), send)

    def _seat(self, connection: HTTPConnection) -> Seat:
        try:
            return self._lines.seats.take(address(connection))
        except Full as full:
            raise Problem(503, "too_many_connections", f"There are {full}.", {"Retry-After": "5"}) from None

    async def _answer_socket(self, websocket: WebSocket) -> None:
        if not self._may_open(websocket):
            raise Forbidden("This page may not listen here.", "forbidden_origin")
        with self._seat(websocket) as seat, suppress(Gone):
            permit = await self._permit(websocket)
            await websocket.accept()
            if isinstance(permit, Close):
                return await Frames(websocket).close(permit)
            await self._hand_over(permit, seat, websocket, SOCKET)

    async def _hand_over(self, permit: Permit, seat: Seat, connection: HTTPConnection, way: Way) -> None:
        """From now on the connection listens by itself; only one who may be sent away is waited for."""
        audiences = self._lines.audiences
        listener = audiences.open(permit.place, seat, connection.scope["extensions"][LEAVE], way)
        if permit.still:
            async with self._rechecked(permit.still, listener):
                await audiences.loss(listener)

    def _may_open(self, websocket: WebSocket) -> bool:
        origins, host = websocket.headers.getlist("origin"), websocket.headers.get("host", "")
        if origins:
            return is_own(origins, websocket.scope["scheme"], host, self._public)
        return not self._uses_cookies or websocket.headers.get("authorization", "").lower().startswith("bearer ")

    async def _permit(self, websocket: WebSocket) -> Permit | Close:
        """A refusal is told by a close code after the handshake: pages cannot see the status of one that fails."""
        try:
            return await self._resolve(websocket) or Close.NOT_ALLOWED
        except (Denied, Forbidden):
            return Close.NOT_ALLOWED
        except Unknown:
            return Close.UNKNOWN

    async def _answer_request(self, request: Request, send: Send) -> None:
        if request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers:
            raise Problem(400, "bad_request", "There is nothing to send here.")
        with self._seat(request) as seat, suppress(Gone):
            permit = await self._resolve(request)
            if permit is None:
                raise Denied
            if request.method == "GET" and "text/event-stream" in request.headers.get("accept", ""):
                await sse.begin(send, retry_ms=1000 + int(4000 * self._lines.chance()))
                await self._hand_over(permit, seat, request, STREAM)
            elif response := await self._newest(request, send, permit, seat):
                await response(request.scope, request.receive, send)

    async def _newest(self, request: Request, send: Send, permit: Permit, seat: Seat) -> Response | None:
        """The newest document; with `after`, or with If-None-Match, only when it is another one than the client has.
        None where there is none to answer, or the connection waits by itself."""
        ask = convert(dict(request.query_params), Ask, strict=False)
        known = _etags(request)

        def is_news(document: Document) -> bool:
            differs = bool(known) and document.etag.removeprefix("W/") not in known
            if ask.after is None:
                return differs or not known
            epoch, seq, _ = document.version
            return differs or seq > ask.after or epoch != (ask.epoch or epoch)

        given = request.scope.get("extensions", {})
        lend = given.get(LEND) if self._may_lend(ask, permit) and not known else None
        wait_s = 0 if lend or ENDED in given else ask.wait
        try:
            if given.get(ENDED):
                raise Closed(given[ENDED])
            with self._fanout.listen(permit.place) as mailbox:
                document = await newest(mailbox, request.receive, is_news, self._lines.first_s, wait_s)
                if lend and document and not is_news(document):
                    mailbox.check()
                    if await self._lend(lend, send, permit, seat, ask):
                        return None
                is_fresh = self._fanout.is_fresh(permit.place)
        except Closed as end:
            _ended(end.code, permit.place)
            return None
        if document and is_news(document):
            return Response(document.body, 200, NO_STORE | {"ETag": document.etag}, "application/json")
        if document is None or not is_fresh:  # that nothing is newer cannot be said
            raise StoreAway("the store does not answer")
        return Response(status_code=304 if ask.after is None else 204, headers=NO_STORE | {"ETag": document.etag})

    def _may_lend(self, ask: Ask, permit: Permit) -> bool:
        """One who may be sent away meanwhile waits here."""
        return ask.after is not None and permit.still is None and self._lines.audiences.can_wait(ask.wait)

    async def _lend(self, lend: Lend, send: Send, permit: Permit, seat: Seat, ask: Ask) -> bool:
        """The connection waits by itself, and what it asks next is answered there, if it is the same."""
        headers = [(name.lower().encode(), value.encode()) for name, value in NO_STORE.items()]
        lent = await lend(partial(send, {"type": "http.response.start", "status": 204, "headers": headers}))
        if lent is None:
            return False

        def borrow(asker: Lean) -> None:
            assert isinstance(asker, Asker)
            asker.borrow(lent, ask.epoch, ask.wait)

        self._lines.audiences.open(permit.place, seat, borrow, POLL)
        return True

    @asynccontextmanager
    async def _rechecked(self, still: Still, listener: Closes) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            checking = group.create_task(self._recheck(still, listener))
            yield
            checking.cancel()

    async def _recheck(self, still: Still, listener: Closes) -> None:
        while True:
            await asyncio.sleep(self._lines.recheck_s)
            try:
                if not await still():
                    return listener.close(Close.NOT_ALLOWED)
            except Unknown:
                return listener.close(Close.UNKNOWN)
            except StoreAway:
                pass  # asked again when it is back


def _etags(request: Request) -> set[str]:
    given = request.headers.get("if-none-match", "")
    return {tag.strip().removeprefix("W/") for tag in given.split(",")} - {""}


def _ended(code: Close, place: Place) -> None:
    """What a poll answers that the hub has ended; nothing to a client that is gone."""
    if code is Close.UNKNOWN:
        raise Unknown("document", place.channel)
    if code is not Close.GONE:
        raise Problem(503, "restarting", "The server is restarting.", {"Retry-After": "1"})
