"""What axe says against a page, for every test that opens one in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Telling what passed as well takes a seventh more of the browser's time.
_OPTIONS: Final = {"resultTypes": ["violations"]}


def violations(page: Page, context: str | None = None) -> list[str]:
    """The rule and the element of each violation, in the whole page or inside a selector.

    axe styles what it measures, which the content security policy forbids: read the page's
    complaints before.
    """
    found = Axe().run(page, context=context, options=_OPTIONS).response["violations"]
    return [f"{each['id']}: {node['html'][:160]}" for each in found for node in each["nodes"]]
