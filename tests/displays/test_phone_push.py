"""Notifications: offered on the phone page after a tap and taken back there, shown and answered while it is closed."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from playwright.async_api import Browser, CDPSession, Page, Worker, expect

from callboard.app import create_app
from callboard.domain.directory import Directory
from callboard.domain.model import Site
from callboard.services import Services
from callboard.store.redis import Connection
from conftest import SITE, Clock
from displays.phones import API, opened
from displays.samples import pushed
from house import make_services, served

pytestmark = pytest.mark.asyncio(loop_scope="session")

# A browser whose push service is somewhere else: this is where the page ends and the browser begins.
PUSH = """
window.asked = 0;
window.made = null;
const keys = { p256dh: "%s", auth: "AAAAAAAAAAAAAAAAAAAAAA" };
Notification.requestPermission = async () => { window.asked += 1; return "%s"; };
PushManager.prototype.getSubscription = async () => window.made;
PushManager.prototype.subscribe = async (options) => {
  window.made = { endpoint: "https://push.example.org/abc", options, unsubscribe: async () => { window.made = null; },
    toJSON() { return { endpoint: this.endpoint, keys }; } };
  window.visible = options.userVisibleOnly;
  return window.made;
};
"""
KEY = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
LOOK = """() => {
  let found;
  const look = () => { self.looked = new Promise((resolve) => (found = resolve)); };
  look();
  WindowClient.prototype.focus = async function () { found(`focus ${this.url}`); };
  Clients.prototype.openWindow = async (address) => { look(); found(`open ${address}`); };
}"""
COUNT = """async () => {
  const registration = await navigator.serviceWorker.getRegistration("/t/");
  return (await registration.getNotifications()).length;
}"""
NO_PUSH = "delete window.PushManager;"
INSECURE = "Object.defineProperty(window, 'isSecureContext', { value: false });"


@asynccontextmanager
async def clinic(store_url: str, clock: Clock) -> AsyncIterator[tuple[Services, int]]:
    """The whole application on the real store."""
    connection = Connection.open(store_url, wait_s=2)
    await connection.client.flushall()
    services = make_services(connection, Directory([msgspec.convert(SITE, Site)]), clock)
    try:
        async with served(create_app(services)) as port:
            yield services, port
    finally:
        await connection.close()


@asynccontextmanager
async def phone(whole_chromium: Browser, address: str, script: str) -> AsyncIterator[Page]:
    context = await whole_chromium.new_context(viewport={"width": 390, "height": 844})
    await context.grant_permissions(["notifications"])
    tab = await context.new_page()
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    await tab.add_init_script(script)
    await tab.goto(address)
    try:
        yield tab
        assert errors == []
    finally:
        await context.close()


async def registration(devtools: CDPSession) -> str:
    found: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def look(event: dict[str, Any]) -> None:
        if event["registrations"] and not found.done():
            found.set_result(event["registrations"][0]["registrationId"])

    devtools.on("ServiceWorker.workerRegistrationUpdated", look)
    await devtools.send("ServiceWorker.enable")
    return await asyncio.wait_for(found, 10)


async def shown(tab: Page, until: str) -> dict[str, Any]:
    """The one notification that is there; waits for one with these words."""
    look = """async (until) => {
      const registration = await navigator.serviceWorker.getRegistration("/t/");
      for (;;) {
        const [one, ...more] = await registration.getNotifications();
        if (one && one.body.includes(until)) {
          return { title: one.title, body: one.body, tag: one.tag, lang: one.lang, dir: one.dir, more: more.length,
                   silent: one.silent, stays: one.requireInteraction, actions: one.actions.map((each) => each.title) };
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }"""
    value: dict[str, Any] = await asyncio.wait_for(tab.evaluate(look, until), 10)
    return value


async def press(worker: Worker, action: str) -> None:
    """As the system does when somebody taps the notification or one of its buttons."""
    await worker.evaluate(
        """async (action) => {
          const [notification] = await self.registration.getNotifications();
          self.dispatchEvent(new NotificationEvent("notificationclick", { notification, action }));
        }""",
        action,
    )


async def test_it_is_offered_after_a_tap_and_never_before(
    whole_chromium: Browser, store_url: str, clock: Clock
) -> None:
    async with clinic(store_url, clock) as (services, port):
        taken = await services.store.join("general", phone="+46701740605")
        assert taken.ticket is not None
        address = f"http://127.0.0.1:{port}/t/{taken.token}"
        async with phone(whole_chromium, address, PUSH % (KEY, "granted")) as tab:
            await expect(tab.locator("#push")).to_contain_text("Notify this phone")
            await expect(tab.locator("#push-state")).to_have_text("Tap to turn on")
            await expect(tab.locator("#ways")).to_have_text("text +46•••05")
            assert await tab.evaluate("asked") == 0
            await tab.locator("#push").click()
            await expect(tab.locator("#status")).to_have_text("This phone tells you, also when the page is closed.")
            await expect(tab.locator("#push-state")).to_have_text("On")
            await expect(tab.locator("#push")).to_have_attribute("aria-pressed", "true")
            await expect(tab.locator("#ways li")).to_have_text(["this phone ", "text +46•••05"])
            assert (await tab.evaluate("asked"), await tab.evaluate("visible")) == (1, True)
            person = await services.reads.person(taken.ticket.id)
            assert person is not None
            (kept,) = person.pushes
            assert (kept.endpoint, kept.p256dh) == ("https://push.example.org/abc", KEY)
            await tab.locator("#push").click()
            await expect(tab.locator("#push-state")).to_have_text("Tap to turn on")
            await expect(tab.locator("#ways")).to_have_text("text +46•••05")
            person = await services.reads.person(taken.ticket.id)
            assert person is not None and person.pushes == ()


async def test_the_worker_shows_a_push_answers_it_and_opens_the_page(
    whole_chromium: Browser, store_url: str, clock: Clock
) -> None:
    async with clinic(store_url, clock) as (services, port):
        for _ in range(2):
            await services.store.join("general")
        taken = await services.store.join("general")
        assert taken.ticket is not None
        origin = f"http://127.0.0.1:{port}"
        async with phone(whole_chromium, f"{origin}/t/{taken.token}", PUSH % (KEY, "granted")) as tab:
            await tab.locator("#push").click()
            await expect(tab.locator("#push-state")).to_have_text("On")
            devtools = await tab.context.new_cdp_session(tab)
            id = await registration(devtools)
            (worker,) = tab.context.service_workers

            async def push(**changes: Any) -> None:
                said = {**pushed(taken.token, taken.ticket.id if taken.ticket else ""), **changes}
                given = {"origin": origin, "registrationId": id, "data": json.dumps(said)}
                await devtools.send("ServiceWorker.deliverPushMessage", given)

            await push(body="A003: 2 people ahead of you. Please come now.")
            first = await shown(tab, "Please come now")
            assert (first["title"], first["tag"], first["dir"]) == ("Hilltop Clinic", taken.ticket.id, "ltr")
            assert first["actions"] == ["I am coming", "More time"]
            assert first["silent"] is True  # the page is in sight
            await press(worker, "more_time")
            assert (await shown(tab, "others go first"))["actions"] == []
            assert (await services.reads.ticket(taken.ticket.id)).postponed == 1

            await push(body="A003, it is your turn. Please go to desk 1.", stays=True)
            call = await shown(tab, "it is your turn")
            assert (call["more"], call["stays"]) == (0, True)
            await press(worker, "coming")
            await shown(tab, "the staff can see")
            await push(stays=True)
            await shown(tab, "come now")
            await press(worker, "moment")
            await shown(tab, "you need a moment")
            person = await services.reads.person(taken.ticket.id)
            assert person is not None
            assert [note.text for note in person.notes] == ["I am coming", "I need a moment"]

            await push(token="a" * len(taken.token))
            await shown(tab, "come now")
            await press(worker, "more_time")
            await shown(tab, "That did not work.")

            # A tap of a machine may open no window: what is asked of the browser is looked at, not what it does.
            await worker.evaluate(LOOK)
            await push(body="It is time.")
            await shown(tab, "It is time")
            await press(worker, "")
            assert await worker.evaluate("self.looked") == f"focus {origin}/t/{taken.token}"
            await push(body="It is time again.", token="a" * len(taken.token))
            await shown(tab, "time again")
            await press(worker, "")
            assert await worker.evaluate("self.looked") == f"open /t/{'a' * len(taken.token)}"
            assert await tab.evaluate(COUNT) == 0, "what was tapped is gone"


async def test_who_does_not_allow_it_is_told_how_to(whole_chromium: Browser) -> None:
    async with opened(whole_chromium, script=PUSH % (KEY, "denied")) as page:
        await page.at("#push").click()
        words = "The browser does not allow notifications here. Its settings for this page can change that."
        await page.says("#status", words)
        assert page.lobby.asked == []


@pytest.mark.parametrize("script", [NO_PUSH, INSECURE])
async def test_a_browser_that_cannot_is_told_in_words(whole_chromium: Browser, script: str) -> None:
    async with opened(whole_chromium, script=script) as page:
        await expect(page.at("#push")).to_be_hidden()
        words = "This browser cannot show notifications. Leave a number, or keep this page open."
        await page.says("#push-cannot", words)
        await expect(page.at("#ways")).to_have_text("this page only")


async def test_an_address_that_was_left_is_seen_at_once(whole_chromium: Browser) -> None:
    async with opened(whole_chromium) as page:
        page.lobby.answers[f"POST {API}/contact"] = (200, {"ticket": {}})
        told = {"push_key": KEY, "push": ["another"], "phone": "+46•••05", "email": "e•••@example.org"}
        page.lobby.answers[f"GET {API}/contact"] = (200, told)
        await page.at("#contact summary").click()
        await page.at("#phone").fill("0701740605")
        await page.at("#contact-form button").click()
        await expect(page.at("#ways li")).to_have_text(["another device ", "text +46•••05", "e-mail e•••@example.org"])
