"""Taking a ticket on one's own phone: choose, press once, arrive at the ticket."""

import asyncio

import pytest
from playwright.async_api import Browser, expect

from displays.accessible import faults
from displays.doors import LOOK, TAKE, TOKEN, door, refusal
from displays.samples import location, queue, taken, three_queues
from displays.server import page_texts

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_choosing_a_queue_and_pressing_once_leads_to_the_ticket(chromium: Browser) -> None:
    async with door(chromium, "join") as page:
        await page.tab.get_by_label("Prescriptions").check()
        await page.tab.get_by_role("button", name="Take a ticket").click()
        await page.tab.wait_for_url(f"**/t/{TOKEN}")
        [asked] = page.takes()
        assert asked.body == {"queue": "prescriptions", "locale": "en", "source": "join"}
        assert len(asked.headers["idempotency-key"]) >= 16


async def test_queues_tell_how_many_wait_and_how_long_and_stay_fresh(chromium: Browser) -> None:
    async with door(chromium, "join", limits={"refreshMs": 150}) as page:
        facts = page.find(".facts")
        await expect(facts).to_have_text(
            ["4 waiting 8\u201314 min", "12 waiting 25\u201340 min", "nobody waiting now"], use_inner_text=False
        )
        page.lobby.answers[LOOK] = (200, location(queues=[queue("general", "A", "General enquiries", 1, (2, 5))]))
        await expect(facts.first).to_have_text("1 waiting 2\u20135 min")


async def test_name_phone_and_address_are_sent_when_given(chromium: Browser) -> None:
    async with door(chromium, "join") as page:
        await page.tab.get_by_label("General enquiries").check()
        await page.find("summary").click()
        await page.tab.get_by_label("Mobile number, for a text").fill(" 070-174 06 05 ")
        await page.tab.get_by_label("E-mail address").fill("me@example.org")
        await page.tab.get_by_label("Name").fill("Åsa")
        await page.tab.get_by_label("My way here takes").select_option("20 minutes")
        await expect(page.find("details")).to_contain_text("never shown on a screen")
        await page.find("#take").click()
        await page.tab.wait_for_url("**/t/*")
        body = page.takes()[0].body
        assert {name: body[name] for name in ("name", "phone", "email", "travel_min")} == {
            "name": "Åsa",
            "travel_min": 20,
            "phone": "070-174 06 05",
            "email": "me@example.org",
        }
        assert body["consent"] == {"words": page_texts("join", "en")["contact_why"], "language": "en"}
        await expect(page.find("#contact")).to_contain_text(body["consent"]["words"])


async def test_a_double_tap_takes_one_ticket(chromium: Browser) -> None:
    async with door(chromium, "join") as page:
        page.lobby.holds[TAKE] = asyncio.Event()
        await page.tab.get_by_label("General enquiries").check()
        await page.find("#take").dblclick()
        await page.find("#take").press("Enter")
        await page.says("#take", "One moment\u2026")
        page.lobby.holds[TAKE].set()
        await page.tab.wait_for_url("**/t/*")
        assert len(page.takes()) == 1


async def test_an_answer_that_was_lost_is_asked_for_again_not_taken_twice(chromium: Browser) -> None:
    async with door(chromium, "join") as page:
        answers = [refusal(503, "store_away"), (201, taken())]
        page.lobby.answers[TAKE] = lambda asked: answers.pop(0)
        await page.tab.get_by_label("General enquiries").check()
        await page.find("#take").click()
        await page.tab.wait_for_url("**/t/*")
        first, second = page.takes()
        assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


async def test_pressing_again_after_an_outage_asks_for_the_same_ticket(chromium: Browser) -> None:
    async with door(chromium, "join") as page:
        page.lobby.answers[TAKE] = refusal(503, "store_away")
        await page.tab.get_by_label("General enquiries").check()
        await page.find("#take").click()
        await page.says("#trouble", "The server cannot be reached. Please try again.")
        page.lobby.answers[TAKE] = (201, taken())
        await page.find("#take").click()
        await page.tab.wait_for_url("**/t/*")
        assert len({asked.headers["idempotency-key"] for asked in page.takes()}) == 1


async def test_a_changed_choice_is_another_ticket(chromium: Browser) -> None:
    """The key of a refused attempt must not come back with another body."""
    async with door(chromium, "join") as page:
        page.lobby.answers[TAKE] = refusal(409, "queue_full")
        await page.tab.get_by_label("General enquiries").check()
        await page.find("#take").click()
        await page.says("#trouble", "This queue is full just now. Please try again later or ask the staff.")
        page.lobby.answers[TAKE] = (201, taken())
        await page.tab.get_by_label("Prescriptions").check()
        await page.says("#trouble", "")
        await page.find("#take").click()
        await page.tab.wait_for_url("**/t/*")
        assert len({asked.headers["idempotency-key"] for asked in page.takes()}) == 2


async def test_mistakes_stand_beside_their_fields_and_go_when_mended(chromium: Browser) -> None:
    async with door(chromium, "join") as page:
        page.lobby.answers[TAKE] = refusal(422, "invalid", "email", "phone")
        await page.tab.get_by_label("General enquiries").check()
        await page.find("#take").click()
        await page.says("#phone-mistake", "This does not look like a phone number.")
        await page.says("#email-mistake", "This does not look like an e-mail address.")
        await page.says("#name-mistake", "")
        await expect(page.find("#phone")).to_be_focused()
        await expect(page.find("#phone")).to_have_accessible_description("This does not look like a phone number.")
        await expect(page.find("#phone")).to_have_attribute("aria-invalid", "true")
        await page.find("#phone").fill("070-174 06 05")
        await page.says("#phone-mistake", "")
        await page.says("#email-mistake", "This does not look like an e-mail address.")


async def test_without_a_choice_it_asks_for_one(chromium: Browser) -> None:
    async with door(chromium, "join") as page:
        await page.find("#take").click()
        await page.says("#queue-mistake", "Choose one of these first.")
        await expect(page.find("#queue-general")).to_be_focused()
        assert page.takes() == []


async def test_the_keyboard_is_enough(chromium: Browser) -> None:
    async with door(chromium, "join") as page:
        await page.find("#queue-general").focus()
        for key in ("ArrowDown", "ArrowDown", "Tab", "Tab"):  # to the third queue, past the summary, to the button
            await page.tab.keyboard.press(key)
        await expect(page.find("#take")).to_be_focused()
        await page.tab.keyboard.press("Enter")
        await page.tab.wait_for_url("**/t/*")
        assert page.takes()[0].body["queue"] == "samples"


async def test_the_only_open_queue_is_chosen_already(chromium: Browser) -> None:
    queues = [three_queues()[0], queue("eyes", "E", "Eyes", 0, None, open=False)]
    async with door(chromium, "join", location(queues=queues)) as page:
        await expect(page.find("#queue-general")).to_be_checked()
        await expect(page.find("#queue-eyes")).to_be_disabled()


async def test_a_queue_that_closes_meanwhile_cannot_be_chosen(chromium: Browser) -> None:
    async with door(chromium, "join", limits={"refreshMs": 150}) as page:
        await page.find("#queue-samples").check()
        closed = [each | {"open": each["id"] != "samples"} for each in three_queues()]
        page.lobby.answers[LOOK] = (200, location(queues=closed))
        await expect(page.find("#queue-samples")).to_be_disabled()
        await expect(page.find("#queue-samples")).not_to_be_checked()


async def test_closed_says_when_it_opens_and_opens_by_itself(chromium: Browser) -> None:
    opens_at = 1_763_622_000_000
    async with door(
        chromium, "join", location(open=False, opens_at=opens_at), limits={"refreshMs": 150}, timezone_id="Asia/Tokyo"
    ) as page:
        await expect(page.find("#closed")).to_contain_text("We are closed")
        await expect(page.find("#opens")).to_contain_text("08:00")
        await expect(page.find("#form")).to_be_hidden()
        page.lobby.answers[LOOK] = (200, location())
        await expect(page.find("#form")).to_be_visible()
        await expect(page.find("#closed")).to_be_hidden()


async def test_who_comes_back_is_reminded_of_the_ticket(chromium: Browser) -> None:
    async with door(chromium, "join") as page:
        await page.tab.get_by_label("General enquiries").check()
        await page.find("#take").click()
        await page.tab.wait_for_url("**/t/*")
        await page.tab.go_back()
        await expect(page.find("#kept")).to_contain_text("You have ticket A018.")
        assert await page.find("#kept-link").get_attribute("href") == f"/t/{TOKEN}"
        await expect(page.find("#take")).to_have_text("Take a ticket")


async def test_each_language_is_named_in_itself_and_leads_to_its_page(chromium: Browser) -> None:
    async with door(chromium, "join") as page:
        await page.tab.get_by_role("link", name="العربية").click()
        await expect(page.find("html")).to_have_attribute("dir", "rtl")
        await page.find("#queue-general").check()
        await page.find("#take").click()
        await page.tab.wait_for_url("**/t/*")
        assert page.takes()[0].body["locale"] == "ar"


async def test_markup_in_a_name_is_shown_not_run(chromium: Browser) -> None:
    evil = "</script><img src=x onerror=alert(1)>"
    shown = location(name=evil, queues=[queue("q", "A", evil, 1, (1, 2))])
    async with door(chromium, "join", shown) as page:
        await page.says("#place", evil)
        await page.says(".choices .name", evil)
        assert await page.find("img").count() == 0


@pytest.mark.parametrize("lang", ["en", "sv", "ar"])
async def test_everything_is_large_enough_to_touch_and_fits_a_small_phone(chromium: Browser, lang: str) -> None:
    small = {"width": 320, "height": 568}
    async with door(chromium, "join", query=f"?lang={lang}", viewport=small) as page:
        await page.find("summary").click()
        for target in await page.find(":is(a, button, input, summary):visible").all():
            box = await target.bounding_box()
            assert box and box["height"] >= 44 and box["width"] >= 44
        assert await page.tab.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["en", "ar"])
async def test_axe_finds_nothing(chromium: Browser, lang: str, scheme: str) -> None:
    async with door(chromium, "join", query=f"?lang={lang}", color_scheme=scheme) as page:
        assert await faults(page.tab) == ""
        page.lobby.answers[TAKE] = refusal(422, "invalid", "phone", "email", "name")
        await page.find("#queue-general").check()
        await page.find("#take").click()
        await expect(page.find("#phone")).to_be_focused()
        assert await faults(page.tab) == ""
        page.lobby.answers[TAKE] = refusal(409, "queue_full")
        await page.find("#take").click()
        await expect(page.find("#trouble")).not_to_be_empty()
        assert await faults(page.tab) == ""
