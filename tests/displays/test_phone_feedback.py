"""How the visit was, asked on the phone page when it is over: one press says it, and words may follow."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from displays.accessible import faults
from displays.phones import API, opened, publish
from displays.staff_samples import phone
from displays.staff_server import Visit

pytestmark = pytest.mark.asyncio(loop_scope="session")

SAY = f"POST {API}/feedback"
OVER: dict[str, Any] = {"can": ["feedback"], "rating": 0}


async def said(page: Visit, *bodies: dict[str, Any]) -> None:
    """Wait until this was sent, and nothing else."""
    for _ in range(100):
        if len(page.lobby.asked_for(SAY)) >= len(bodies):
            break
        await asyncio.sleep(0.02)
    assert [asked.body for asked in page.lobby.asked_for(SAY)] == list(bodies)


def agrees(page: Visit) -> None:
    page.lobby.answers[SAY] = (200, {"ticket": {}})


async def test_nobody_is_asked_before_the_visit_is_over(chromium: Browser) -> None:
    async with opened(chromium, "serving") as page:
        await expect(page.at("#feedback")).to_be_hidden()
        await publish(page.lobby, phone("done", seq=8, **OVER))
        await expect(page.at("#feedback")).to_be_visible()
        await expect(page.at("#comment")).to_be_hidden()


async def test_one_press_says_it_and_words_may_follow(chromium: Browser) -> None:
    async with opened(chromium, "done", **OVER) as page:
        agrees(page)
        await page.tab.get_by_role("button", name="Good", exact=True).click()
        await said(page, {"rating": 4, "comment": ""})
        await page.says("#feedback-noted", "Noted. You can add a few words.")
        await expect(page.at("[data-rating='4']")).to_have_attribute("aria-pressed", "true")
        await publish(page.lobby, phone("done", seq=8, can=["feedback"], rating=4))  # what follows from the press
        await page.tab.get_by_label("What should we know? (optional)").fill(" Kind people\nand a long wait ")
        await page.tab.get_by_role("button", name="Send").click()
        await expect(page.at("#feedback-thanks")).to_be_focused()
        await expect(page.at("#feedback-form")).to_be_hidden()
        await said(page, {"rating": 4, "comment": ""}, {"rating": 4, "comment": "Kind people\nand a long wait"})


async def test_an_answer_may_be_changed(chromium: Browser) -> None:
    async with opened(chromium, "done", can=["feedback"], rating=2) as page:
        agrees(page)
        await page.says("#feedback-thanks", "Thank you for telling us.")
        await page.tab.get_by_role("button", name="Change the answer").click()
        await expect(page.at("[data-rating='2']")).to_be_focused()
        await page.at("[data-rating='5']").click()
        await said(page, {"rating": 5, "comment": ""})
        await expect(page.at(".ratings [aria-pressed=true]")).to_have_count(1)


async def test_by_keyboard_alone(chromium: Browser) -> None:
    async with opened(chromium, "done", **OVER) as page:
        agrees(page)
        await page.at("[data-rating='1']").focus()
        await page.tab.keyboard.press("Tab")
        await page.tab.keyboard.press("Enter")
        await said(page, {"rating": 2, "comment": ""})
        await expect(page.at("#comment")).to_be_visible()
        await page.at("[data-rating='5']").focus()
        await page.tab.keyboard.press("Tab")
        await page.tab.keyboard.type("Slow")
        await page.tab.keyboard.press("Tab")
        await page.tab.keyboard.press("Enter")
        await said(page, {"rating": 2, "comment": ""}, {"rating": 2, "comment": "Slow"})


async def test_what_was_not_taken_is_said_and_not_marked(chromium: Browser) -> None:
    async with opened(chromium, "done", **OVER) as page:
        page.lobby.answers[SAY] = (409, {"error": {"code": "not_served", "message": "in English"}})
        await page.at("[data-rating='3']").click()
        await page.says("#status", "Your visit has not ended yet.")
        await expect(page.at(".ratings [aria-pressed=true]")).to_have_count(0)
        await expect(page.at("#comment")).to_be_hidden()


async def test_two_presses_at_once_are_one(chromium: Browser) -> None:
    async with opened(chromium, "done", **OVER) as page:
        agrees(page)
        page.lobby.holds[SAY] = asyncio.Event()
        await page.at("[data-rating='3']").dblclick()
        page.lobby.holds[SAY].set()
        await expect(page.at("#comment")).to_be_visible()
        await said(page, {"rating": 3, "comment": ""})


@pytest.mark.parametrize("lang", ["en", "sv", "ar"])
@pytest.mark.parametrize("width", [320, 390])
async def test_everybody_can_use_it_in_every_language(chromium: Browser, lang: str, width: int) -> None:
    context = {"viewport": {"width": width, "height": 844}}
    async with opened(chromium, "done", lang=lang, context=context, **OVER) as page:
        agrees(page)
        await page.at("[data-rating='5']").click()
        await expect(page.at("#comment")).to_be_visible()
        assert await faults(page.tab) == ""
        boxes = [await page.at(f"[data-rating='{n}']").bounding_box() for n in range(1, 6)]
        lefts = [box["x"] for box in boxes if box]
        assert lefts == sorted(lefts, reverse=lang == "ar") and len(set(lefts)) == 5
        assert all(box and box["width"] >= 44 and box["height"] >= 44 for box in boxes)
        assert await page.tab.evaluate("document.documentElement.scrollWidth") <= width
