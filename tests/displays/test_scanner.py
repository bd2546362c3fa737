"""A scanner that types, at the kiosk and at the desk: its code is read whole, and does nothing else to the page."""

import asyncio
import time
from collections.abc import Iterable
from typing import Any

import pytest
from playwright.async_api import Browser, expect
from playwright.async_api import Page as Tab

from displays.accessible import faults
from displays.desks import CHANNEL, NEXT, arrived, opened, sent
from displays.doors import TAKE, Door, door, refusal
from displays.samples import location
from displays.staff_samples import called, desk

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCAN = "POST /api/v1/scan"
CODE = "https://queue.example.org/t/nfsCbXhrTuB-9_fZm9vYmFyYmFy"
UPRIGHT = {"width": 1080, "height": 1920}

Key = tuple[str, str, bool]  # what it says, its place, with shift


def american(char: str) -> Key:
    if char.isalpha():
        return char, f"Key{char.upper()}", char.isupper()
    if char.isdigit():
        return char, f"Digit{char}", False
    places = {"/": "Slash", "-": "Minus", ":": "Semicolon", ".": "Period", " ": "Space", "{": "BracketLeft"}
    places |= {"_": "Minus", "}": "BracketRight", '"': "Quote", ",": "Comma"}
    return char, places[char], char in '_:{}"'


async def scan(tab: Tab, text: str = CODE, keys: Iterable[Key] = ()) -> None:
    """As a scanner does: every 4 ms a key, then Enter, whatever the machine is busy with."""
    session = await tab.context.new_cdp_session(tab)
    typed = [*(keys or map(american, text)), ("Enter", "Enter", False)]
    at = time.time()
    events = []
    for place, (key, code, shift) in enumerate(typed):
        given = {"key": key, "code": code, "modifiers": 8 if shift else 0, "timestamp": at + place * 0.004}
        given["windowsVirtualKeyCode"] = {"Enter": 13, " ": 32}.get(key, 0)
        text = "\r" if key == "Enter" else key
        events += [{"type": "keyDown", "text": text, **given}, {"type": "keyUp", **given}]
    await asyncio.gather(*(session.send("Input.dispatchKeyEvent", event) for event in events))
    await session.detach()


def found(state: str = "waiting", **more: Any) -> tuple[int, Any]:
    ticket = {"id": "t-a018", "label": "A018", "state": state, "queue": "general"}
    answer = {"ticket": ticket, "checked_in": False, "queue": "General enquiries", "desk": "", "ahead": 3}
    return 200, answer | {"wait": {"low": 8, "high": 14}} | more


async def at_kiosk(page: Door, said: str) -> None:
    await expect(page.find("body")).to_have_attribute("data-screen", "ticket")
    await page.says("#said", said)


# At the kiosk


async def test_a_code_at_the_kiosk_checks_a_booking_in_and_shows_its_place(chromium: Browser) -> None:
    async with door(chromium, "kiosk", viewport=UPRIGHT) as page:
        page.lobby.answers[SCAN] = found(checked_in=True)
        await scan(page.tab)
        await at_kiosk(page, "You are checked in")
        await page.says("#label", "A018")
        await page.says("#ahead", "3 people ahead of you")
        await expect(page.find("#scan")).to_be_hidden()
        [asked] = page.lobby.asked_for(SCAN)
        assert asked.body == {"code": CODE, "location": "harbour", "locale": "en"}
        assert await faults(page.tab) == ""


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("waiting", "You are in line"),
        ("called", "It is your turn: Desk 3"),
        ("held", "Your place is kept. The staff will call you."),
    ],
)
async def test_who_has_arrived_already_reads_where_they_stand(chromium: Browser, state: str, said: str) -> None:
    async with door(chromium, "kiosk", viewport=UPRIGHT) as page:
        page.lobby.answers[SCAN] = found(state, desk="Desk 3" if state == "called" else "")
        await scan(page.tab)
        await at_kiosk(page, said)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (refusal(409, "too_early"), "It is too early to check in. Please come back shortly before your time."),
        (refusal(409, "too_late"), "It is too late to check in. Please ask the staff."),
        (refusal(409, "staff_only"), "Please check in with the staff."),
        (refusal(403, "elsewhere"), "This ticket is for another place. Please ask the staff."),
        (refusal(404, "not_found"), "No ticket has this code. Please ask the staff."),
        (found("cancelled"), "This ticket is closed. Please take a new one or ask the staff."),
    ],
)
@pytest.mark.parametrize("open", [True, False])
async def test_what_does_not_fit_is_said_in_words_whether_tickets_are_given_out_or_not(
    chromium: Browser, answer: Any, said: str, open: bool
) -> None:
    async with door(chromium, "kiosk", location(open=open), viewport=UPRIGHT) as page:
        page.lobby.answers[SCAN] = answer
        await scan(page.tab)
        await expect(page.find("#trouble")).to_be_visible()
        await page.says("#trouble", said)


async def test_a_code_presses_no_button_that_has_the_focus(chromium: Browser) -> None:
    async with door(chromium, "kiosk", viewport=UPRIGHT) as page:
        page.lobby.answers[SCAN] = found()
        await page.find(".queue").first.focus()
        await scan(page.tab, '{"type": "check in", "id": "0123"}')
        await at_kiosk(page, "You are in line")
        assert page.lobby.asked_for(TAKE) == []


async def test_the_next_code_takes_the_place_of_a_ticket_on_the_screen(chromium: Browser) -> None:
    async with door(chromium, "kiosk", viewport=UPRIGHT) as page:
        page.lobby.answers[SCAN] = found()
        await page.find(".queue").first.click()
        await expect(page.find("body")).to_have_attribute("data-screen", "ticket")
        await scan(page.tab)
        await at_kiosk(page, "You are in line")
        page.lobby.answers[SCAN] = refusal(409, "too_early")
        await scan(page.tab)
        await expect(page.find("body")).to_have_attribute("data-screen", "start")
        assert "A018" not in await page.find("main").inner_text()


async def test_a_hint_stands_where_a_scanner_is(chromium: Browser) -> None:
    async with door(chromium, "kiosk", viewport=UPRIGHT) as page:
        await expect(page.find("#scan-hint")).to_be_hidden()
    async with door(chromium, "kiosk", viewport=UPRIGHT, query="?scan=on") as page:
        await page.says("#scan-hint", "Do you have a code? Hold it in front of the scanner.")


async def test_a_code_is_read_where_the_machine_writes_in_another_alphabet(chromium: Browser) -> None:
    """An American scanner on an Arabic keyboard: the letters are wrong and their places are right."""
    keys = [("ش", code, shift) for _, code, shift in map(american, CODE)]
    async with door(chromium, "kiosk", viewport=UPRIGHT) as page:
        page.lobby.answers[SCAN] = lambda asked: found() if asked.body["code"] == CODE else refusal(404, "not_found")
        await scan(page.tab, keys=keys)
        await at_kiosk(page, "You are in line")
        assert len(page.lobby.asked_for(SCAN)) == 2


# At the desk


async def test_a_code_at_the_desk_gives_none_of_the_commands_that_its_letters_are(chromium: Browser) -> None:
    async with opened(chromium, current=called()) as page:
        page.lobby.answers[SCAN] = found(checked_in=True)
        await scan(page.tab)
        await page.says("#status", "A018 is checked in")
        body = {"code": CODE, "location": "hilltop", "locale": "en"}
        await sent(page, (SCAN, body))
        assert page.lobby.asked[0].headers["x-csrf-token"] == "csrf-1"
        await expect(page.at("dialog[open]")).to_have_count(0)
        assert "bad" not in (await page.at("#status").get_attribute("class") or "")
        await page.tab.keyboard.press("n")
        await sent(page, (SCAN, body), (NEXT, {}))


async def test_a_short_code_of_something_else_is_no_command_either(chromium: Browser) -> None:
    async with opened(chromium, current=called()) as page:
        await scan(page.tab, "XCHBFS")
        await page.tab.keyboard.press("n")
        await sent(page, (NEXT, {}))


async def test_who_waits_can_be_called_from_the_scan(chromium: Browser) -> None:
    async with opened(chromium) as page:
        page.lobby.answers[SCAN] = found()
        await scan(page.tab)
        await page.says("#status", "A018 is in line")
        await page.at("#status-more").click()
        await arrived(page, 2)
        assert page.lobby.asked[1].path == "/api/v1/tickets/t-a018/call"
        assert page.lobby.asked[1].body == {"desk": "desk-3"}


@pytest.mark.parametrize("code", ["too_early", "too_late", "staff_only"])
async def test_staff_may_check_in_all_the_same(chromium: Browser, code: str) -> None:
    async with opened(chromium) as page:
        page.lobby.answers[SCAN] = lambda asked: (
            found(checked_in=True) if asked.body.get("force") else refusal(409, code)
        )
        await scan(page.tab)
        await expect(page.at("#status")).to_have_class("notice bad")
        await page.tab.get_by_role("button", name="Do it anyway").click()
        await page.says("#status", "A018 is checked in")


async def test_a_code_that_runs_into_a_field_leaves_it_as_it_was(chromium: Browser) -> None:
    async with opened(chromium) as page:
        page.lobby.answers[SCAN] = found(checked_in=True)
        field = "Object.assign(document.createElement('input'), { id: 'field' })"
        await page.tab.evaluate(f"document.querySelector('#work main').append({field})")
        await page.at("#field").fill("Eva n")
        await scan(page.tab)
        await page.says("#status", "A018 is checked in")
        assert await page.at("#field").input_value() == "Eva n"
        await page.at("#field").press_sequentially("x")
        assert await page.at("#field").input_value() == "Eva nx"


async def test_a_code_waits_for_a_command_that_is_on_its_way(chromium: Browser) -> None:
    async with opened(chromium) as page:
        page.lobby.answers[SCAN] = found(checked_in=True)
        await page.at("#primary").click()
        await arrived(page, 1)
        await scan(page.tab)
        await page.lobby.publish(CHANNEL, desk(8, current=called()))
        await page.says("#status", "A018 is checked in")


async def test_who_is_signed_out_is_asked_to_sign_in(chromium: Browser) -> None:
    async with opened(chromium) as page:
        page.lobby.answers[SCAN] = (401, {"error": {"code": "not_allowed", "message": ""}})
        await scan(page.tab)
        await expect(page.at("#session-dialog")).to_be_visible()


async def test_the_desk_says_it_in_arabic(chromium: Browser) -> None:
    async with opened(chromium, lang="ar") as page:
        page.lobby.answers[SCAN] = refusal(404, "not_found")
        await scan(page.tab)
        await page.says("#status", "لا توجد تذكرة بهذا الرمز.")
        assert await faults(page.tab) == ""
