"""Browsers for everybody at once, and what Kaltura was handed of each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from events.models import User
from tests.every_page.situation import login_cookie
from tests.kaltura_bridge.api.test_ks import decode

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Response

    from kaltura_simulator.testing import Simulator

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
_FITS = "document.documentElement.scrollWidth <= innerWidth"
# A page that refuses makes the browser say so.
_STATUS = re.compile(r"status of 4(03|04|09|10) ")


@dataclass
class Crowd:
    """A browser of its own for each person, all of the same size."""

    chromium: Browser
    portal: str
    simulator: Simulator
    secret: str
    size: dict[str, int]
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)
    launches: dict[Page, list[str]] = field(default_factory=dict)

    def open(self, user: User | None = None, **more: Any) -> Page:
        """A browser in which this person is signed in, at no page yet."""
        options = {"locale": "en-GB", "timezone_id": "Europe/Berlin", **more}
        context = self.chromium.new_context(
            viewport=self.size,  # type: ignore[arg-type]
            base_url=self.portal,
            **options,
        )
        self.contexts.append(context)
        if user:
            context.add_cookies([login_cookie(user, self.portal)])  # type: ignore[list-item]
        page = context.new_page()
        self.launches[page] = []
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._note(page, message))
        page.on("response", lambda answer: self._note_launch(page, answer))
        return page

    def _note(self, page: Page, message: Any) -> None:
        is_status = _STATUS.search(message.text)
        if (message.type == "error" and not is_status) or "Content Security" in message.text:
            self.complaints.append(f"{page.url}: {message.text}")

    def _note_launch(self, page: Page, answer: Response) -> None:
        if answer.status == 302 and "frame/" in answer.url:
            self.launches[page].append(answer.headers["location"])

    def handed(self, page: Page) -> dict[str, str]:
        """What the last KS says with which this browser was led to Kaltura."""
        address = urlsplit(self.launches[page][-1])
        asked = parse_qs(address.query).get("ks")
        return self.privileges(asked[0] if asked else address.path.partition("/ks/")[2])

    def privileges(self, signed: str) -> dict[str, str]:
        """The privileges of a KS by name, and whose it is."""
        fields = decode(signed, self.secret)
        return {name: value for name, value in fields.items() if name != "_e"}

    def not_refused(self, page: Page, *paths: str) -> list[str]:
        """Ask for each of these from this browser; those not answered as what is not there."""
        codes = {path: page.request.get(path, max_redirects=0).status for path in paths}
        return [path for path, code in codes.items() if code != 404]


def fits(page: Page) -> bool:
    """Nothing lies beyond the edge."""
    return bool(page.evaluate(_FITS))


@pytest.fixture(params=["desktop", pytest.param("phone", marks=pytest.mark.proof)])
def crowd(
    request: pytest.FixtureRequest,
    chromium: Browser,
    live_portal: str,
    simulator: Simulator,
    settings: Any,
) -> Iterator[Crowd]:
    """Twice: on desktops, and on phones. Fails when a page breaks its policy or logs an error."""
    size = {"desktop": DESKTOP, "phone": PHONE}[request.param]
    made = Crowd(chromium, live_portal, simulator, settings.KALTURA_ADMIN_SECRET, size)
    yield made
    for context in made.contexts:
        context.close()
    assert made.complaints == []
