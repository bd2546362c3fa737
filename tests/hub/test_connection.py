"""One client's loop, against a socket that the test holds both ends of."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from callboard.hub.connection import Connection, Form, Gone, Pace
from callboard.hub.hub import Hub, Mailbox
from callboard.hub.protocol import Close, Document, Version
from hub.world import body, until

QUICK = Pace(beat_s=0.02, send_s=0.05)
SLOW_BEATS = Pace(send_s=0.05)
BEAT = Version("e1", 3, 99)
PLAIN = Form(lambda document: document.body.decode(), lambda beat: f"beat {beat.seq}")


@dataclass
class Wire:
    """A socket that notes what it is told. `stuck`: nothing is taken any more; `broken`: sending fails."""

    sent: list[str] = field(default_factory=list)
    said: asyncio.Queue[int | None] = field(default_factory=asyncio.Queue)
    closed: Close | None = None
    stuck: bool = False
    broken: bool = False

    async def send_text(self, text: str) -> None:
        if self.broken:
            raise Gone
        if self.stuck:
            await asyncio.Event().wait()
        self.sent.append(text)

    async def receive(self) -> int:
        size = await self.said.get()
        if size is None:
            raise Gone
        return size

    async def close(self, code: Close) -> None:
        self.closed = code

    async def took(self, count: int) -> None:
        await until(lambda: len(self.sent) == count)


@asynccontextmanager
async def connected(
    wire: Wire, mailbox: Mailbox, pace: Pace = SLOW_BEATS, pulse: Callable[[], Version | None] = lambda: BEAT
) -> AsyncIterator[asyncio.Task[Close]]:
    task = asyncio.create_task(Connection(wire, mailbox, pulse, PLAIN, pace).run())
    yield task
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def document(seq: int) -> Document:
    version = Version("e1", seq, seq)
    return Document.parted("a", body("a", version), version)


async def test_documents_go_out_as_they_come() -> None:
    wire, mailbox = Wire(), Mailbox()
    async with connected(wire, mailbox):
        for seq in (1, 2):
            mailbox.put(document(seq))
            await wire.took(seq)
    assert wire.sent == [document(1).body.decode(), document(2).body.decode()]


async def test_silence_is_filled_with_beats() -> None:
    wire = Wire()
    async with connected(wire, Mailbox(), QUICK):
        await until(lambda: len(wire.sent) >= 2)
    assert wire.sent[0] == "beat 3"


async def test_no_beat_goes_out_while_there_is_nothing_honest_to_say() -> None:
    wire, mailbox, asked = Wire(), Mailbox(), []
    async with connected(wire, mailbox, QUICK, pulse=lambda: asked.append(1)):
        await until(lambda: len(asked) >= 3)
        assert wire.sent == []
        mailbox.put(document(1))
        await until(lambda: wire.sent)


async def test_a_client_that_does_not_take_a_document_is_hung_up_and_the_others_are_not_disturbed() -> None:
    hub, well = Hub(), Wire()
    stuck = Wire(stuck=True)
    boxes = [Mailbox(), Mailbox()]
    for mailbox in boxes:
        hub.join("a", mailbox)
    async with connected(stuck, boxes[0]) as slow, connected(well, boxes[1]):
        for seq in range(1, 4):
            hub.publish(document(seq))
            await well.took(seq)
        assert await slow is Close.TOO_SLOW
    assert stuck.closed is Close.TOO_SLOW
    assert well.closed is None


async def test_a_message_that_is_too_long_ends_the_connection() -> None:
    wire = Wire()
    wire.said.put_nowait(4096)
    wire.said.put_nowait(4097)
    async with connected(wire, Mailbox()) as task:
        assert await task is Close.TOO_BIG
    assert wire.closed is Close.TOO_BIG


async def test_more_than_twenty_messages_in_a_second_end_the_connection() -> None:
    wire, mailbox = Wire(), Mailbox()
    async with connected(wire, mailbox) as task:
        for _ in range(20):
            wire.said.put_nowait(1)
        await until(wire.said.empty)
        mailbox.put(document(1))
        await until(lambda: wire.sent)
        wire.said.put_nowait(1)
        assert await task is Close.TOO_OFTEN


@pytest.mark.parametrize("code", [Close.RESTARTING, Close.UNKNOWN, Close.NOT_ALLOWED])
async def test_the_hub_ends_a_connection_with_its_code(code: Close) -> None:
    wire, mailbox = Wire(), Mailbox()
    async with connected(wire, mailbox) as task:
        mailbox.close(code)
        assert await task is code
    assert wire.closed is code


async def test_a_client_that_goes_ends_it_and_is_not_spoken_to() -> None:
    wire = Wire()
    async with connected(wire, Mailbox()) as task:
        wire.said.put_nowait(None)
        assert await task is Close.GONE
    assert wire.closed is None


async def test_a_client_that_is_found_gone_while_sending_ends_it() -> None:
    wire, mailbox = Wire(broken=True), Mailbox()
    mailbox.put(document(1))
    async with connected(wire, mailbox) as task:
        assert await task is Close.GONE
