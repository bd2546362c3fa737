"""Open WebSockets on their transports: what goes out stays in order and is the newest, whoever reads slowly."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, cast

import pytest
import uvloop

from callboard.hub.connection import Pace
from callboard.hub.handshake import WebSockets
from callboard.hub.lean import PING, Lean, write_all
from callboard.hub.leaving import LEAVE
from callboard.hub.protocol import Close
from callboard.hub.wires import SHUT
from hub.left import Left, nothing_collected
from hub.served import Served, close_code, serve, text
from hub.test_server import fill, handshake, unread
from hub.world import World, until

Loop = Callable[[], asyncio.AbstractEventLoop]
Receive = Callable[[], Awaitable[bytes]]

BOARD, HALL = "/live/board/hall", "board:hall"
LONG = "x" * 200_000
LOOPS = pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])


def run_on(loop: Loop, main: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(main)


def only(served: Served) -> Lean:
    [found] = served.server.server_state.connections
    assert isinstance(found, Lean)
    return found


async def happen(served: Served, times: int = 1) -> None:
    for _ in range(times):
        seen = served.hub.newest(HALL)
        served.world.happen()
        await until(lambda: served.hub.newest(HALL) is not seen)  # noqa: B023  asked before the next turn


def frame_end(data: bytes) -> int:
    """Of the text that it begins with; not of a short one."""
    assert data[0] == 0x81, data[:40]
    head = {126: 4, 127: 10}[data[1]]
    return head + int.from_bytes(data[2:head], "big")


def receiving(client: socket.socket) -> Receive:
    client.setblocking(False)
    return lambda: asyncio.get_running_loop().sock_recv(client, 1 << 20)


async def seqs_until(receive: Receive, last: int) -> list[int]:
    """The numbers of the documents that a client reads, to the one that is `last`; each is read whole."""
    data, found = b"", list[int]()
    async with asyncio.timeout(10):
        while not found or found[-1] != last:
            data += await receive()
            data = data.partition(b"\r\n\r\n")[2] if data.startswith(b"HTTP/1.1 101") else data
            data = data.removeprefix(PING)
            while len(data) > 10 and len(data) >= (end := frame_end(data)):
                assert data[end - 1 : end] == b"}"
                found.append(int(data.partition(b'"seq":')[2].partition(b",")[0]))
                data = data[end:].removeprefix(PING)
    assert data == b""
    return found


@LOOPS
def test_a_client_that_reads_late_gets_whole_documents_in_order_and_of_those_it_missed_the_newest(loop: Loop) -> None:
    async def main() -> None:
        async with serve(World()) as served:
            served.world.words[HALL] = LONG
            with unread(served.port, handshake(BOARD)) as client:
                await until(lambda: served.hub.listeners(HALL))
                await fill(served, LONG)
                behind = served.world.seq["hall"]
                await happen(served, 20)
                await until(lambda: only(served).missed)
                seqs = await seqs_until(receiving(client), behind + 20)
                assert seqs == [*range(seqs[0], seqs[-2] + 1), behind + 20]
                assert seqs[-2] <= behind
                await until(lambda: only(served).wire is not SHUT)
                await happen(served)
                assert await seqs_until(receiving(client), behind + 21) == [behind + 21]

    run_on(loop, main())


async def test_a_client_that_reads_nothing_for_too_long_is_told_1013_behind_what_it_has_not_read() -> None:
    async with serve(World(), pace=Pace(beat_s=60, send_s=0.2)) as served:
        with unread(served.port, handshake(BOARD)) as client:
            await fill(served, LONG)
            await until(lambda: only(served).is_ended)
            client.setblocking(False)
            data = b""
            while more := await asyncio.get_running_loop().sock_recv(client, 1 << 20):
                data = (data + more)[-4:]
        assert data == b"\x88\x02" + (1013).to_bytes(2, "big")
        await until(lambda: not served.connections)


async def test_one_write_reaches_everybody_but_the_one_who_is_full_and_the_one_who_is_gone() -> None:
    """Also holds that a list keeps what it was extended by before an exception."""
    loop = asyncio.get_running_loop()
    pairs = [socket.socketpair() for _ in range(5)]
    sockets = []
    for ours, _ in pairs:
        ours.setblocking(False)
        lean = Lean(Keeper())
        transport, _ = await loop.create_connection(lambda: lean, sock=ours)  # noqa: B023  made at once
        lean.begin(transport, set())
        sockets.append(lean)
    full, gone = sockets[1], sockets[3]
    wires = [lean.wire for lean in sockets]
    while full.wire is not SHUT:
        full.send(b"." * 65536)
    gone.connection_lost(None)
    write_all(sockets, iter(wires), range(5), b"news")
    for at in (0, 2, 4):
        assert pairs[at][1].recv(100) == b"news"
    assert [lean.missed for lean in sockets] == [False, True, False, False, False]
    with pytest.raises(BlockingIOError):
        pairs[3][1].recv(100, socket.MSG_DONTWAIT)
    for lean in sockets:
        lean.transport.abort()
    await asyncio.sleep(0)
    for _, theirs in pairs:
        theirs.close()


class Keeper:
    pace = Pace()

    def close(self, code: Close) -> None:
        pass

    def __getattr__(self, name: str) -> Callable[[Lean], None]:
        return lambda socket: None


async def test_who_is_pinged_and_answers_stays_and_who_does_not_is_told_1011() -> None:
    async with serve(World(), ping_s=0.1) as served, served.socket(BOARD) as well:
        await text(well)
        with unread(served.port, handshake(BOARD)) as client:
            await until(lambda: served.connections == 2)
            await until(lambda: served.connections == 1)
            assert client.recv(1 << 20).endswith(b"\x89\x00\x88\x02" + (1011).to_bytes(2, "big"))
        await happen(served)
        assert '"seq":1,' in await text(well)


async def test_nothing_runs_for_those_who_are_silent_but_one_timer_and_nothing_when_they_are_gone() -> None:
    async with serve(World()) as served:
        await asyncio.sleep(0)
        before = len(asyncio.all_tasks())
        async with served.socket(BOARD) as client, served.socket(BOARD) as other:
            await asyncio.gather(text(client), text(other))
            await until(lambda: not served.server.server_state.tasks)
            assert len(asyncio.all_tasks()) <= before + 2  # the clients' own keepalive
        await until(lambda: served.connections == 0)
        assert served.hub.listeners(HALL) == 0


async def test_of_the_handshake_nothing_is_left_in_memory() -> None:
    """What uvicorn and the library made for it hangs in loops, and would else wait for the garbage collector."""
    left = Left()
    async with serve(World()) as served, served.socket(BOARD) as client:
        await text(client)
        async with served.socket(BOARD) as other:
            with nothing_collected():
                async with served.socket(BOARD) as third:
                    await asyncio.gather(text(other), text(third))
                    await until(lambda: not served.server.server_state.tasks)
                    counts = left.count("Lean", "WebSockets", "Http", "Seat", "Plain")
        assert counts == [3, 0, 0, 0, 0]


async def test_what_the_handover_leans_on_in_uvicorn() -> None:
    """A newer uvicorn that fails here needs a look at `WebSockets.leave`."""
    seen: dict[str, asyncio.Transport] = {}

    class Watching(WebSockets):
        def leave(self, successor: Lean) -> None:
            transport = self.transport
            assert LEAVE in cast(dict[str, Any], self.scope["extensions"])
            assert (self.handshake_complete, self.close_sent, self.disconnected) == (True, False, False)
            assert (self.close_timer, self.read_paused, self.queue.empty()) == (None, False, True)
            assert self in self.connections
            assert self._conn is None, "a plain handshake needs nothing of the library"
            assert self.connections is served.server.server_state.connections
            super().leave(successor)
            assert list(self.connections) == [cast(Any, successor)]
            assert (self.ping_timer, self.pong_timer) == (None, None)
            assert transport.get_protocol() is successor
            seen["transport"] = transport

    async with serve(World(), ws=Watching) as served, served.socket(BOARD) as client:
        await text(client)
        await until(lambda: not served.server.server_state.tasks)
        assert not seen["transport"].is_closing()
        served.server.should_exit = True
        assert await close_code(client) == 1012
