"""The pages of staff and customers on a small server that streams events too, and visiting them with a browser."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import segno
from playwright.async_api import Browser, Locator, expect
from playwright.async_api import Page as Tab
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from displays.server import Lobby, Page, page_texts, serve
from displays.staff_samples import MINUTE, NOW, PLACES, TOKEN, message, waits

PUSH_KEY = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"


def phone_page(lang: str = "en") -> Page:
    qr = segno.make(f"https://example.org/t/{TOKEN}").svg_inline(omitsize=True, border=0)
    told = {"push_key": PUSH_KEY, "push": [], "phone": "", "email": ""}
    return Page("phone.html", "phone", {"token": TOKEN, "qr": qr, "addresses": told}, f"ticket/{TOKEN}", lang)


def desk_page(user: str = "maria", lang: str = "en") -> Page:
    desks = [
        {"id": f"desk-{n}", "tag": str(n), "name": f"Desk {n}", "kind": "desk", "location": "hilltop",
         "location_name": "Hilltop Clinic", "open": n != 2, "staff": {1: "omar", 3: "maria"}.get(n, "")}
        for n in (1, 2, 3)
    ]  # fmt: skip
    context = {"user": user, "csrf": "csrf-1", "desks": desks, "message_texts": page_texts("messages", lang)}
    return Page("desk.html", "desk", context, "", lang)


def plain_pages(lang: str = "en") -> dict[str, Page]:
    """The pages that have no live document."""
    messages = [
        message("m3", kind="almost_your_turn", medium="mail", recipient="nour@example.org", subject="A017: almost"),
        message("m2", "failed", at=NOW - 3 * MINUTE, detail="21614: not a mobile number"),
        message("m1", "shown", at=NOW - 5 * MINUTE, kind="taken"),
    ]
    overview = {
        "locations": [waits()],
        "problem": "",
        "weaknesses": ["It keeps no append-only file (appendonly no)."],
        "lost": 2,
    }
    return {
        "/": Page("home.html", "home", {"locations": PLACES, "organization": "Hilltop Health"}, "", lang),
        "/signin": Page("signin.html", "signin", {"next": "/desk?desk=desk-3"}, "", lang),
        "/setup/abc": Page("setup.html", "setup", {"token": "abc"}, "", lang),
        "/messages": Page("messages.html", "messages", {"csrf": "csrf-1", "messages": messages}, "", lang),
        "/admin": Page("admin.html", "admin", {"overview": overview}, "", lang),
        "/missing": Page("trouble.html", "trouble", {"kind": "missing"}, "", lang),
        "/forbidden": Page("trouble.html", "trouble", {"kind": "forbidden"}, "", lang),
        "/away": Page("trouble.html", "trouble", {"kind": "away"}, "", lang),
    }


class Branch(Lobby):
    """The lobby's server, where the third way to listen is open too: `streams_open`, counted as "stream <channel>"."""

    streams_open = True

    async def _live_poll(self, request: Request) -> Response:
        channel = request.path_params["channel"]
        if "text/event-stream" not in request.headers.get("accept", ""):
            return await super()._live_poll(request)
        if not self.streams_open:
            return JSONResponse({"error": {"code": "failed", "message": ""}}, 500)
        self.connections.append(f"stream {channel}")
        return StreamingResponse(self._stream(channel), media_type="text/event-stream")

    async def _stream(self, channel: str) -> AsyncIterator[str]:
        sent: dict[str, Any] | None = None
        while True:
            document = self.documents.get(channel)
            if document is not None and document is not sent and not self.silent:
                sent = document
                yield f"event: document\nid: {document['epoch']}.{document['seq']}\ndata: {json.dumps(document)}\n\n"
            async with self._changed:
                try:
                    async with asyncio.timeout(self.beat_s):
                        await self._changed.wait()
                except TimeoutError:
                    if not self.silent:
                        yield f"event: beat\ndata: {json.dumps(self.beat())}\n\n"


@dataclass
class Visit:
    """A page in the browser, the server behind it, and what went wrong in it."""

    tab: Tab
    lobby: Branch
    errors: list[str] = field(default_factory=list)

    def at(self, selector: str) -> Locator:
        return self.tab.locator(selector)

    async def says(self, selector: str, words: str) -> None:
        await expect(self.at(selector)).to_have_text(words)


@asynccontextmanager
async def branch(pages: Mapping[str, Page], documents: Mapping[str, Any] | None = None) -> AsyncIterator[Branch]:
    """The server with these pages, and these newest documents by channel."""
    async with serve(pages, kind=Branch) as lobby:
        assert isinstance(lobby, Branch)
        lobby.beat = lambda: {"type": "beat", "seq": 0, "epoch": "e1", "at": NOW}
        lobby.documents |= documents or {}
        yield lobby


@asynccontextmanager
async def visit(
    chromium: Browser, lobby: Branch, path: str, *, script: str = "", time: bool = False, **context: Any
) -> AsyncIterator[Visit]:
    """Open a page. Afterwards nothing may have been thrown in it or refused by its content security policy.

    `time`: the page's clock is the test's, and starts at NOW."""
    options = {"viewport": {"width": 390, "height": 844}, "timezone_id": "Europe/Stockholm"} | context
    browser = await chromium.new_context(**options)
    tab = await browser.new_page()
    found = Visit(tab, lobby)
    tab.on("pageerror", lambda error: found.errors.append(str(error)))
    if script:
        await tab.add_init_script(script)
    if time:
        await tab.clock.install(time=NOW / 1000)
    try:
        await tab.goto(lobby.url + path)
        yield found
        assert found.errors == []
        assert lobby.violations == []
    finally:
        await browser.close()
