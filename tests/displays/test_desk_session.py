"""Who works at a desk: two people at one, a session that ends, signing out."""

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from displays.desks import CHANNEL, NEXT, commands, opened, sent
from displays.server import Asked
from displays.staff_samples import called, desk

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_somebody_else_at_the_desk_is_named_and_can_be_relieved(chromium: Browser) -> None:
    async with opened(chromium, staff="omar") as page:
        await expect(page.at("#others")).to_contain_text("omar opened this desk.")
        await page.tab.get_by_role("button", name="Take over the desk").click()
        await sent(page, ("POST /api/v1/desks/desk-3/open", {}))
        await page.lobby.publish(CHANNEL, desk(8, staff="maria"))
        await expect(page.at("#others")).to_be_hidden()


async def test_a_session_that_ended_is_renewed_on_the_page(chromium: Browser) -> None:
    async with opened(chromium) as page:
        await page.tab.keyboard.press("ArrowDown")
        await page.lobby.hang_up(4401)
        await expect(page.at("#session-dialog")).to_be_visible()
        await expect(page.at("#session-password")).to_be_focused()
        wrong = (401, {"error": {"code": "not_allowed", "message": ""}})
        page.lobby.answers["POST /api/v1/session"] = wrong
        await page.at("#session-password").fill("guess")
        await page.tab.keyboard.press("Enter")
        await page.says("#session-mistake", "Name or password is not right.")
        page.lobby.answers["POST /api/v1/session"] = (200, {"user": "maria", "csrf": "csrf-2"})
        await page.at("#session-password").fill("correct")
        await page.tab.keyboard.press("Enter")
        await expect(page.at("#session-dialog")).to_be_hidden()
        await page.lobby.publish(CHANNEL, desk(8, current=called()))
        await page.says("#current-label", "A017")
        await page.at(".now [data-command=finish]").click()
        await expect(page.at("#primary:not([aria-disabled])")).to_be_visible()
        assert commands(page)[-1].headers["x-csrf-token"] == "csrf-2"


async def test_a_page_whose_token_is_old_gets_the_new_one_by_itself(chromium: Browser) -> None:
    """Somebody has signed in anew in another window."""
    async with opened(chromium) as page:

        def answer(asked: Asked) -> tuple[int, Any]:
            if asked.headers["x-csrf-token"] == "csrf-2":
                return 200, {"ticket": {}}
            return 403, {"error": {"code": "csrf", "message": ""}}

        page.lobby.answers[NEXT] = answer
        page.lobby.answers["GET /api/v1/session"] = (200, {"user": "maria", "csrf": "csrf-2"})
        await page.tab.keyboard.press(" ")
        await sent(page, (NEXT, {}), ("GET /api/v1/session", None), (NEXT, {}))
        await expect(page.at("#primary:not([aria-disabled])")).to_be_visible()
        await page.says("#status", "")


async def test_signing_out_ends_the_session(chromium: Browser) -> None:
    async with opened(chromium) as page:
        await page.tab.get_by_role("button", name="Sign out").locator("visible=true").click()
        await page.tab.wait_for_url("**/signin")
        await sent(page, ("DELETE /api/v1/session", None))
