"""What axe-core has to say about a page."""

from typing import Any

from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Page


async def faults(tab: Page, *, high_contrast: bool = False) -> str:
    """The report of all violations, "" when there are none; `high_contrast` asks for 7:1."""
    rules: dict[str, Any] = {"rules": {"color-contrast-enhanced": {"enabled": high_contrast}}}
    found = await Axe().run(tab, options=rules)
    return str(found.generate_report()) if found.violations_count else ""
