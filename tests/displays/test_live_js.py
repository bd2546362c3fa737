"""live.js: one connection over three ways, the newest document wins, silence is said, losses repair themselves."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser, Route, expect

from displays.server import DISPLAYS
from displays.staff_samples import phone
from displays.staff_server import Branch, Visit, branch, plain_pages, visit

pytestmark = pytest.mark.asyncio(loop_scope="session")

CHANNEL = "ticket/x"
CONNECT = """async (chance = 0) => {
  const { connect } = await import("/static/live.js");
  window.taken = [];
  window.states = [];
  window.connection = connect("/live/ticket/x", {
    onDocument: (document) => taken.push(`${document.epoch} ${document.seq} ${document.at}`),
    onState: (state, detail) => states.push(detail === undefined ? state : `${state} ${detail}`),
    random: () => chance,
  });
}"""

# What is waited for, by its own account; what is due at once is left out.
FIFTY_TIMES_AS_FAST = """
window.waits = [];
const later = setTimeout;
window.setTimeout = (act, ms, ...rest) => {
  if (ms) waits.push(ms);
  return later(act, ms / 50, ...rest);
};
"""


@asynccontextmanager
async def listener(
    chromium: Browser, time: bool = False, script: str = "", chance: float = 0, **server: Any
) -> AsyncIterator[Visit]:
    """A page that does nothing but listen. `server`: what the server does not offer."""
    async with branch(plain_pages(), {CHANNEL: document(1)}) as lobby:
        for name, value in server.items():
            setattr(lobby, name, value)
        async with visit(chromium, lobby, "/missing", time=time, script=script) as page:
            await page.tab.evaluate(CONNECT, chance)
            yield page


def document(seq: int, epoch: str = "e1", at: int = 0) -> dict[str, Any]:
    return phone(seq=seq, epoch=epoch, at=at)


async def taken(page: Visit, *expected: str) -> None:
    """Wait until that many documents were taken; they are exactly these."""
    await page.tab.wait_for_function("count => taken.length >= count", arg=len(expected), timeout=10_000)
    assert await page.tab.evaluate("taken") == list(expected)


async def tried(page: Visit, way: str, times: int) -> None:
    for _ in range(1000):
        if page.lobby.connections.count(way) >= times:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(page.lobby.connections)


async def states(page: Visit, *expected: str) -> None:
    await page.tab.wait_for_function("count => states.length >= count", arg=len(expected), timeout=10_000)
    assert await page.tab.evaluate("states") == list(expected)


async def publish(lobby: Branch, *documents: dict[str, Any]) -> None:
    for each in documents:
        await lobby.publish(CHANNEL, each)


async def test_a_web_socket_is_the_first_way(chromium: Browser) -> None:
    async with listener(chromium) as page:
        await taken(page, "e1 1 0")
        await publish(page.lobby, document(2))
        await taken(page, "e1 1 0", "e1 2 0")
        assert page.lobby.connections == [f"socket {CHANNEL}"]


async def test_without_web_sockets_events_come_as_a_stream(chromium: Browser) -> None:
    async with listener(chromium, sockets_open=False) as page:
        await taken(page, "e1 1 0")
        await publish(page.lobby, document(2))
        await taken(page, "e1 1 0", "e1 2 0")
        assert page.lobby.connections == [f"stream {CHANNEL}"]


async def test_without_either_the_page_asks_again_and_again(chromium: Browser) -> None:
    async with listener(chromium, sockets_open=False, streams_open=False) as page:
        await taken(page, "e1 1 0")
        await publish(page.lobby, document(2))
        await taken(page, "e1 1 0", "e1 2 0")
        assert set(page.lobby.connections) == {f"poll {CHANNEL}"}


@pytest.mark.parametrize(("missing", "way"), [(["WebSocket"], "stream"), (["WebSocket", "EventSource"], "poll")])
async def test_a_browser_that_lacks_a_way_takes_the_next(chromium: Browser, missing: list[str], way: str) -> None:
    without = "".join(f"delete window.{name};" for name in missing)
    documents = {CHANNEL: document(1)}
    async with (
        branch(plain_pages(), documents) as lobby,
        visit(chromium, lobby, "/missing", script=without) as page,
    ):
        await page.tab.evaluate(CONNECT)
        await taken(page, "e1 1 0")
        assert lobby.connections[0] == f"{way} {CHANNEL}"


async def test_when_a_way_that_worked_is_lost_the_web_socket_is_tried_first_again(chromium: Browser) -> None:
    async with listener(chromium, sockets_open=False, streams_open=False) as page:
        await taken(page, "e1 1 0")
        await tried(page, f"poll {CHANNEL}", 2)  # the second waits for something new
        page.lobby.sockets_open = True
        page.lobby.polls_open = False
        await publish(page.lobby, document(2))
        await taken(page, "e1 1 0", "e1 2 0", "e1 2 0")
        assert page.lobby.connections[-1] == f"socket {CHANNEL}"


async def test_the_newest_document_wins(chromium: Browser) -> None:
    async with listener(chromium) as page:
        await taken(page, "e1 1 0")
        await publish(page.lobby, document(5, at=50), document(4, at=99), document(5, at=49), document(5, at=51))
        await publish(page.lobby, document(1, "e2"), document(2, "e2"))
        await taken(page, "e1 1 0", "e1 5 50", "e1 5 51", "e2 1 0", "e2 2 0")


@pytest.mark.parametrize(("code", "reason"), [(4401, "not_allowed"), (4404, "unknown")])
async def test_a_refusal_ends_it_for_good(chromium: Browser, code: int, reason: str) -> None:
    async with listener(chromium, time=True) as page:
        await taken(page, "e1 1 0")
        await page.lobby.hang_up(code)
        await states(page, f"ended {reason}")
        await page.tab.clock.fast_forward(60_000)
        await page.tab.evaluate("fetch('/missing')")  # a way that was opened again would be there before this answer
        assert page.lobby.connections == [f"socket {CHANNEL}"]


@pytest.mark.parametrize("code", [1011, 1012, 1013])
async def test_any_other_loss_is_repaired(chromium: Browser, code: int) -> None:
    async with listener(chromium) as page:
        await taken(page, "e1 1 0")
        page.lobby.documents[CHANNEL] = document(2)
        await page.lobby.hang_up(code)
        await taken(page, "e1 1 0", "e1 2 0")
        assert page.lobby.connections == [f"socket {CHANNEL}"] * 2


async def test_silence_is_said_after_twelve_seconds_and_taken_back_with_the_next_word(chromium: Browser) -> None:
    async with listener(chromium, time=True) as page:
        await taken(page, "e1 1 0")
        last = await page.tab.evaluate("connection.lastContact()")
        page.lobby.silent = True
        await page.tab.clock.fast_forward(11_000)
        assert await page.tab.evaluate("states") == []
        await page.tab.clock.fast_forward(2_000)
        await states(page, f"stale {last}")
        page.lobby.silent = False
        await page.tab.clock.fast_forward(6_000)
        await states(page, f"stale {last}", "live")


async def test_beats_are_signs_of_life(chromium: Browser) -> None:
    async with listener(chromium, time=True, beat_s=0.05) as page:
        await taken(page, "e1 1 0")
        for _ in range(3):
            await page.tab.clock.fast_forward(9_000)
            before = await page.tab.evaluate("connection.lastContact()")
            await page.tab.wait_for_function("before => connection.lastContact() > before", arg=before)
        assert await page.tab.evaluate("states") == []
        assert page.lobby.connections == [f"socket {CHANNEL}"]


async def test_a_server_that_comes_back_is_found_again(chromium: Browser) -> None:
    async with listener(chromium, sockets_open=False, streams_open=False, polls_open=False) as page:
        await tried(page, f"poll {CHANNEL}", 1)  # the last of the three ways
        assert await page.tab.evaluate("taken") == []
        page.lobby.sockets_open = True
        await taken(page, "e1 1 0")


async def test_a_phone_taken_out_of_the_pocket_connects_at_once(chromium: Browser) -> None:
    async with listener(chromium, time=True) as page:
        await taken(page, "e1 1 0")
        page.lobby.silent = True
        await page.tab.clock.fast_forward(7_000)
        page.lobby.silent = False
        page.lobby.documents[CHANNEL] = document(2)
        await page.tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        await taken(page, "e1 1 0", "e1 2 0")


async def test_the_server_s_clock_is_told_by_its_own_words(chromium: Browser) -> None:
    async with listener(chromium) as page:
        await taken(page, "e1 1 0")
        now = await page.tab.evaluate("Date.now()")
        await publish(page.lobby, document(2, at=now + 3_600_000))
        await taken(page, "e1 1 0", f"e1 2 {now + 3_600_000}")
        ahead = await page.tab.evaluate("connection.now() - Date.now()")
        assert 3_590_000 < ahead <= 3_600_000


async def test_tries_are_spread_out_and_bounded(chromium: Browser) -> None:
    async with branch(plain_pages()) as lobby, visit(chromium, lobby, "/missing") as page:
        waits = await page.tab.evaluate(
            """async () => {
              const { backoff } = await import("/static/live.js");
              return [0, 1, 9].map((failures) => [backoff(failures, () => 0), backoff(failures, () => 1)]);
            }"""
        )
    assert waits == [[1000, 5000], [1500, 7500], [3000, 15000]]


async def test_a_way_that_worked_is_tried_again_before_another_one(chromium: Browser) -> None:
    """Else all that were connected to a server when it was restarted would poll it for the rest of the day."""
    async with listener(chromium, script=FIFTY_TIMES_AS_FAST, chance=0.5) as page:
        await taken(page, "e1 1 0")
        page.lobby.sockets_open = page.lobby.streams_open = page.lobby.polls_open = False
        await page.lobby.hang_up(1012)
        await tried(page, f"poll {CHANNEL}", 1)
        assert page.lobby.refused == 2
        assert (await page.tab.evaluate("waits.map(Math.round)"))[:2] == [3000, 4500]


async def test_where_no_web_socket_ever_worked_none_is_waited_for(chromium: Browser) -> None:
    async with listener(chromium, script=FIFTY_TIMES_AS_FAST, sockets_open=False, streams_open=False) as page:
        await taken(page, "e1 1 0")
        assert (page.lobby.refused, await page.tab.evaluate("waits")) == (1, [])


@pytest.mark.parametrize("status", [200, 404])
async def test_a_page_that_could_not_be_shown_is_asked_for_again_until_it_can(chromium: Browser, status: int) -> None:
    async with (
        branch(plain_pages()) as lobby,
        visit(chromium, lobby, "/missing", script=f"{FIFTY_TIMES_AS_FAST} Math.random = () => 0;") as page,
    ):
        asked = -1  # the page itself comes first

        async def answer(route: Route) -> None:
            nonlocal asked
            asked += 1
            if asked == 0:
                await route.continue_()
            else:
                await route.fulfill(status=503 if asked < 3 else status, body="the page", content_type="text/plain")

        await page.tab.route("**/away", answer)
        await page.tab.goto(f"{lobby.url}/away")
        await expect(page.at("body")).to_have_text("the page", timeout=10_000)
        assert asked == 4


LATER = re.compile(
    r"\?\?=|\|\|=|&&=|(?<![\w$\"'`])#[a-z]\w*\s*[({;=]|this\.#|\.at\(|\.replaceAll\(|\bObject\.hasOwn\b|^await ", re.M
)
MARKUP = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(")


async def test_scripts_keep_to_what_browsers_of_2020_know() -> None:
    scripts = [path for path in (DISPLAYS / "static").glob("*.js") if path.name != "board.js"]
    assert scripts
    found = {path.name: LATER.findall(path.read_text("utf-8")) for path in scripts}
    assert {name: words for name, words in found.items() if words} == {}


async def test_nothing_is_written_as_markup_by_a_script() -> None:
    for path in (DISPLAYS / "static").glob("*.js"):
        assert not MARKUP.search(path.read_text("utf-8"))
