"""What may be pressed on the phone page: only what is allowed, asked first where it matters, sent once."""

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from displays.phones import API, opened, publish
from displays.server import Asked
from displays.staff_samples import MINUTE, NOW, phone

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_only_what_is_allowed_can_be_pressed(chromium: Browser) -> None:
    buttons = {"cancel": "#leave", "postpone": "#postpone", "rejoin": "[data-command=rejoin]"}
    buttons["check_in"] = "[data-command=check_in]"
    async with opened(chromium, can=[]) as page:
        for allowed in ([], ["cancel"], ["postpone", "cancel"], ["check_in"], ["rejoin"]):
            await publish(page.lobby, phone(can=allowed, rejoin_until=NOW + MINUTE))
            for command, selector in buttons.items():
                await expect(page.at(selector)).to_be_visible(visible=command in allowed)


async def test_leaving_asks_first_and_is_sent_once(chromium: Browser) -> None:
    async with opened(chromium) as page:
        page.lobby.answers[f"POST {API}/cancel"] = (200, {"ticket": {}})
        await page.at("#leave").click()
        await expect(page.at("#leave-dialog")).to_contain_text("Your place A017 goes to the next person.")
        await page.at("#stay").click()
        assert page.lobby.asked == []
        await page.at("#leave").click()
        await page.at("#leave-yes").dblclick()
        await expect(page.at("#leave-dialog")).to_be_hidden()
        [asked] = page.lobby.asked_for(f"POST {API}/cancel")
        assert len(asked.headers["idempotency-key"]) >= 16


@pytest.mark.parametrize(
    ("choice", "body"),
    [
        ("Let 1 person go first", {"places": 1}),
        ("Let 3 people go first", {"places": 3}),
        ("10 minutes more", {"minutes": 10}),
    ],
)
async def test_more_time_has_a_few_choices(chromium: Browser, choice: str, body: dict[str, int]) -> None:
    async with opened(chromium) as page:
        page.lobby.answers[f"POST {API}/postpone"] = (200, {"ticket": {}})
        await page.at("#postpone").click()
        await page.tab.get_by_role("button", name=choice).click()
        await page.says("#status", "You have more time now.")
        assert [asked.body for asked in page.lobby.asked] == [body]


async def test_how_long_the_way_is_is_chosen_and_shown(chromium: Browser) -> None:
    async with opened(chromium, travel_min=20) as page:
        page.lobby.answers[f"POST {API}/travel"] = (200, {"ticket": {}})
        choice = page.tab.get_by_label("My way here takes")
        await expect(choice).to_have_value("20")
        await choice.select_option("45 minutes")
        await page.says("#status", "Saved. You are told when it is time to set off.")
        assert [asked.body for asked in page.lobby.asked] == [{"travel_min": 45}]
        await page.tab.locator("body").click(position={"x": 1, "y": 1})
        await publish(page.lobby, phone(travel_min=35))
        await expect(choice).to_have_value("35")


async def test_a_refusal_is_a_sentence(chromium: Browser) -> None:
    async with opened(chromium) as page:
        refused = (409, {"error": {"code": "limit_reached", "message": ""}})
        page.lobby.answers[f"POST {API}/postpone"] = refused
        await page.at("#postpone").click()
        await page.tab.get_by_role("button", name="5 minutes more").click()
        await page.says("#status", "You have asked for more time as often as is possible.")


async def test_a_command_whose_answer_is_lost_is_sent_again_with_the_same_key(chromium: Browser) -> None:
    async with opened(chromium, "missed", time=False, rejoin_until=2**42) as page:
        waits = iter([(503, {"error": {"code": "store_away", "message": ""}}), (200, {"ticket": {}})])

        def answer(asked: Asked) -> tuple[int, Any]:
            return next(waits)

        page.lobby.answers[f"POST {API}/rejoin"] = answer
        await page.at("[data-command=rejoin]").click()
        await expect(page.at("[data-command=rejoin]:not([aria-disabled])")).to_be_visible()
        first, second = page.lobby.asked_for(f"POST {API}/rejoin")
        assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
        await page.says("#status", "")


async def test_coming_back_is_offered_until_its_time_is_over(chromium: Browser) -> None:
    async with opened(chromium, "missed") as page:
        await expect(page.at("[data-command=rejoin]")).to_be_visible()
        await page.tab.clock.fast_forward(16 * MINUTE)
        await expect(page.at("[data-command=rejoin]")).to_be_hidden()
        await page.says("#todo", "Please take a new ticket or speak to the staff.")


async def test_an_address_for_messages_is_sent_and_its_mistakes_are_named(chromium: Browser) -> None:
    async with opened(chromium) as page:
        wrong = {"error": {"code": "invalid", "message": "", "fields": [{"field": "phone", "message": "?"}]}}
        page.lobby.answers[f"POST {API}/contact"] = (422, wrong)
        await page.tab.get_by_text("Get a message too").click()
        await page.tab.get_by_role("button", name="Save").click()
        await page.says("#phone-mistake", "Enter a mobile number or an e-mail address.")
        assert page.lobby.asked == []
        await page.at("#phone").fill(" 12 ")
        await page.tab.get_by_role("button", name="Save").click()
        await page.says("#phone-mistake", "This does not look like a mobile number.")
        await expect(page.at("#phone")).to_be_focused()
        page.lobby.answers[f"POST {API}/contact"] = (200, {"ticket": {}})
        await page.at("#phone").fill("070 174 06 05")
        await page.tab.get_by_role("button", name="Save").click()
        await page.says("#status", "Saved. You will hear from us.")
        asked = page.lobby.asked_for(f"POST {API}/contact")
        words = await page.at("#contact-form .hint").text_content()
        consent = {"words": words, "language": "en"}
        assert [each.body for each in asked] == [
            {"phone": each, "consent": consent} for each in ("12", "070 174 06 05")
        ]


async def test_the_page_can_be_handed_over_as_a_code(chromium: Browser) -> None:
    async with opened(chromium) as page:
        await expect(page.at("#qr svg")).to_be_hidden()
        await page.tab.get_by_text("Open on another phone").click()
        await expect(page.at("#qr svg")).to_be_visible()
