"""The desk by keyboard: one press is one command, and keys that mean something else are left alone."""

import pytest
from playwright.async_api import Browser, expect

from displays.desks import CHANNEL, NEXT, arrived, at_desk, commands, opened, pause, sent
from displays.staff_samples import MINUTE, NOW, called, desk

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("key", [" ", "n", "N"])
async def test_the_first_key_calls_the_next(chromium: Browser, key: str) -> None:
    async with opened(chromium) as page:
        await page.tab.keyboard.press(key)
        await sent(page, (NEXT, {}))
        [asked] = commands(page)
        assert asked.headers["x-csrf-token"] == "csrf-1"
        assert len(asked.headers["idempotency-key"]) >= 16


KEYS = {
    "r": at_desk("recall"),
    "s": at_desk("start"),
    "Enter": at_desk("start"),
    "f": at_desk("finish"),
    "x": at_desk("no_show"),
    "h": at_desk("hold"),
    "b": at_desk("put_back"),
    "c": at_desk("cancel"),
    "u": ("POST /api/v1/desks/desk-3/undo", {}),
    "Control+z": ("POST /api/v1/desks/desk-3/undo", {}),
}


async def test_each_key_is_one_command(chromium: Browser) -> None:
    undo = {"kind": "called", "label": "A017", "until": NOW + MINUTE}
    async with opened(chromium, current=called(), undo=undo, time=True) as page:
        for seq, key in enumerate(KEYS, start=8):
            await page.tab.keyboard.press(key)
            await arrived(page, seq - 7)
            await page.lobby.publish(CHANNEL, desk(seq, current=called(), undo=undo))
            await pause(page)
        await sent(page, *KEYS.values())


async def test_keys_are_known_by_their_place_where_letters_are_not_latin(chromium: Browser) -> None:
    async with opened(chromium, current=called()) as page:
        await page.tab.evaluate(
            "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'ق', code: 'KeyR', bubbles: true}))"
        )
        await sent(page, at_desk("recall"))


async def test_keys_that_do_not_fit_do_nothing(chromium: Browser) -> None:
    async with opened(chromium) as page:
        for key in ("Control+f", "Alt+s", "r", "s", "f", "x", "h", "b", "t", "c", "u", "Enter"):
            await page.tab.keyboard.press(key)
            await expect(page.at("dialog[open]")).to_have_count(0)
        await page.tab.keyboard.press("n")
        await sent(page, (NEXT, {}))


async def test_a_double_press_sends_one_while_the_first_is_on_its_way(chromium: Browser) -> None:
    async with opened(chromium) as page:
        await page.at("#primary").dblclick()
        await page.tab.keyboard.press(" ")
        await page.tab.keyboard.press(" ")
        await page.lobby.publish(CHANNEL, desk(8, current=called()))
        await expect(page.at("#primary:not([aria-disabled])")).to_be_visible()
        await sent(page, (NEXT, {}))


async def test_a_held_key_is_one_press(chromium: Browser) -> None:
    async with opened(chromium, time=True) as page:
        await page.tab.keyboard.down(" ")
        await arrived(page, 1)
        await page.lobby.publish(CHANNEL, desk(8, current=called()))
        await pause(page)
        await page.tab.keyboard.down(" ")  # what the keyboard repeats
        await page.tab.keyboard.up(" ")
        await page.tab.keyboard.press("f")
        await sent(page, (NEXT, {}), at_desk("finish"))


async def test_each_press_has_its_own_key(chromium: Browser) -> None:
    async with opened(chromium, time=True) as page:
        for seq in (8, 9):
            await page.tab.keyboard.press(" ")
            await arrived(page, seq - 7)
            await page.lobby.publish(CHANNEL, desk(seq))
            await pause(page)
        await sent(page, (NEXT, {}), (NEXT, {}))
        assert len({asked.headers["idempotency-key"] for asked in commands(page)}) == 2


async def test_after_a_mouse_click_the_keys_are_commands_again(chromium: Browser) -> None:
    async with opened(chromium, current=called()) as page:
        await page.at(".now [data-command=recall]").click()
        await sent(page, at_desk("recall"))
        await page.lobby.publish(CHANNEL, desk(8, current=called()))
        await expect(page.at("#primary:not([aria-disabled])")).to_be_visible()
        await page.tab.keyboard.press(" ")
        await sent(page, at_desk("recall"), (NEXT, {}))


async def test_a_button_reached_by_keyboard_is_pressed_by_the_keyboard(chromium: Browser) -> None:
    async with opened(chromium, current=called()) as page:
        await page.at(".now [data-command=hold]").focus()
        await page.tab.keyboard.press(" ")
        await sent(page, at_desk("hold"))
        await expect(page.at(".now [data-command=hold]")).to_be_focused()


async def test_transfer_is_a_letter_and_a_digit(chromium: Browser) -> None:
    async with opened(chromium, current=called()) as page:
        await page.tab.keyboard.press("t")
        await page.says("#transfer-title", "Transfer A017 to")
        await page.tab.keyboard.press("1")  # where it is
        await expect(page.at("#transfer-dialog")).to_be_visible()
        await page.tab.keyboard.press("2")
        await expect(page.at("#transfer-dialog")).to_be_hidden()
        await sent(page, at_desk("transfer", queue="doctor", keep_arrival=True))


async def test_a_transfer_may_start_waiting_anew_and_may_be_given_up(chromium: Browser) -> None:
    async with opened(chromium, current=called()) as page:
        await page.tab.keyboard.press("t")
        await page.tab.keyboard.press("Escape")
        await page.tab.keyboard.press("t")
        await page.at("#keep-arrival").uncheck()
        await page.tab.get_by_role("button", name="Information").click()
        await sent(page, at_desk("transfer", queue="desk", keep_arrival=False))


async def test_keys_rest_while_somebody_types(chromium: Browser) -> None:
    async with opened(chromium) as page:
        page.lobby.answers[NEXT] = (401, {"error": {"code": "not_allowed", "message": ""}})
        await page.tab.keyboard.press("n")
        await expect(page.at("#session-dialog")).to_be_visible()
        await page.at("#session-password").press_sequentially("nrfx t")
        assert await page.at("#session-password").input_value() == "nrfx t"
        await sent(page, (NEXT, {}))


async def test_the_keys_are_shown_by_a_question_mark(chromium: Browser) -> None:
    async with opened(chromium) as page:
        await page.tab.keyboard.press("?")
        await expect(page.at("#keys-dialog")).to_contain_text("Transfer, then the number of the queue")
        await page.tab.keyboard.press("n")
        await page.tab.keyboard.press("Escape")
        await expect(page.at("#keys-dialog")).to_be_hidden()
        await page.tab.keyboard.press("n")
        await sent(page, (NEXT, {}))
