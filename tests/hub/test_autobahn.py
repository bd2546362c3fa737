"""What Autobahn's suite said when all that it was answered was right, said again: the same must be answered.

The whole suite runs in tests/proof/test_autobahn.py, where it can; record_autobahn.py has made the record.
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest
import uvloop
from websockets.frames import Frame, Opcode

from hub.echo import echoing
from hub.test_server import handshake

Loop = Callable[[], asyncio.AbstractEventLoop]

HANDSHAKE = (handshake("/").replace("\n", "\r\n") + "\r\n\r\n").encode()


class Case(NamedTuple):
    name: str
    sends: bytes
    hears: bytes


def recorded() -> list[Case]:
    lines = Path(__file__).with_name("autobahn.jsonl").read_text().splitlines()
    found = [json.loads(line) for line in lines]
    return [Case(each["case"], bytes.fromhex(each["sends"]), bytes.fromhex(each["hears"])) for each in found]


def whole(data: bytes) -> Iterator[bytes]:
    yield data


def bytewise(data: bytes) -> Iterator[bytes]:
    for at in range(len(data)):
        yield data[at : at + 1]


def anyhow(data: bytes) -> Iterator[bytes]:
    chance = Random(data)
    while data:
        size = chance.randint(1, 40)
        yield data[:size]
        data = data[size:]


async def answer(port: int, pieces: Iterator[bytes]) -> bytes:
    """All that is heard before the server ends the connection; of one that it does not end, that too."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    heard = b""
    try:
        async with asyncio.timeout(10):
            writer.write(HANDSHAKE)
            await reader.readuntil(b"\r\n\r\n")
            for piece in pieces:
                writer.write(piece)
                await asyncio.sleep(0)  # so that the other end reads meanwhile
            while data := await reader.read(1 << 16):
                heard += data
    except TimeoutError:
        heard += b" and no end"
    finally:
        writer.close()
        await writer.wait_closed()
    return heard


def test_the_record_is_of_every_chapter_that_has_short_cases() -> None:
    names = [case.name for case in recorded()]
    assert len(names) == len(set(names)) > 150
    assert {name.partition(".")[0] for name in names} == {"1", "2", "3", "4", "5", "6"}


@pytest.mark.parametrize("cut", [whole, bytewise, anyhow])
@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_the_same_is_answered(cut: Callable[[bytes], Iterator[bytes]], loop: Loop) -> None:
    async def main() -> None:
        cases = recorded()
        async with echoing() as port:
            found = await asyncio.gather(*(answer(port, cut(case.sends)) for case in cases))
        wrong = {case.name: heard for case, heard in zip(cases, found, strict=True) if heard != case.hears}
        assert not wrong

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(main())


async def test_long_messages_come_back_whole_with_each_form_of_their_length() -> None:
    """The lengths at which the head of a frame grows; too long for the record."""
    async with echoing() as port:
        for size in (125, 126, 65_535, 65_536, 1_000_000):
            data = bytes(range(256)) * (size // 256 + 1)
            wire = Frame(Opcode.BINARY, data[:size])
            goodbye = Frame(Opcode.CLOSE, b"\x03\xe8")
            heard = await answer(port, iter([wire.serialize(mask=True), goodbye.serialize(mask=True)]))
            assert heard == wire.serialize(mask=False) + goodbye.serialize(mask=False)
