"""How a server with listeners stops: everybody is told, and nobody is waited for who does not go."""

import asyncio
from collections.abc import Callable

import pytest
import uvloop

from hub.served import close_code, serve, text
from hub.test_server import handshake, unread
from hub.world import World, until

Loop = Callable[[], asyncio.AbstractEventLoop]

BOARD = "/live/board/hall"
KEY = "\nAuthorization: Bearer key"
GOODBYE = b"\x88\x02" + (1012).to_bytes(2, "big")
HELD_S = 4  # less than the five seconds that a request under way may take


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_clients_that_ignore_the_goodbye_do_not_hold_it_up_and_have_it_all_the_same(
    loop: Loop, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        async with serve(World()) as served, served.socket(BOARD) as polite:
            await text(polite)
            with (
                unread(served.port, handshake(BOARD)) as deaf,
                unread(served.port, handshake("/live/desk/d1") + KEY) as other,  # for which there is a task
                unread(served.port, handshake("/live/board/nowhere")),  # who was told not to come back, and stays
            ):
                await until(lambda: served.hub.listeners("board:hall") == 2 and served.connections == 4)
                begun = asyncio.get_running_loop().time()
                served.server.should_exit = True
                assert await close_code(polite) == 1012
                await until(lambda: not served.connections)
                assert asyncio.get_running_loop().time() - begun < HELD_S
                for client in (deaf, other):
                    client.setblocking(False)
                    heard = b""
                    async with asyncio.timeout(5):
                        while data := await asyncio.get_running_loop().sock_recv(client, 1 << 16):
                            heard += data
                    assert heard.endswith(GOODBYE)

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(main())
    assert "timeout graceful shutdown exceeded" not in caplog.text
