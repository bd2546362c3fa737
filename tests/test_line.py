"""One visitor from end to end: the pages in Chromium, the messages through a carrier and a mail server on loopback, and
a system in the house that is told what happens."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.async_api import Browser, Locator, Page, expect

from displays.boards import EARS
from displays.conftest import chromium as chromium
from displays.conftest import playwright as playwright
from notify.carrier import SID, TOKEN, Carrier
from notify.mailserver import MailServer
from running import PASSWORD, Running, administrator, serving, visitor
from webhooks.receiver import Receiver

pytestmark = pytest.mark.asyncio(loop_scope="session")

HEARD = ", ".join(
    f"chime, Number A, {number}. Please go to desk {desk}." for number, desk in enumerate((1, 2, 2, 1), 1)
)
ANNA, MAIL = "+46701740605", "anna@example.org"
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
SITE = """
[organization]
id = "hilltop"
name = "Hilltop"

[[locations]]
id = "main"
name = { en = "Hilltop Clinic", ar = "عيادة التل" }
time_zone = "Europe/Stockholm"
country = "SE"
languages = ["en", "ar"]
queues = [
  { id = "general", tag = "A", name = { en = "General", ar = "عام" }, watches = [
    { shape = "ombori", address = "%s/hook" },
  ] },
  { id = "lab", tag = "B", name = { en = "Lab", ar = "المختبر" } },
]
desks = [
  { id = "d1", tag = "1", name = { en = "Desk 1", ar = "مكتب 1" }, queues = ["general"] },
  { id = "d2", tag = "2", name = { en = "Desk 2", ar = "مكتب 2" }, queues = ["general"] },
]
displays = [
  { id = "lobby", name = "Lobby", languages = ["en"] },
  { id = "lobby-ar", name = "Lobby", languages = ["ar"] },
]
"""


@dataclass
class Lobby:
    """A running server, somebody of the staff, and the world outside."""

    server: Running
    robin: httpx2.AsyncClient
    carrier: Carrier
    mail: MailServer
    till: Receiver
    chromium: Browser
    _stack: AsyncExitStack

    async def open(self, path: str, script: str = "", **context: Any) -> Page:
        """A page in a browser of its own: another person's, or a TV's."""
        browsing = await self.chromium.new_context(**context)
        self._stack.push_async_callback(browsing.close)
        page = await browsing.new_page()
        page.set_default_timeout(10_000)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        self._stack.callback(lambda: _none(errors))
        await page.add_init_script(script)
        await page.goto(f"{self.server.url}{path}")
        return page

    async def joined(self, count: int) -> None:
        """People who came before."""
        async with visitor(self.server) as client:
            for _ in range(count):
                assert (await client.post("/api/v1/tickets", json={"queue": "general"})).status_code == 201

    async def call_next(self, desk: str) -> str:
        called = await self.robin.post(f"/api/v1/desks/{desk}/call_next")
        assert called.status_code == 200, called.text
        return str(called.json()["ticket"]["label"])

    async def told(self, count: int) -> None:
        """Waits until Anna has got so many texts and as many mails; there must never be more."""
        await until(lambda: len(self.carrier.texts(ANNA)) >= count and len(self.mail.accepted) >= count)
        assert (len(self.carrier.texts(ANNA)), len(self.mail.accepted)) == (count, count)

    def webhooks(self, label: str) -> list[str]:
        """What the system in the house was told of a ticket, in order."""
        told = [got.json() for got in self.till.got]
        return [each["type"] for each in told if each["data"]["position"]["label"] == label]

    @property
    def text(self) -> str:
        """The newest text that Anna got."""
        return self.carrier.texts(ANNA)[-1]

    @property
    def subject(self) -> str:
        """That of the newest mail, which has to be hers."""
        assert self.mail.accepted[-1]["To"] == MAIL
        return str(self.mail.accepted[-1]["Subject"])


def _none(errors: list[str]) -> None:
    assert errors == []


async def until(condition: Callable[[], bool], within_s: float = 15) -> None:
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(0.02)


@asynccontextmanager
async def lobby(tmp_path: Path, chromium: Browser) -> AsyncIterator[Lobby]:
    async with AsyncExitStack() as stack:
        till = await stack.enter_async_context(Receiver().serve())
        (tmp_path / "site.toml").write_text(SITE % till.base)
        carrier = await stack.enter_async_context(Carrier(lambda: time.time_ns() // 1_000_000).serve())
        mail = await stack.enter_async_context(MailServer().serve())
        ways = {"account_sid": SID, "auth_token": TOKEN, "from": "+46700000001", "api_base": carrier.base}
        smtp = {"host": "127.0.0.1", "port": mail.port, "tls": "none"}
        given: dict[str, Any] = {f"twilio_{name}": value for name, value in ways.items()}
        given |= {f"smtp_{name}": value for name, value in smtp.items()} | {"mail_from": "queue@example.org"}
        given |= {"webhook_private_networks": "127.0.0.0/8"}
        server = await stack.enter_async_context(serving(tmp_path, site="site.toml", **given))
        robin = await stack.enter_async_context(administrator(server))
        pages = await stack.enter_async_context(AsyncExitStack())
        yield Lobby(server, robin, carrier, mail, till, chromium, pages)


async def take_ticket(page: Page, queue: str) -> None:
    """As somebody does who wants to be told by text and by mail."""
    await page.locator("#queues li", has_text=queue).locator("input").check()
    await page.locator("#contact summary").click()
    await page.locator("#phone").fill("070-174 06 05")
    await page.locator("#email").fill(MAIL)
    await page.locator("#take").click()
    await page.wait_for_url("**/t/*")


async def sign_in(page: Page, desk: str) -> None:
    await page.locator("#user").fill("Robin")
    await page.locator("#password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.locator(".desk-card", has_text=desk).click()
    await expect(page.locator("#desk-name")).to_have_text(desk)


def rows(tv: Page, state: str) -> Locator:
    return tv.locator(f"#calls .call[data-state={state}]")


@pytest.mark.timeout(90)
async def test_a_visitor_from_the_door_to_the_thanks(tmp_path: Path, chromium: Browser) -> None:
    async with lobby(tmp_path, chromium) as hall:
        await hall.joined(3)
        phone = await hall.open("/join/main", **PHONE)
        await take_ticket(phone, "General")
        headline = phone.locator("#headline")
        await expect(phone.locator("#label")).to_have_text("A004")
        await expect(headline).to_have_text("3 people ahead of you")
        await hall.told(1)
        assert hall.text.startswith("Hilltop Clinic: your number is A004, 3 people ahead of you")
        assert hall.text.endswith(f"Follow it: {phone.url}")
        assert hall.subject == "A004: your ticket at Hilltop Clinic"

        tv = await hall.open("/display/lobby", EARS, viewport={"width": 1920, "height": 1080})
        desk = await hall.open("/desk", viewport={"width": 1366, "height": 768})
        await sign_in(desk, "Desk 1")
        await expect(desk.locator("#current-title")).to_have_text("This desk is closed")
        await desk.keyboard.press("Space")
        await expect(desk.locator("#primary-words")).to_have_text("Call next")
        await desk.keyboard.press("Space")
        await expect(desk.locator("#current-label")).to_have_text("A001")
        await expect(headline).to_have_text("2 people ahead of you")
        await hall.told(2)
        assert hall.text.startswith("Hilltop Clinic: A004, 2 people ahead of you. Please come now.")
        assert hall.subject == "A004: almost your turn, 2 people ahead of you"

        await hall.robin.post("/api/v1/desks/d2/open")
        assert await hall.call_next("d2") == "A002"
        await expect(headline).to_have_text("1 person ahead of you")
        assert await hall.call_next("d2") == "A003"
        await expect(headline).to_have_text("You are next")
        await expect(tv.locator("#calls .ticket")).to_have_text(["A003", "A001"])
        assert len(hall.carrier.texts(ANNA)) == 2

        # Two presses in less than half a second are one, so nobody is called before the hall has heard of the last.
        await expect(tv.locator("body")).to_have_attribute("data-heard", re.compile("A, 3"), timeout=15_000)
        await desk.keyboard.press("Space")
        await expect(desk.locator("#current-label")).to_have_text("A004")
        await expect(headline).to_have_text("It is your turn")
        await expect(phone.locator("#go")).to_have_text("Go to Desk 1")
        await expect(phone.locator("#todo")).to_have_text("Please go there now.")
        await expect(rows(tv, "called").first).to_have_text(re.compile(r"^\s*A004\s*Desk 1\s*$"))
        await hall.told(3)
        assert hall.text == "Hilltop Clinic: A004, it is your turn. Please go to desk 1."
        assert hall.subject == "A004: your turn, desk 1"

        await desk.keyboard.press("s")
        await expect(headline).to_have_text("You are being served")
        await expect(desk.locator("#current-state")).to_have_text("Being served")
        await desk.keyboard.press("f")
        await expect(phone.locator("#todo")).to_have_text("Thank you for your visit.")
        await expect(rows(tv, "called")).to_have_count(1)  # A003, at desk 2
        await expect(tv.locator("body")).to_have_attribute("data-heard", HEARD, timeout=15_000)
        await hall.told(3)
        walk = ["positionCreated", "positionCalled", "positionFulfilled", "positionCompleted"]
        await until(lambda: len(hall.webhooks("A4")) >= len(walk))
        assert hall.webhooks("A4") == walk


@pytest.mark.timeout(90)
async def test_a_visitor_who_reads_arabic(tmp_path: Path, chromium: Browser) -> None:
    async with lobby(tmp_path, chromium) as hall:
        await hall.joined(3)
        await hall.robin.post("/api/v1/desks/d1/open")
        phone = await hall.open("/join/main?lang=ar", **PHONE)
        await expect(phone.locator("html")).to_have_attribute("dir", "rtl")
        await take_ticket(phone, "عام")
        await expect(phone.locator("html")).to_have_attribute("dir", "rtl")
        await expect(phone.locator("#headline")).to_have_text(re.compile("3.? أشخاص أمامك"))  # the number is kept apart
        await hall.told(1)
        assert "عيادة التل: رقمك A004، 3 أشخاص أمامك" in hall.text
        tv = await hall.open("/display/lobby-ar", EARS, viewport={"width": 1920, "height": 1080})
        await expect(tv.locator("html")).to_have_attribute("dir", "rtl")
        await hall.call_next("d1")
        await expect(phone.locator("#headline")).to_have_text("شخصان أمامك")
        await hall.told(2)
        assert "تفضل بالحضور الآن." in hall.text
        for _ in range(3):
            await hall.call_next("d1")
        await expect(phone.locator("#headline")).to_have_text("حان دورك")
        await expect(rows(tv, "called").first).to_have_text(re.compile(r"A004\s*مكتب 1"))
        await hall.told(3)
        assert re.search("A004 حان دورك. تفضل إلى .*1", hall.text)
        assert "A004" in hall.subject
        assert re.search("[\u0600-\u06ff]", hall.subject)
