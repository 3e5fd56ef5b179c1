"""From the agenda into Kaltura's gallery and back, as an attendee; a stranger meets nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from events.models import Visibility
from tests.every_page.situation import login_cookie
from tests.factories import UserFactory
from tests.kaltura_bridge.gallery.test_pages import CONTEXT, attendee, planned, url_of
from tests.kaltura_bridge.support.planning import settle

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_attendee_goes_from_the_agenda_into_the_gallery(page: Page, simulator, live_portal, size):
    page.set_viewport_size(size)
    event = planned(Visibility.REGISTERED, privacy_context=CONTEXT)
    ann, stranger = attendee(event), UserFactory()
    settle(event)
    simulator.advance(5)  # tracks learn of members in the background
    page.context.add_cookies([login_cookie(ann, live_portal)])
    fits = "document.documentElement.scrollWidth <= innerWidth"

    page.goto(f"{live_portal}/e/{event.slug}/agenda/")
    page.get_by_role("link", name="Gallery").click()
    page.frame_locator("iframe").get_by_text("Opening").first.wait_for()
    shown = page.evaluate(fits)
    page.get_by_role("link", name="Ethics").click()
    page.frame_locator("iframe").get_by_text("On Ethics").first.wait_for()
    of_track = page.frame_locator("iframe").locator("body").inner_text()
    page.get_by_role("navigation", name="View").get_by_role("link", name="Agenda").click()
    page.get_by_role("heading", name="On Ethics").wait_for()

    assert (shown, "Jane Doe" in of_track, "On Physics" in of_track) == (True, True, False)
    event.delivery.__class__.objects.update(gallery_refused="HTTP 503")
    page.goto(live_portal + url_of(event))
    said = page.get_by_role("status").inner_text()
    assert said.startswith("Kaltura does not show its gallery at the moment.")
    assert (page.get_by_text("On Physics").count() > 0, page.evaluate(fits)) == (True, True)
    page.context.clear_cookies()
    page.context.add_cookies([login_cookie(stranger, live_portal)])
    page.goto(live_portal + url_of(event))
    assert page.url == f"{live_portal}/e/{event.slug}/"
    assert "On Ethics" not in page.content()
