"""A board in Chromium for tests: its page, its lobby, and a log of everything it sounded."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, expect
from playwright.async_api import Page as Tab

from displays.samples import board
from displays.server import Lobby, Page, serve

ADDRESS, CHANNEL = "/display/hall", "board/hall"

# Three tones are one chime. A spoken text lasts until the test lets it go when `window.hold` is set.
EARS = """
window.heard = function (what) {
  var said = document.body.getAttribute('data-heard');
  document.body.setAttribute('data-heard', said ? said + ', ' + what : what);
};
window.tones = 0;
window.audioState = window.audioState || 'running';
window.AudioContext = window.webkitAudioContext = function () {
  var context = this, nothing = function () {};
  this.state = window.audioState;
  this.currentTime = 0;
  this.resume = function () { context.state = 'running'; return Promise.resolve(); };
  this.createGain = function () {
    return {gain: {setValueAtTime: nothing, exponentialRampToValueAtTime: nothing}, connect: nothing};
  };
  this.createOscillator = function () {
    var start = function () { if (window.tones++ % 3 === 0) { window.heard('chime'); } };
    return {frequency: {}, connect: nothing, stop: nothing, start: start};
  };
};
window.SpeechSynthesisUtterance = function (text) { this.text = text; };
Object.defineProperty(window, 'speechSynthesis', {value: {
  getVoices: function () { return window.voices || [{lang: 'en-GB'}, {lang: 'sv_SE'}]; },
  speak: function (utterance) {
    window.heard(utterance.text);
    window.letGo = function () { utterance.onend(); };
    if (!window.hold) { setTimeout(window.letGo, 20); }
  }
}});
"""


@dataclass
class Screen:
    tab: Tab
    lobby: Lobby
    errors: list[str] = field(default_factory=list)

    async def heard(self, *expected: str) -> None:
        """Wait until that much has sounded, and see that it is exactly this, in this order."""
        await expect(self.tab.locator("body")).to_have_attribute("data-heard", ", ".join(expected), timeout=10_000)

    async def limit(self, **limits: float) -> None:
        """Set the page's own limits, `stale_ms=300`."""
        for name, value in limits.items():
            await self.tab.evaluate(f"document.body.setAttribute('data-{name.replace('_', '-')}', '{value}')")

    async def say(self, document: Mapping[str, Any]) -> None:
        await self.lobby.publish(CHANNEL, document)

    async def has(self, name: str, value: str) -> None:
        """Wait for a state that the page shows on its body."""
        await expect(self.tab.locator("body")).to_have_attribute(f"data-{name}", value)

    async def shows(self, *tickets: str) -> None:
        """Wait until exactly these are called, in this order."""
        await expect(self.tab.locator("#calls .ticket")).to_have_text(list(tickets))


@asynccontextmanager
async def lobby_with(document: Mapping[str, Any] | None = None, port: int = 0) -> AsyncIterator[Lobby]:
    """A server that shows one board."""
    page = Page("board.html", "board", {"display": "hall"}, channel=CHANNEL)
    async with serve({ADDRESS: page}, port) as lobby:
        lobby.documents[CHANNEL] = dict(document or board([]))
        yield lobby


@asynccontextmanager
async def screen(
    chromium: Browser, lobby: Lobby, *, lang: str = "en", before: str = "", **context: Any
) -> AsyncIterator[Screen]:
    """Open the board. When the test is over nothing may have gone wrong in the page or against the policy."""
    browsing = await chromium.new_context(**({"viewport": {"width": 1920, "height": 1080}} | context))
    opened = Screen(await browsing.new_page(), lobby)
    opened.tab.on("pageerror", lambda error: opened.errors.append(str(error)))
    await opened.tab.add_init_script(before + EARS)
    await opened.tab.goto(f"{lobby.url}{ADDRESS}?lang={lang}")
    if context.get("java_script_enabled", True):
        await opened.limit(chime_ms=50)
    try:
        yield opened
        assert opened.errors == []
        assert lobby.violations == []
    finally:
        await browsing.close()
