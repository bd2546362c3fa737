"""The ways that pages listen where WebSockets do not get through, with a browser and the server itself."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from playwright.async_api import Browser, Page

from running import Running, serving, visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")

LISTEN = """async () => {
  const { connect } = await import("/static/live.js");
  window.taken = [];
  window.states = [];
  connect("/live/board/lobby", {
    onDocument: (document) => taken.push([document.seq, document.at, JSON.stringify(document)]),
    onState: (state) => states.push(state),
    random: () => 0,
  });
}"""
ASKED = re.compile(
    r'^callboard_http_requests_total{method="GET",route="/live/board/{display}",status="(\d+)"} (\d+)', re.M
)


@asynccontextmanager
async def listening(
    chromium: Browser, directory: Path, without: list[str]
) -> AsyncIterator[tuple[Running, Page, httpx2.AsyncClient]]:
    async with serving(directory) as server, visitor(server) as client:
        browser = await chromium.new_context()
        try:
            tab = await browser.new_page()
            await tab.add_init_script("".join(f"delete window.{name};" for name in without))
            await tab.goto(f"{server.url}/join/main")
            await tab.evaluate(LISTEN)
            await told(tab, 0)
            yield server, tab, client
        finally:
            await browser.close()


async def told(tab: Page, seq: int) -> None:
    """The page has been told of that event; each document came once, in order. One event may make two: what is expected
    of the lines may change behind it."""
    await tab.wait_for_function("seq => taken.length && taken[taken.length - 1][0] >= seq", arg=seq, timeout=15_000)
    taken = [tuple(document) for document in await tab.evaluate("taken")]
    assert taken == sorted(taken, key=lambda document: document[:2])
    assert len(taken) == len(set(taken))


async def happen(client: httpx2.AsyncClient) -> int:
    """One more person waits."""
    answer = await client.post("/api/v1/tickets", json={"queue": "service"})
    assert answer.status_code == 201
    return int((await client.get("/live/board/lobby")).json()["seq"])


async def asked(client: httpx2.AsyncClient) -> dict[int, int]:
    """How many requests for the board the application has answered, by status."""
    found = ASKED.findall((await client.get("/metrics")).text)
    return {int(status): int(count) for status, count in found}


async def test_events_come_as_a_stream(chromium: Browser, tmp_path: Path) -> None:
    async with listening(chromium, tmp_path, ["WebSocket"]) as (_, tab, client):
        for number in range(1, 4):
            await told(tab, await happen(client))
            assert await asked(client) == {200: number + 1}  # the stream, and the test's own
        assert "stale" not in await tab.evaluate("states")


async def test_without_streams_a_page_asks_again_and_the_application_is_asked_few_times(
    chromium: Browser, tmp_path: Path
) -> None:
    async with listening(chromium, tmp_path, ["WebSocket", "EventSource"]) as (_, tab, client):
        while 204 not in await asked(client):  # noqa: ASYNC110 - until it waits, in another process
            await asyncio.sleep(0.02)
        for _ in range(4):
            await told(tab, await happen(client))
        assert sum((await asked(client)).values()) <= 4 + 3  # the test's own, and the page's first ones
        assert "stale" not in await tab.evaluate("states")
