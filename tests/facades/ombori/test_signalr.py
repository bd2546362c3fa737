"""Position updates on the wire: negotiation, handshake, invocations, pings and goodbyes, byte for byte."""

import asyncio
import json
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from callboard.building import Builder
from callboard.compose import streams
from callboard.domain.model import CloseReason
from callboard.facades.ombori.live import CHANNEL, live_routes, view
from callboard.http import HANDLERS
from callboard.hub.connection import Pace
from callboard.hub.fanout import Fanout
from callboard.hub.hub import Hub
from callboard.hub.seats import Seats
from callboard.lines import Lines
from callboard.screens import Screens
from callboard.services import Services
from conftest import Clock
from facades.ombori.conftest import QUEUE, ROOT, STAFFED
from house import served
from running import Running, serving, visitor

END = "\x1e"
HELLO = '{"protocol":"json","version":1}' + END


@dataclass
class Live:
    """The live addresses of a server, and its services."""

    port: int
    services: Services

    async def join(self, queue: str = "general") -> str:
        done = await self.services.store.join(queue, name="Ann Example", phone="+46701740605")
        assert done.ticket
        return done.ticket.id

    def path(self, ticket: str, queue: str = QUEUE, root: str = ROOT) -> str:
        return f"{root}/queues/{queue}/positions/{ticket}"

    def socket(self, path: str, **headers: str) -> connect:
        url = f"ws://127.0.0.1:{self.port}{path}?userId=3f0c&id=token"
        return connect(url, additional_headers=headers, proxy=None, open_timeout=5, close_timeout=1)

    async def negotiate(self, path: str, query: str = "?negotiateVersion=1", **headers: str) -> httpx2.Response:
        async with httpx2.AsyncClient(trust_env=False) as client:
            return await client.post(f"http://127.0.0.1:{self.port}{path}/negotiate{query}", headers=headers)


@asynccontextmanager
async def running(services: Services, *, handshake_s: float = 5, **lines: Any) -> AsyncIterator[Live]:
    """With documents that follow the store."""
    connection, clock = services.store.connection, services.clock
    build = Builder(Screens(services.reads, clock, {CHANNEL: view}))
    fanout = Fanout(Hub(), streams=streams(connection), build=build, ping=connection.ping, clock=clock)
    app = Starlette(
        routes=live_routes(Lines(fanout=fanout, **lines), handshake_s=handshake_s), exception_handlers=HANDLERS
    )
    app.state.services = replace(services, fanout=fanout)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(fanout.run())
        async with served(app) as port:
            yield Live(port, app.state.services)
        running.cancel()


@pytest.fixture
async def live(services: Services) -> AsyncIterator[Live]:
    async with running(services) as live:
        yield live


async def messages(socket: ClientConnection) -> list[dict[str, Any]]:
    """Those of the next frame."""
    async with asyncio.timeout(5):
        frame = await socket.recv()
    assert isinstance(frame, str)
    assert frame.endswith(END)
    return [json.loads(each) for each in frame.split(END)[:-1]]


async def update(socket: ClientConnection) -> dict[str, Any]:
    """The position of the next invocation; pings may come before it."""
    [message] = await messages(socket)
    while message == {"type": 6}:
        [message] = await messages(socket)
    assert message.keys() == {"type", "target", "arguments"}
    assert (message["type"], message["target"]) == (1, "position-update")
    [argument] = message["arguments"]
    assert isinstance(argument, str), "the argument is a JSON document inside a string"
    told = json.loads(argument)
    assert told.keys() == {"position"}
    position: dict[str, Any] = told["position"]
    return position


@asynccontextmanager
async def listening(live: Live, path: str) -> AsyncIterator[ClientConnection]:
    async with live.socket(path) as socket:
        await socket.send(HELLO)
        assert await messages(socket) == [{}]
        yield socket


async def test_the_negotiation_offers_websockets_with_text(live: Live) -> None:
    answer = await live.negotiate(live.path(await live.join()))
    assert answer.status_code == 200
    body = answer.json()
    assert body.keys() == {"negotiateVersion", "connectionId", "connectionToken", "availableTransports"}
    assert body["negotiateVersion"] == 1
    assert body["connectionToken"]
    assert body["availableTransports"] == [{"transport": "WebSockets", "transferFormats": ["Text"]}]


async def test_an_old_client_negotiates_without_a_token(live: Live) -> None:
    body = (await live.negotiate(live.path(await live.join()), "")).json()
    assert body.keys() == {"connectionId", "availableTransports"}


async def test_a_page_from_elsewhere_may_negotiate_and_connect(live: Live) -> None:
    path, page = live.path(await live.join()), "https://shop.example.com"
    answer = await live.negotiate(path, Origin=page)
    assert answer.headers["access-control-allow-origin"] == page
    async with live.socket(path, Origin=page) as socket:
        await socket.send(HELLO)
        assert await messages(socket) == [{}]


async def test_the_newest_position_comes_at_once_and_then_each_change(live: Live, clock: Clock) -> None:
    first, ticket = await live.join(), await live.join()
    async with listening(live, live.path(ticket)) as socket:
        told = await update(socket)
        assert told["_ts"] == clock.now // 1000
        assert told["id"] == ticket
        assert (told["status"], told["label"], told["numberInTheQueue"]) == ("pending", "A2", 2)
        assert (told["type"], told["priority"], told["location"]) == ("anonymous", 0, None)
        assert told["queue"] == QUEUE
        await live.services.store.cancel(first, reason=CloseReason.CUSTOMER)
        assert (await update(socket))["numberInTheQueue"] == 1
        clock.pass_(s=7)
        await live.services.store.open_desk("d1", staff="kim")
        await live.services.store.call_next("d1")
        called = await update(socket)
        assert (called["status"], called["station"], called["numberInTheQueue"]) == (
            "notified",
            {"id": "d1", "label": "1"},
            0,
        )
        assert called["_ts"] == clock.now // 1000
        assert "servedBy" not in called, "who serves is not for everybody who has the id"


async def test_a_client_that_reads_late_is_told_the_last_word(live: Live) -> None:
    ticket, store = await live.join(), live.services.store
    await store.open_desk("d1", staff="kim")
    async with listening(live, live.path(ticket)) as socket:
        for _ in range(5):
            await store.call_next("d1")
            await store.put_back(ticket)
        await store.cancel(ticket, reason=CloseReason.CUSTOMER)
        told = await update(socket)
        while told["status"] != "rejected":
            told = await update(socket)
        assert told["retryCount"] == 5


async def test_what_happens_to_others_is_no_news_of_a_position(live: Live) -> None:
    ticket = await live.join()
    async with listening(live, live.path(ticket)) as socket:
        await update(socket)
        await live.join("lab")
        assert await messages(socket) == [{"type": 6}]


async def test_silence_is_filled_with_pings(services: Services) -> None:
    quick = running(services, pace=Pace(beat_s=0.05))
    async with quick as live, listening(live, live.path(await live.join())) as socket:
        await update(socket)
        for _ in range(3):
            assert await messages(socket) == [{"type": 6}]
            await socket.send('{"type":6}' + END)


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        ('{"protocol":"messagepack","version":1}' + END, "Only the protocol 'json' is spoken here."),
        ('{"protocol":"json","version":2}' + END, "Only version 1 of the protocol is spoken here."),
        ('{"protocol":"json","version":1}', "The handshake has no end."),
        ("hello" + END, "The handshake cannot be read."),
        ("[" * 3000 + END, "The handshake cannot be read."),
        (b'{"protocol":"json","version":1}\x1e', "The handshake cannot be read."),
    ],
)
async def test_another_handshake_is_refused(live: Live, frame: str | bytes, why: str) -> None:
    async with live.socket(live.path(await live.join())) as socket:
        await socket.send(frame)
        assert await messages(socket) == [{"error": why}]
        await ended(socket)
        assert socket.close_code == 1002


async def test_a_handshake_that_does_not_come_is_not_waited_for(services: Services) -> None:
    hasty = running(services, handshake_s=0.05)
    async with hasty as live, live.socket(live.path(await live.join())) as socket:
        assert await messages(socket) == [{"error": "The handshake took too long."}]
        await ended(socket)


async def test_who_talks_without_end_is_hung_up(live: Live) -> None:
    async with listening(live, live.path(await live.join())) as socket:
        with suppress(ConnectionClosed):
            for _ in range(100):
                await socket.send("x" * 100 + END)
        await ended(socket)
        assert socket.close_code == 1008


async def test_a_restart_is_told_as_worth_coming_back(live: Live) -> None:
    async with listening(live, live.path(await live.join())) as socket:
        await update(socket)
        live.services.fanout.hub.close()
        assert await messages(socket) == [{"type": 7, "allowReconnect": True}]
        await ended(socket)
        assert socket.close_code == 1012


async def test_seats_are_limited(services: Services) -> None:
    async with running(services, seats=Seats(total=1)) as live:
        path = live.path(await live.join())
        async with listening(live, path):
            with pytest.raises(InvalidStatus) as refused:
                await live.socket(path).__aenter__()
            assert refused.value.response.status_code == 503


async def test_nothing_is_told_of_what_there_is_not(live: Live, key: str) -> None:
    ticket = await live.join()
    unknown = "00000000-0001-8abc-8def-0123456789ab"
    for path in (
        live.path(unknown),
        live.path("x"),
        live.path(ticket, queue="nothing"),
        live.path(ticket, queue="valley-desk"),
        live.path(ticket, root="/regions/eu/queues/v1/organizations/valley", queue="valley-desk"),
        live.path(ticket, root="/regions/eu/queues/v1/organizations/nobody"),
    ):
        answer = await live.negotiate(path)
        assert answer.status_code == answer.json()["statusCode"] == 404
        assert await refusal(live, path) == 404


async def test_a_key_is_needed_where_tickets_are_given_at_the_desk(live: Live, key: str, strange_key: str) -> None:
    path = live.path(await live.join(STAFFED), queue=STAFFED)
    assert (await live.negotiate(path)).status_code == 401
    assert await refusal(live, path) == 401
    for wrong in ("x", strange_key):
        assert (await live.negotiate(path, ApiKey=wrong)).json()["statusCode"] == 401
        assert await refusal(live, path, ApiKey=wrong) == 401
    assert (await live.negotiate(path, ApiKey=key)).status_code == 200
    async with live.socket(path, ApiKey=key) as socket:
        await socket.send(HELLO)
        assert await messages(socket) == [{}]


async def test_a_server_as_it_is_run_tells_a_position_within_a_second(tmp_path: Path) -> None:
    """With the starter site: nothing is set up."""
    tomorrow = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}"  # the server has real time
    booking = {"booking": {"start": f"{tomorrow}T14:30:00Z", "end": f"{tomorrow}T14:45:00Z"}}
    async with serving(tmp_path) as server, visitor(server) as client:
        organization, queue = names(server)
        root = f"/regions/eu/queues/v1/organizations/{organization}/queues/{queue}"
        made = await client.post(f"{root}/bookings", json=booking)
        assert made.status_code == 200, made.text
        path = f"{root}/positions/{made.json()['id']}"
        assert (await client.post(f"{path}/negotiate?negotiateVersion=1")).status_code == 200
        url = server.url.replace("http", "ws", 1) + path
        async with connect(url, proxy=None) as socket:
            await socket.send(HELLO)
            assert await messages(socket) == [{}]
            assert (await update(socket))["status"] == "draft"
            began = asyncio.get_running_loop().time()
            assert (await client.put(f"{path}/cancel-position")).status_code == 200
            assert (await update(socket))["status"] == "rejected"
            assert asyncio.get_running_loop().time() - began < 1


def names(server: Running) -> tuple[str, str]:
    """The starter site's organization and its first queue."""
    [path] = server.directory.rglob("*.toml")
    site = tomllib.loads(path.read_text())
    return site["organization"]["id"], site["locations"][0]["queues"][0]["id"]


async def refusal(live: Live, path: str, **headers: str) -> int:
    with pytest.raises(InvalidStatus) as refused:
        await live.socket(path, **headers).__aenter__()
    return refused.value.response.status_code


async def ended(socket: ClientConnection) -> None:
    """Reads until the server closes."""
    with suppress(ConnectionClosed):
        async with asyncio.timeout(5):
            while True:
                await socket.recv()
