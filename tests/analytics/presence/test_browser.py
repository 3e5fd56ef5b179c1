"""The join page asks, notes and says goodbye in a real browser, under the strict policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from analytics.models import PresenceSetting, RecordingConsent, Stay
from events.models import Session
from tests.accessibility import violations
from tests.browser import soon
from tests.events.test_admin_browser import sign_in
from tests.kaltura_bridge.support.joining import attendee_of, join_url, linked, live_session

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def session(settings, live_portal: str) -> Session:
    # Nobody answers there; what is tested is the page around the frame.
    settings.KALTURA_KAF_URL = "http://127.0.0.1:9"
    found = live_session(title="Opening")
    linked(found)
    PresenceSetting.objects.create(event=found.event, is_on=True)
    return found


def test_a_person_agrees_stays_and_leaves(page: Page, live_portal: str, session: Session):
    ann = attendee_of(session)
    sign_in(page, live_portal, ann)
    page.goto(f"{live_portal}{join_url(session)}", wait_until="domcontentloaded")
    page.get_by_text("May the organisers see when you came").wait_for()
    assert Stay.objects.count() == 0
    assert violations(page, "[data-presence]") == []

    page.get_by_role("button", name="Yes, note it").click()
    page.get_by_text("Your attendance on this page is noted.").wait_for()
    # Whoever is gone before the answer to the first message cannot say goodbye.
    page.locator("[data-presence][data-noting]").wait_for()
    began = Stay.objects.filter(user=ann, left_at=None).exists()
    page.goto(f"{live_portal}/")

    assert began and RecordingConsent.objects.get().is_given
    assert soon(lambda: Stay.objects.filter(user=ann, left_at__isnull=False).count() == 1)


def test_a_no_is_kept_and_can_be_changed(page: Page, live_portal: str, session: Session):
    sign_in(page, live_portal, attendee_of(session))
    page.goto(f"{live_portal}{join_url(session)}", wait_until="domcontentloaded")
    page.get_by_role("button", name="No, do not note it").click()
    page.get_by_text("is not noted").wait_for()
    page.reload(wait_until="domcontentloaded")
    page.get_by_text("is not noted").wait_for()
    assert Stay.objects.count() == 0

    page.get_by_role("button", name="Yes, note it").click()

    assert soon(lambda: Stay.objects.count() == 1)
