"""Where a ticket is taken, in Chromium for tests: the page of a location, and what the server was asked."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, Locator, expect
from playwright.async_api import Page as Tab
from starlette.responses import Response

from displays.samples import location, taken
from displays.server import Asked, Lobby, Page, serve

TAKE = "POST /api/v1/tickets"
LOOK = "GET /api/v1/locations/harbour"
TOKEN = taken()["token"]
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90"><rect width="90" height="90"/></svg>'

# Limits are set when the page is parsed and its modules have not begun.
LIMITS = """
document.addEventListener('readystatechange', () => {{
  if (document.readyState === 'interactive') Object.assign(document.body.dataset, {limits});
}});
"""


@dataclass
class Door:
    tab: Tab
    lobby: Lobby
    errors: list[str] = field(default_factory=list)

    def find(self, selector: str) -> Locator:
        return self.tab.locator(selector)

    async def says(self, selector: str, words: str) -> None:
        await expect(self.find(selector)).to_have_text(words)

    def takes(self) -> list[Asked]:
        """The tickets that were asked for."""
        return self.lobby.asked_for(TAKE)


def refusal(status: int, code: str, *fields: str) -> tuple[int, Any]:
    wrong = [{"field": name, "message": "is wrong, in English"} for name in fields]
    return status, {"error": {"code": code, "message": "in English", "fields": wrong}}


@asynccontextmanager
async def lobby_with(page: str, shown: Mapping[str, Any]) -> AsyncIterator[Lobby]:
    """A server for `join` or `kiosk` that gives out ticket A018."""
    async with serve({f"/{page}/harbour": Page(f"{page}.html", page, {"location": shown})}) as lobby:
        lobby.answers[LOOK] = (200, dict(shown))
        lobby.answers[TAKE] = (201, taken())
        standing = {"ahead": 3, "wait": {"low": 8, "high": 14}, "queue": "General enquiries"}
        lobby.answers[f"GET /api/v1/t/{TOKEN}"] = (200, standing)
        lobby.answers[f"GET /qr/{TOKEN}.svg"] = Response(PICTURE, media_type="image/svg+xml")
        lobby.pages[f"/t/{TOKEN}"] = lobby.pages[f"/{page}/harbour"]  # something to arrive at
        yield lobby


@asynccontextmanager
async def door(
    chromium: Browser,
    page: str,
    shown: Mapping[str, Any] | None = None,
    *,
    query: str = "",
    before: str = "",
    limits: Mapping[str, int] | None = None,
    **more: Any,
) -> AsyncIterator[Door]:
    """Open `join` or `kiosk`. When the test is over nothing may have gone wrong in it or against the policy."""
    async with lobby_with(page, shown or location()) as lobby:
        browsing = await chromium.new_context(**({"viewport": {"width": 390, "height": 844}} | more))
        opened = Door(await browsing.new_page(), lobby)
        opened.tab.on("pageerror", lambda error: opened.errors.append(str(error)))
        await opened.tab.add_init_script(LIMITS.format(limits=dict(limits or {})) + before)
        await opened.tab.goto(f"{lobby.url}/{page}/harbour{query}")
        try:
            yield opened
            assert opened.errors == []
            assert lobby.violations == []
        finally:
            await browsing.close()
