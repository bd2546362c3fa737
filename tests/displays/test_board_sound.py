"""What the board sounds: every young call once, one at a time, never an old one."""

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from displays.boards import lobby_with
from displays.boards import screen as open_screen
from displays.samples import board, call

pytestmark = pytest.mark.asyncio(loop_scope="session")

OLD = call(5, "A001", "1", age_s=61)
A2 = {"lang": "en", "text": "A002"}


def young(id: int, ticket: str, *says: dict[str, str], **more: Any) -> dict[str, Any]:
    return call(id, ticket, "4", age_s=1, say=list(says or ({"lang": "en", "text": ticket},)), **more)


async def test_a_call_is_a_chime_and_then_its_texts_in_order(chromium: Browser) -> None:
    both = young(6, "A002", A2, {"lang": "sv", "text": "A två"})
    async with lobby_with(board([OLD])) as lobby, open_screen(chromium, lobby) as screen:
        await screen.has("sound", "on")
        await screen.say(board([both, OLD], seq=2))
        await screen.heard("chime", "A002", "A två")


async def test_a_call_older_than_a_minute_is_shown_not_sounded(chromium: Browser) -> None:
    late = call(6, "A002", "4", age_s=61)
    async with lobby_with(board([OLD])) as lobby, open_screen(chromium, lobby) as screen:
        await screen.say(board([late, OLD], seq=2))
        await screen.shows("A002", "A001")
        await screen.say(board([young(7, "A003"), late, OLD], seq=3))
        await screen.heard("chime", "A003")


@pytest.mark.parametrize("hours", [-30, 30])
async def test_the_servers_clock_decides_what_is_young(chromium: Browser, hours: int) -> None:
    """The set's own clock may be anywhere."""
    wrong = f"var right = Date.now; Date.now = function () {{ return right() + {hours} * 3600000; }};"
    async with lobby_with(board([OLD])) as lobby, open_screen(chromium, lobby, before=wrong) as screen:
        await screen.say(board([young(7, "A003"), call(6, "A002", "4", age_s=70), OLD], seq=2))
        await screen.heard("chime", "A003")


async def test_a_call_is_sounded_once_also_over_a_reload(chromium: Browser) -> None:
    async with lobby_with(board([young(6, "A002")])) as lobby, open_screen(chromium, lobby) as screen:
        await screen.heard("chime", "A002")
        await screen.say(board([young(6, "A002")], seq=2))
        await screen.say(board([young(6, "A002", state="serving")], seq=3))
        await screen.tab.reload()
        await screen.has("transport", "socket")
        await screen.limit(chime_ms=50)
        await screen.say(board([young(7, "A003"), young(6, "A002")], seq=4))
        await screen.heard("chime", "A003")


async def test_a_recalled_ticket_is_announced_again_in_its_place(chromium: Browser) -> None:
    first = board([young(7, "A003"), young(6, "A002")])
    async with lobby_with(first) as lobby, open_screen(chromium, lobby) as screen:
        await screen.heard("chime", "A002", "chime", "A003")
        await screen.say(board([young(7, "A003"), young(9, "A002", times=2)], seq=2))
        await screen.heard("chime", "A002", "chime", "A003", "chime", "A002")
        await screen.shows("A003", "A002")
        await expect(screen.tab.locator("#calls .fresh .ticket")).to_have_text("A002")


async def test_a_new_epoch_begins_to_count_again(chromium: Browser) -> None:
    async with lobby_with(board([young(600, "A002")])) as lobby, open_screen(chromium, lobby) as screen:
        await screen.heard("chime", "A002")
        await screen.say(board([young(1, "A009")], seq=1, epoch="e2"))
        await screen.heard("chime", "A002", "chime", "A009")


async def test_a_running_announcement_is_not_cut(chromium: Browser) -> None:
    async with lobby_with(board([])) as lobby, open_screen(chromium, lobby, before="window.hold = true;") as screen:
        await screen.say(board([young(6, "A002")], seq=2))
        await screen.heard("chime", "A002")
        await screen.say(board([young(7, "A003"), young(6, "A002")], seq=3))
        await screen.shows("A003", "A002")
        await screen.tab.wait_for_timeout(200)  # time in which it would have been cut
        await screen.heard("chime", "A002")
        await screen.tab.evaluate("window.letGo()")
        await screen.heard("chime", "A002", "chime", "A003")


async def test_a_crowd_gets_one_chime_and_the_list(chromium: Browser) -> None:
    crowd = [young(10 + i, f"A01{i}") for i in reversed(range(5))]
    async with lobby_with(board([])) as lobby, open_screen(chromium, lobby) as screen:
        await screen.say(board(crowd, seq=2))
        await screen.heard("chime")
        await screen.say(board([young(20, "A020"), *crowd], seq=3))
        await screen.heard("chime", "chime", "A020")


async def test_four_waiting_calls_are_spoken_one_after_the_other(chromium: Browser) -> None:
    four = [young(10 + i, f"A01{i}") for i in reversed(range(4))]
    async with lobby_with(board([])) as lobby, open_screen(chromium, lobby) as screen:
        await screen.say(board(four, seq=2))
        await screen.heard(*(word for i in range(4) for word in ("chime", f"A01{i}")))


async def test_who_is_at_the_desk_already_is_not_called_again(chromium: Browser) -> None:
    async with lobby_with(board([])) as lobby, open_screen(chromium, lobby) as screen:
        await screen.say(board([young(6, "A002", state="serving"), young(5, "A001", state="no_show")], seq=2))
        await screen.say(board([young(7, "A003")], seq=3))
        await screen.heard("chime", "A003")


async def test_chime_and_voice_can_be_switched_off(chromium: Browser) -> None:
    async with lobby_with(board([], chime=False)) as lobby, open_screen(chromium, lobby) as screen:
        await screen.say(board([young(6, "A002")], seq=2, chime=False))
        await screen.heard("A002")
    async with lobby_with(board([], voice=False)) as lobby, open_screen(chromium, lobby) as screen:
        await screen.say(board([young(6, "A002")], seq=2, voice=False))
        await screen.say(board([young(7, "A003")], seq=3, voice=False))
        await screen.heard("chime", "chime")
    async with lobby_with(board([], chime=False, voice=False)) as lobby, open_screen(chromium, lobby) as screen:
        await screen.has("sound", "off")


async def test_a_language_without_a_voice_is_left_out(chromium: Browser) -> None:
    arabic = {"lang": "ar", "text": "A 2"}
    async with lobby_with(board([])) as lobby, open_screen(chromium, lobby) as screen:
        await screen.say(board([young(6, "A002", arabic, A2)], seq=2))
        await screen.heard("chime", "A002")


async def test_a_voice_that_never_ends_does_not_silence_the_next_call(chromium: Browser) -> None:
    hasty = "window.hold = true; var later = setTimeout; setTimeout = function (f, t) { return later(f, t / 20); };"
    async with lobby_with(board([])) as lobby, open_screen(chromium, lobby, before=hasty) as screen:
        await screen.say(board([young(7, "A003"), young(6, "A002")], seq=2))
        await screen.heard("chime", "A002", "chime", "A003")


@pytest.mark.parametrize("gesture", ["key", "click"])
async def test_a_set_that_may_not_sound_asks_for_a_key_and_then_catches_up(chromium: Browser, gesture: str) -> None:
    blocked = "window.audioState = 'suspended';"
    first = board([young(6, "A002")])
    async with lobby_with(first) as lobby, open_screen(chromium, lobby, before=blocked) as screen:
        await screen.has("sound", "blocked")
        await expect(screen.tab.locator("#unmute")).to_contain_text("Press OK to turn sound on")
        await screen.shows("A002")
        await expect(screen.tab.locator("body[data-heard]")).to_have_count(0)
        await (screen.tab.keyboard.press("Enter") if gesture == "key" else screen.tab.mouse.click(5, 5))
        await screen.has("sound", "on")
        await expect(screen.tab.locator("#unmute")).to_be_hidden()
        await screen.heard("chime", "A002")


async def test_the_real_browser_lets_a_managed_screen_sound(chromium: Browser) -> None:
    """No stub: a real audio context under the switch that managed screens are started with."""
    count = """
    var create = AudioContext.prototype.createOscillator; window.tones = 0;
    AudioContext.prototype.createOscillator = function () { window.tones += 1; return create.call(this); };
    """
    async with lobby_with(board([young(6, "A002")])) as lobby:
        tab = await chromium.new_page()
        await tab.add_init_script(count)
        await tab.goto(lobby.url + "/display/hall")
        await expect(tab.locator("body")).to_have_attribute("data-sound", "on")
        await expect(tab.locator("body")).to_have_attribute("data-sounded", "6")
        assert await tab.evaluate("window.tones") == 3
        await tab.close()


async def test_a_new_call_is_marked_gently_and_for_five_seconds_at_most(chromium: Browser) -> None:
    async with lobby_with(board([])) as lobby, open_screen(chromium, lobby) as screen:
        await screen.say(board([young(6, "A002")], seq=2))
        await expect(screen.tab.locator("#calls .fresh")).to_have_count(1)
        style = "getComputedStyle(document.querySelector('.fresh'), '::after')"
        seconds, times = await screen.tab.evaluate(
            f"[parseFloat({style}.animationDuration), Number({style}.animationIterationCount)]"
        )
        assert seconds >= 1 and seconds * times <= 5
        await screen.tab.emulate_media(reduced_motion="reduce")
        assert await screen.tab.evaluate(f"{style}.animationName") == "none"
        await expect(screen.tab.locator("#calls .fresh")).to_have_count(0, timeout=6000)
