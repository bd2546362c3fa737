"""The touch screen: two taps to a ticket in one's own language, nothing left behind, large enough for everybody."""

import asyncio

import pytest
from playwright.async_api import Browser, expect

from displays.accessible import faults
from displays.doors import LOOK, TAKE, TOKEN, Door, door, refusal
from displays.samples import location, queue, taken, three_queues

pytestmark = pytest.mark.asyncio(loop_scope="session")

HERE = "/kiosk/harbour"
UPRIGHT, LYING = {"width": 1080, "height": 1920}, {"width": 1920, "height": 1080}
PRINTER = "window.printed = 0; window.print = () => { window.printed += 1; };"


async def has_ticket(page: Door, label: str = "A018") -> None:
    await expect(page.find("body")).to_have_attribute("data-screen", "ticket")
    await page.says("#label", label)


async def is_at_start(page: Door) -> None:
    await expect(page.find("body")).to_have_attribute("data-screen", "start")


async def test_one_tap_gives_a_ticket_with_its_place_and_a_code(chromium: Browser) -> None:
    async with door(chromium, "kiosk", viewport=UPRIGHT) as page:
        await page.tab.get_by_role("button", name="General enquiries").click()
        await has_ticket(page)
        await page.says("#ahead", "3 people ahead of you")
        await page.says("#wait", "8\u201314 min")
        await expect(page.find("#ticket-title")).to_be_focused()
        assert await page.find("#qr").get_attribute("src") == f"/qr/{TOKEN}.svg"
        await expect(page.find("#qr")).to_have_js_property("naturalWidth", 90)
        [asked] = page.takes()
        assert asked.body == {"queue": "general", "locale": "en", "source": "kiosk"}
        assert len(asked.headers["idempotency-key"]) >= 16


async def test_two_taps_give_it_in_ones_own_language_and_the_next_finds_the_languages_of_the_house(
    chromium: Browser,
) -> None:
    async with door(chromium, "kiosk", viewport=UPRIGHT) as page:
        await page.tab.get_by_role("link", name="Svenska").click()
        await page.tab.get_by_role("button", name="General enquiries").click()
        await has_ticket(page)
        await expect(page.find(".caption")).to_have_text("Ditt nummer")
        assert page.takes()[0].body["locale"] == "sv"
        await page.tab.get_by_role("button", name="Klar").click()
        await expect(page.find("html")).to_have_attribute("lang", "en")
        await is_at_start(page)


async def test_a_double_tap_takes_one_ticket(chromium: Browser) -> None:
    async with door(chromium, "kiosk", viewport=UPRIGHT) as page:
        page.lobby.holds[TAKE] = asyncio.Event()
        await page.find(".queue").first.dblclick()
        await page.says(".queue[aria-busy] .wait", "One moment\u2026")
        await page.find(".queue").nth(1).click(force=True)
        page.lobby.holds[TAKE].set()
        await has_ticket(page)
        assert len(page.takes()) == 1


async def test_the_ticket_goes_in_sight_and_leaves_nothing_behind(chromium: Browser) -> None:
    limits = {"closeMs": 1500}
    async with door(chromium, "kiosk", viewport=UPRIGHT, limits=limits) as page:
        await page.find(".queue").first.click()
        await has_ticket(page)
        await page.says("#closing", "This screen closes in 2 seconds")
        await page.says("#closing", "This screen closes in 1 second")
        await expect(page.find("#warning")).to_contain_text("This screen closes in")
        await is_at_start(page)
        left = await page.tab.evaluate(
            """() => document.documentElement.outerHTML + JSON.stringify({...localStorage}) +
                     JSON.stringify({...sessionStorage}) + document.cookie + location + document.title"""
        )
        assert TOKEN not in left
        assert "A018" not in left


async def test_twenty_seconds_can_be_made_longer(chromium: Browser) -> None:
    limits = {"closeMs": 1200, "moreMs": 30_000}
    async with door(chromium, "kiosk", viewport=UPRIGHT) as page:
        assert await page.find("body").get_attribute("data-close-ms") == "20000"
    async with door(chromium, "kiosk", viewport=UPRIGHT, limits=limits) as page:
        await page.find(".queue").first.click()
        await page.tab.get_by_role("button", name="More time").click()
        await page.tab.wait_for_timeout(1500)  # longer than it would have stayed
        await has_ticket(page)
        await page.says("#warning", "")
        await page.tab.get_by_role("button", name="Done").click()
        await is_at_start(page)


async def test_print_is_a_button_or_goes_by_itself_or_is_not_offered(chromium: Browser) -> None:
    async with door(chromium, "kiosk", viewport=UPRIGHT, before=PRINTER) as page:
        await page.find(".queue").first.click()
        await has_ticket(page)
        assert await page.tab.evaluate("window.printed") == 0
        await page.tab.get_by_role("button", name="Print").click()
        assert await page.tab.evaluate("window.printed") == 1
    async with door(chromium, "kiosk", query="?print=auto", viewport=UPRIGHT, before=PRINTER) as page:
        await page.tab.get_by_role("link", name="Svenska").click()
        await expect(page.find("html")).to_have_attribute("lang", "sv")
        await page.find(".queue").first.click()
        await has_ticket(page)
        await expect(page.find("body")).to_have_js_property("ownerDocument.defaultView.printed", 1)
    async with door(chromium, "kiosk", query="?print=off", viewport=UPRIGHT) as page:
        await page.find(".queue").first.click()
        await has_ticket(page)
        await expect(page.find("#print")).to_be_hidden()


@pytest.mark.parametrize("lang", ["en", "ar"])
async def test_the_receipt_is_80_mm_wide_and_has_what_one_needs(chromium: Browser, lang: str) -> None:
    async with door(chromium, "kiosk", query=f"?lang={lang}", viewport=UPRIGHT) as page:
        await page.find(".queue").first.click()
        await has_ticket(page)
        await page.tab.emulate_media(media="print")
        await page.tab.set_viewport_size({"width": 272, "height": 900})  # 72 mm between the margins
        assert await page.tab.evaluate("document.documentElement.scrollWidth") <= 272
        for part in (".slip .place", "#label", "#queue", "#ahead", "#qr", "#printed-at"):
            await expect(page.find(part)).to_be_visible()
        for part in ("#print", "#done", "#closing", ".foot", ".head", "#start"):
            await expect(page.find(part)).to_be_hidden()


@pytest.mark.parametrize("size", [UPRIGHT, LYING], ids=["upright", "lying"])
@pytest.mark.parametrize("lang", ["en", "sv", "ar"])
async def test_everything_is_large_enough_and_on_the_screen(chromium: Browser, lang: str, size: dict[str, int]) -> None:
    """20 mm is 76 px on a lying 22-inch Full HD screen, and less on larger ones."""

    async def measured(page: Door) -> None:
        for target in await page.find(":is(a, button):visible").all():
            box = await target.bounding_box()
            assert box and box["height"] >= 76 and box["width"] >= 76
        extent = await page.tab.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
        )
        assert extent == [size["width"], size["height"]]

    async with door(chromium, "kiosk", query=f"?lang={lang}", viewport=size) as page:
        await measured(page)
        await page.find(".queue").first.click()
        await has_ticket(page)
        await measured(page)


@pytest.mark.parametrize("lang", ["en", "ar"])
async def test_axe_finds_nothing_and_contrast_is_7_to_1(chromium: Browser, lang: str) -> None:
    async with door(chromium, "kiosk", query=f"?lang={lang}", viewport=LYING) as page:
        assert await faults(page.tab, high_contrast=True) == ""
        page.lobby.answers[TAKE] = refusal(409, "queue_full")
        await page.find(".queue").first.click()
        await expect(page.find("#trouble")).not_to_be_empty()
        assert await faults(page.tab, high_contrast=True) == ""
        page.lobby.answers[TAKE] = (201, taken())
        await page.find(".queue").first.click()
        await has_ticket(page)
        assert await faults(page.tab, high_contrast=True) == ""
    async with door(chromium, "kiosk", location(open=False), query=f"?lang={lang}", viewport=LYING) as page:
        assert await faults(page.tab, high_contrast=True) == ""


async def test_closed_says_when_it_opens_and_opens_by_itself(chromium: Browser) -> None:
    shut = location(open=False, opens_at=1_763_622_000_000)
    async with door(chromium, "kiosk", shut, viewport=LYING, limits={"refreshMs": 150}) as page:
        await expect(page.find("#closed")).to_contain_text("08:00")
        await expect(page.find("#start")).to_be_hidden()
        page.lobby.answers[LOOK] = (200, location())
        await is_at_start(page)


async def test_queues_stay_fresh_and_new_ones_appear(chromium: Browser) -> None:
    async with door(chromium, "kiosk", viewport=LYING, limits={"refreshMs": 150}) as page:
        newer = [*three_queues()[1:], queue("eyes", "E", "Eyes", 7, (3, 9)), queue("ears", "F", "Ears", 1, None)]
        newer[0]["open"] = False
        page.lobby.answers[LOOK] = (200, location(queues=newer))
        await expect(page.find(".queue .name")).to_have_text(["Prescriptions", "Blood samples", "Eyes", "Ears"])
        await expect(page.find(".queue .wait")).to_have_text(["Closed", "now", "3\u20139 min", "no desk open"])
        await page.find(".queue").first.click(force=True)
        await page.find(".queue").nth(2).click()
        await has_ticket(page)
        assert [asked.body["queue"] for asked in page.takes()] == ["eyes"]


async def test_a_refusal_is_said_and_another_queue_can_be_taken(chromium: Browser) -> None:
    async with door(chromium, "kiosk", viewport=LYING) as page:
        page.lobby.answers[TAKE] = refusal(409, "queue_closed")
        await page.find(".queue").first.click()
        await page.says("#trouble", "This queue has just closed. Please choose another one.")
        page.lobby.answers[TAKE] = (201, taken())
        await page.find(".queue").nth(1).click()
        await has_ticket(page)


async def test_the_same_tap_after_an_outage_is_the_same_ticket(chromium: Browser) -> None:
    async with door(chromium, "kiosk", viewport=LYING) as page:
        page.lobby.answers[TAKE] = refusal(503, "store_away")
        await page.find(".queue").first.click()
        await page.says("#trouble", "There is no connection just now. Please ask the staff.")
        page.lobby.answers[TAKE] = (201, taken())
        await page.find(".queue").first.click()
        await has_ticket(page)
        assert len({asked.headers["idempotency-key"] for asked in page.takes()}) == 1


async def test_two_visitors_get_two_keys(chromium: Browser) -> None:
    async with door(chromium, "kiosk", viewport=LYING) as page:
        for _ in range(2):
            await page.find(".queue").first.click()
            await has_ticket(page)
            await page.find("#done").click()
            await is_at_start(page)
        assert len({asked.headers["idempotency-key"] for asked in page.takes()}) == 2


async def test_the_screen_is_never_lost_to_a_server_that_is_away(chromium: Browser) -> None:
    """Nobody can press "back" on a kiosk: a language that cannot be loaded leaves the page as it is."""
    async with door(chromium, "kiosk", viewport=LYING, limits={"refreshMs": 150}) as page:
        kept = page.lobby.pages.pop(HERE)
        page.lobby.answers[LOOK] = refusal(503, "store_away")
        await page.says("#offline", "There is no connection just now. Please ask the staff.")
        await page.tab.get_by_role("link", name="Svenska").click()
        await page.says("#trouble", "There is no connection just now. Please ask the staff.")
        await page.says("#offline", "")
        page.lobby.pages[HERE], page.lobby.answers[LOOK] = kept, (200, location())
        await expect(page.find("body")).to_have_attribute("data-contact", "ok")
        await page.tab.get_by_role("link", name="Svenska").click()
        await expect(page.find("html")).to_have_attribute("lang", "sv")


async def test_an_abandoned_screen_goes_back_to_the_house_language_and_size(chromium: Browser) -> None:
    async with door(chromium, "kiosk", query="?lang=ar", viewport=LYING, limits={"idleMs": 800}) as page:
        await expect(page.find("html")).to_have_attribute("dir", "rtl")
        await expect(page.find("html")).to_have_attribute("lang", "en")
        await page.tab.get_by_role("button", name="Larger letters").click()
        await expect(page.find("body")).to_have_attribute("data-large", "yes")
        await expect(page.find("body")).to_have_attribute("data-large", "no")


async def test_larger_letters_are_larger(chromium: Browser) -> None:
    async with door(chromium, "kiosk", viewport=UPRIGHT) as page:
        size = "parseFloat(getComputedStyle(document.querySelector('.queue .name')).fontSize)"
        before = await page.tab.evaluate(size)
        await page.tab.get_by_role("button", name="Larger letters").click()
        assert await page.tab.evaluate(size) >= before * 1.2
        assert await page.tab.evaluate("document.documentElement.scrollWidth") == 1080


async def test_markup_in_a_name_is_shown_not_run(chromium: Browser) -> None:
    evil = "</script><img src=x onerror=alert(1)>"
    shown = location(name=evil, queues=[queue("q", "A", evil, 1, (1, 2))])
    async with door(chromium, "kiosk", shown, viewport=LYING) as page:
        await page.says("#place", evil)
        await page.says(".queue .name", evil)
        assert await page.find("img:not(#qr)").count() == 0
