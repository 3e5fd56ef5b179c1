"""The admin in a real browser: under the strict CSP, with times in the event's zone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from events.models import Session, TeamRole
from tests.factories import EventFactory, SessionFactory, TeamMemberFactory, TrackFactory

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)


def sign_in(page: Page, site: str, user: Any) -> None:
    """Hand the browser a session, as a sign-in would."""
    client = Client()
    client.force_login(user)
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": site}])


def test_manager_moves_a_session_in_the_events_zone(page: Page, live_portal: str):
    event = EventFactory(title="Tokyo days", timezone="Asia/Tokyo")
    TrackFactory(event=event)
    session = SessionFactory(event=event, title="Keynote")  # 18:00 in Tokyo
    user = TeamMemberFactory(event=event, role=TeamRole.OWNER).user
    sign_in(page, live_portal, user)

    page.goto(f"{live_portal}/admin/")
    page.get_by_role("link", name="Sessions").first.click()
    page.get_by_role("link", name="Keynote").click()
    starts, ends = page.get_by_label("Starts, time of day"), page.get_by_label("Ends, time of day")
    shown = starts.input_value()
    starts.fill("10:30")
    ends.fill("11:15")
    page.get_by_role("button", name="Save", exact=True).click()

    page.get_by_text("was changed successfully").wait_for()
    session.refresh_from_db()
    assert shown == "18:00"
    assert (session.starts_at, session.ends_at) == (
        datetime(2030, 5, 6, 1, 30, tzinfo=UTC),
        datetime(2030, 5, 6, 2, 15, tzinfo=UTC),
    )
    assert page.get_by_text("Mon 06 May 2030, 10:30–11:15 Asia/Tokyo").count() == 1


def test_manager_cancels_sessions_after_a_question(page: Page, live_portal: str):
    event = EventFactory()
    SessionFactory(event=event, title="Panel")
    sign_in(page, live_portal, TeamMemberFactory(event=event).user)

    page.goto(f"{live_portal}/admin/events/session/?event={event.pk}")
    page.get_by_role("checkbox", name="Select this object for an action - Panel").check()
    page.get_by_label("Action:").select_option(label="Cancel…")
    page.get_by_role("button", name="Go").click()
    question = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("button", name="Yes, cancel it").click()

    page.get_by_text("1 cancelled.").wait_for()
    assert question == "Cancel 1 session?"
    assert list(Session.objects.values_list("status", flat=True)) == ["cancelled"]
    # The list hides cancelled sessions, and the way back keeps the filters.
    assert page.url.endswith(f"?event={event.pk}")
    assert page.get_by_role("link", name="Panel").count() == 0
