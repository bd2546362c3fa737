"""What ties a worker to its parent, at both of its ends."""

import asyncio
import socket
from collections.abc import Iterator

import msgspec
import pytest

from callboard.domain.model import Site
from callboard.settings import Settings
from callboard.workers import tether
from callboard.workers.tether import Given, ParentGone, Tether
from conftest import SITE

GIVEN = Given(
    settings=Settings(port=1, redis="redis://:hush@store", smtp_password="hush", trusted_proxies=("10.0.0.1",)),
    sites=[msgspec.convert(SITE, Site)],
    store="unix:///store.sock",
    problem="The disk is full.",
    name="0-1",
    counting="/counting",
)


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[socket.socket, socket.socket]]:
    monkeypatch.setattr(tether, "LAST_S", 1_000_000)  # else it ends the tests
    parent, child = socket.socketpair()
    with parent, child:
        yield parent, child


async def test_a_worker_has_all_that_it_is_given_and_hears_how_the_store_fares_until_its_parent_goes(
    line: tuple[socket.socket, socket.socket],
) -> None:
    parent, child = line
    whole = msgspec.json.encode(GIVEN) + b"\n"
    parent.sendall(whole[:100])
    reading = asyncio.create_task(asyncio.to_thread(Tether, child))
    parent.sendall(whole[100:] + b"null\n")
    end = await reading
    assert end.given == GIVEN
    assert end.problem() == "The disk is full."
    gone = asyncio.Event()
    end.follow(gone.set)
    await until_it_says(end, None)
    end.ready()
    assert parent.recv(10) == b"\n"
    parent.sendall(msgspec.json.encode("No space.") + b"\n")
    await until_it_says(end, "No space.")
    assert not gone.is_set()
    parent.close()
    async with asyncio.timeout(10):
        await gone.wait()
    assert end.is_cut
    end.ready()  # now nobody hears it


async def until_it_says(end: Tether, problem: str | None) -> None:
    async with asyncio.timeout(10):
        while end.problem() != problem:  # noqa: ASYNC110 - a thread hears it
            await asyncio.sleep(0.005)


def test_without_a_parent_there_is_nothing_to_do(line: tuple[socket.socket, socket.socket]) -> None:
    parent, child = line
    parent.sendall(b'{"settings":')
    parent.close()
    with pytest.raises(ParentGone):
        Tether(child)
