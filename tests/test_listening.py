"""A socket that shares its port is closed, and none of those who connect at that time is reset."""

import asyncio
import socket
import sys
from contextlib import ExitStack, closing
from typing import cast

import pytest

from callboard.listening import give_way, listen
from callboard.settings import Settings
from callboard.starting import Stop

MANY = 30


class Echo(asyncio.Protocol):
    """Says what is said."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._transport.write(data)


async def take_up(listening: socket.socket, taken: list[Echo]) -> asyncio.Server:
    """Serves whoever has connected there, and notes them."""

    def one() -> Echo:
        taken.append(Echo())
        return taken[-1]

    return await asyncio.get_running_loop().create_server(one, sock=listening)


async def come(port: int, stack: ExitStack) -> socket.socket:
    client = stack.enter_context(socket.socket())
    client.setblocking(False)
    async with asyncio.timeout(20):
        await asyncio.get_running_loop().sock_connect(client, ("127.0.0.1", port))
    return client


async def ask(clients: list[socket.socket]) -> list[bytes]:
    """What each is answered, until it is hung up on."""
    loop = asyncio.get_running_loop()
    answers = []
    async with asyncio.timeout(20):
        for client in clients:
            await loop.sock_sendall(client, b"?")
            client.shutdown(socket.SHUT_WR)
        for client in clients:
            answers.append(await loop.sock_recv(client, 1))
            assert await loop.sock_recv(client, 1) == b""
    return answers


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the kernel does otherwise")
async def test_who_comes_before_during_and_after_is_served_by_the_one_or_the_other() -> None:
    shared = {"redis": "redis://shared", "reuse_port": True}
    with ExitStack() as stack:
        old = stack.enter_context(listen(Settings(port=0, **shared)))  # type: ignore[arg-type]
        port = old.getsockname()[1]
        new = stack.enter_context(listen(Settings(port=port, **shared)))  # type: ignore[arg-type]
        by_old, by_new = list[Echo](), list[Echo]()
        with closing(await take_up(new, by_new)):
            clients = [await come(port, stack) for _ in range(MANY)]
            giving = asyncio.create_task(give_way(old))
            await asyncio.sleep(0.05)  # by now it hears nobody new
            waiting_at_old = MANY - len(by_new)
            coming = [asyncio.create_task(come(port, stack)) for _ in range(MANY)]
            await asyncio.wait([giving], timeout=0.5)
            assert not giving.done()  # some are not taken up yet
            with closing(await take_up(old, by_old)):
                await giving
            clients += await asyncio.gather(*coming)
            clients += [await come(port, stack) for _ in range(MANY)]
            assert await ask(clients) == [b"?"] * 3 * MANY
        assert len(by_old) == waiting_at_old


def test_a_port_is_shared_only_by_those_who_want_it() -> None:
    with listen(Settings(port=0)) as one, pytest.raises(Stop, match="Address already in use"):
        listen(Settings(port=one.getsockname()[1], redis="redis://shared", reuse_port=True))
