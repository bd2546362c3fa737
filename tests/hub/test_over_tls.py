"""Clients over TLS: documents go past the transports in order, and whoever stops reading disturbs nobody."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any, cast

import pytest
from websockets.asyncio.client import connect

from callboard.hub.asker import Asker
from callboard.hub.audience import FEW
from callboard.hub.connection import Pace
from callboard.hub.lean import Lean
from callboard.hub.sealed import Sealed
from certified import certified
from hub.served import Served, close_code, serve, text
from hub.test_asker import borrowed
from hub.test_lean import BOARD, HALL, LOOPS, Loop, Receive, happen, run_on, seqs_until
from hub.test_server import IMPATIENT, LONG, STREAM, QuickHttp, QuickWebSockets, handshake
from hub.world import World, until

SHORT = "x" * 10_000  # in one record; the larger ones are in many


@contextmanager
def unread(port: int, trust: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
    """A connection with room for little. What is sent on it is sent by the caller; nothing is read."""
    with socket.socket() as plain:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.settimeout(10)
        plain.connect(("127.0.0.1", port))
        with trust.wrap_socket(plain, server_hostname="127.0.0.1", do_handshake_on_connect=False) as client:
            yield client


async def begin(client: ssl.SSLSocket, request: str) -> None:
    await asyncio.to_thread(client.do_handshake)
    client.sendall(request.replace("\n", "\r\n").encode() + b"\r\n\r\n")


def receiving(client: ssl.SSLSocket) -> Receive:
    return lambda: asyncio.to_thread(client.recv, 1 << 20)


def only(served: Served) -> Lean:
    [found] = served.server.server_state.connections
    return cast(Lean, found)


def is_open(lean: Lean) -> bool:
    return cast(Sealed, lean.wire).is_open


def rests(lean: Lean) -> int:
    """What was sealed and has not gone yet."""
    return cast(Sealed, lean.wire).below.get_write_buffer_size()


@LOOPS
def test_documents_go_past_the_transports(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        own, trust = certified()
        async with serve(World(), tls=own) as served:
            url = served.url(BOARD, "wss")
            async with connect(url, ssl=trust, proxy=None) as one, connect(url, ssl=trust, proxy=None) as other:
                await asyncio.gather(text(one), text(other))
                await until(lambda: all(map(is_open, cast(list[Lean], served.server.server_state.connections))))
                monkeypatch.setattr(Lean, "write_rest", None)
                for seq in range(1, 30):
                    await happen(served)
                    assert f'"seq":{seq},' in await text(one)
                    assert f'"seq":{seq},' in await text(other)
                await (await one.ping())
                monkeypatch.undo()
                served.server.should_exit = True
                assert await close_code(one) == 1012

    run_on(loop, main())


@pytest.mark.parametrize("words", [SHORT, LONG], ids=["in one record", "in many"])
@LOOPS
def test_a_client_that_reads_late_gets_whole_documents_in_order_and_of_those_it_missed_the_newest(
    loop: Loop, words: str
) -> None:
    """Some of what it has not read waits below TLS, of which no transport tells, and one more behind that."""

    async def main() -> None:
        own, trust = certified()
        async with serve(World(), tls=own) as served:
            served.world.words[HALL] = words
            with unread(served.port, trust) as client:
                await begin(client, handshake(BOARD))
                await until(lambda: served.hub.listeners(HALL))
                for _ in range(2):
                    while not only(served).missed:
                        await happen(served)
                    last = served.world.seq["hall"]
                    seqs = await seqs_until(receiving(client), last)
                    assert seqs == [*range(seqs[0], seqs[-2] + 1), last]
                await happen(served)
                assert await seqs_until(receiving(client), last + 1) == [last + 1]

    run_on(loop, main())


@asynccontextmanager
async def full() -> AsyncIterator[tuple[Served, ssl.SSLSocket, Lean]]:
    """One client, of whose last document some waits below TLS."""
    own, trust = certified()
    async with serve(World(), tls=own) as served:
        served.world.words[HALL] = SHORT
        with unread(served.port, trust) as client:
            await begin(client, handshake(BOARD))
            await until(lambda: served.hub.listeners(HALL))
            while not rests(only(served)):
                await happen(served)
            yield served, client, only(served)


@LOOPS
def test_who_reads_before_the_next_document_comes_misses_nothing(loop: Loop) -> None:
    async def main() -> None:
        async with full() as (served, client, lean):
            last = served.world.seq["hall"]
            assert not (lean.is_blocked or is_open(lean))
            seqs = await seqs_until(receiving(client), last)
            assert seqs == [*range(seqs[0], last + 1)]
            await happen(served)
            assert await seqs_until(receiving(client), last + 1) == [last + 1]
            assert is_open(lean)

    run_on(loop, main())


@LOOPS
def test_behind_what_waits_there_is_room_for_one_more_document(loop: Loop) -> None:
    async def main() -> None:
        async with full() as (served, _, lean):
            await happen(served)
            assert lean.is_blocked and not lean.missed
            await happen(served)
            assert lean.missed

    run_on(loop, main())


@LOOPS
def test_one_of_many_who_does_not_read_holds_up_none_of_the_others(loop: Loop) -> None:
    async def main() -> None:
        own, trust = certified()
        async with serve(World(), tls=own) as served, AsyncExitStack() as stack:
            served.world.words[HALL] = SHORT
            client = stack.enter_context(unread(served.port, trust))
            await begin(client, handshake(BOARD))
            await until(lambda: served.hub.listeners(HALL))
            stuck = only(served)
            url = served.url(BOARD, "wss")
            others = [await stack.enter_async_context(connect(url, ssl=trust, proxy=None)) for _ in range(2 * FEW)]
            await asyncio.gather(*map(text, others))
            while not stuck.missed:
                await happen(served)
                last = served.world.seq["hall"]
                for other in others:
                    assert f'"seq":{last},' in await text(other)
            assert (await seqs_until(receiving(client), last))[-1] == last

    run_on(loop, main())


@LOOPS
def test_a_wire_that_is_made_anew_is_the_one_that_many_are_written_to_by(loop: Loop) -> None:
    async def main() -> None:
        own, trust = certified()
        async with serve(World(), tls=own) as served, AsyncExitStack() as stack:
            url = served.url(BOARD, "wss")
            others = [await stack.enter_async_context(connect(url, ssl=trust, proxy=None)) for _ in range(2 * FEW)]
            await asyncio.gather(*map(text, others))
            for lean in cast(list[Lean], served.server.server_state.connections):
                lean.wire.detach()  # as after a short moment without room
            slowly, send = list[bytes](), Lean.send

            def one_by_one(lean: Lean, message: bytes) -> None:
                slowly.append(message)
                send(lean, message)

            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(Lean, "send", one_by_one)
                for seq in (1, 2, 3):
                    await happen(served)
                    for other in others:
                        assert f'"seq":{seq},' in await text(other)
            assert len(slowly) == len(others) and all(b'"seq":1,' in data for data in slowly)

    run_on(loop, main())


async def check(served: Served, trust: ssl.SSLContext, request: str) -> None:
    world = served.world
    world.words["board:hall"] = LONG
    async with connect(served.url(BOARD, "wss"), ssl=trust, proxy=None) as reader:
        await text(reader)
        with unread(served.port, trust) as stuck:
            await begin(stuck, request)
            await until(lambda: served.hub.listeners("board:hall") == 2)
            while served.hub.listeners("board:hall") == 2:
                world.happen("hall")
                assert f'"seq":{world.seq["hall"]},' in await text(reader)
            await until(lambda: served.connections == 1)
        world.happen("hall")
        assert f'"seq":{world.seq["hall"]},' in await text(reader)


@LOOPS
def test_who_keeps_a_connection_and_does_not_answer_its_end_holds_no_stop_up(
    loop: Loop, caplog: pytest.LogCaptureFixture
) -> None:
    own, trust = certified()

    async def main() -> None:
        async with serve(World(), tls=own) as served:
            with unread(served.port, trust) as idle:
                await asyncio.to_thread(idle.do_handshake)
                idle.sendall(b"GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n")
                assert (await asyncio.to_thread(idle.recv, 100)).startswith(b"HTTP/1.1 404")
                served.server.should_exit = True
                await until(lambda: not served.connections)

    run_on(loop, main())
    assert "timeout graceful shutdown exceeded" not in caplog.text


@pytest.mark.parametrize("request_text", [handshake(BOARD), STREAM], ids=["websocket", "sse"])
@LOOPS
def test_a_client_that_stops_reading_disturbs_nobody_and_is_dropped(loop: Loop, request_text: str) -> None:
    own, trust = certified()

    async def main() -> None:
        async with serve(World(), pace=IMPATIENT, http=QuickHttp, ws=QuickWebSockets, tls=own) as served:
            await check(served, trust, request_text)

    run_on(loop, main())


async def a_poll(own: dict[str, Any], trust: ssl.SSLContext) -> None:
    async with serve(World(), tls=own, pace=Pace(beat_s=60)) as served:
        with unread(served.port, trust) as client:
            await asyncio.to_thread(client.do_handshake)
            receive = receiving(client)
            for seq in range(1, 6):
                client.sendall(b"GET /live/board/hall?after=%d&wait=30 HTTP/1.1\r\nHost: h\r\n\r\n" % (seq - 1))
                await until(lambda: served.hub.listeners(HALL))
                served.world.happen()
                answer = await receive()
                while f'"seq":{seq},'.encode() not in answer:
                    answer += await receive()
                await until(lambda: isinstance(only(served), Asker))
            asker = only(served)
            transport, below = asker.transport, cast(Sealed, asker.wire).below
            client.sendall(b"GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n")
            assert (await receive()).startswith(b"HTTP/1.1 404")
            assert all(each.get_write_buffer_limits()[1] > 1 for each in (transport, below))


@LOOPS
def test_a_poll_over_tls_is_lent_its_connection_and_has_it_back(loop: Loop) -> None:
    run_on(loop, a_poll(*certified()))


@LOOPS
def test_who_polls_is_told_of_a_stop_though_others_are_just_lost(loop: Loop, caplog: pytest.LogCaptureFixture) -> None:
    """A transport that ends takes a turn of the loop or two until it says so: by then nobody is to have it back."""

    async def main() -> None:
        own, trust = certified()
        async with serve(World(), tls=own, pace=Pace(beat_s=60)) as served, AsyncExitStack() as stack:
            clients = [stack.enter_context(unread(served.port, trust)) for _ in range(8)]
            for client in clients:
                await begin(client, f"GET {BOARD}?after=0&wait=30 HTTP/1.1\nHost: h")
            await until(lambda: len(borrowed(served)) == 8)
            lost, others = borrowed(served)[:4], borrowed(served)[4:]
            for asker in lost:
                asker.transport.abort()
            served.hub.close()
            await until(lambda: served.connections == len(others))
            answers = await asyncio.gather(*(asyncio.to_thread(client.recv, 100) for client in clients))
            assert sorted(answer[:12] for answer in answers) == [b""] * 4 + [b"HTTP/1.1 503"] * 4

    caplog.set_level("WARNING")
    run_on(loop, main())
    assert not caplog.records
