"""What the person at the desk was told stands beside their number, and never in the way of a call."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from displays.accessible import faults
from displays.desks import CHANNEL, NEXT, arrived, opened
from displays.staff_samples import MINUTE, NOW, called, desk, message, ticket
from displays.staff_server import Visit

pytestmark = pytest.mark.asyncio(loop_scope="session")

MESSAGES = "GET /api/v1/tickets/t-a017/messages"
TURN = message("turn", said="handed to the phone's network", segments=1)
DEAD: dict[str, Any] = {"kind": "almost_your_turn", "detail": "not a mobile number", "dead": True}
ALMOST = message("almost", "failed", at=NOW - 6 * MINUTE, **DEAD)


async def told(page: Visit, *messages: dict[str, Any]) -> None:
    page.lobby.answers[MESSAGES] = (200, {"messages": list(messages)})


async def test_what_was_sent_how_it_went_and_what_it_cost_stands_below_the_number(chromium: Browser) -> None:
    async with opened(chromium, time=True) as page:
        await expect(page.at("#told")).to_be_hidden()
        await told(page, TURN, ALMOST)
        await page.lobby.publish(CHANNEL, desk(8, current=called()))
        await page.says("#current-label", "A017")
        await page.tab.clock.fast_forward(1_100)
        await page.says("#told-newest", "Your turn\u00a0· Text\u00a0· handed to the phone's network\u00a0· 1 segment")
        await told(page, TURN | {"said": "delivered"}, ALMOST)
        await page.tab.clock.fast_forward(3_100)
        await page.says("#told-newest", "Your turn\u00a0· Text\u00a0· delivered\u00a0· 1 segment")
        await page.at("#told summary").focus()
        await page.tab.keyboard.press(" ")  # opens; it calls nobody
        await expect(page.at("#told-list li")).to_have_text(
            [
                "14:04 Your turn\u00a0· Text\u00a0· delivered\u00a0· 1 segment",
                "13:59 Almost your turn\u00a0· Text\u00a0· Not sent\u00a0· not a mobile number",
            ]
        )
        assert page.lobby.asked_for(NEXT) == []
        await page.lobby.publish(CHANNEL, desk(9))
        await expect(page.at("#told")).to_be_hidden()


async def test_a_call_does_not_wait_for_it(chromium: Browser) -> None:
    async with opened(chromium, current=called(), time=True) as page:
        page.lobby.holds[MESSAGES] = asyncio.Event()  # never answers
        await page.tab.clock.fast_forward(1_100)
        await page.tab.keyboard.press("n")
        await arrived(page, 1)
        assert len(page.lobby.asked_for(NEXT)) == 1
        await page.lobby.publish(CHANNEL, desk(9, current=ticket("A018", state="called", called_at=NOW)))
        await page.says("#current-label", "A018")
        await told(page, TURN)
        page.lobby.holds[MESSAGES].set()
        await expect(page.at("#told")).to_be_hidden()  # what comes late is about somebody else


@pytest.mark.parametrize("lang", ["en", "ar"])
async def test_it_fits_at_a_laptop(chromium: Browser, lang: str) -> None:
    async with opened(chromium, current=called(), lang=lang, time=True) as page:
        await told(page, TURN, ALMOST)
        await page.tab.clock.fast_forward(1_100)
        await expect(page.at("#told-newest")).not_to_be_empty()
        await expect(page.at("#undo")).to_be_in_viewport(ratio=1)
        assert await faults(page.tab) == ""
