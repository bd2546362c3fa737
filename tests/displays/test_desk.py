"""The desk: it shows the newest document and nothing guessed, offers what fits, and says refusals in sentences."""

import re
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from displays.accessible import faults
from displays.desks import CHANNEL, NEXT, SERVING, commands, opened, pause, refuse, sent
from displays.staff_samples import MINUTE, NOW, called, desk, ticket
from displays.staff_server import Visit

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_desk_is_chosen_from_cards_and_found_again(chromium: Browser) -> None:
    async with opened(chromium, path="/desk?lang=sv") as page:
        cards = ["1Desk 1Öppen · omar", "2Desk 2Stängd", "3Desk 3Öppen · maria"]
        await expect(page.at(".desk-card")).to_have_text(cards)
        await page.tab.get_by_role("link", name="Desk 3").click()
        await expect(page.at("#primary-words")).to_have_text("Ropa nästa")
        await page.at("#change").click()
        await expect(page.at(".desk-card").first).to_contain_text("Din senaste disk")
        await expect(page.at(".desk-card").first).to_contain_text("Desk 3")


async def test_who_is_at_the_desk_is_shown_with_the_time_since_the_call(chromium: Browser) -> None:
    async with opened(chromium, current=called(priority="elderly", locale="ar"), time=True) as page:
        await page.says("#current-label", "A017")
        await page.says("#current-state", "Called")
        await page.says("#facts", "Nour Haddad\u00a0· Priority: elderly\u00a0· waited 11 minutes\u00a0· Speaks Arabic")
        await expect(page.at("#timer")).to_have_text(re.compile(r"^Called 0:[45]\d ago"))
        await page.tab.clock.fast_forward(60_000)
        await expect(page.at("#timer")).to_have_text(re.compile(r"^Called 1:[45]\d ago"))
        await page.lobby.publish(CHANNEL, desk(8, current=SERVING, at=NOW + 60_000))
        await expect(page.at("#timer")).to_have_text(re.compile(r"^With you for 1:[1-4]\d"))
        await expect(page.tab).to_have_title("A017 · Desk 3")


async def test_only_what_fits_the_state_is_offered(chromium: Browser) -> None:
    async def offered(page: Visit) -> set[str]:
        found = page.at(".now [data-command]:not([aria-disabled]):not(.away)")
        return {await found.nth(n).get_attribute("data-command") or "" for n in range(await found.count())}

    async with opened(chromium) as page:
        assert await offered(page) == {"call_next"}
        views: list[tuple[str, dict[str, Any], str]] = [
            ("called", {"current": called()}, "call_next recall start finish no_show hold put_back transfer cancel"),
            ("serving", {"current": SERVING}, "call_next finish hold transfer cancel"),
            ("closed", {"open": False}, "open"),
        ]
        for seq, (state, changes, fits) in enumerate(views, start=8):
            await page.lobby.publish(CHANNEL, desk(seq, **changes))
            await expect(page.at("#current")).to_have_attribute("data-state", state)
            assert await offered(page) == set(fits.split())


async def test_buttons_rest_until_the_document_that_follows_is_drawn(chromium: Browser) -> None:
    async with opened(chromium, time=True) as page:
        await page.tab.clock.pause_at(NOW / 1000 + 8)
        async with page.tab.expect_response("**/call_next") as answer:
            await page.at("#primary").click()
        await (await answer.value).finished()
        await page.tab.evaluate("fetch('/desk')")  # the page has seen the answer to the press before this one
        assert await page.at("#primary").get_attribute("aria-disabled") == "true"
        await page.says("#current-title", "Nobody is at this desk")  # nothing is guessed
        await page.lobby.publish(CHANNEL, desk(8, current=called()))
        await expect(page.at("#primary")).not_to_have_attribute("aria-disabled", "true", timeout=500)
        await page.says("#current-label", "A017")
        await page.says("#polite", "A017 is called.")


async def test_a_refusal_is_a_sentence_and_goes_with_the_next_press(chromium: Browser) -> None:
    async with opened(chromium, time=True) as page:
        await refuse(page, NEXT, "queue_empty")
        await page.tab.keyboard.press(" ")
        await page.says("#status", "Nobody is waiting in your queues.")
        assert await page.at("#says").get_attribute("role") == "status"
        await pause(page)
        page.lobby.answers[NEXT] = (200, {"ticket": {}})
        await page.tab.keyboard.press(" ")
        await page.says("#status", "")


async def test_a_refusal_goes_by_itself(chromium: Browser) -> None:
    async with opened(chromium, time=True) as page:
        await refuse(page, NEXT, "queue_empty")
        await page.tab.keyboard.press(" ")
        await page.says("#status", "Nobody is waiting in your queues.")
        await page.tab.clock.fast_forward(21_000)
        await page.says("#status", "")


async def test_a_refusal_moves_no_button(chromium: Browser) -> None:
    async with opened(chromium) as page:
        before = await page.at("#primary").bounding_box()
        await refuse(page, NEXT, "queue_empty")
        await page.tab.keyboard.press(" ")
        await page.says("#status", "Nobody is waiting in your queues.")
        assert await page.at("#primary").bounding_box() == before


async def test_a_lost_answer_is_asked_for_again_with_the_same_key(chromium: Browser) -> None:
    async with opened(chromium) as page:
        answers = iter([(503, {"error": {"code": "store_away", "message": ""}}), (200, {"ticket": {}})])
        page.lobby.answers[NEXT] = lambda _: next(answers)
        await page.tab.keyboard.press(" ")
        await sent(page, (NEXT, {}), (NEXT, {}))
        assert len({asked.headers["idempotency-key"] for asked in commands(page)}) == 1


async def test_undo_says_what_it_would_undo_and_how_long(chromium: Browser) -> None:
    undo = {"kind": "no_show", "label": "A016", "until": NOW + 30_000}
    async with opened(chromium, undo=undo, time=True) as page:
        await page.says("#undo-words", "Undo: A016 marked not here")
        await expect(page.at("#undo-left")).to_have_text(re.compile("0:(30|2[5-9]) left"))
        await page.tab.clock.fast_forward(10_000)
        await expect(page.at("#undo-left")).to_have_text(re.compile("0:(20|1[5-9]) left"))
        await page.tab.clock.fast_forward(21_000)
        await expect(page.at("#undo")).to_be_hidden()
        await page.tab.keyboard.press("u")
        await page.tab.keyboard.press("n")
        await sent(page, (NEXT, {}))


async def test_a_closed_desk_is_opened_with_the_first_key(chromium: Browser) -> None:
    async with opened(chromium, open=False, staff="") as page:
        await page.says("#current-title", "This desk is closed")
        await page.tab.keyboard.press(" ")
        await sent(page, ("POST /api/v1/desks/desk-3/open", {}))
        await page.lobby.publish(CHANNEL, desk(8))
        await page.says("#primary-words", "Call next")
        await page.at("#open-close").click()
        await sent(page, ("POST /api/v1/desks/desk-3/open", {}), ("POST /api/v1/desks/desk-3/close", {}))


async def test_without_contact_the_desk_says_since_when(chromium: Browser) -> None:
    async with opened(chromium, time=True) as page:
        await expect(page.at("#link-state")).to_be_visible()
        page.lobby.silent = True
        await page.tab.clock.fast_forward(13_000)
        await page.says("#stale", "No connection since 14:05. What you see may be old.")
        await expect(page.at("#link-state")).to_be_hidden()


FULL: dict[str, Any] = {
    "current": called(priority="elderly", locale="sv"),
    "held": [ticket("A003", state="held", held_by="desk-3", name="Omar Said")],
    "booked": [ticket("B020", "doctor", state="booked", slot_at=NOW + 5 * MINUTE, name="Ingrid Svensson")],
    "recent": [ticket("A002", state="no_show"), ticket("A001", state="done")],
    "undo": {"kind": "called", "label": "A017", "until": NOW + MINUTE},
    "waiting": [ticket(f"A{n:03}", name="Layla Mansour", joined_at=NOW - n * MINUTE) for n in range(20, 70)],
}


@pytest.mark.parametrize(("lang", "scheme"), [("en", "light"), ("sv", "dark"), ("ar", "light")])
async def test_every_view_is_accessible_and_fits_its_window(chromium: Browser, lang: str, scheme: str) -> None:
    context = {"color_scheme": scheme, "reduced_motion": "reduce"}
    async with opened(chromium, lang=lang, time=True, context=context, **FULL) as page:
        assert await faults(page.tab) == ""
        assert await page.tab.evaluate("document.documentElement.scrollHeight <= innerHeight")
        for key in ("t", "?"):
            await page.tab.keyboard.press(key)
            await expect(page.at("dialog[open]")).to_be_visible()
            assert await faults(page.tab) == ""
            await page.tab.keyboard.press("Escape")
        await page.at("#waiting .row").first.click()
        views: list[tuple[str, dict[str, Any]]] = [
            ("closed", {"open": False}),
            ("idle", {"waiting": []}),
            ("serving", {"staff": "omar", "current": SERVING}),
        ]
        for seq, (state, changes) in enumerate(views, start=8):
            await page.lobby.publish(CHANNEL, desk(seq, **changes))
            await expect(page.at("#current")).to_have_attribute("data-state", state)
            assert await faults(page.tab) == ""


@pytest.mark.parametrize("width", [390, 768, 1024, 1366, 1920])
async def test_nothing_is_wider_than_the_window(chromium: Browser, width: int) -> None:
    context = {"viewport": {"width": width, "height": 768}}
    async with opened(chromium, lang="sv", context=context, **FULL) as page:
        assert await page.tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await page.at("#primary").scroll_into_view_if_needed()
        await expect(page.at("#primary")).to_be_in_viewport()
