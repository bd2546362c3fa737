"""Clients that say more than anybody can want to hear, on the live address: they are ended, and nobody waits for it."""

import asyncio
from collections.abc import Callable

import pytest
import uvloop
from websockets.frames import Frame, Opcode

from callboard.hub.connection import Pace
from callboard.hub.handshake import WebSockets
from hub.served import Served, serve, text
from hub.test_lean import happen
from hub.test_server import handshake
from hub.world import World, until

Loop = Callable[[], asyncio.AbstractEventLoop]

BOARD = "/live/board/hall"
NOWHERE = "/live/board/nowhere"  # whoever asks for it is told that it is unknown, by the library
LOOPS = pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
MOST = 20_000_000  # bytes that a flood gets rid of


def said(op: Opcode, data: bytes = b"", fin: bool = True) -> bytes:
    return Frame(op, data, fin=fin).serialize(mask=True)


FLOODS = {
    "pings": said(Opcode.PING, b"?") * 10_000,
    "pongs": said(Opcode.PONG) * 10_000,
    "messages": said(Opcode.TEXT, b"hello") * 10_000,
    "garbage": b"\xff" * 100_000,
    "messages without end": said(Opcode.TEXT, b"", fin=False) + said(Opcode.CONT, b"", fin=False) * 10_000,
    "goodbyes": said(Opcode.CLOSE, b"\x03\xe8") * 10_000,
}


async def flood(served: Served, path: str, data: bytes) -> int:
    """Say it again and again, and read what is answered, until the connection is cut; how much could be said."""
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write((handshake(path).replace("\n", "\r\n") + "\r\n\r\n").encode())
    await reader.readuntil(b"\r\n\r\n")
    reading = asyncio.create_task(reader.read(-1))
    size = 0
    try:
        while size < MOST:
            writer.write(data)
            await writer.drain()
            size += len(data)
    except ConnectionError:
        pass
    finally:
        writer.transport.abort()
        await asyncio.gather(reading, return_exceptions=True)
    return size


@LOOPS
@pytest.mark.parametrize("path", [BOARD, NOWHERE])
@pytest.mark.parametrize("data", FLOODS.values(), ids=FLOODS)
def test_a_flood_is_cut_off_and_others_are_served(data: bytes, path: str, loop: Loop) -> None:
    async def main() -> None:
        async with serve(World()) as served, served.socket(BOARD) as other:
            await text(other)
            async with asyncio.timeout(10):
                assert await flood(served, path, data) < MOST
            await until(lambda: served.connections == 1)
            await happen(served)
            while '"type":"beat"' in (news := await text(other)):
                pass
            assert '"seq":1,' in news

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(main())


@pytest.mark.parametrize("op", [Opcode.PING, Opcode.PONG, Opcode.TEXT])
async def test_of_what_comes_at_once_only_so_much_is_looked_at(op: Opcode) -> None:
    """What is read at once can be a hundred thousand frames, and nobody else is served while they are looked at."""
    async with serve(World(), pace=Pace(frames_per_s=5)) as served:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        try:
            writer.write((handshake(BOARD).replace("\n", "\r\n") + "\r\n\r\n").encode())
            await reader.readuntil(b"\r\n\r\n")
            writer.write(said(op) * 10_000)
            async with asyncio.timeout(5):
                heard = await reader.read()
        finally:
            writer.close()
        assert heard.endswith(b"\x8a\x00" * (5 if op is Opcode.PING else 0) + b"\x88\x02\x03\xf0")
        assert heard.count(b"\x8a\x00") == (5 if op is Opcode.PING else 0)


async def test_who_pings_now_and_then_is_answered_for_ever() -> None:
    """What counts is how often, not how many in all."""
    async with serve(World(), pace=Pace(frames_per_s=200)) as served, served.socket(BOARD) as client:
        for _ in range(250):
            async with asyncio.timeout(5):
                await (await client.ping())
            await asyncio.sleep(0.0051)


async def test_one_who_was_refused_is_cut_off_before_it_is_heard_out() -> None:
    """What the library is given at once it takes apart at once: a hundred thousand pongs took seconds."""
    async with serve(World()) as served:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        try:
            writer.write((handshake(NOWHERE).replace("\n", "\r\n") + "\r\n\r\n").encode())
            await reader.readuntil(b"\x11\x34")  # 4404
            [connection] = served.server.server_state.connections
            assert isinstance(connection, WebSockets)
            connection.data_received(said(Opcode.PONG) * 100_000)
            assert connection.transport.is_closing()
            assert len(connection.conn.events) < 1000
        finally:
            writer.transport.abort()
