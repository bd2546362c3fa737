"""Signing in, the first administrator, the outbox, the first page and the page for trouble."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from displays.accessible import faults
from displays.staff_samples import MINUTE, NOW, message
from displays.staff_server import Visit, branch, plain_pages, visit

pytestmark = pytest.mark.asyncio(loop_scope="session")

SIGN_IN = "POST /api/v1/session"
SET_UP = "POST /api/v1/setup"
OUTBOX = "GET /api/v1/messages"


@asynccontextmanager
async def opened(
    chromium: Browser, path: str, lang: str = "en", time: bool = False, **context: Any
) -> AsyncIterator[Visit]:
    async with branch(plain_pages(lang)) as lobby, visit(chromium, lobby, path, time=time, **context) as page:
        yield page


async def sign_in(page: Visit, user: str = "maria", password: str = "correct horse") -> None:
    await page.tab.get_by_label("Name").fill(user)
    await page.tab.get_by_label("Password").fill(password)
    await page.tab.keyboard.press("Enter")


async def test_staff_sign_in_and_go_on_to_where_they_wanted_to_be(chromium: Browser) -> None:
    async with opened(chromium, "/signin") as page:
        await expect(page.tab.get_by_label("Name")).to_be_focused()
        page.lobby.answers[SIGN_IN] = (200, {"user": "maria", "csrf": "c"})
        await sign_in(page, " maria ")
        await page.tab.wait_for_url("**/desk?desk=desk-3")
        assert [asked.body for asked in page.lobby.asked] == [{"user": "maria", "password": "correct horse"}]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "Name or password is not right."),
        (429, "Too many attempts. Please wait a minute and try again."),
        (503, "No answer from the server. Please try again in a moment."),
        (500, "That did not work. Please try again."),
    ],
)
async def test_what_went_wrong_is_said_and_the_name_kept(chromium: Browser, status: int, words: str) -> None:
    async with opened(chromium, "/signin") as page:
        page.lobby.answers[SIGN_IN] = (status, {"error": {"code": "x", "message": "never shown"}})
        await sign_in(page)
        await page.says("#mistake", words)
        await expect(page.tab.get_by_label("Name")).to_have_value("maria")
        await expect(page.tab.get_by_label("Password")).to_be_focused()


async def test_nothing_is_sent_without_a_name_and_a_password(chromium: Browser) -> None:
    async with opened(chromium, "/signin") as page:
        await page.tab.get_by_role("button", name="Sign in").click()
        await page.says("#mistake", "Enter your name and your password.")
        assert page.lobby.asked == []


async def test_after_signing_in_nobody_is_led_to_another_site(chromium: Browser) -> None:
    async with branch(plain_pages()) as lobby:
        lobby.pages["/signin"].context = {"next": "https://example.org/desk"}
        lobby.answers[SIGN_IN] = (200, {"user": "maria", "csrf": "c"})
        async with visit(chromium, lobby, "/signin") as page:
            await sign_in(page)
            await page.tab.wait_for_url(f"{lobby.url}/desk")


async def set_up(page: Visit, user: str, password: str, again: str) -> None:
    for name, value in (("user", user), ("password", password), ("again", again)):
        await page.at(f"#{name}").fill(value)
    await page.tab.get_by_role("button", name="Create and start").click()


async def test_the_first_administrator_is_made_and_goes_to_work(chromium: Browser) -> None:
    async with opened(chromium, "/setup/abc") as page:
        page.lobby.answers[SET_UP] = (201, {"user": "maria", "csrf": "c"})
        await set_up(page, "maria", "correct horse", "correct horse")
        await page.tab.wait_for_url("**/desk")
        assert [a.body for a in page.lobby.asked] == [{"token": "abc", "user": "maria", "password": "correct horse"}]


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        (("", "correct horse", "correct horse"), "user", "Enter a name of at most 80 characters."),
        (("maria", "short", "short"), "password", "Use at least 10 characters."),
        (("maria", "correct horse", "correct house"), "again", "The two passwords are not the same."),
    ],
)
async def test_each_mistake_is_named_at_its_field(
    chromium: Browser, given: tuple[str, str, str], field: str, words: str
) -> None:
    async with opened(chromium, "/setup/abc") as page:
        await set_up(page, *given)
        await page.says(f"#{field}-mistake", words)
        await expect(page.at(f"#{field}")).to_be_focused()
        assert page.lobby.asked == []


async def test_what_the_server_finds_wrong_is_named_too(chromium: Browser) -> None:
    async with opened(chromium, "/setup/abc") as page:
        wrong = {"code": "invalid", "message": "", "fields": [{"field": "password", "message": "?"}]}
        page.lobby.answers[SET_UP] = (422, {"error": wrong})
        await set_up(page, "maria", "correct horse", "correct horse")
        await page.says("#password-mistake", "Use at least 10 characters.")
        page.lobby.answers[SET_UP] = (404, {"error": {"code": "not_found", "message": ""}})
        await page.tab.get_by_role("button", name="Create and start").click()
        await expect(page.at("#mistake")).to_contain_text("This link has been used or is too old.")


async def test_the_outbox_lists_what_was_or_would_be_sent_and_why_not(chromium: Browser) -> None:
    async with opened(chromium, "/messages", time=True) as page:
        await expect(page.at(".message .kind")).to_have_text(["Almost your turn", "Your turn", "Ticket taken"])
        await expect(page.at(".message .medium")).to_have_text(["E-mail", "Text", "Text"])
        await expect(page.at(".message .state")).to_have_text(["Sent", "Not sent", "Shown here only"])
        await expect(page.at(".message .at")).to_have_text(["14:04", "14:02", "14:00"])
        await expect(page.at(".message .detail").nth(1)).to_have_text("21614: not a mobile number")
        await expect(page.at(".message .to").first).to_have_text("nour@example.org")


async def test_the_outbox_looks_again_every_three_seconds(chromium: Browser) -> None:
    async with opened(chromium, "/messages", time=True) as page:
        page.lobby.answers[OUTBOX] = (200, {"messages": [message("m9", at=NOW, text="The newest")]})
        await page.tab.clock.fast_forward(3_100)
        await expect(page.at(".message .text")).to_have_text(["The newest"])
        page.lobby.answers[OUTBOX] = (503, {"error": {"code": "store_away", "message": ""}})
        await page.tab.clock.fast_forward(3_100)
        await expect(page.at("#stale")).to_contain_text("No connection since 14:05.")
        await expect(page.at(".message")).to_have_count(1)
        page.lobby.answers[OUTBOX] = (200, {"messages": []})
        await page.tab.clock.fast_forward(3_100)
        await expect(page.at("#none")).to_be_visible()
        await page.says("#stale", "")


async def test_who_is_signed_out_is_led_to_signing_in(chromium: Browser) -> None:
    async with opened(chromium, "/messages", time=True) as page:
        page.lobby.answers[OUTBOX] = (401, {"error": {"code": "not_allowed", "message": ""}})
        await page.tab.clock.fast_forward(3_100)
        await page.tab.wait_for_url("**/signin?next=%2Fmessages")


async def test_a_message_is_shown_as_text_whatever_is_in_it(chromium: Browser) -> None:
    async with branch(plain_pages()) as lobby:
        nasty = message("m1", text="<img src=x onerror=alert(1)>\nsecond line", at=NOW - MINUTE)
        lobby.pages["/messages"].context = {"csrf": "csrf-1", "messages": [nasty]}
        async with visit(chromium, lobby, "/messages") as page:
            await expect(page.at(".message .text")).to_have_text("<img src=x onerror=alert(1)> second line")
            assert await page.at(".message img").count() == 0


async def test_the_first_page_leads_everywhere(chromium: Browser) -> None:
    async with opened(chromium, "/") as page:
        await page.says("h1", "Hilltop Health")
        links = page.at("main a")
        found = [await links.nth(n).get_attribute("href") for n in range(await links.count())]
        assert found == [
            "/join/hilltop",
            "/kiosk/hilltop",
            "/display/lobby",
            "/display/corridor",
            "/desk",
            "/messages",
            "/admin",
        ]


async def test_a_place_without_public_tickets_does_not_offer_them(chromium: Browser) -> None:
    async with branch(plain_pages()) as lobby:
        place = {"id": "office", "name": "Office", "public_join": False, "displays": []}
        lobby.pages["/"].context = {"locations": [place]}
        async with visit(chromium, lobby, "/") as page:
            await page.says("h1", "Waiting room")
            assert await page.at("a[href^='/join'], a[href^='/kiosk']").count() == 0


async def test_a_page_that_is_away_tries_again_by_itself(chromium: Browser) -> None:
    async with opened(chromium, "/away", time=True) as page:
        await page.says("h1", "Just a moment")
        page.lobby.pages["/away"] = page.lobby.pages["/signin"]
        await page.tab.clock.fast_forward(3_100)
        await page.says("h1", "Sign in")


async def test_a_page_that_is_away_tries_again_without_scripts_too(chromium: Browser) -> None:
    async with opened(chromium, "/away", java_script_enabled=False) as page:
        assert await page.at("meta[http-equiv=refresh]").get_attribute("content") == "5"


@pytest.mark.parametrize(("lang", "scheme"), [("en", "dark"), ("sv", "light"), ("ar", "dark")])
async def test_every_page_is_accessible_and_fits_a_small_phone(chromium: Browser, lang: str, scheme: str) -> None:
    small = {"width": 320, "height": 568}
    async with opened(chromium, "/", lang, viewport=small, color_scheme=scheme) as page:
        for path in plain_pages():
            await page.tab.goto(page.lobby.url + path)
            assert await faults(page.tab) == "", path
            assert await page.tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
