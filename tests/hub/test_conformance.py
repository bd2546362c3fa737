"""What a client may say, on the live address of a real server, byte by byte: the answer, the close code, and the end.

After the cases of the Autobahn test suite, as many as there are for a server that does not echo.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from websockets.frames import Frame, Opcode

from hub.served import serve
from hub.test_server import handshake
from hub.world import World, until


def said(op: int, data: bytes = b"", fin: bool = True) -> bytes:
    return Frame(Opcode(op), data, fin=fin).serialize(mask=True)


def told(op: int, data: bytes = b"") -> bytes:
    return Frame(Opcode(op), data).serialize(mask=False)


def code(number: int) -> bytes:
    return number.to_bytes(2, "big")


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def say(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()

    async def hears(self, expected: bytes) -> None:
        async with asyncio.timeout(5):
            assert await self.reader.readexactly(len(expected)) == expected

    async def is_left_with(self, expected: bytes) -> None:
        """That is the last, and then the server ends the connection."""
        async with asyncio.timeout(5):
            assert await self.reader.read() == expected


@asynccontextmanager
async def talking() -> AsyncIterator[Client]:
    """Handshake and first document are over. At the end the server has forgotten the client."""
    async with serve(World()) as served:
        client = Client(*await asyncio.open_connection("127.0.0.1", served.port))
        await client.say((handshake("/live/board/hall").replace("\n", "\r\n") + "\r\n\r\n").encode())
        await client.reader.readuntil(b"\r\n\r\n")
        _, size = await client.reader.readexactly(2)
        await client.reader.readexactly(size)
        yield client
        client.writer.close()
        await client.writer.wait_closed()
        await until(lambda: not served.connections)


@pytest.mark.parametrize("size", [0, 1, 125])
async def test_a_ping_is_answered_with_what_it_holds(size: int) -> None:
    async with talking() as client:
        await client.say(said(9, b"\xfe" * size))
        await client.hears(told(10, b"\xfe" * size))


async def test_pings_are_answered_in_their_order_however_they_are_cut() -> None:
    pings = b"".join(said(9, b"%d" % number) for number in range(10))
    async with talking() as client:
        await client.say(*(pings[at : at + 1] for at in range(len(pings))))
        await client.hears(b"".join(told(10, b"%d" % number) for number in range(10)))


async def test_pongs_that_nobody_asked_for_are_ignored() -> None:
    async with talking() as client:
        await client.say(said(10), said(10, b"unsolicited"), said(9, b"?"))
        await client.hears(told(10, b"?"))


async def test_a_ping_amid_fragments_is_answered_before_the_message_is_whole() -> None:
    async with talking() as client:
        await client.say(said(1, b"a", fin=False), said(9, b"?"))
        await client.hears(told(10, b"?"))
        await client.say(said(0, b"b", fin=False), said(9, b"!"))
        await client.hears(told(10, b"!"))
        await client.say(said(0, b"c"), said(9, b"."))
        await client.hears(told(10, b"."))


GOODBYES = [b"", *(code(number) for number in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 4999))]


@pytest.mark.parametrize("payload", GOODBYES)
async def test_a_goodbye_is_answered_with_its_code(payload: bytes) -> None:
    async with talking() as client:
        await client.say(said(8, payload))
        await client.is_left_with(told(8, payload))


@pytest.mark.parametrize(
    "more",
    [
        said(8, code(1000)),  # 7.1.2: a second one
        said(9, b"?"),  # 7.1.3
        said(1, b"late"),  # 7.1.4
        said(0, b"rest"),
        b"\xff" * 1000,
    ],
    ids=["close", "ping", "text", "rest", "noise"],
)
async def test_nothing_is_answered_after_the_goodbye(more: bytes) -> None:
    async with talking() as client:
        await client.say(said(8, code(1000)) + more)
        await client.is_left_with(told(8, code(1000)))


async def test_a_goodbye_amid_fragments_is_answered_with_its_code() -> None:
    """7.1.5, which the library that does the handshake answers with 1002."""
    async with talking() as client:
        await client.say(said(1, b"a", fin=False), said(8, code(1000)), said(0, b"b"))
        await client.is_left_with(told(8, code(1000)))


async def test_a_goodbye_may_have_words_and_they_are_not_sent_back() -> None:
    async with talking() as client:
        await client.say(said(8, code(1000) + b"x" * 123))
        await client.is_left_with(told(8, code(1000)))


BROKEN = {
    "ping of 126 bytes": (b"\x89\xfe\x00\x7e", 1002),
    "close of 126 bytes": (b"\x88\xfe\x00\x7e", 1002),
    "ping in fragments": (bytes([0x09]) + said(9, b"x")[1:], 1002),
    "reserved bit 1": (bytes([0xC1]) + said(1, b"x")[1:], 1002),
    "reserved bits 2 and 3": (bytes([0xB1]) + said(1, b"x")[1:], 1002),
    "reserved bit of a ping": (bytes([0xC9]) + said(9)[1:], 1002),
    "opcode 3": (bytes([0x83]) + said(1, b"x")[1:], 1002),
    "opcode 7": (bytes([0x87]) + said(1)[1:], 1002),
    "opcode 11": (bytes([0x8B]) + said(9)[1:], 1002),
    "opcode 15": (bytes([0x8F]) + said(9)[1:], 1002),
    "no mask": (told(1, b"hello"), 1002),
    "rest of nothing": (said(0, b"x"), 1002),
    "rest of nothing after a message": (said(1, b"a", fin=False) + said(0, b"b") + said(0, b"c"), 1002),
    "two messages at once": (said(1, b"a", fin=False) + said(1, b"b"), 1002),
    "no UTF-8": (said(1, b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited"), 1007),
    "no UTF-8 in the first of two fragments": (said(1, b"\xf4\x90\x80\x80", fin=False), 1007),
    "text that ends amid a letter": (said(1, b"\xce"), 1007),
    "close of one byte": (said(8, b"\x03"), 1002),
    "close with words that are no UTF-8": (said(8, code(1000) + b"\xce\xba\xff"), 1007),
    "message too long": (said(2, b"x" * 5000), 1009),
    "announced far too long": (b"\x82\xff" + b"\x7f" * 8, 1009),
    **{
        f"close {number}": (said(8, code(number)), 1002)
        for number in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000)
    },
}


@pytest.mark.parametrize(("wire", "number"), BROKEN.values(), ids=BROKEN)
async def test_what_may_not_be_said_ends_with_its_code(wire: bytes, number: int) -> None:
    async with talking() as client:
        await client.say(wire)
        await client.is_left_with(told(8, code(number)))


async def test_the_code_comes_although_more_follows_than_is_read() -> None:
    """A connection that is closed with something unread is reset, and what was sent last is lost."""
    async with talking() as client:
        await client.say(told(1, b"hello") + b"x" * 300_000)
        await client.is_left_with(told(8, code(1002)))


async def test_a_client_that_ends_without_a_goodbye_is_gone() -> None:
    async with talking() as client:
        client.writer.write_eof()
        await client.is_left_with(b"")
