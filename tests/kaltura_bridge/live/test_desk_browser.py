"""A webcast driven from the desk in a browser: from the plan to its end."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from kaltura_bridge.live.state import forget_state
from tests.browser import wait_until
from tests.every_page.situation import login_cookie
from tests.kaltura_bridge.support.on_air import OnAir, on_air

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


class AtTheDesk:
    """A producer's browser."""

    def __init__(self, page: Page, site: str, air: OnAir) -> None:
        self.page, self.air, self.url = page, air, site + air.desk_url
        user = air.people["producer"]
        assert user
        page.context.add_cookies([login_cookie(user, site)])
        page.goto(self.url)

    def encoder(self, state: str) -> None:
        """What the encoder does, and what the page makes of it when it looks again."""
        self.air.simulator.switch(self.air.entry_id, state)
        forget_state(self.air.entry_id)
        self.page.get_by_role("link", name="Look again").click()

    def sees(self, state: str) -> None:
        wait_until(self.page, f"document.querySelector('[data-desk-state={state}]') !== null")

    def do(self, button: str, confirm: str) -> None:
        self.page.locator("main").get_by_role("link", name=button, exact=True).click()
        self.page.get_by_role("button", name=confirm).click()
        self.page.wait_for_url(self.url)

    @property
    def told(self) -> str:
        return str(self.page.locator(".notice").first.inner_text())

    @property
    def fits(self) -> bool:
        return bool(self.page.evaluate("document.body.scrollWidth <= innerWidth"))


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_producer_runs_a_webcast_from_the_desk(page: Page, simulator, live_portal, size):
    page.set_viewport_size(size)
    air = on_air(simulator)
    ends_at = air.session.ends_at
    desk = AtTheDesk(page, live_portal, air)
    desk.sees("offline")
    assert desk.fits

    desk.encoder("preview")
    desk.sees("preview")
    wait_until(page, "document.querySelector('#desk-go-live .button-live') !== null")
    desk.do("Go live", "Show it to everybody")
    assert desk.told == "You are live: viewers see it within some seconds."
    desk.sees("live")
    assert desk.fits

    page.get_by_label("Minutes more").fill("20")
    page.get_by_role("button", name="Extend").click()
    assert "It goes on for 20 minutes more" in page.locator("main").inner_text()
    assert desk.fits
    page.get_by_role("button", name="Move the end").click()
    page.wait_for_url(desk.url)
    air.session.refresh_from_db()
    assert air.session.ends_at == ends_at + timedelta(minutes=20)

    desk.do("End now", "End it for everybody")
    assert desk.told == "The session has ended."
    desk.encoder("off")
    desk.sees("offline")
    assert air.entry()["viewMode"] == 0
    assert page.locator("#desk-recording").inner_text().startswith("There is no recording yet")


def test_desk_works_without_javascript(chromium, simulator, live_portal):
    air = on_air(simulator)
    context = chromium.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    desk = AtTheDesk(page, live_portal, air)
    simulator.switch(air.entry_id, "preview")
    forget_state(air.entry_id)

    page.get_by_role("link", name="Look again").click()
    page.locator("[data-desk-state=preview]").wait_for()
    desk.do("Go live", "Show it to everybody")

    assert desk.told == "You are live: viewers see it within some seconds."
    context.close()
