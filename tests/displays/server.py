"""A small server for page tests: renders the pages with sample data, speaks the live protocol, answers as told."""

import asyncio
import hashlib
import json
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

DISPLAYS = Path(__file__).parents[2] / "displays"
NAMES = {"en": "English", "sv": "Svenska", "ar": "العربية"}
POLICY = "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; report-uri /csp"


def page_texts(section: str, lang: str) -> dict[str, Any]:
    """The texts of one page, from its own file or from the language's file of all pages."""
    own = DISPLAYS / "texts" / lang / f"{section}.json"
    if own.exists():
        return dict(json.loads(own.read_text("utf-8")))
    return dict(json.loads((DISPLAYS / "texts" / f"{lang}.json").read_text("utf-8"))[section])


@dataclass
class Page:
    """What one address shows. `channel` names the live document given to the template as `document`."""

    template: str
    section: str
    context: Mapping[str, Any] = field(default_factory=dict)
    channel: str = ""
    lang: str = "en"
    languages: tuple[str, ...] = ("en", "sv", "ar")


@dataclass
class Asked:
    """One request that the API got; `body` is its JSON, or None."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: Mapping[str, str]
    body: Any


Answer = tuple[int, Any] | Response
Answers = Answer | Callable[[Asked], Answer]


class Lobby:
    """The running server, and what a test tells it to do. Channels are named as the addresses below /live/:
    `board/<display>`, `ticket/<token>`, `desk/<id>`."""

    def __init__(self, pages: Mapping[str, Page]) -> None:
        self.pages = dict(pages)
        self.documents: dict[str, dict[str, Any]] = {}
        self.answers: dict[str, Answers] = {}  # "POST /api/v1/tickets" -> (201, {...}), or a function of what was asked
        self.holds: dict[str, asyncio.Event] = {}  # by the same key: not answered until the event is set
        self.asked: list[Asked] = []
        self.violations: list[str] = []  # what the content security policy refused
        self.sockets_open = True  # False: WebSocket handshakes are refused
        self.refused = 0  # of them
        self.polls_open = True  # False: GET /live/... answers 503
        self.silent = False  # True: nothing is sent on open sockets, and polls hang
        self.beat_s = 5.0
        self.beat: Callable[[], dict[str, Any]] = lambda: {"type": "beat", "seq": 0, "epoch": "e", "at": 0}
        self.connections: list[str] = []  # every accepted socket and every poll, in order: "socket board/hall"
        self.port = 0
        self._sockets: dict[str, list[WebSocket]] = {}
        self._changed = asyncio.Condition()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def publish(self, channel: str, document: Mapping[str, Any]) -> None:
        """Make `document` the newest of the channel and tell everybody who listens."""
        self.documents[channel] = dict(document)
        if not self.silent:
            for listener in self._sockets.get(channel, []):
                await listener.send_text(json.dumps(document))
        async with self._changed:
            self._changed.notify_all()

    async def hang_up(self, code: int) -> None:
        """Close every open socket with a code."""
        for listener in [s for group in self._sockets.values() for s in group]:
            with suppress(RuntimeError):
                await listener.close(code)

    def listeners(self, channel: str) -> int:
        return len(self._sockets.get(channel, []))

    def asked_for(self, key: str) -> list[Asked]:
        """The requests of one kind, `"POST /api/v1/tickets"`."""
        return [a for a in self.asked if f"{a.method} {a.path}" == key]

    async def _live_socket(self, websocket: WebSocket) -> None:
        channel = websocket.path_params["channel"]
        if not self.sockets_open:
            self.refused += 1
            await websocket.close(1013)  # before accept: the handshake itself is refused
            return
        await websocket.accept()
        self.connections.append(f"socket {channel}")
        self._sockets.setdefault(channel, []).append(websocket)
        beats = asyncio.create_task(self._beat(websocket))
        try:
            if channel in self.documents and not self.silent:
                await websocket.send_text(json.dumps(self.documents[channel]))
            while (await websocket.receive())["type"] != "websocket.disconnect":
                pass
        finally:
            beats.cancel()
            self._sockets[channel].remove(websocket)

    async def _beat(self, websocket: WebSocket) -> None:
        with suppress(RuntimeError):
            while True:
                await asyncio.sleep(self.beat_s)
                if not self.silent:
                    await websocket.send_text(json.dumps(self.beat()))

    async def _live_poll(self, request: Request) -> Response:
        channel = request.path_params["channel"]
        self.connections.append(f"poll {channel}")
        if not self.polls_open:
            return JSONResponse({"error": {"code": "store_away", "message": ""}}, 503, {"Retry-After": "1"})
        after, wait_s = request.query_params.get("after"), float(request.query_params.get("wait", "0"))
        epoch = request.query_params.get("epoch")

        def newest() -> dict[str, Any] | None:
            found = self.documents.get(channel)
            fresh = found and (after is None or epoch != found["epoch"] or found["seq"] > int(after))
            return found if fresh and not self.silent else None

        with suppress(TimeoutError):
            async with asyncio.timeout(600 if self.silent else wait_s), self._changed:
                await self._changed.wait_for(lambda: newest() is not None)
        found = newest()
        return Response(status_code=204) if found is None else JSONResponse(found)

    async def _api(self, request: Request) -> Response:
        raw = await request.body()
        path, query = request.url.path, parse_qs(request.url.query)
        asked = Asked(request.method, path, query, request.headers, json.loads(raw) if raw else None)
        self.asked.append(asked)
        if (hold := self.holds.get(f"{request.method} {path}")) is not None:
            await hold.wait()
        answer = self.answers.get(f"{request.method} {path}", (404, {"error": {"code": "not_found", "message": ""}}))
        given = answer(asked) if callable(answer) and not isinstance(answer, Response) else answer
        return given if isinstance(given, Response) else JSONResponse(given[1], given[0])

    async def _csp(self, request: Request) -> Response:
        self.violations.append((await request.body()).decode())
        return Response(status_code=204)

    async def _page(self, request: Request) -> Response:
        page = self.pages.get(request.url.path)
        if page is None:
            return HTMLResponse("no such page", 404)
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
        return HTMLResponse(self.render(page, request.query_params.get("lang", page.lang)), headers=headers)

    def render(self, page: Page, lang: str) -> str:
        """The page as the product renders it."""
        environment = Environment(loader=FileSystemLoader(DISPLAYS), autoescape=True, undefined=StrictUndefined)
        return environment.get_template(page.template).render(
            lang=lang,
            dir="rtl" if lang == "ar" else "ltr",
            languages=[{"code": code, "name": NAMES[code]} for code in page.languages],
            texts=page_texts(page.section, lang),
            static=hashed,
            **{"document": self.documents.get(page.channel)} | dict(page.context),
        )

    def application(self) -> Starlette:
        return Starlette(
            routes=[
                Mount("/static", StaticFiles(directory=DISPLAYS / "static")),
                WebSocketRoute("/live/{channel:path}", self._live_socket),
                Route("/live/{channel:path}", self._live_poll),
                Route("/csp", self._csp, methods=["POST"]),
                Route("/api/{rest:path}", self._api, methods=["GET", "POST", "PUT", "DELETE"]),
                Route("/qr/{rest:path}", self._api),
                Route("/{rest:path}", self._page),
            ]
        )


def hashed(name: str) -> str:
    """The address of a static file, with its content's hash as the product writes it."""
    return f"/static/{name}?v={hashlib.sha256((DISPLAYS / 'static' / name).read_bytes()).hexdigest()[:12]}"


@asynccontextmanager
async def serve(pages: Mapping[str, Page], port: int = 0, kind: type[Lobby] = Lobby) -> AsyncIterator[Lobby]:
    """Serve pages by path on a loopback port. The same port again (given) is the server coming back."""
    lobby = kind(pages)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    lobby.port = listener.getsockname()[1]
    config = uvicorn.Config(
        lobby.application(), log_level="error", ws="websockets-sansio", lifespan="off", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server._serve([listener]))
    try:
        yield lobby
    finally:
        lobby.silent = False
        server.should_exit = True
        await running
        listener.close()
