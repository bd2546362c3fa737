"""How the board stays in touch: newest wins, silence is shown, every loss is repaired by itself."""

import pytest
from playwright.async_api import Browser, expect

from displays.boards import CHANNEL, lobby_with
from displays.boards import screen as open_screen
from displays.samples import board, call, now_ms

pytestmark = pytest.mark.asyncio(loop_scope="session")

FIRST = board([call(5, "A001", "1")], seq=10)
SECOND = board([call(6, "A002", "2"), call(5, "A001", "1", state="done")], seq=11)


async def test_a_published_document_is_drawn(chromium: Browser) -> None:
    async with lobby_with(FIRST) as lobby, open_screen(chromium, lobby) as screen:
        await screen.has("transport", "socket")
        await screen.say(SECOND)
        await screen.shows("A002")


async def test_the_newest_document_wins(chromium: Browser) -> None:
    async with lobby_with(FIRST) as lobby, open_screen(chromium, lobby) as screen:
        await screen.say(SECOND)
        await screen.shows("A002")
        await screen.say(board([call(1, "A000", "1")], seq=9))
        await screen.say(board([call(1, "A000", "1")], seq=11, at=SECOND["at"] - 1))
        await screen.say(SECOND | {"at": now_ms(), "location": "Same seq, later"})
        await expect(screen.tab.locator("#place")).to_have_text("Same seq, later")
        await screen.shows("A002")
        await screen.say(board([call(1, "B001", "1")], seq=1, epoch="e2"))
        await screen.shows("B001")


async def test_silence_is_told_with_the_time_of_the_last_contact_and_then_dims(chromium: Browser) -> None:
    at = 1_763_631_727_000  # 10:42:07 in Stockholm
    async with lobby_with(FIRST | {"at": at}) as lobby:
        lobby.silent = True
        async with open_screen(chromium, lobby) as screen:
            assert await screen.tab.locator("body").get_attribute("data-stale-ms") == "12000"
            assert await screen.tab.locator("body").get_attribute("data-dim-ms") == "60000"
            await screen.has("contact", "ok")
            await screen.limit(stale_ms=600)
            await screen.has("contact", "lost")
            await expect(screen.tab.locator("#lost")).to_have_text("Connection lost, as of 10:42:07")
            await expect(screen.tab.locator("main")).to_have_css("opacity", "1")
            await screen.limit(dim_ms=700)
            await screen.has("contact", "long")
            await expect(screen.tab.locator("#ask")).to_have_text("Please ask at the desk")
            await expect(screen.tab.locator("main")).to_have_css("opacity", "0.3")
            await expect(screen.tab.locator("#banner")).to_have_css("opacity", "1")
            await screen.limit(stale_ms=12000, dim_ms=60000)
            lobby.silent = False
            await screen.say(SECOND)
            await screen.has("contact", "ok")
            await screen.shows("A002")
            await expect(screen.tab.locator("#banner")).to_be_hidden()


async def test_beats_alone_keep_the_board_in_touch(chromium: Browser) -> None:
    async with lobby_with(FIRST) as lobby:
        lobby.beat_s = 0.2
        lobby.beat = lambda: {"type": "beat", "seq": 10, "epoch": "e1", "at": now_ms()}
        async with open_screen(chromium, lobby) as screen:
            await screen.has("transport", "socket")
            await screen.limit(stale_ms=800)
            await screen.tab.wait_for_timeout(1500)  # longer than a silence may last
            await screen.has("contact", "ok")
            assert lobby.connections == [f"socket {CHANNEL}"]


@pytest.mark.parametrize("code", [1012, 1013, 1006, 1001])
async def test_a_closed_socket_is_opened_again(chromium: Browser, code: int) -> None:
    async with lobby_with(FIRST) as lobby, open_screen(chromium, lobby) as screen:
        await screen.has("transport", "socket")
        await screen.limit(retry_ms=50)
        lobby.documents[CHANNEL] = SECOND
        await lobby.hang_up(1011 if code == 1006 else code)
        await screen.shows("A002")
        assert lobby.connections == [f"socket {CHANNEL}"] * 2


@pytest.mark.parametrize(("chance", "wait"), [(0, 1000), (0.5, 3000), (1, 5000)])
async def test_the_first_try_after_a_restart_is_between_one_and_five_seconds(
    chromium: Browser, chance: float, wait: int
) -> None:
    """Ten thousand have lost their line at the same moment."""
    before = f"""
    window.waits = [];
    Math.random = function () {{ return {chance}; }};
    var later = window.setTimeout;
    window.setTimeout = function (act, ms) {{ window.waits.push(ms); return later(act, Math.min(ms, 50)); }};
    """
    async with lobby_with(FIRST) as lobby, open_screen(chromium, lobby, before=before) as screen:
        await screen.has("transport", "socket")
        await screen.tab.evaluate("waits.length = 0")
        lobby.documents[CHANNEL] = SECOND
        await lobby.hang_up(1012)
        await screen.shows("A002")
        assert wait in await screen.tab.evaluate("waits.map(Math.round)")


async def test_a_silent_socket_is_given_up_and_opened_again(chromium: Browser) -> None:
    async with lobby_with(FIRST) as lobby, open_screen(chromium, lobby) as screen:
        await screen.has("transport", "socket")
        await screen.limit(stale_ms=500, retry_ms=50)
        lobby.documents[CHANNEL] = SECOND
        await screen.shows("A002")
        assert lobby.connections.count(f"socket {CHANNEL}") >= 2


@pytest.mark.parametrize("code", [4401, 4404])
async def test_a_screen_that_is_not_known_says_so_and_does_not_ask_again(chromium: Browser, code: int) -> None:
    async with lobby_with(FIRST) as lobby, open_screen(chromium, lobby) as screen:
        await screen.has("transport", "socket")
        await screen.limit(retry_ms=20)
        await lobby.hang_up(code)
        await screen.has("contact", "ended")
        await expect(screen.tab.locator("#banner")).to_contain_text("This screen is not set up")
        await screen.tab.wait_for_timeout(600)  # many times the wait before another attempt
        assert lobby.connections == [f"socket {CHANNEL}"]


async def test_where_no_socket_opens_it_polls_at_once(chromium: Browser) -> None:
    async with lobby_with(FIRST) as lobby:
        lobby.sockets_open = False
        async with open_screen(chromium, lobby) as screen:
            await screen.has("transport", "poll")
            await screen.say(SECOND)
            await screen.shows("A002")
            assert lobby.refused == 1


async def test_where_sockets_fail_again_and_again_it_polls_and_returns_when_they_work(chromium: Browser) -> None:
    async with lobby_with(FIRST) as lobby, open_screen(chromium, lobby) as screen:
        await screen.has("transport", "socket")
        await screen.limit(retry_ms=50, socket_again_ms=1500)
        lobby.sockets_open = False
        await lobby.hang_up(1012)
        await screen.has("transport", "poll")
        assert lobby.refused >= 2
        await screen.say(SECOND)
        await screen.shows("A002")
        lobby.sockets_open = True
        await screen.has("transport", "socket")
        polls = lobby.connections.count(f"poll {CHANNEL}")
        await screen.say(SECOND | {"seq": 12, "location": "By socket"})
        await expect(screen.tab.locator("#place")).to_have_text("By socket")
        assert lobby.connections.count(f"poll {CHANNEL}") == polls


async def test_a_held_poll_without_news_keeps_the_board_in_touch(chromium: Browser) -> None:
    async with lobby_with(FIRST) as lobby, open_screen(chromium, lobby) as screen:
        await screen.has("transport", "socket")
        await screen.limit(retry_ms=50, poll_s=0.3, stale_ms=1200)
        lobby.sockets_open = False
        await lobby.hang_up(1012)
        await screen.has("transport", "poll")
        await screen.tab.wait_for_timeout(2500)  # longer than a silence may last
        await screen.has("contact", "ok")


async def test_the_server_comes_back_and_so_does_the_board(chromium: Browser) -> None:
    async with lobby_with(FIRST) as lobby:
        port = lobby.port
        watched = open_screen(chromium, lobby)
        screen = await watched.__aenter__()
        await screen.has("transport", "socket")
        await screen.limit(retry_ms=50, stale_ms=400)
    await screen.has("contact", "lost")
    await screen.has("transport", "poll")
    async with lobby_with(SECOND, port) as lobby:
        await screen.shows("A002")
        await screen.limit(stale_ms=12000)
        await screen.has("contact", "ok")
        await screen.has("transport", "socket")
        await watched.__aexit__(None, None, None)


async def test_a_page_without_a_document_waits_for_one(chromium: Browser) -> None:
    """The store was away when the page was asked for."""
    async with lobby_with(FIRST) as lobby:
        del lobby.documents[CHANNEL]
        async with open_screen(chromium, lobby) as screen:
            await screen.has("current", "0")
            await screen.say(SECOND)
            await screen.shows("A002")


async def test_the_set_is_kept_awake(chromium: Browser) -> None:
    lock = """
    Object.defineProperty(navigator, 'wakeLock', {value: {request: function (kind) {
      document.documentElement.setAttribute('data-lock', kind);
      return Promise.reject(new Error('the set decides'));
    }}});
    """
    async with lobby_with(FIRST) as lobby, open_screen(chromium, lobby, before=lock) as screen:
        await expect(screen.tab.locator("html")).to_have_attribute("data-lock", "screen")
