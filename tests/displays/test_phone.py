"""The phone page: what it says in each phase and language, that it follows, and that it is never silently old."""

import pytest
from playwright.async_api import Browser, expect

from displays.accessible import faults
from displays.phones import CHANNEL, opened, publish
from displays.staff_samples import MINUTE, NOW, PHASES, phone

pytestmark = pytest.mark.asyncio(loop_scope="session")


SAID = {
    "far": ("7 people ahead of you", "You do not need to be here yet. Keep this page open: it tells you when to come."),
    "near": ("2 people ahead of you", "Please come back to the waiting room. It will soon be your turn."),
    "next": ("You are next", "Stay close by. You may be called at any moment."),
    "called": ("It is your turn", "Please go there now."),
    "serving": ("You are being served", ""),
    "held": ("Your place is kept", "The staff will call you back. You do not have to do anything."),
    "done": ("All done", "Thank you for your visit."),
    "missed": ("You missed your turn", "If you are here now, you can go back into the line until 14:20."),
    "cancelled": ("This ticket is no longer in line", "You left the line."),
    "booked": ("You have a booking", "Check in when you have arrived."),
}


async def test_each_phase_says_where_one_stands_and_what_to_do(chromium: Browser) -> None:
    async with opened(chromium) as page:
        for seq, (phase, (headline, todo)) in enumerate(SAID.items(), start=20):
            await publish(page.lobby, phone(phase, seq=seq))
            await page.says("#label", "A017")
            await page.says("#headline", headline)
            await page.says("#todo", todo)
            await expect(page.at("#todo")).to_be_visible(visible=bool(todo))
            waits = phase in ("far", "near", "next")
            await expect(page.at("#steps [aria-current=step]")).to_have_count(int(waits))
            await expect(page.at("#last")).to_be_visible(visible=waits)
        assert set(SAID) == set(PHASES)


async def test_the_wait_is_a_range_and_says_when_it_is_not_known(chromium: Browser) -> None:
    async with opened(chromium) as page:
        await page.says("#wait", "8–14 minutes")
        for wait, words in [
            ({"low": 5, "high": 5}, "About 5 minutes"),
            ({"low": 0, "high": 6}, "Less than 6 minutes"),
            ({"low": 0, "high": 1}, "Any moment now"),
            ({"low": 60, "high": 95}, "More than 60 minutes"),
            (None, "No desk is open now"),
        ]:
            await publish(page.lobby, phone(wait=wait))
            await page.says("#wait", words)
        await publish(page.lobby, phone(wait=None, opens_at=NOW + 20 * MINUTE))
        await page.says("#wait", "No desk is open; opens 14:25")
        await publish(page.lobby, phone(wait={"low": 75, "high": 140}, opens_at=NOW + 80 * MINUTE))
        await page.says("#wait", "No desk is open; opens 15:25")


async def test_a_booking_has_its_wait_from_its_time_on(chromium: Browser) -> None:
    async with opened(chromium) as page:
        for wait, words in [
            ({"low": 2, "high": 9}, "Expected wait then: 2–9 minutes"),
            ({"low": 0, "high": 0}, "Expected wait then: less than 1 minute"),
            ({"low": 65, "high": 90}, "Expected wait then: more than 60 minutes"),
        ]:
            await publish(page.lobby, phone("booked", wait=wait, label=""))
            await page.says("#wait", words)
            await expect(page.at(".number-line")).to_be_hidden()
            await page.says("#slot", "Your time: 14:30")
        await publish(page.lobby, phone("booked", wait=None))
        await expect(page.at("#wait")).to_be_hidden()


@pytest.mark.parametrize(
    ("lang", "forms"),
    [
        ("en", {1: "1 person ahead of you", 2: "2 people ahead of you"}),
        ("sv", {1: "1 person före dig", 2: "2 personer före dig"}),
        ("ar", {1: "شخص واحد أمامك", 2: "شخصان أمامك", 3: "3 أشخاص أمامك", 11: "11 شخصًا أمامك", 100: "100 شخص أمامك"}),
    ],
)
async def test_the_position_has_the_plural_of_its_language(chromium: Browser, lang: str, forms: dict[int, str]) -> None:
    async with opened(chromium, lang=lang) as page:
        for seq, (ahead, words) in enumerate(forms.items(), start=20):
            await publish(page.lobby, phone(seq=seq, ahead=ahead))
            isolated = words.replace(str(ahead), f"\u2068{ahead}\u2069") if lang == "ar" else words
            await page.says("#headline", isolated)


@pytest.mark.parametrize(
    ("server", "way"),
    [({}, "socket"), ({"sockets_open": False}, "stream"), ({"sockets_open": False, "streams_open": False}, "poll")],
)
async def test_the_position_moves_by_itself_over_every_way(
    chromium: Browser, server: dict[str, bool], way: str
) -> None:
    async with opened(chromium, server=server, time=False) as page:
        await page.says("#headline", "7 people ahead of you")
        await publish(page.lobby, phone("near", seq=8))
        await page.says("#headline", "2 people ahead of you")
        await publish(page.lobby, phone("called", seq=9))
        await page.says("#headline", "It is your turn")
        assert set(page.lobby.connections) == {f"{way} {CHANNEL}"}


@pytest.mark.parametrize(
    ("desk", "kind", "way", "big"),
    [
        ("Desk 3", "desk", "Go to Desk", "3"),
        ("3", "counter", "Go to counter", "3"),
        ("12", "room", "Go to room", "12"),
        ("Room A12", "room", "Go to Room", "A12"),
        ("Information", "desk", "Go to", "Information"),
    ],
)
async def test_the_desk_is_the_largest_thing_when_called(
    chromium: Browser, desk: str, kind: str, way: str, big: str
) -> None:
    async with opened(chromium, "called", desk=desk, kind=kind) as page:
        await page.says("#go-to", way)
        await page.says("#go-desk", big)
        sizes = "parseFloat(getComputedStyle(document.getElementById('{}')).fontSize)"
        shown = [await page.tab.evaluate(sizes.format(name)) for name in ("go-desk", "label", "headline")]
        assert shown[0] > shown[2]
        assert len(big) > 4 or shown[0] > 1.3 * shown[1]


async def test_a_call_without_a_desk_still_says_where_to_go(chromium: Browser) -> None:
    async with opened(chromium, "called", desk="") as page:
        await page.says("#todo", "Please go to the staff now.")
        await expect(page.at("#go")).to_be_hidden()
        await expect(page.tab).to_have_title("Your turn · A017")


async def test_without_contact_the_page_keeps_its_picture_and_says_since_when(chromium: Browser) -> None:
    async with opened(chromium) as page:
        await page.says("#headline", "7 people ahead of you")
        await expect(page.at("#stale")).to_be_hidden()
        page.lobby.silent = True
        await page.tab.clock.fast_forward(13_000)
        await page.says("#stale", "No connection. This is how it was at 14:05.")
        await page.says("#headline", "7 people ahead of you")
        page.lobby.silent = False
        await page.tab.clock.fast_forward(6_000)
        await expect(page.at("#stale")).to_be_hidden()


async def test_a_booking_shows_its_time_on_the_clock_of_the_place(chromium: Browser) -> None:
    async with opened(chromium, "booked", context={"timezone_id": "America/New_York"}) as page:
        await page.says("#slot", "Your time: 14:30")
        await publish(page.lobby, phone("booked", seq=7, check_in_by="staff", can=[]))
        await page.says("#todo", "When you have arrived, check in with the staff.")
        await publish(page.lobby, phone("booked", seq=8, slot_at=NOW + 24 * 60 * MINUTE, can=[]))
        await page.says("#slot", "Your time: Friday, November 21, 14:05")
        await page.says("#todo", "You can check in here shortly before your time.")


async def test_without_scripts_the_page_shows_its_state_and_loads_itself_again(chromium: Browser) -> None:
    async with opened(chromium, time=False, context={"java_script_enabled": False}) as page:
        await page.says("#label", "A017")
        await page.says("#headline", "People ahead of you: 7")
        assert "Keep this page open" in await page.at("#todo").inner_text()
        refresh = page.at("meta[http-equiv=refresh]")
        assert await refresh.get_attribute("content") == "10"
        page.lobby.documents[CHANNEL] = phone("called")
        await page.tab.reload()
        await page.says("#go", "Go to Desk 3")


async def test_the_place_and_the_queue_are_named_in_the_language_of_the_page(chromium: Browser) -> None:
    names = {
        "en": {"location": "Hilltop", "queue": "Blood tests", "desk": "Room 3"},
        "sv": {"location": "Kullen", "queue": "Provtagning", "desk": "Rum 3"},
    }
    async with opened(chromium, lang="sv", names=names) as page:
        await page.says("#location", "Kullen")
        await page.says("#queue", "Provtagning")
        await publish(page.lobby, phone("called", names=names, seq=99))
        await page.says("#go-to", "Gå till Rum")
        await page.says("#go-desk", "3")


async def test_the_language_can_be_changed(chromium: Browser) -> None:
    async with opened(chromium) as page:
        await page.tab.get_by_role("link", name="العربية").click()
        await page.says("#headline", "\u20687\u2069 أشخاص أمامك")
        await expect(page.at("html")).to_have_attribute("dir", "rtl")


@pytest.mark.parametrize(("lang", "scheme"), [("en", "light"), ("ar", "dark"), ("sv", "dark")])
async def test_every_phase_is_accessible_and_fits_a_small_phone(chromium: Browser, lang: str, scheme: str) -> None:
    context = {"viewport": {"width": 320, "height": 568}, "color_scheme": scheme, "reduced_motion": "reduce"}
    async with opened(chromium, lang=lang, context=context, time=False) as page:
        for seq, phase in enumerate(PHASES, start=20):
            await publish(page.lobby, phone(phase, seq=seq))
            await expect(page.at("body")).to_have_attribute("data-phase", phase)
            assert await faults(page.tab) == ""
            assert await page.tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
