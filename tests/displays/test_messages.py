"""The outbox: what became of a message is said in the page's language, and a dead one goes again at a press."""

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from displays.accessible import faults
from displays.server import Page
from displays.staff_samples import MINUTE, NOW, message
from displays.staff_server import branch, plain_pages, visit

pytestmark = pytest.mark.asyncio(loop_scope="session")

AGAIN = "POST /api/v1/tickets/t-a017/messages/send_again"
LIST = "GET /api/v1/messages"
DEAD = message("your_turn:x", "failed", detail="the phone cannot be reached", dead=True)
SENT = message("almost:x", at=NOW - 2 * MINUTE, kind="almost_your_turn", segments=2, said="delivered")


def outbox(*messages: dict[str, Any], lang: str = "en") -> dict[str, Page]:
    pages = plain_pages(lang)
    pages["/messages"].context = {"csrf": "csrf-1", "messages": list(messages)}
    return pages


async def test_a_dead_message_is_sent_again_by_the_keyboard_and_says_so(chromium: Browser) -> None:
    async with branch(outbox(DEAD, SENT)) as lobby, visit(chromium, lobby, "/messages", time=True) as page:
        button = page.tab.get_by_role("button", name="Send again")
        await expect(button).to_have_count(1)
        await expect(button).to_have_accessible_description("A017 Your turn Text")
        lobby.answers = {AGAIN: (200, {"id": "your_turn:x:again1"}), LIST: (200, {"messages": [DEAD, SENT]})}
        await button.focus()
        await page.tab.keyboard.press("Enter")
        await page.says(".message:first-child .outcome", said("A017"))
        await expect(page.at(".send").first).to_have_text("Sent again")
        await expect(page.at(".send").first).to_be_focused()
        await page.tab.keyboard.press("Enter")  # it rests: nothing more is sent
        await page.tab.clock.fast_forward(3_100)
        later = message("your_turn:x:again1", at=NOW)
        lobby.answers[LIST] = (200, {"messages": [later, DEAD, SENT]})
        await page.tab.clock.fast_forward(3_100)
        await expect(page.at(".message")).to_have_count(3)
        asked = lobby.asked_for(AGAIN)
        assert [(each.body, each.headers["x-csrf-token"]) for each in asked] == [({"message": "your_turn:x"}, "csrf-1")]
        assert await faults(page.tab) == ""


def said(label: str) -> str:
    return f"{label} is written to again. What comes of it stands at the top of this list."


async def test_one_that_was_sent_again_elsewhere_offers_nothing(chromium: Browser) -> None:
    later = DEAD | {"id": "your_turn:x:again1", "at": NOW}
    async with branch(outbox(later, DEAD)) as lobby, visit(chromium, lobby, "/messages") as page:
        await expect(page.at(".message:nth-child(1) .send")).to_be_visible()
        await expect(page.at(".message:nth-child(2) .send")).to_be_hidden()


async def test_why_it_cannot_go_again_is_a_sentence(chromium: Browser) -> None:
    async with branch(outbox(DEAD)) as lobby, visit(chromium, lobby, "/messages") as page:
        lobby.answers[AGAIN] = (409, {"error": {"code": "ticket_closed", "message": "never shown"}})
        await page.at(".send").click()
        await page.says(".outcome", "It does not fit any more: the ticket is closed.")
        await expect(page.at(".send")).to_have_text("Send again")


async def test_who_signed_in_anew_elsewhere_need_not_load_the_page_again(chromium: Browser) -> None:
    async with branch(outbox(DEAD)) as lobby, visit(chromium, lobby, "/messages") as page:
        answers = [(403, {"error": {"code": "csrf", "message": ""}}), (200, {"id": "x"})]
        lobby.answers |= {
            AGAIN: lambda asked: answers.pop(0),
            "GET /api/v1/session": (200, {"user": "maria", "csrf": "csrf-2"}),
            LIST: (200, {"messages": [DEAD]}),
        }
        await page.at(".send").click()
        await page.says(".outcome", said("A017"))
        assert [each.headers["x-csrf-token"] for each in lobby.asked_for(AGAIN)] == ["csrf-1", "csrf-2"]


async def test_what_became_of_it_is_said_in_the_language_of_the_page(chromium: Browser) -> None:
    messages = [
        message("1", "failed", detail="refused by the carrier (30034)", dead=True),
        message("2", "unknown", detail="may have been sent: the carrier's answer was lost (TimeoutError)"),
        message("3", "failed", medium="mail", detail="the mail server refuses the address (550)"),
        message("4", "skipped", detail="ticket is no_show"),
        message("5", said="not delivered: a landline, or a carrier that takes no texts", segments=1),
        message("6", "failed", detail="something quite new"),
    ]
    async with branch(outbox(*messages, lang="sv")) as lobby, visit(chromium, lobby, "/messages") as page:
        await expect(page.at(".detail")).to_have_text(
            [
                "nekat av operatören (30034)",
                "kan ha skickats: operatörens svar gick förlorat (TimeoutError)",
                "e-postservern nekar adressen (550)",
                "numret är missat",
                "kom inte fram: fast telefon, eller en operatör som inte tar emot sms\u00a0· 1 del",
                "something quite new",
            ]
        )


@pytest.mark.parametrize(("lang", "width"), [("en", 1366), ("ar", 390)])
async def test_the_outbox_is_clean_for_who_hears_it(chromium: Browser, lang: str, width: int) -> None:
    pages = outbox(DEAD, SENT, message("3", said="not delivered: error 30034"), lang=lang)
    async with (
        branch(pages) as lobby,
        visit(chromium, lobby, "/messages", viewport={"width": width, "height": 800}) as page,
    ):
        await expect(page.at(".message")).to_have_count(3)
        assert await faults(page.tab) == ""
        assert await page.tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
