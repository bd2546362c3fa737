"""The phone page: what it says in each phase, that it follows, that a call is noticed once, and what may be pressed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from displays.accessible import faults
from displays.server import Asked
from displays.staff_server import MINUTE, NOW, PHASES, TOKEN, Branch, Visit, branch, phone, phone_page, visit

pytestmark = pytest.mark.asyncio(loop_scope="session")

CHANNEL = f"ticket/{TOKEN}"
API = f"/api/v1/t/{TOKEN}"
NOTICED = """
window.felt = 0;
window.tones = 0;
Object.defineProperty(navigator, "vibrate", { value: () => { window.felt += 1; return true; } });
const oscillator = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () { window.tones += 1; return oscillator.call(this); };
"""


@asynccontextmanager
async def opened(
    chromium: Browser, phase: str = "far", *, lang: str = "en", query: str = "", server: dict[str, Any] | None = None,
    context: dict[str, Any] | None = None, time: bool = True, **changes: Any,
) -> AsyncIterator[Visit]:  # fmt: skip
    """A ticket's page in one phase. The page's clock stands at NOW."""
    async with branch({f"/t/{TOKEN}": phone_page(lang)}, {CHANNEL: phone(phase, **changes)}) as lobby:
        for name, value in (server or {}).items():
            setattr(lobby, name, value)
        async with visit(chromium, lobby, f"/t/{TOKEN}{query}", script=NOTICED, time=time, **(context or {})) as page:
            yield page


async def publish(lobby: Branch, document: dict[str, Any]) -> None:
    await lobby.publish(CHANNEL, document)


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


@pytest.mark.parametrize("phase", PHASES)
async def test_each_phase_says_where_one_stands_and_what_to_do(chromium: Browser, phase: str) -> None:
    headline, todo = SAID[phase]
    async with opened(chromium, phase) as page:
        await page.says("#label", "A017")
        await page.says("#headline", headline)
        await page.says("#todo", todo)
        assert await page.at("#todo").is_visible() == bool(todo)
        assert await page.at("#steps [aria-current=step]").count() == int(phase in ("far", "near", "next"))
        await expect(page.at("#last")).to_be_visible(visible=phase in ("far", "near", "next"))


async def test_the_wait_is_a_range_and_says_when_it_is_not_known(chromium: Browser) -> None:
    async with opened(chromium) as page:
        await page.says("#wait", "8–14 minutes")
        for wait, words in [
            ({"low": 5, "high": 5}, "About 5 minutes"),
            ({"low": 0, "high": 6}, "Less than 6 minutes"),
            ({"low": 0, "high": 1}, "Any moment now"),
            (None, "The wait is not known yet"),
        ]:
            await publish(page.lobby, phone(wait=wait))
            await page.says("#wait", words)


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


async def test_a_call_is_felt_and_heard_once_and_again_when_it_is_repeated(chromium: Browser) -> None:
    async with opened(chromium, "next") as page:
        assert await page.tab.evaluate("felt") == 0
        for seq in (8, 9):  # the same call in two documents
            await publish(page.lobby, phone("called", seq=seq))
        await page.tab.wait_for_function("() => felt === 1 && tones === 4")
        await publish(page.lobby, phone("called", seq=10, call=42))
        await page.tab.wait_for_function("() => felt === 2 && tones === 8")
        await page.tab.reload()
        await page.says("#headline", "It is your turn")
        await page.tab.clock.fast_forward(6_000)
        assert await page.tab.evaluate("[felt, tones]") == [0, 0]


async def test_a_call_that_may_not_sound_yet_sounds_as_soon_as_it_may(chromium: Browser) -> None:
    async with opened(chromium, "next") as page:
        await page.tab.evaluate(
            """() => {
              const state = { value: "suspended" };
              Object.defineProperty(AudioContext.prototype, "state", { get: () => state.value });
              AudioContext.prototype.resume = () => new Promise((resolve) => {
                window.allow = () => { state.value = "running"; resolve(); };
              });
            }"""
        )
        await publish(page.lobby, phone("called", seq=8))
        await page.tab.wait_for_function("() => felt === 1 && Boolean(window.allow)")
        assert await page.tab.evaluate("tones") == 0
        await page.tab.evaluate("allow()")
        await page.tab.wait_for_function("() => tones === 4")


async def test_the_sound_can_be_turned_off_and_stays_off(chromium: Browser) -> None:
    async with opened(chromium) as page:
        await page.at("#sound").click()
        await page.says("#sound-state", "On")
        await page.at("#sound").click()
        await page.says("#sound-state", "Off")
        await page.tab.reload()
        await page.says("#sound-state", "Off")
        await publish(page.lobby, phone("called", seq=9))
        await page.tab.wait_for_function("() => felt === 1")
        assert await page.tab.evaluate("tones") == 0


async def test_screen_readers_hear_the_position_politely_and_the_call_at_once(chromium: Browser) -> None:
    async with opened(chromium) as page:
        await expect(page.at("#polite")).to_have_attribute("aria-live", "polite")
        await expect(page.at("#now")).to_have_attribute("aria-live", "assertive")
        await page.says("#polite", "")
        await publish(page.lobby, phone("near", seq=8))
        await expect(page.at("#polite")).to_contain_text("2 people ahead of you. 4–7 minutes. Please come back")
        await page.says("#now", "")
        await publish(page.lobby, phone("called", seq=9))
        await page.says("#now", "A017, it is your turn. Go to Desk 3.")


async def test_the_title_tells_the_position_to_who_looks_at_another_tab(chromium: Browser) -> None:
    async with opened(chromium) as page:
        for phase, title in [
            ("far", "7 ahead · A017"),
            ("next", "You are next · A017"),
            ("called", "Your turn: Desk 3 · A017"),
            ("done", "A017 · All done"),
        ]:
            await publish(page.lobby, phone(phase))
            await expect(page.tab).to_have_title(title)


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


async def test_a_booking_shows_its_time_on_the_clock_of_the_place(chromium: Browser) -> None:
    async with opened(chromium, "booked", context={"timezone_id": "America/New_York"}) as page:
        await page.says("#slot", "Your time: 14:30")
        await publish(page.lobby, phone("booked", seq=8, slot_at=NOW + 24 * 60 * MINUTE, can=[]))
        await page.says("#slot", "Your time: Friday, November 21, 14:05")
        await page.says("#todo", "You can check in here shortly before your time.")


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
        assert [asked.body for asked in page.lobby.asked] == [{"phone": "12"}, {"phone": "070 174 06 05"}]


async def test_the_page_can_be_handed_over_as_a_code(chromium: Browser) -> None:
    async with opened(chromium) as page:
        await expect(page.at("#qr svg")).to_be_hidden()
        await page.tab.get_by_text("Open on another phone").click()
        await expect(page.at("#qr svg")).to_be_visible()


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
