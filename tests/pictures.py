"""The pictures of docs/images, taken of a running demo: ``python -m tests.pictures [SITE]``.

Start one with ``make demo`` (``make demo-reset`` before it, so that sessions are live), wait until
it is ready, and look at each picture afterwards. With names behind SITE only those are taken.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from playwright.sync_api import sync_playwright

from portal.demo.welcome import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Page

IMAGES: Final = Path(__file__).parent.parent / "docs" / "images"
#: What a page of docs may weigh.
LARGEST_BYTES: Final = 200 * 1024
EVENT: Final = "/e/congress/"
_SLOWEST_MS: Final = 30_000


@dataclass(frozen=True)
class Picture:
    """One picture: where it is taken, as whom, and what is done before."""

    path: str
    who: str = ""
    size: tuple[int, int] = (1280, 900)
    language: str = "en-GB"
    is_dark: bool = False
    before: Callable[[Page], object] = field(default=lambda page: None)


def _first(selector: str) -> Callable[[Page], object]:
    """Follow the first such link."""
    return lambda page: page.goto(page.locator(selector).first.evaluate("e => e.href"))


def _live_room(page: Page) -> None:
    """The first session that is on; its page has the button."""
    _first("li.card.card-live a")(page)
    page.click("a.button-live")
    page.frame_locator("iframe").locator("body *").first.wait_for()
    page.wait_for_timeout(1500)


def _mail(page: Page) -> None:
    """A sign-in code is the one mail that a demo surely has; it is asked for here."""
    page.goto(page.url.replace("/demo/mail/", "/accounts/login/"))
    page.fill("[name=login]", "attendee@demo.example")
    page.keyboard.press("Enter")
    page.wait_for_selector(".code-form")
    page.goto(page.url.split("/accounts/")[0] + "/demo/mail/")


def _session_report(page: Page) -> None:
    _first("#content a[href*='/session/'], main a[href*='session']")(page)


PICTURES: Final = {
    "agenda": Picture(f"{EVENT}agenda/"),
    "agenda_dark": Picture(f"{EVENT}agenda/", is_dark=True),
    "agenda_grid": Picture(f"{EVENT}agenda/?view=grid"),
    "agenda_phone": Picture(f"{EVENT}agenda/?view=grid", size=(360, 900)),
    "agenda_hebrew": Picture(f"{EVENT}agenda/", language="he-IL"),
    "event": Picture(EVENT),
    "room": Picture(f"{EVENT}agenda/", who="attendee", size=(1440, 900), before=_live_room),
    "my_agenda": Picture("/me/agenda/", who="attendee"),
}


def take(site: str, names: list[str]) -> None:
    """Take the pictures of these names, or all."""
    with sync_playwright() as tools:
        browser = tools.chromium.launch()
        for name in names or PICTURES:
            path = IMAGES / f"{name}.png"
            _take(browser, site, PICTURES[name], path)
            size = path.stat().st_size
            print(f"{path.name}: {size // 1024} KB{' TOO LARGE' if size > LARGEST_BYTES else ''}")
        browser.close()


def _take(browser: Any, site: str, picture: Picture, path: Path) -> None:
    width, height = picture.size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale=picture.language,
        timezone_id="Europe/Berlin",
        color_scheme="dark" if picture.is_dark else "light",
    )
    page = context.new_page()
    page.set_default_timeout(_SLOWEST_MS)
    if picture.who:
        _sign_in(page, site, f"{picture.who}@demo.example")
    page.goto(site + picture.path)
    picture.before(page)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=path)
    context.close()


def _sign_in(page: Page, site: str, address: str) -> None:
    page.goto(f"{site}/accounts/login/password/")
    page.fill("[name=login]", address)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login/" not in url)


if __name__ == "__main__":
    take((sys.argv[1:] or ["http://localhost:8000"])[0].rstrip("/"), sys.argv[2:])
