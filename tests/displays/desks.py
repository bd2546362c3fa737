"""A desk's page in Chromium for tests: opened at a laptop, its commands answered, what was sent compared."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, expect

from displays.server import Asked
from displays.staff_samples import MINUTE, NOW, desk, ticket
from displays.staff_server import Visit, branch, desk_page, visit

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
    """Answers every command with 200; nobody was written to."""

    def get(self, key: str, default: Any = None) -> Any:
        if key.endswith("/messages"):
            return super().get(key, (200, {"messages": []}))
        return super().get(key, (200, {"ticket": {}, "desks": desk_page().context["desks"]}))


def commands(page: Visit) -> list[Asked]:
    """What was asked but for what a desk looks up by itself: the messages of who is there."""
    return [asked for asked in page.lobby.asked if not asked.path.endswith("/messages")]


async def arrived(page: Visit, count: int) -> None:
    """Wait until so many have come."""
    for _ in range(100):
        if len(commands(page)) >= count:
            break
        await asyncio.sleep(0.02)


async def sent(page: Visit, *expected: tuple[str, Any]) -> None:
    """Wait for these commands, in this order, and see that there were no others."""
    await arrived(page, len(expected))
    assert [(f"{asked.method} {asked.path}", asked.body) for asked in commands(page)] == list(expected)


async def pause(page: Visit) -> None:
    """Until the press is settled, and then long enough that the next one is not its double."""
    await expect(page.at("#primary:not([aria-disabled])")).to_be_visible()
    await page.tab.clock.fast_forward(500)


async def refuse(page: Visit, command: str, code: str) -> None:
    page.lobby.answers[command] = (409, {"error": {"code": code, "message": "never shown"}})


def at_desk(command: str, **body: Any) -> tuple[str, Any]:
    return f"POST {CURRENT}/{command}", {"desk": "desk-3"} | body
