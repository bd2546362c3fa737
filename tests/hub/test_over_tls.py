"""Clients over TLS that stop reading, or do not answer: they are dropped, and the others do not notice."""

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme
import uvloop
from websockets.asyncio.client import connect

from hub.served import Served, serve, text
from hub.test_server import IMPATIENT, LONG, STREAM, QuickHttp, QuickWebSockets, handshake
from hub.world import World, until

BOARD = "/live/board/hall"


@contextmanager
def unread(port: int, trust: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
    """A connection with room for little. What is sent on it is sent by the caller; nothing is read."""
    with socket.socket() as plain:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.settimeout(10)
        plain.connect(("127.0.0.1", port))
        with trust.wrap_socket(plain, server_hostname="127.0.0.1", do_handshake_on_connect=False) as client:
            yield client


async def check(served: Served, trust: ssl.SSLContext, request: str) -> None:
    world = served.world
    world.words["board:hall"] = LONG
    async with connect(served.url(BOARD, "wss"), ssl=trust, proxy=None) as reader:
        await text(reader)
        with unread(served.port, trust) as stuck:
            await asyncio.to_thread(stuck.do_handshake)
            stuck.sendall(request.replace("\n", "\r\n").encode() + b"\r\n\r\n")
            await until(lambda: served.hub.listeners("board:hall") == 2)
            while served.hub.listeners("board:hall") == 2:
                world.happen("hall")
                assert f'"seq":{world.seq["hall"]},' in await text(reader)
            await until(lambda: served.connections == 1)
        world.happen("hall")
        assert f'"seq":{world.seq["hall"]},' in await text(reader)


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_who_keeps_a_connection_and_does_not_answer_its_end_holds_no_stop_up(
    loop: Callable[[], asyncio.AbstractEventLoop], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    authority = trustme.CA()
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "pem"))
    trust = ssl.create_default_context()
    authority.configure_trust(trust)

    async def main() -> None:
        async with serve(World(), tls={"ssl_certfile": str(tmp_path / "pem")}) as served:
            with unread(served.port, trust) as idle:
                await asyncio.to_thread(idle.do_handshake)
                idle.sendall(b"GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n")
                assert (await asyncio.to_thread(idle.recv, 100)).startswith(b"HTTP/1.1 404")
                served.server.should_exit = True
                await until(lambda: not served.connections)

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(main())
    assert "timeout graceful shutdown exceeded" not in caplog.text


@pytest.mark.parametrize("request_text", [handshake(BOARD), STREAM], ids=["websocket", "sse"])
@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_a_client_that_stops_reading_disturbs_nobody_and_is_dropped(
    loop: Callable[[], asyncio.AbstractEventLoop], request_text: str, tmp_path: Path
) -> None:
    authority = trustme.CA()
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "pem"))
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    own = {"ssl_certfile": str(tmp_path / "pem")}

    async def main() -> None:
        async with serve(World(), pace=IMPATIENT, http=QuickHttp, ws=QuickWebSockets, tls=own) as served:
            await check(served, trust, request_text)

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(main())
