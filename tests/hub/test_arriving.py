"""Those who begin to speak TLS: in pieces, all at once, not to the end."""

import asyncio
import ctypes
import gc
import socket
import ssl
from collections.abc import Callable
from contextlib import AsyncExitStack

import pytest
import uvicorn

from callboard.hub.sealed import CUT, Sealed, Sealing
from callboard.hub.server import Server
from certified import certified
from hub.left import Left, nothing_collected
from hub.served import serve
from hub.test_lean import LOOPS, Loop, run_on
from hub.world import World, until

ASKED = b"GET /nowhere HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"


class Client:
    """TLS by hand: what is sent when, is the test's to say."""

    def __init__(self, port: int, trust: ssl.SSLContext) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 10)
        self._socket.setblocking(False)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = trust.wrap_bio(self._incoming, self._outgoing, server_hostname="127.0.0.1")

    async def send(self, size: int = -1) -> None:
        """What waits to be sent, or so much of it."""
        await asyncio.get_running_loop().sock_sendall(self._socket, self._outgoing.read(size))

    async def until_done(self, what: Callable[[], object]) -> None:
        """Sends nothing of what comes of it in the end."""
        while True:
            try:
                what()
            except ssl.SSLWantReadError:
                await self.send()
                data = await asyncio.get_running_loop().sock_recv(self._socket, 1 << 16)
                assert data, "hung up"
                self._incoming.write(data)
            else:
                return

    def close(self) -> None:
        self._socket.close()


@LOOPS
@pytest.mark.parametrize("size", [-1, 1], ids=["in one piece", "byte by byte"])
def test_what_is_asked_with_the_last_word_of_the_handshake_is_answered(loop: Loop, size: int) -> None:
    async def main() -> None:
        own, trust = certified()
        async with serve(World(), tls=own) as served:
            client = Client(served.port, trust)
            await client.until_done(client.tls.do_handshake)
            client.tls.write(ASKED)
            while client._outgoing.pending:
                await client.send(size)
            heard = list[bytes]()
            await client.until_done(lambda: heard.append(client.tls.read()))
            assert heard[0].startswith(b"HTTP/1.1 404")
            client.close()

    run_on(loop, main())


@LOOPS
def test_who_asks_and_goes_in_the_same_breath_was_heard(loop: Loop) -> None:
    async def main() -> None:
        own, trust = certified()
        async with serve(World(), tls=own) as served:
            client = Client(served.port, trust)
            await client.until_done(client.tls.do_handshake)
            client.tls.write(ASKED)
            with pytest.raises(ssl.SSLWantReadError):
                client.tls.unwrap()
            await client.send()
            await until(lambda: served.server.server_state.total_requests)
            client.close()
            await until(lambda: not served.connections)

    run_on(loop, main())


@LOOPS
def test_who_speaks_no_tls_leaves_nothing_for_the_garbage_collector(loop: Loop) -> None:
    async def main() -> None:
        own, _ = certified()
        left = Left()
        async with serve(World(), tls=own) as served:
            with nothing_collected():
                for _ in range(3):
                    with socket.create_connection(("127.0.0.1", served.port), 10) as plain:
                        plain.sendall(ASKED)
                        while await asyncio.to_thread(plain.recv, 1 << 16):
                            pass
                await until(lambda: left.count("Sealing", "SSLProtocol") == [0, 0])

    run_on(loop, main())


@LOOPS
def test_a_stop_amid_handshakes_is_in_good_order(
    loop: Loop, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    async def main() -> None:
        own, trust = certified()
        async with serve(World(), tls=own) as served, AsyncExitStack() as stack:
            for size in (0, -1):
                client = Client(served.port, trust)
                stack.callback(client.close)
                with pytest.raises(ssl.SSLWantReadError):
                    client.tls.do_handshake()
                await client.send(size)
            await until(lambda: len(served.server._arriving) == 2)
            began = asyncio.get_running_loop().time()
            served.server.should_exit = True
            await until(lambda: not served.server._arriving)
            assert asyncio.get_running_loop().time() - began < 3

    caplog.set_level("WARNING")
    run_on(loop, main())
    gc.collect()
    assert not caplog.records and capfd.readouterr().err == ""


@LOOPS
def test_who_goes_amid_the_handshake_leaves_nothing(loop: Loop, caplog: pytest.LogCaptureFixture) -> None:
    """At once; after a few words; after the last; and with words that are none."""

    async def main() -> None:
        own, trust = certified()
        async with serve(World(), tls=own) as served:
            for size in (0, 20, -1):
                client = Client(served.port, trust)
                with pytest.raises(ssl.SSLWantReadError):
                    client.tls.do_handshake()
                await client.send(size)
                client.close()
            client = Client(served.port, trust)
            await client.until_done(client.tls.do_handshake)
            await client.send()
            client.close()
            with socket.create_connection(("127.0.0.1", served.port), 10) as plain:
                await asyncio.to_thread(plain.sendall, ASKED)
                await asyncio.to_thread(plain.recv, 1 << 16)
            async with served.client(trust) as well:
                assert (await well.get("/nowhere")).status_code == 404
            await until(lambda: not served.connections)

    caplog.set_level("WARNING")
    run_on(loop, main())
    assert not caplog.records


@LOOPS
def test_of_the_handshake_nothing_is_left_in_memory(loop: Loop) -> None:
    async def main() -> None:
        own, trust = certified()
        left = Left()
        async with serve(World(), tls=own) as served:
            client = Client(served.port, trust)
            await asyncio.sleep(0)
            before = left.count("Http", "iterable_coroutine", "coroutine")
            before[0] += 1
            with nothing_collected():
                await client.until_done(client.tls.do_handshake)
                await client.send()
                await until(lambda: served.connections)
                kept = left.count("Http", "iterable_coroutine", "coroutine")
            client.close()
            assert kept == before

    run_on(loop, main())


async def test_a_context_that_does_not_tell_what_it_seals_is_refused() -> None:
    config = uvicorn.Config(lambda: None, lifespan="off", ssl_context_factory=lambda *_: ssl.create_default_context())
    config.load()
    with pytest.raises(TypeError, match="TLS context"):
        await Server(config, farewell=lambda: None).startup([])


class Memory(ctypes.Structure):
    """What glibc says of it; `hblks` are the pieces that lie apart."""

    NAMES = ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")
    _fields_ = [(name, ctypes.c_size_t) for name in NAMES]


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="not glibc")
async def test_the_large_pieces_of_connections_over_tls_lie_apart() -> None:
    c = ctypes.CDLL(None)
    c.malloc.restype, c.free.argtypes, c.mallinfo2.restype = ctypes.c_void_p, [ctypes.c_void_p], Memory
    async with serve(World(), tls=certified()[0]):
        c.free(c.malloc(24 << 20))  # from which glibc would learn that this is not large
        before = c.mallinfo2().hblks
        piece = c.malloc(20 << 20)
        assert c.mallinfo2().hblks == before + 1
        c.free(piece)


class Below:
    def __init__(self, *, waits: int, closes: bool) -> None:
        self.get_write_buffer_size = lambda: waits
        self.is_closing = lambda: closes


@pytest.mark.parametrize(("waits", "closes"), [(1, False), (0, True)], ids=["something waits", "closing"])
def test_nothing_is_written_past_a_transport_that_has_something_of_its_own_or_ends(waits: int, closes: bool) -> None:
    """The library may have an alert to say; and one that ends may give its descriptor to another connection."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.setblocking(False)
        sealing = Sealing.__new__(Sealing)
        sealing.below = Below(waits=waits, closes=closes)  # type: ignore[assignment]
        wire = Sealed(socket.SocketType(ours.family, ours.type, ours.proto, ours.fileno()), sealing)
        with pytest.raises(OSError, match=CUT):
            wire.send(b"news")
        assert not wire.is_open
        with pytest.raises(BlockingIOError):
            theirs.recv(1)
