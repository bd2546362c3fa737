"""The live addresses of a store in memory, served by a real server on loopback."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import httpx2
import uvicorn
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from callboard.api.live import live_routes
from callboard.domain.directory import Unknown
from callboard.errors import StoreAway
from callboard.http import HANDLERS, Denied
from callboard.hub.connection import Pace
from callboard.hub.fanout import Fanout
from callboard.hub.handshake import WebSockets
from callboard.hub.http import Http
from callboard.hub.hub import Hub
from callboard.hub.rhythm import Rhythm
from callboard.hub.server import Server
from callboard.hub.watched import Place
from callboard.lines import Lines, Permit
from hub.world import BRISK, World, until

TOKEN = "s3cr3t-token"


class Served:
    """A running server. `signed_in` is what the desk's session check answers."""

    def __init__(
        self,
        world: World,
        rhythm: Rhythm,
        http: type[Http],
        ws: type[WebSockets],
        ping_s: float,
        tls: Mapping[str, Any],
        **lines: Any,
    ) -> None:
        self.world = world
        self.signed_in = True
        self.hub = Hub()
        self.fanout = Fanout(
            self.hub,
            streams=[world.follow],
            build=world.build,
            ping=world.ping,
            clock=world.clock,
            rhythm=rhythm,
        )
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        lines["pace"] = replace(lines.get("pace", Pace()), ping_s=ping_s)
        routes = live_routes(Lines(fanout=self.fanout, **lines), board=_board, ticket=_ticket, desk=self._desk)
        app = Starlette(routes=routes, exception_handlers=HANDLERS)
        config = uvicorn.Config(
            app,
            http=http,
            ws=ws,
            lifespan="off",
            log_config=None,
            timeout_graceful_shutdown=5,
            **tls,
        )
        self.server = Server(config, farewell=self.hub.close)

    @property
    def connections(self) -> int:
        return len(self.server.server_state.connections)

    def url(self, path: str, scheme: str = "http") -> str:
        return f"{scheme}://127.0.0.1:{self.port}{path}"

    def socket(self, path: str, **headers: str) -> connect:
        return connect(self.url(path, "ws"), additional_headers=headers, proxy=None, open_timeout=5, close_timeout=1)

    def client(self, trust: ssl.SSLContext | None = None) -> httpx2.AsyncClient:
        base = self.url("", "https" if trust else "http")
        return httpx2.AsyncClient(base_url=base, timeout=10, trust_env=False, verify=trust or False)

    async def _desk(self, connection: HTTPConnection) -> Permit | None:
        desk = connection.path_params["desk"]
        if connection.headers.get("authorization") == "Bearer key" or connection.cookies.get("session") == "staff":
            return Permit(Place("hall", f"desk:{desk}"), still=self._still)
        if "authorization" in connection.headers:
            raise Denied
        return None

    async def _still(self) -> bool:
        await self.world.ping()
        if "desk:d1" in self.world.gone:
            raise Unknown("desk", "d1")
        return self.signed_in


async def _board(connection: HTTPConnection) -> Permit:
    display = connection.path_params["display"]
    if display not in ("hall", "annex"):
        raise Unknown("display", display)
    return Permit(Place(display, f"board:{display}"))


async def _ticket(connection: HTTPConnection) -> Permit:
    if connection.path_params["token"] == "away":
        raise StoreAway("away")
    if connection.path_params["token"] != TOKEN:
        raise Unknown("ticket", "")
    return Permit(Place("hall", "ticket:1"))


@asynccontextmanager
async def serve(
    world: World,
    *,
    rhythm: Rhythm = BRISK,
    http: type[Http] = Http,
    ws: type[WebSockets] = WebSockets,
    ping_s: float = 20,
    tls: Mapping[str, Any] = MappingProxyType({}),
    **lines: Any,
) -> AsyncIterator[Served]:
    """`tls` are uvicorn's own options for it."""
    served = Served(world, rhythm, http, ws, ping_s, tls, **lines)
    fanning = asyncio.create_task(served.fanout.run())
    serving = asyncio.create_task(served.server._serve([served.listener]))
    await until(lambda: served.server.started and world.followed)
    try:
        yield served
    finally:
        served.server.should_exit = True
        await serving
        fanning.cancel()
        await asyncio.gather(fanning, return_exceptions=True)
        served.listener.close()


async def text(client: ClientConnection) -> str:
    """The next frame."""
    async with asyncio.timeout(5):
        frame = await client.recv()
    assert isinstance(frame, str)
    return frame


async def close_code(client: ClientConnection) -> int | None:
    """Read until the server closes."""
    with suppress(ConnectionClosed):
        async with asyncio.timeout(5):
            while True:
                await client.recv()
    return client.close_code
