"""Waiting for what a page does by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Long: on a busy machine a browser starts its workers late.
PATIENCE_S: Final = 30.0
_PAUSE_MS: Final = 50


def soon(holds: Callable[[], bool]) -> bool:
    """Whether it holds within half a minute: the page speaks to the portal by itself."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds() and time.monotonic() < deadline:
        time.sleep(_PAUSE_MS / 1000)
    return holds()


def wait_until(page: Page, expression: str) -> None:
    """Wait until a JavaScript expression is true in the page.

    Playwright's own ``wait_for_function`` evaluates inside the page from its second look on, and
    there the content security policy forbids it: it works only where there is nothing to wait for.

    Raises:
        AssertionError: it is not true within half a minute.
    """
    deadline = time.monotonic() + PATIENCE_S
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, f"still not true: {expression}"
        page.wait_for_timeout(_PAUSE_MS)
