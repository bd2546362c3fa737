"""One Chromium for all page tests; without it they are skipped, in CI they fail."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Playwright, async_playwright

WHOLE = ("chromium", "chromium-browser", "google-chrome")
SHELL = "chromium-headless-shell"  # the same without the windows around pages, which cost twice what pages do
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync"]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    """One for both browsers."""
    async with async_playwright() as playwright:
        yield playwright


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium(playwright: Playwright) -> AsyncIterator[Browser]:
    """A browser where sound needs no gesture, as on a managed screen. Its tests are `asyncio(loop_scope="session")`."""
    async with _launched(playwright, SHELL, *WHOLE) as browser:
        yield browser


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def whole_chromium(playwright: Playwright) -> AsyncIterator[Browser]:
    """The same with all that is around a page: notifications, for one."""
    async with _launched(playwright, *WHOLE) as browser:
        yield browser


@asynccontextmanager
async def _launched(playwright: Playwright, *names: str) -> AsyncIterator[Browser]:
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("no Chromium on this machine")
    arguments = [*QUIET, "--autoplay-policy=no-user-gesture-required"]
    browser = await playwright.chromium.launch(executable_path=path, args=arguments)
    yield browser
    await browser.close()
