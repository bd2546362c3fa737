"""Long work in short slices, and documents that overtake one another on their way to many sockets."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from unittest.mock import MagicMock

import pytest

from callboard.hub.audience import CHUNK, FEW, Audience
from callboard.hub.connection import Pace
from callboard.hub.lean import Lean
from callboard.hub.post import Post
from callboard.hub.protocol import Close, Document, Version
from callboard.hub.sweep import STEP, Pending, Sweep, each
from callboard.hub.watched import Place
from hub.world import until


class Watch:
    """A clock that a step moves on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def job(self, name: str, steps: int, done: list[str]) -> Iterator[None]:
        for _ in range(steps):
            self.now += 0.001
            done.append(name)
            yield


async def test_the_loop_is_let_go_after_a_slice_and_a_small_job_does_not_wait_for_a_large_one() -> None:
    watch, done = Watch(), list[str]()
    sweep = Sweep(slice_s=0.0045, clock=watch)
    sweep.add(watch.job("large", 12, done))
    sweep.add(watch.job("small", 2, done))
    assert done == []
    counts = []
    while len(done) < 14:
        await asyncio.sleep(0)
        counts.append(len(done))
    assert counts == [5, 10, 14]
    assert done[:4] == ["large", "small", "large", "small"]


async def test_a_job_that_fails_does_not_take_the_others_along(caplog: pytest.LogCaptureFixture) -> None:
    def failing() -> Iterator[None]:
        raise ValueError("broken")
        yield

    watch, done = Watch(), list[str]()
    sweep = Sweep()
    sweep.add(failing())
    sweep.add(watch.job("well", 2, done))
    await until(lambda: len(done) == 2)
    sweep.add(watch.job("later", 1, done))
    await until(lambda: len(done) == 3)
    assert "broke off" in caplog.text


def test_each_is_done_with_every_one_a_few_at_a_time() -> None:
    done: list[int] = []
    job = each(range(STEP * 2 + 5), done.append)
    sizes = [len(done) for _ in job]
    assert sizes == [STEP, STEP * 2]
    assert done == list(range(STEP * 2 + 5))


async def test_what_comes_is_done_in_its_order_and_others_have_turns_in_between() -> None:
    watch, done = Watch(), list[int]()

    def work(number: int) -> None:
        watch.now += 0.001
        done.append(number)

    pending = Pending(Sweep(slice_s=0.0025, clock=watch), work)
    for number in range(6):
        pending.add(number)
    assert done == []
    await asyncio.sleep(0)
    assert done == [0, 1, 2]
    pending.add(6)
    await until(lambda: done == [*range(7)])
    pending.add(7)
    await until(lambda: done == [*range(8)])


async def test_of_what_is_work_for_the_next_turn_only_so_many_are_done_in_one() -> None:
    done, beside = list[int](), list[str]()
    sweep = Sweep(slice_s=60)
    pending = Pending(sweep, done.append, 3)
    for number in range(7):
        pending.add(number)
    sweep.add(Watch().job("beside", 20, beside))
    counts = []
    while len(done) < 7:
        await asyncio.sleep(0)
        counts.append(len(done))
    assert counts == [3, 6, 7]
    assert len(beside) == 20


async def test_one_that_cannot_be_done_keeps_none_of_the_others(caplog: pytest.LogCaptureFixture) -> None:
    done: list[float] = []
    pending: Pending[int] = Pending(Sweep(), lambda number: done.append(1 / number))
    for number in (0, 1, 0, 2):
        pending.add(number)
    await until(lambda: done == [1, 0.5])
    assert caplog.text.count("could not be done") == 2


@asynccontextmanager
async def audience_of(count: int) -> AsyncIterator[tuple[Audience, list[socket.socket]]]:
    """Its sockets are local ones; nothing sweeps but the test."""
    loop = asyncio.get_running_loop()
    house = MagicMock(pace=Pace(), now=loop.time, post=Post())
    audience, theirs = Audience(house, Place("hall", "a")), list[socket.socket]()
    for _ in range(count):
        ours, other = socket.socketpair()
        ours.setblocking(False)
        lean = Lean(audience)
        transport, _ = await loop.create_connection(lambda: lean, sock=ours)  # noqa: B023  called at once
        assert isinstance(transport, asyncio.Transport)
        lean.begin(transport, set())
        audience.add(lean)
        theirs.append(other)
    try:
        yield audience, theirs
    finally:
        for lean in list(audience):
            lean.transport.abort()
        await asyncio.sleep(0)
        for other in theirs:
            other.close()


def document(seq: int) -> Document:
    return Document("a", b"", b"%d" % seq, Version("e", seq, seq))


def read(client: socket.socket) -> list[int]:
    client.setblocking(False)
    try:
        return [int(byte) for byte in client.recv(1000).decode("latin-1")[2::3]]
    except BlockingIOError:
        return []


def jobs(audience: Audience) -> list[Iterator[None]]:
    """What was given to the sweep since it was asked last."""
    added: MagicMock = audience.house.sweep.add  # type: ignore[assignment]
    found = [call.args[0] for call in added.call_args_list]
    added.reset_mock()
    return found


async def test_a_newer_document_overtakes_and_whoever_waited_gets_it_first() -> None:
    async with audience_of(CHUNK * 2 + 10) as (audience, clients):
        audience.put(document(1))
        [writing] = jobs(audience)
        next(writing)
        audience.put(document(2))
        assert jobs(audience) == []
        next(writing)
        assert [read(client) for client in clients] == [[1]] * CHUNK + [[2]] * CHUNK + [[]] * 10
        assert len(list(writing)) == 2
        assert [read(client) for client in clients] == [[2]] * CHUNK + [[]] * CHUNK + [[2]] * 10
        audience.put(document(3))
        list(*jobs(audience))
        assert [read(client) for client in clients] == [[3]] * len(clients)


async def test_who_goes_amid_a_sweep_is_passed_over() -> None:
    async with audience_of(FEW + 1) as (audience, clients):
        audience.put(document(1))
        [writing] = jobs(audience)
        gone = list(audience)[1]
        gone.close(Close.NOT_ALLOWED)
        list(writing)
        assert read(clients[0]) == read(clients[2]) == [1]
        assert clients[1].recv(100) == b"\x88\x02" + (4401).to_bytes(2, "big")
        assert audience.count == FEW
        gone.transport.abort()


async def test_a_beat_is_due_after_silence_and_not_amid_a_document() -> None:
    async with audience_of(FEW + 1) as (audience, clients):
        now = audience.house.now()
        assert audience.is_silent(now + 1)
        assert not audience.is_silent(now - 1)
        audience.put(document(1))
        assert not audience.is_silent(now + 1)
        list(*jobs(audience))
        assert audience.is_silent(now + 1)
        audience.beat(Version("e", 1, 7))
        list(*jobs(audience))
        assert clients[0].recv(100).endswith(b'{"type":"beat","seq":1,"epoch":"e","at":7}')


async def test_a_few_are_told_with_what_others_are_told() -> None:
    async with audience_of(FEW) as (audience, clients):
        audience.put(document(1))
        audience.put(document(2))
        assert [read(client) for client in clients] == [[]] * FEW
        audience.house.post.send()
        assert [read(client) for client in clients] == [[1, 2]] * FEW
        assert jobs(audience) == []
        assert audience.is_silent(audience.house.now())


async def test_all_are_ended_once() -> None:
    async with audience_of(2) as (audience, clients):
        sockets = list(audience)
        audience.close(Close.UNKNOWN)
        sockets[0].shutdown()
        [closing] = jobs(audience)
        list(closing)
        assert [client.recv(100) for client in clients] == [b"\x88\x02" + (4404).to_bytes(2, "big")] * 2
        assert audience.count == 0
        for lean in sockets:
            lean.transport.abort()
