"""The pictures of docs/images, taken of a running demo: ``python -m tests.pictures [SITE]``.

Start one with ``make demo`` (``make demo-reset`` before it, so that sessions are live), wait until
it is ready, and look at each picture afterwards. With names behind SITE only those are taken.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import django
from PIL import Image
from playwright.sync_api import sync_playwright

from portal.demo.config import DemoConfig
from portal.demo.welcome import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Page

IMAGES: Final = Path(__file__).parent.parent / "docs" / "images"
#: What a page of docs may weigh.
LARGEST_BYTES: Final = 200 * 1024
_MANY_BYTES: Final = 100 * 1024
EVENT: Final = "/e/congress/"
START: Final = "/demo/"
_SLOWEST_MS: Final = 30_000
_SETTLES_MS: Final = 1500


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
    """A session that is on and that people talk in."""
    for href in page.locator("li.card.card-live a").evaluate_all("all => all.map(e => e.href)"):
        page.goto(href)
        if page.get_by_text("Interactive room").count():
            break
    page.click("a.button-live")
    page.frame_locator("iframe").locator("main, header").first.wait_for()
    page.wait_for_timeout(_SETTLES_MS)


def _live_desk(page: Page) -> None:
    """Of the first session that is on."""
    page.goto(page.locator("li.card.card-live a").first.evaluate("e => e.href") + "live/")


def _session_report(page: Page) -> None:
    """The first session of the congress of which the demo has attendance."""
    page.click("text=31. Chaos Communication Congress")
    links = page.locator("main table a[href*='/session/'], #content table a[href*='session']")
    for href in links.evaluate_all("all => all.map(e => e.href)"):
        page.goto(href)
        nothing = (
            page.get_by_text("Nothing to report yet"),
            page.get_by_text("no join times reported"),
        )
        if not any(each.count() for each in nothing):
            return


def _stop(title: str) -> Callable[[Page], None]:
    """Follow the demo's start page to this."""

    def follow(page: Page) -> None:
        page.get_by_role("link", name=title, exact=True).click()
        page.wait_for_timeout(2 * _SETTLES_MS)

    return follow


def _recording(page: Page) -> None:
    """One with its transcript open beside the player, a little way into it."""
    _stop("Recording with its transcript")(page)
    page.locator("[data-transcript] summary").click()
    page.locator("[data-seek]").nth(3).click()
    page.wait_for_timeout(2 * _SETTLES_MS)


def _planner(page: Page) -> None:
    """Of the congress, on its first day, which is full."""
    page.get_by_role("link", name="31. Chaos Communication Congress", exact=True).click()
    page.get_by_role("link", name="Plan…").click()
    page.locator(".planner-days a").first.click()
    page.wait_for_timeout(_SETTLES_MS)


def _control_room(page: Page) -> None:
    """Of the congress, today."""
    page.get_by_role("link", name="Control room", exact=True).first.click()
    page.wait_for_timeout(_SETTLES_MS)


def _first_day(page: Page) -> None:
    """Of the demo's congress, where most sessions are translated."""
    page.goto(page.locator(".tabs a").first.evaluate("e => e.href"))


PICTURES: Final = {
    "agenda": Picture(f"{EVENT}agenda/"),
    "agenda_dark": Picture(f"{EVENT}agenda/", is_dark=True),
    "agenda_grid": Picture(f"{EVENT}agenda/?view=grid"),
    "agenda_phone": Picture(f"{EVENT}agenda/?view=grid", size=(360, 900)),
    "agenda_hebrew": Picture(f"{EVENT}agenda/", language="he-IL", before=_first_day),
    "event": Picture(EVENT),
    "room": Picture(f"{EVENT}agenda/", who="attendee", size=(1440, 900), before=_live_room),
    "live_desk": Picture(f"{EVENT}agenda/", who="manager", size=(1280, 1400), before=_live_desk),
    "attendance": Picture(
        "/admin/analytics/eventreport/", "analyst", (1440, 1130), before=_session_report
    ),
    "session": Picture(f"{EVENT}agenda/", before=_first("li.card a")),
    "main_stage": Picture(START, "attendee", (1280, 760), before=_stop("Main stage")),
    "recording": Picture(START, "attendee", (1280, 900), before=_recording),
    "recordings_desk": Picture(START, "manager", (1280, 760), before=_stop("Recordings desk")),
    "captions": Picture(START, "manager", (1280, 1000), before=_stop("Captions")),
    "gallery": Picture(START, "attendee", (1280, 760), before=_stop("Gallery")),
    "planner": Picture("/admin/", "manager", (1280, 900), before=_planner),
    "control_room": Picture("/admin/", "manager", (1280, 900), before=_control_room),
}


def a_mail() -> str:
    """The HTML of the mail about what begins soon, as the demo's attendee would get it; none is sent."""
    os.environ.update(DemoConfig(port=8000, kaltura_port=8090).env())
    django.setup()
    from events.models import Bookmark
    from events.news.items import item_of
    from events.news.soon import SOON
    from events.outbox.enqueue import new_mail
    from events.outbox.letters import Letter

    stars = Bookmark.objects.filter(user__email="attendee@demo.example")
    ordered = stars.select_related("user", "session__event").order_by("-session__starts_at")
    mails = [
        new_mail(SOON, star.user, "", event=star.session.event, session=star.session)
        for star in ordered[:1]
    ]
    items = [item_of(mail.session, mail) for mail in mails if mail.session]
    [(html, _)] = Letter(SOON, mails, items).message().alternatives
    return str(html)


def take(site: str, names: list[str]) -> None:
    """Take the pictures of these names, or all."""
    # Before the browser's tools start their loop, in which Django asks no database.
    letter = a_mail() if "mail" in names or not names else ""
    with sync_playwright() as tools:
        browser = tools.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
            args=["--no-sandbox"],
        )
        for name in names or [*PICTURES, "mail"]:
            path = IMAGES / f"{name}.png"
            if name == "mail":
                page = browser.new_page(viewport={"width": 700, "height": 400})
                page.set_content(letter)
                page.screenshot(path=path)
            else:
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
    if not page.locator("iframe").count():  # players and rooms go on asking
        page.wait_for_load_state("networkidle")
    page.screenshot(path=path)
    if path.stat().st_size > _MANY_BYTES:
        # What shades make large does with fewer colours.
        Image.open(path).convert("RGB").quantize(128).save(path, optimize=True)
    context.close()


def _sign_in(page: Page, site: str, address: str) -> None:
    page.goto(f"{site}/accounts/login/password/")
    page.fill("[name=login]", address)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login/" not in url)


if __name__ == "__main__":
    take((sys.argv[1:] or ["http://localhost:8000"])[0].rstrip("/"), sys.argv[2:])
