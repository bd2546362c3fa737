"""Server-sent events on their transports: whole chunks, the newest for who reads late, an end in good order."""

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

import h11

from callboard.hub.connection import Pace
from callboard.hub.http import Http
from callboard.hub.leaving import LEAVE, SEND_BUFFER_BYTES
from callboard.hub.protocol import Close
from callboard.hub.sse import Stream
from certified import certified
from hub.left import Left, nothing_collected
from hub.served import Served, serve, text
from hub.test_lean import BOARD, HALL, LONG, LOOPS, Loop, happen, run_on
from hub.test_server import STREAM, fill, unread
from hub.world import World, until

ASKED = [("Host", "h"), ("Accept", "text/event-stream")]
DESK = "/live/desk/d1"


class Reader:
    """A client as strict as h11 is. What it hears are events: their kind, and their data."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer
        self._http = h11.Connection(h11.CLIENT)
        self._text = ""
        self.head: h11.Response | None = None
        self.chunks: list[bytes] = []

    def ask(self, path: str, *more: tuple[str, str]) -> None:
        for event in (h11.Request(method="GET", target=path, headers=[*ASKED, *more]), h11.EndOfMessage()):
            self.writer.write(self._http.send(event) or b"")

    async def event(self) -> tuple[str, Any]:
        """The next; EOFError when the answer has ended in order, and h11's own error when it has not."""
        while "\n\n" not in self._text:
            self._text += await self._more()
        said, _, self._text = self._text.partition("\n\n")
        fields = dict(line.split(": ", 1) for line in said.split("\n"))
        if "retry" in fields:
            return "retry", int(fields["retry"])
        return fields["event"], json.loads(fields["data"])

    async def _more(self) -> str:
        async with asyncio.timeout(10):
            while True:
                event = self._http.next_event()
                if event is h11.NEED_DATA:
                    self._http.receive_data(await self._reader.read(1 << 20))
                elif isinstance(event, h11.Response):
                    self.head = event
                elif isinstance(event, h11.Data):
                    self.chunks.append(bytes(event.data))
                    return event.data.decode()
                else:
                    assert isinstance(event, h11.EndOfMessage)
                    raise EOFError

    async def ends(self) -> None:
        with suppress(EOFError):
            while await self.event():
                pass
        async with asyncio.timeout(10):
            assert await self._reader.read() == b""


@asynccontextmanager
async def reading(
    served: Served, path: str = BOARD, *more: tuple[str, str], tls: ssl.SSLContext | None = None
) -> AsyncIterator[Reader]:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port, ssl=tls)
    client = Reader(reader, writer)
    client.ask(path, *more)
    try:
        yield client
    finally:
        writer.transport.abort()


def only(served: Served) -> Stream:
    [found] = served.server.server_state.connections
    assert isinstance(found, Stream)
    return found


async def seq_of(client: Reader) -> int:
    kind, document = await client.event()
    assert kind == "document"
    return int(document["seq"])


@LOOPS
def test_documents_come_in_order_each_in_one_chunk_and_the_end_is_that_of_an_answer(loop: Loop) -> None:
    async def main() -> None:
        async with serve(World(), chance=lambda: 0.5) as served, reading(served) as client:
            served.world.words[HALL] = "Kö"
            assert await client.event() == ("retry", 3000)
            for seq in range(3):
                assert await seq_of(client) == seq
                await happen(served)
            assert await seq_of(client) == 3
            assert client.head and (client.head.status_code, client.head.http_version) == (200, b"1.1")
            assert [chunk.count(b"\n\n") for chunk in client.chunks] == [1] * 5
            await until(lambda: not served.server.server_state.tasks)
            served.server.should_exit = True
            await client.ends()

    run_on(loop, main())


@LOOPS
def test_who_reads_late_gets_whole_documents_in_order_and_of_those_it_missed_the_newest(loop: Loop) -> None:
    async def main() -> None:
        async with serve(World()) as served:
            served.world.words[HALL] = LONG
            with unread(served.port, STREAM) as client:
                await until(lambda: served.hub.listeners(HALL))
                await fill(served, LONG)
                behind = served.world.seq["hall"]
                await happen(served, 20)
                await until(lambda: only(served).missed)
                seqs = await seqs_until(client, behind + 20)
                assert seqs == [*range(seqs[0], seqs[-2] + 1), behind + 20]
                assert seqs[-2] <= behind
                await happen(served)
                await seqs_until(client, behind + 21)

    run_on(loop, main())


async def seqs_until(client: socket.socket, last: int) -> list[int]:
    """The numbers of the documents that a client reads, to the one that is `last`."""
    client.setblocking(False)
    data = b""
    async with asyncio.timeout(10):
        while not (data.endswith(b"\n\n\r\n") and f'"seq":{last},'.encode() in data):
            data += await asyncio.get_running_loop().sock_recv(client, 1 << 20)
    return [int(each.partition(b",")[0]) for each in data.split(b'"seq":')[1:]]


async def test_who_reads_nothing_for_too_long_is_dropped() -> None:
    async with serve(World(), pace=Pace(beat_s=60, send_s=0.2)) as served:
        with unread(served.port, STREAM):
            await fill(served, LONG)
            await until(lambda: not served.connections)


async def test_over_tls_it_is_the_same() -> None:
    own, context = certified()
    async with serve(World(), tls=own) as served:
        served.world.words[HALL] = LONG
        async with reading(served, tls=context) as client:
            assert (await client.event())[0] == "retry"
            for seq in range(5):
                assert await seq_of(client) == seq
                await happen(served)
            assert await seq_of(client) == 5
            served.server.should_exit = True
            await client.ends()


async def test_beats_are_of_each_way_and_of_silence_only() -> None:
    async with serve(World(), pace=Pace(beat_s=0.05), ping_s=0.05) as served, reading(served) as client:
        async with served.socket(BOARD) as other:
            assert '"seq":0,' in await text(other)
            assert json.loads(await text(other))["type"] == "beat"
        assert [(await client.event())[0] for _ in range(2)] == ["retry", "document"]
        for _ in range(3):  # none of them is a ping, and none is asked for an answer
            kind, beat = await client.event()
            assert (kind, beat["type"], beat["seq"]) == ("beat", "beat", 0)


async def test_a_session_that_ends_ends_its_stream_and_nobody_else_is_asked_again() -> None:
    async with (
        serve(World(), recheck_s=0.02) as served,
        reading(served, DESK, ("Authorization", "Bearer key")) as staff,
        reading(served) as anybody,
    ):
        for client in (staff, anybody):
            assert [(await client.event())[0] for _ in range(2)] == ["retry", "document"]
        await until(lambda: len(served.server.server_state.tasks) == 1)
        served.signed_in = False
        await staff.ends()
        await until(lambda: not served.server.server_state.tasks)
        await happen(served)
        assert await seq_of(anybody) == 1


async def test_a_document_that_is_gone_ends_its_streams_and_only_those() -> None:
    async with serve(World()) as served, reading(served) as hall, reading(served, "/live/board/annex") as annex:
        for client in (hall, annex):
            assert [(await client.event())[0] for _ in range(2)] == ["retry", "document"]
        served.hub.hang_up(HALL, Close.UNKNOWN)
        await hall.ends()
        served.world.happen("annex")
        assert await seq_of(annex) == 1


async def test_who_talks_is_not_heard_and_who_talks_too_much_is_ended() -> None:
    async with serve(World()) as served, reading(served) as client:
        assert [(await client.event())[0] for _ in range(2)] == ["retry", "document"]
        client.writer.write(b"GET /live/board/annex HTTP/1.1\r\nHost: h\r\n\r\n")
        await happen(served)
        assert await seq_of(client) == 1
        client.writer.write(b"x" * 4096)
        await until(lambda: not served.connections)
        assert served.hub.listeners(HALL) == 0


async def test_a_request_right_behind_is_a_stranger_s_and_ends_the_connection() -> None:
    asked = STREAM.replace("\n", "\r\n").encode() + b"\r\n\r\n"
    async with serve(World()) as served:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        writer.write(asked * 2)
        async with asyncio.timeout(5):
            with suppress(ConnectionError):
                while await reader.read(1000):
                    pass
        writer.close()
        await until(lambda: not served.connections and not served.server.server_state.tasks)
        assert served.hub.listeners(HALL) == 0


async def test_of_the_request_nothing_is_left_in_memory() -> None:
    left = Left()
    async with serve(World()) as served, reading(served) as client:
        await client.event()
        async with reading(served) as other:
            with nothing_collected():
                async with reading(served) as third:
                    await asyncio.gather(other.event(), third.event())
                    await until(lambda: not served.server.server_state.tasks)
                    counts = left.count("Stream", "Seat", "Http", "RequestResponseCycle", "Mailbox")
        assert counts == [3, 0, 0, 0, 0]


async def test_connections_for_plain_requests_leave_no_loops_behind() -> None:
    left = Left()
    async with serve(World()) as served:
        async with served.client() as http:
            await http.get(BOARD)
            with nothing_collected():
                async with served.client() as other:
                    await other.get(BOARD)
                await until(lambda: served.connections == 1)
                counts = left.count("Http", "RequestResponseCycle")
        assert counts == [1, 1]


async def test_what_the_handover_leans_on_in_uvicorn() -> None:
    """A newer uvicorn that fails here needs a look at `Http.leave`."""
    seen: dict[str, asyncio.Transport] = {}

    class Watching(Http):
        def leave(self, successor: Any) -> None:
            transport, cycle = self.transport, self.cycle
            assert LEAVE in cast(dict[str, Any], cycle.scope)["extensions"]
            assert (cycle.response_started, cycle.response_complete, cycle.disconnected) == (True, False, False)
            assert (cycle.keep_alive, cycle.chunked_encoding, cycle.more_body) == (False, True, False)
            assert (self.timeout_keep_alive_task, len(self.pipeline), self.flow.read_paused) == (None, 0, False)
            assert self.connections is served.server.server_state.connections
            super().leave(successor)
            assert list(self.connections) == [cast(Any, successor)]
            assert transport.get_protocol() is successor
            wire = transport.get_extra_info("socket")
            assert wire.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) == 2 * SEND_BUFFER_BYTES  # as Linux counts
            seen["transport"] = transport

    async with serve(World(), http=Watching) as served, reading(served) as client:
        assert [(await client.event())[0] for _ in range(2)] == ["retry", "document"]
        await until(lambda: not served.server.server_state.tasks)
        assert not seen["transport"].is_closing()
        served.server.should_exit = True
        await client.ends()
