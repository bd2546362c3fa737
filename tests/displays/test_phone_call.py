"""A call on the phone: felt, heard and said once, again when it is repeated."""

import pytest
from playwright.async_api import Browser, expect

from displays.phones import opened, publish
from displays.staff_samples import phone

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_call_is_felt_and_heard_once_and_again_when_it_is_repeated(chromium: Browser) -> None:
    async with opened(chromium, "next") as page:
        assert await page.tab.evaluate("felt") == 0
        for seq in (8, 9):  # the same call in two documents
            await publish(page.lobby, phone("called", seq=seq))
        await page.tab.wait_for_function("() => felt === 1 && tones === 4")
        await publish(page.lobby, phone("called", seq=10, call=42))
        await page.tab.wait_for_function("() => felt === 2 && tones === 8")
        await page.tab.reload()
        await page.says("#headline", "It is your turn")
        await page.tab.clock.fast_forward(6_000)
        assert await page.tab.evaluate("[felt, tones]") == [0, 0]


async def test_a_call_that_may_not_sound_yet_sounds_as_soon_as_it_may(chromium: Browser) -> None:
    async with opened(chromium, "next") as page:
        await page.tab.evaluate(
            """() => {
              const state = { value: "suspended" };
              Object.defineProperty(AudioContext.prototype, "state", { get: () => state.value });
              AudioContext.prototype.resume = () => new Promise((resolve) => {
                window.allow = () => { state.value = "running"; resolve(); };
              });
            }"""
        )
        await publish(page.lobby, phone("called", seq=8))
        await page.tab.wait_for_function("() => felt === 1 && Boolean(window.allow)")
        assert await page.tab.evaluate("tones") == 0
        await page.tab.evaluate("allow()")
        await page.tab.wait_for_function("() => tones === 4")


async def test_the_sound_can_be_turned_off_and_stays_off(chromium: Browser) -> None:
    async with opened(chromium) as page:
        await page.at("#sound").click()
        await page.says("#sound-state", "On")
        await page.at("#sound").click()
        await page.says("#sound-state", "Off")
        await page.tab.reload()
        await page.says("#sound-state", "Off")
        await publish(page.lobby, phone("called", seq=9))
        await page.tab.wait_for_function("() => felt === 1")
        assert await page.tab.evaluate("tones") == 0


async def test_screen_readers_hear_the_position_politely_and_the_call_at_once(chromium: Browser) -> None:
    async with opened(chromium) as page:
        await expect(page.at("#polite")).to_have_attribute("aria-live", "polite")
        await expect(page.at("#now")).to_have_attribute("aria-live", "assertive")
        await page.says("#polite", "")
        await publish(page.lobby, phone("near", seq=8))
        await expect(page.at("#polite")).to_contain_text("2 people ahead of you. 4–7 minutes. Please come back")
        await page.says("#now", "")
        await publish(page.lobby, phone("called", seq=9))
        await page.says("#now", "A017, it is your turn. Go to Desk 3.")


async def test_the_title_tells_the_position_to_who_looks_at_another_tab(chromium: Browser) -> None:
    async with opened(chromium) as page:
        for phase, title in [
            ("far", "7 ahead · A017"),
            ("next", "You are next · A017"),
            ("called", "Your turn: Desk 3 · A017"),
            ("done", "A017 · All done"),
        ]:
            await publish(page.lobby, phone(phase))
            await expect(page.tab).to_have_title(title)
