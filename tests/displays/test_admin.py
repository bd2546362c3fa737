"""The page of whoever administers: figures in words, one picture, the same as a table, and what the store may lose."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from displays.accessible import faults
from displays.staff_samples import waits
from displays.staff_server import Visit, branch, plain_pages, visit

pytestmark = pytest.mark.asyncio(loop_scope="session")

WAITS = "GET /api/v1/locations/hilltop/waits"


@asynccontextmanager
async def opened(chromium: Browser, lang: str = "en", time: bool = False, **overview: Any) -> AsyncIterator[Visit]:
    pages = plain_pages(lang)
    shown = {"locations": [waits()], "problem": "", "weaknesses": [], "lost": 0} | overview
    pages["/admin"].context = {"overview": shown}
    async with branch(pages) as lobby, visit(chromium, lobby, "/admin", time=time) as page:
        yield page


async def test_how_true_the_waits_are_is_said_in_words(chromium: Browser) -> None:
    async with opened(chromium) as page:
        day = page.at(".day")
        await expect(day.locator(".share")).to_have_text(
            "81% of 214 people were called within what they were shown when they came."
        )
        await expect(day.locator(".error")).to_have_text(
            "Mean error 3.1 min; people ahead × average would have been 5.4 min off."
        )
        await expect(day).to_contain_text("84% were called within what was shown at most two minutes before.")
        await expect(day).to_contain_text("On average they were told 0.6 min too little.")
        await expect(page.at(".week")).to_contain_text("On average they were told 0.5 min too much.")


async def test_the_picture_has_a_mark_for_each_call_and_says_the_same_to_who_does_not_see_it(chromium: Browser) -> None:
    calls = waits()["calls"]
    within = sum(call["within"] for call in calls)
    sooner = sum(call["wait_s"] < call["low_s"] for call in calls)
    later = len(calls) - within - sooner
    assert within and sooner and later
    async with opened(chromium) as page:
        for kind, count in (("within", within), ("sooner", sooner), ("later", later)):
            await expect(page.at(f".picture .mark.{kind}")).to_have_count(count)
        picture = page.tab.get_by_role("img", name="Promise and truth: Hilltop Clinic")
        said = f"Within what was shown: {within}. Sooner: {sooner}. Later: {later}."
        await expect(picture).to_have_accessible_description(f"{await page.at('figcaption').text_content()} {said}")


async def test_the_table_is_opened_by_keyboard_and_has_everybody_in_it(chromium: Browser) -> None:
    calls = waits()["calls"]
    async with opened(chromium) as page:
        await page.at("summary").focus()
        await page.tab.keyboard.press("Enter")
        table = page.tab.get_by_role("table")
        await expect(table.get_by_role("columnheader")).to_have_text(
            ["Promised (min)", "People", "Sooner", "Within", "Later", "True, mean (min)"]
        )
        rows = [await row.locator("td").all_text_contents() for row in await table.locator("tbody tr").all()]
        assert sum(int(row[0]) for row in rows) == len(calls)
        assert all(int(row[0]) == sum(map(int, row[1:4])) for row in rows)
        assert sum(int(row[2]) for row in rows) == sum(call["within"] for call in calls)
        assert await faults(page.tab) == ""


async def test_longer_promises_stand_further_on_in_the_direction_of_reading(chromium: Browser) -> None:
    for lang, forwards in (("en", True), ("ar", False)):
        two = waits()
        two["calls"] = [
            {"low_s": s - 60, "likely_s": s, "high_s": s + 60, "wait_s": s, "within": True} for s in (300, 900)
        ]
        async with opened(chromium, lang, locations=[two]) as page:
            boxes = [await mark.bounding_box() for mark in await page.at(".picture .mark").all()]
            (first, second) = (box for box in boxes if box)
            assert (first["x"] < second["x"]) is forwards
            assert first["y"] > second["y"]


async def test_a_place_where_nobody_had_to_wait_has_no_picture(chromium: Browser) -> None:
    async with opened(chromium, locations=[waits(calls=0)]) as page:
        await expect(page.at(".share").first).to_have_text("Nobody who had to wait has been called in this time.")
        await expect(page.at(".calls")).to_be_hidden()


async def test_a_place_whose_waits_are_not_worked_out_says_so(chromium: Browser) -> None:
    async with opened(chromium, locations=[waits(), waits("office", "Office") | {"estimated": False}]) as page:
        await expect(page.at(".idle:visible")).to_have_count(1)
        await expect(page.at(".card").nth(1).locator(".idle")).to_contain_text("a rule of thumb")


async def test_what_the_store_may_lose_and_has_lost_is_said(chromium: Browser) -> None:
    async with opened(chromium, weaknesses=["It keeps <b>nothing</b>."], lost=1, problem="its disk is full") as page:
        await expect(page.at(".warnings li")).to_have_text(["It keeps <b>nothing</b>."])
        await expect(page.at("#lost")).to_contain_text("The store had lost 1 change")
        await expect(page.at(".notice.bad").first).to_have_text("its disk is full")
    async with opened(chromium) as page:
        await expect(page.at(".warnings .notice:visible")).to_have_text(
            ["The store keeps all that it has acknowledged."]
        )


async def test_it_looks_again_every_minute_and_what_was_opened_stays_open(chromium: Browser) -> None:
    async with opened(chromium, time=True) as page:
        await page.at("summary").click()
        page.lobby.answers[WAITS] = (200, waits(calls=30))
        await page.tab.clock.fast_forward(60_100)
        await expect(page.at(".picture .mark")).to_have_count(30)
        await expect(page.at("h3")).to_have_text("Hilltop Clinic")
        await expect(page.at("table")).to_be_visible()
        page.lobby.answers[WAITS] = (503, {"error": {"code": "store_away", "message": ""}})
        await page.tab.clock.fast_forward(60_100)
        await expect(page.at("#stale")).to_contain_text("No connection since 14:06.")
        page.lobby.answers[WAITS] = (401, {"error": {"code": "not_allowed", "message": ""}})
        await page.tab.clock.fast_forward(60_100)
        await page.tab.wait_for_url("**/signin?next=%2Fadmin")
