"""The lists beside the desk: who waits and why, and taking somebody out of turn, from hold or back."""

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from displays.desks import CHANNEL, opened, pause, refuse, sent
from displays.staff_samples import MINUTE, NOW, desk, queue, ticket

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_somebody_is_chosen_with_the_arrows_and_called_with_enter(chromium: Browser) -> None:
    async with opened(chromium) as page:
        for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp", "Enter"):
            await page.tab.keyboard.press(key)
        await sent(page, ("POST /api/v1/tickets/t-b004/call", {"desk": "desk-3"}))


async def test_the_list_stays_where_it_is_when_it_changes(chromium: Browser) -> None:
    async with opened(chromium) as page:
        await page.tab.keyboard.press("ArrowDown")
        await page.tab.keyboard.press("ArrowDown")
        await page.lobby.publish(CHANNEL, desk(8, waiting=[ticket("B004", "doctor"), ticket("A020")]))
        await expect(page.at("#waiting .row-label")).to_have_text(["B004", "A020"])
        await expect(page.at("#waiting .row").first).to_be_focused()


async def test_a_row_offers_what_can_be_done_with_it(chromium: Browser) -> None:
    async with opened(chromium) as page:
        await page.at("#waiting .row").nth(2).click()
        buttons = page.at("#waiting li").nth(2).locator(".row-actions button")
        await expect(buttons).to_have_text(["Call", "Hold", "Transfer", "Cancel"])
        await buttons.nth(3).click()
        await sent(page, ("POST /api/v1/tickets/t-a019/cancel", {"desk": "desk-3"}))
        await page.tab.keyboard.press("Escape")
        await expect(page.at(".row-actions:visible")).to_have_count(0)


async def test_staff_see_what_a_person_wrote_and_that_no_text_reaches_them(chromium: Browser) -> None:
    notes = [{"at": NOW - MINUTE, "text": "I am at <b>the door</b>"}, {"at": NOW, "text": "Coming"}]
    current = ticket("A017", state="called", called_at=NOW, notes=notes, no_texts="out_of_reach")
    async with opened(chromium, current=current, waiting=[ticket("A018", notes=notes, no_texts="opted_out")]) as page:
        row = page.at("#waiting .row-rest")
        await expect(row).to_have_text("No texts: has opted out\u00a0· \u2068Wrote: “Coming”\u2069")
        for words in ("phone out of reach", "Wrote: “I am at <b>the door</b>”", "Wrote: “Coming”"):
            await expect(page.at("#facts")).to_contain_text(words)


async def test_times_are_those_of_the_place(chromium: Browser) -> None:
    context = {"timezone_id": "America/New_York"}
    booked = [ticket("B020", state="booked", slot_at=NOW + 25 * MINUTE)]
    async with opened(chromium, context=context, time=True, booked=booked) as page:
        await expect(page.at("#waiting .side-low").first).to_have_text("since 13:53")
        await expect(page.at("#booked .row-label")).to_have_text("14:30")
        page.lobby.silent = True
        await page.tab.clock.fast_forward(13_000)
        await expect(page.at("#stale")).to_contain_text("No connection since 14:05.")


async def test_a_row_that_went_and_came_back_is_closed_again(chromium: Browser) -> None:
    async with opened(chromium) as page:
        await page.at("#waiting .row").first.click()
        await page.lobby.publish(CHANNEL, desk(8, current=ticket("A018", state="called"), waiting=[]))
        await page.says("#current-label", "A018")
        await page.lobby.publish(CHANNEL, desk(9, waiting=[ticket("A018")]))
        await expect(page.at("#waiting .row")).to_have_attribute("aria-expanded", "false")


async def test_the_waiting_list_says_since_when_why_first_and_how_many(chromium: Browser) -> None:
    waiting = [ticket("A018", priority="elderly", retry_count=2), ticket("B004", "doctor", slot_at=NOW - 5 * MINUTE)]
    queues = [queue("blood", "A", 60), queue("doctor", "B", 1), queue("desk", "C", 5)]
    async with opened(chromium, waiting=waiting, queues=queues, time=True) as page:
        await expect(page.at("#waiting .row-rest")).to_have_text(
            ["Priority: elderly\u00a0· called 2 times before", "booked 14:00"]
        )
        await expect(page.at("#waiting .side-top").first).to_have_text("12 min")
        await expect(page.at("#waiting .side-low").first).to_have_text("since 13:53")
        await page.says("#waiting-count", "61")
        await expect(page.at("#queues .side-top")).to_have_text(["60 waiting", "1 waiting", "5 waiting"])
        await page.tab.clock.fast_forward(60_000)
        await expect(page.at("#waiting .side-top").first).to_have_text("13 min")


@pytest.mark.parametrize(
    ("place", "state", "button", "command", "body"),
    [
        ("held", "held", "Back in line", "release", {"desk": "desk-3"}),
        ("held", "held", "Call", "call", {"desk": "desk-3"}),
        ("booked", "booked", "Check in", "check_in", {}),
        ("booked", "reserved", "Confirm", "confirm", {}),
        ("recent", "no_show", "Back in line", "rejoin", {}),
    ],
)
async def test_who_is_on_hold_booked_or_missed_can_be_taken_back(
    chromium: Browser, place: str, state: str, button: str, command: str, body: dict[str, str]
) -> None:
    lists: dict[str, Any] = {place: [ticket("A003", state=state, slot_at=NOW)]}
    async with opened(chromium, **lists) as page:
        await page.at(f"#{place}").get_by_role("button", name=button, exact=True).click()
        await sent(page, (f"POST /api/v1/tickets/t-a003/{command}", body))


async def test_staff_may_check_in_against_the_queue_s_times(chromium: Browser) -> None:
    async with opened(chromium, booked=[ticket("A003", state="booked", slot_at=NOW)], time=True) as page:
        check_in = "POST /api/v1/tickets/t-a003/check_in"
        await refuse(page, check_in, "too_early")
        await page.at("#booked").get_by_role("button").click()
        await page.says("#status", "It is before the check-in time.")
        await pause(page)
        page.lobby.answers[check_in] = (200, {"ticket": {}})
        await page.tab.get_by_role("button", name="Do it anyway").click()
        await sent(page, (check_in, {}), (check_in, {"force": True}))
        await expect(page.at("#status-more")).to_be_hidden()
