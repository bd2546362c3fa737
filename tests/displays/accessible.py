"""What axe-core has to say about a page."""

from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Page


async def faults(tab: Page) -> str:
    """The report of all violations, "" when there are none."""
    found = await Axe().run(tab)
    return str(found.generate_report()) if found.violations_count else ""
