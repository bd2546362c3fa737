"""A ticket's page in Chromium for tests, with what its owner would feel and hear counted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser

from displays.staff_samples import TOKEN, phone
from displays.staff_server import Branch, Visit, branch, phone_page, visit

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
    context: dict[str, Any] | None = None, time: bool = True, script: str = "", **changes: Any,
) -> AsyncIterator[Visit]:  # fmt: skip
    """A ticket's page in one phase. The page's clock stands at NOW."""
    async with branch({f"/t/{TOKEN}": phone_page(lang)}, {CHANNEL: phone(phase, **changes)}) as lobby:
        for name, value in (server or {}).items():
            setattr(lobby, name, value)
        async with visit(
            chromium, lobby, f"/t/{TOKEN}{query}", script=NOTICED + script, time=time, **(context or {})
        ) as page:
            yield page


async def publish(lobby: Branch, document: dict[str, Any]) -> None:
    await lobby.publish(CHANNEL, document)
