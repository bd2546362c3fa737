"""The desk: keys and buttons send the right command once, refusals are sentences, the newest document is shown."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from displays.accessible import faults
from displays.server import Asked
from displays.staff_server import (
    MINUTE,
    NOW,
    Visit,
    branch,
    called,
    desk,
    desk_page,
    queue,
    ticket,
    visit,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")

CHANNEL = "desk/desk-3"
NEXT = "POST /api/v1/desks/desk-3/call_next"
CURRENT = "/api/v1/tickets/t-a017"
SERVING = ticket("A017", state="serving", called_at=NOW - MINUTE, started_at=NOW - 20_000)
LAPTOP = {"viewport": {"width": 1366, "height": 768}}


@asynccontextmanager
async def opened(
    chromium: Browser, *, user: str = "maria", lang: str = "en", time: bool = False, path: str = "/desk?desk=desk-3",
    context: dict[str, Any] | None = None, **changes: Any,
) -> AsyncIterator[Visit]:  # fmt: skip
    """The desk's page at a laptop; every command is answered with 200 until the test says otherwise."""
    async with branch({"/desk": desk_page(user, lang)}, {CHANNEL: desk(**changes)}) as lobby:
        lobby.answers = Agreeing()
        async with visit(chromium, lobby, path, time=time, **LAPTOP | (context or {})) as page:
            if "desk=" in path:
                await expect(page.at("#desk-name")).to_have_text("Desk 3")
            yield page


class Agreeing(dict[str, Any]):
    """Answers every command with 200."""

    def get(self, key: str, default: Any = None) -> Any:
        return super().get(key, (200, {"ticket": {}, "desks": desk_page().context["desks"]}))


async def sent(page: Visit, *expected: tuple[str, Any]) -> None:
    """Wait for these commands, in this order, and see that there were no others."""
    for _ in range(100):
        if len(page.lobby.asked) >= len(expected):
            break
        await asyncio.sleep(0.02)
    assert [(f"{asked.method} {asked.path}", asked.body) for asked in page.lobby.asked] == list(expected)


async def pause(page: Visit) -> None:
    """Until the press is settled, and then long enough that the next one is not its double."""
    await expect(page.at("#primary:not([aria-disabled])")).to_be_visible()
    await page.tab.clock.fast_forward(500)


async def refuse(page: Visit, command: str, code: str) -> None:
    page.lobby.answers[command] = (409, {"error": {"code": code, "message": "never shown"}})


def at_desk(command: str, **body: Any) -> tuple[str, Any]:
    return f"POST {CURRENT}/{command}", {"desk": "desk-3"} | body


async def test_a_desk_is_chosen_from_cards_and_found_again(chromium: Browser) -> None:
    async with opened(chromium, path="/desk?lang=sv") as page:
        cards = ["1Desk 1Öppen · omar", "2Desk 2Stängd", "3Desk 3Öppen · maria"]
        await expect(page.at(".desk-card")).to_have_text(cards)
        await page.tab.get_by_role("link", name="Desk 3").click()
        await expect(page.at("#primary-words")).to_have_text("Ropa nästa")
        await page.at("#change").click()
        await expect(page.at(".desk-card").first).to_contain_text("Din senaste disk")
        await expect(page.at(".desk-card").first).to_contain_text("Desk 3")


async def test_who_is_at_the_desk_is_shown_with_the_time_since_the_call(chromium: Browser) -> None:
    async with opened(chromium, current=called(priority="elderly", locale="ar"), time=True) as page:
        await page.says("#current-label", "A017")
        await page.says("#current-state", "Called")
        await page.says("#facts", "Nour Haddad\u00a0· Priority: elderly\u00a0· waited 11 minutes\u00a0· Speaks Arabic")
        await expect(page.at("#timer")).to_have_text("Called 0:42 ago")
        await page.tab.clock.fast_forward(5_000)
        await expect(page.at("#timer")).to_have_text("Called 0:47 ago")
        await page.lobby.publish(CHANNEL, desk(8, current=SERVING, at=NOW + 5_000))
        await expect(page.at("#timer")).to_contain_text("With you for 0:2")
        await expect(page.tab).to_have_title("A017 · Desk 3")


@pytest.mark.parametrize("key", [" ", "n", "N"])
async def test_the_first_key_calls_the_next(chromium: Browser, key: str) -> None:
    async with opened(chromium) as page:
        await page.tab.keyboard.press(key)
        await sent(page, (NEXT, {}))
        [asked] = page.lobby.asked
        assert asked.headers["x-csrf-token"] == "csrf-1"
        assert len(asked.headers["idempotency-key"]) >= 16


@pytest.mark.parametrize(
    ("key", "command"),
    [
        ("r", at_desk("recall")),
        ("s", at_desk("start")),
        ("Enter", at_desk("start")),
        ("f", at_desk("finish")),
        ("x", at_desk("no_show")),
        ("h", at_desk("hold")),
        ("b", at_desk("put_back")),
        ("c", at_desk("cancel")),
        ("u", ("POST /api/v1/desks/desk-3/undo", {})),
        ("Control+z", ("POST /api/v1/desks/desk-3/undo", {})),
    ],
)
async def test_each_key_is_one_command(chromium: Browser, key: str, command: tuple[str, Any]) -> None:
    undo = {"kind": "called", "label": "A017", "until": NOW + MINUTE}
    async with opened(chromium, current=called(), undo=undo, time=True) as page:
        await page.tab.keyboard.press(key)
        await sent(page, command)


async def test_keys_are_known_by_their_place_where_letters_are_not_latin(chromium: Browser) -> None:
    async with opened(chromium, current=called()) as page:
        await page.tab.evaluate(
            "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'ق', code: 'KeyR', bubbles: true}))"
        )
        await sent(page, at_desk("recall"))


@pytest.mark.parametrize("key", ["Control+f", "Alt+s", "r", "s", "f", "x", "h", "b", "t", "u", "Enter"])
async def test_keys_that_do_not_fit_do_nothing(chromium: Browser, key: str) -> None:
    async with opened(chromium) as page:
        await page.tab.keyboard.press(key)
        await page.tab.keyboard.press("n")
        await sent(page, (NEXT, {}))
        await expect(page.at("dialog[open]")).to_have_count(0)


async def test_only_what_fits_the_state_is_offered(chromium: Browser) -> None:
    async def offered(page: Visit) -> set[str]:
        found = page.at(".now [data-command]:not([aria-disabled]):not(.away)")
        return {await found.nth(n).get_attribute("data-command") or "" for n in range(await found.count())}

    async with opened(chromium) as page:
        assert await offered(page) == {"call_next"}
        views: list[tuple[str, dict[str, Any], str]] = [
            ("called", {"current": called()}, "call_next recall start finish no_show hold put_back transfer cancel"),
            ("serving", {"current": SERVING}, "call_next finish hold transfer cancel"),
            ("closed", {"open": False}, "open"),
        ]
        for seq, (state, changes, fits) in enumerate(views, start=8):
            await page.lobby.publish(CHANNEL, desk(seq, **changes))
            await expect(page.at("#current")).to_have_attribute("data-state", state)
            assert await offered(page) == set(fits.split())


async def test_a_double_press_sends_one_while_the_first_is_on_its_way(chromium: Browser) -> None:
    async with opened(chromium) as page:
        await page.at("#primary").dblclick()
        await page.tab.keyboard.press(" ")
        await page.tab.keyboard.press(" ")
        await page.lobby.publish(CHANNEL, desk(8, current=called()))
        await expect(page.at("#primary:not([aria-disabled])")).to_be_visible()
        await sent(page, (NEXT, {}))


async def test_a_held_key_is_one_press(chromium: Browser) -> None:
    async with opened(chromium, time=True) as page:
        await page.tab.keyboard.down(" ")
        await page.lobby.publish(CHANNEL, desk(8, current=called()))
        await pause(page)
        await page.tab.keyboard.down(" ")  # what the keyboard repeats
        await page.tab.keyboard.up(" ")
        await page.tab.keyboard.press("f")
        await sent(page, (NEXT, {}), at_desk("finish"))


async def test_buttons_rest_until_the_document_that_follows_is_drawn(chromium: Browser) -> None:
    async with opened(chromium, time=True) as page:
        await page.tab.clock.pause_at(NOW / 1000 + 8)
        async with page.tab.expect_response("**/call_next") as answer:
            await page.tab.keyboard.press(" ")
        await (await answer.value).finished()
        await page.tab.evaluate("fetch('/desk')")  # the page has seen the answer to the press before this one
        assert await page.at("#primary").get_attribute("aria-disabled") == "true"
        await page.says("#current-title", "Nobody is at this desk")  # nothing is guessed
        await page.lobby.publish(CHANNEL, desk(8, current=called()))
        await expect(page.at("#primary")).not_to_have_attribute("aria-disabled", "true", timeout=500)
        await page.says("#current-label", "A017")
        await page.says("#polite", "A017 is called.")


async def test_after_a_mouse_click_the_keys_are_commands_again(chromium: Browser) -> None:
    async with opened(chromium, current=called()) as page:
        await page.at(".now [data-command=recall]").click()
        await sent(page, at_desk("recall"))
        await page.lobby.publish(CHANNEL, desk(8, current=called()))
        await expect(page.at("#primary:not([aria-disabled])")).to_be_visible()
        await page.tab.keyboard.press(" ")
        await sent(page, at_desk("recall"), (NEXT, {}))


async def test_a_button_reached_by_keyboard_is_pressed_by_the_keyboard(chromium: Browser) -> None:
    async with opened(chromium, current=called()) as page:
        await page.at(".now [data-command=hold]").focus()
        await page.tab.keyboard.press(" ")
        await sent(page, at_desk("hold"))
        await expect(page.at(".now [data-command=hold]")).to_be_focused()


async def test_a_refusal_is_a_sentence_and_goes_with_the_next_press(chromium: Browser) -> None:
    async with opened(chromium, time=True) as page:
        await refuse(page, NEXT, "queue_empty")
        await page.tab.keyboard.press(" ")
        await page.says("#status", "Nobody is waiting in your queues.")
        assert await page.at("#says").get_attribute("role") == "status"
        await pause(page)
        page.lobby.answers[NEXT] = (200, {"ticket": {}})
        await page.tab.keyboard.press(" ")
        await page.says("#status", "")


async def test_a_refusal_goes_by_itself(chromium: Browser) -> None:
    async with opened(chromium, time=True) as page:
        await refuse(page, NEXT, "queue_empty")
        await page.tab.keyboard.press(" ")
        await page.says("#status", "Nobody is waiting in your queues.")
        await page.tab.clock.fast_forward(21_000)
        await page.says("#status", "")


async def test_a_refusal_moves_no_button(chromium: Browser) -> None:
    async with opened(chromium) as page:
        before = await page.at("#primary").bounding_box()
        await refuse(page, NEXT, "queue_empty")
        await page.tab.keyboard.press(" ")
        await page.says("#status", "Nobody is waiting in your queues.")
        assert await page.at("#primary").bounding_box() == before


async def test_a_lost_answer_is_asked_for_again_with_the_same_key(chromium: Browser) -> None:
    async with opened(chromium) as page:
        answers = iter([(503, {"error": {"code": "store_away", "message": ""}}), (200, {"ticket": {}})])
        page.lobby.answers[NEXT] = lambda _: next(answers)
        await page.tab.keyboard.press(" ")
        await sent(page, (NEXT, {}), (NEXT, {}))
        assert len({asked.headers["idempotency-key"] for asked in page.lobby.asked}) == 1


async def test_each_press_has_its_own_key(chromium: Browser) -> None:
    async with opened(chromium, time=True) as page:
        for seq in (8, 9):
            await page.tab.keyboard.press(" ")
            await page.lobby.publish(CHANNEL, desk(seq))
            await pause(page)
        await sent(page, (NEXT, {}), (NEXT, {}))
        assert len({asked.headers["idempotency-key"] for asked in page.lobby.asked}) == 2


async def test_transfer_is_a_letter_and_a_digit(chromium: Browser) -> None:
    async with opened(chromium, current=called()) as page:
        await page.tab.keyboard.press("t")
        await page.says("#transfer-title", "Transfer A017 to")
        await page.tab.keyboard.press("1")  # where it is
        await expect(page.at("#transfer-dialog")).to_be_visible()
        await page.tab.keyboard.press("2")
        await expect(page.at("#transfer-dialog")).to_be_hidden()
        await sent(page, at_desk("transfer", queue="doctor", keep_arrival=True))


async def test_a_transfer_may_start_waiting_anew_and_may_be_given_up(chromium: Browser) -> None:
    async with opened(chromium, current=called()) as page:
        await page.tab.keyboard.press("t")
        await page.tab.keyboard.press("Escape")
        await page.tab.keyboard.press("t")
        await page.at("#keep-arrival").uncheck()
        await page.tab.get_by_role("button", name="Information").click()
        await sent(page, at_desk("transfer", queue="desk", keep_arrival=False))


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


async def test_undo_says_what_it_would_undo_and_how_long(chromium: Browser) -> None:
    undo = {"kind": "no_show", "label": "A016", "until": NOW + 30_000}
    async with opened(chromium, undo=undo, time=True) as page:
        await page.says("#undo-words", "Undo: A016 marked not here")
        await expect(page.at("#undo-left")).to_have_text(re.compile("0:(30|2[5-9]) left"))
        await page.tab.clock.fast_forward(10_000)
        await expect(page.at("#undo-left")).to_have_text(re.compile("0:(20|1[5-9]) left"))
        await page.tab.clock.fast_forward(21_000)
        await expect(page.at("#undo")).to_be_hidden()
        await page.tab.keyboard.press("u")
        await page.tab.keyboard.press("n")
        await sent(page, (NEXT, {}))


async def test_a_closed_desk_is_opened_with_the_first_key(chromium: Browser) -> None:
    async with opened(chromium, open=False, staff="") as page:
        await page.says("#current-title", "This desk is closed")
        await page.tab.keyboard.press(" ")
        await sent(page, ("POST /api/v1/desks/desk-3/open", {}))
        await page.lobby.publish(CHANNEL, desk(8))
        await page.says("#primary-words", "Call next")
        await page.at("#open-close").click()
        await sent(page, ("POST /api/v1/desks/desk-3/open", {}), ("POST /api/v1/desks/desk-3/close", {}))


async def test_somebody_else_at_the_desk_is_named_and_can_be_relieved(chromium: Browser) -> None:
    async with opened(chromium, staff="omar") as page:
        await expect(page.at("#others")).to_contain_text("omar opened this desk.")
        await page.tab.get_by_role("button", name="Take over the desk").click()
        await sent(page, ("POST /api/v1/desks/desk-3/open", {}))
        await page.lobby.publish(CHANNEL, desk(8, staff="maria"))
        await expect(page.at("#others")).to_be_hidden()


async def test_keys_rest_while_somebody_types(chromium: Browser) -> None:
    async with opened(chromium) as page:
        page.lobby.answers[NEXT] = (401, {"error": {"code": "not_allowed", "message": ""}})
        await page.tab.keyboard.press("n")
        await expect(page.at("#session-dialog")).to_be_visible()
        await page.at("#session-password").press_sequentially("nrfx t")
        assert await page.at("#session-password").input_value() == "nrfx t"
        await sent(page, (NEXT, {}))


async def test_a_session_that_ended_is_renewed_on_the_page(chromium: Browser) -> None:
    async with opened(chromium) as page:
        await page.tab.keyboard.press("ArrowDown")
        await page.lobby.hang_up(4401)
        await expect(page.at("#session-dialog")).to_be_visible()
        await expect(page.at("#session-password")).to_be_focused()
        wrong = (401, {"error": {"code": "not_allowed", "message": ""}})
        page.lobby.answers["POST /api/v1/session"] = wrong
        await page.at("#session-password").fill("guess")
        await page.tab.keyboard.press("Enter")
        await page.says("#session-mistake", "Name or password is not right.")
        page.lobby.answers["POST /api/v1/session"] = (200, {"user": "maria", "csrf": "csrf-2"})
        await page.at("#session-password").fill("correct")
        await page.tab.keyboard.press("Enter")
        await expect(page.at("#session-dialog")).to_be_hidden()
        await page.lobby.publish(CHANNEL, desk(8, current=called()))
        await page.says("#current-label", "A017")
        await page.at(".now [data-command=finish]").click()
        await expect(page.at("#primary:not([aria-disabled])")).to_be_visible()
        assert page.lobby.asked[-1].headers["x-csrf-token"] == "csrf-2"


async def test_a_page_whose_token_is_old_gets_the_new_one_by_itself(chromium: Browser) -> None:
    """Somebody has signed in anew in another window."""
    async with opened(chromium) as page:

        def answer(asked: Asked) -> tuple[int, Any]:
            if asked.headers["x-csrf-token"] == "csrf-2":
                return 200, {"ticket": {}}
            return 403, {"error": {"code": "csrf", "message": ""}}

        page.lobby.answers[NEXT] = answer
        page.lobby.answers["GET /api/v1/session"] = (200, {"user": "maria", "csrf": "csrf-2"})
        await page.tab.keyboard.press(" ")
        await sent(page, (NEXT, {}), ("GET /api/v1/session", None), (NEXT, {}))
        await expect(page.at("#primary:not([aria-disabled])")).to_be_visible()
        await page.says("#status", "")


async def test_the_keys_are_shown_by_a_question_mark(chromium: Browser) -> None:
    async with opened(chromium) as page:
        await page.tab.keyboard.press("?")
        await expect(page.at("#keys-dialog")).to_contain_text("Transfer, then the number of the queue")
        await page.tab.keyboard.press("n")
        await page.tab.keyboard.press("Escape")
        await expect(page.at("#keys-dialog")).to_be_hidden()
        await page.tab.keyboard.press("n")
        await sent(page, (NEXT, {}))


async def test_without_contact_the_desk_says_since_when(chromium: Browser) -> None:
    async with opened(chromium, time=True) as page:
        await expect(page.at("#link-state")).to_be_visible()
        page.lobby.silent = True
        await page.tab.clock.fast_forward(13_000)
        await page.says("#stale", "No connection since 14:05. What you see may be old.")
        await expect(page.at("#link-state")).to_be_hidden()


async def test_signing_out_ends_the_session(chromium: Browser) -> None:
    async with opened(chromium) as page:
        await page.tab.get_by_role("button", name="Sign out").locator("visible=true").click()
        await page.tab.wait_for_url("**/signin")
        await sent(page, ("DELETE /api/v1/session", None))


FULL: dict[str, Any] = {
    "current": called(priority="elderly", locale="sv"),
    "held": [ticket("A003", state="held", held_by="desk-3", name="Omar Said")],
    "booked": [ticket("B020", "doctor", state="booked", slot_at=NOW + 5 * MINUTE, name="Ingrid Svensson")],
    "recent": [ticket("A002", state="no_show"), ticket("A001", state="done")],
    "undo": {"kind": "called", "label": "A017", "until": NOW + MINUTE},
    "waiting": [ticket(f"A{n:03}", name="Layla Mansour", joined_at=NOW - n * MINUTE) for n in range(20, 70)],
}


@pytest.mark.parametrize(("lang", "scheme"), [("en", "light"), ("sv", "dark"), ("ar", "light")])
async def test_every_view_is_accessible_and_fits_its_window(chromium: Browser, lang: str, scheme: str) -> None:
    context = {"color_scheme": scheme, "reduced_motion": "reduce"}
    async with opened(chromium, lang=lang, time=True, context=context, **FULL) as page:
        assert await faults(page.tab) == ""
        assert await page.tab.evaluate("document.documentElement.scrollHeight <= innerHeight")
        for key in ("t", "?"):
            await page.tab.keyboard.press(key)
            await expect(page.at("dialog[open]")).to_be_visible()
            assert await faults(page.tab) == ""
            await page.tab.keyboard.press("Escape")
        await page.at("#waiting .row").first.click()
        views: list[tuple[str, dict[str, Any]]] = [
            ("closed", {"open": False}),
            ("idle", {"waiting": []}),
            ("serving", {"staff": "omar", "current": SERVING}),
        ]
        for seq, (state, changes) in enumerate(views, start=8):
            await page.lobby.publish(CHANNEL, desk(seq, **changes))
            await expect(page.at("#current")).to_have_attribute("data-state", state)
            assert await faults(page.tab) == ""


@pytest.mark.parametrize("width", [390, 768, 1024, 1366, 1920])
async def test_nothing_is_wider_than_the_window(chromium: Browser, width: int) -> None:
    context = {"viewport": {"width": width, "height": 768}}
    async with opened(chromium, lang="sv", context=context, **FULL) as page:
        assert await page.tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await page.at("#primary").scroll_into_view_if_needed()
        await expect(page.at("#primary")).to_be_in_viewport()
