"""The desk in a real browser: the search box by keyboard, the menu of an event on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.accessibility import violations
from tests.events.test_admin_browser import sign_in
from tests.factories import EventFactory, SessionFactory, TeamMemberFactory

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)


def test_manager_finds_a_session_by_keyboard(page: Page, live_portal: str):
    event = EventFactory(title="Spring days")
    for title in ("Ocean life", "Ocean sounds"):
        SessionFactory(event=event, title=title)
    sign_in(page, live_portal, TeamMemberFactory(event=event).user)

    page.goto(f"{live_portal}/admin/")
    page.keyboard.press("Control+k")
    page.keyboard.type("ocean")
    page.get_by_role("option", name="Ocean life").wait_for()
    said = page.locator("[data-search-said]").inner_text()
    wrong = violations(page)
    page.keyboard.press("ArrowDown")
    chosen = page.locator('[role="option"][aria-selected="true"]').inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/events/session/*/change/")

    assert (said, wrong) == ("2 found", [])
    assert chosen.startswith("Ocean sounds")
    assert page.locator("#id_title").input_value() == "Ocean sounds"


def test_the_menu_of_an_event_folds_on_a_phone(page: Page, live_portal: str):
    event = EventFactory(title="Spring days")
    sign_in(page, live_portal, TeamMemberFactory(event=event).user)
    page.set_viewport_size({"width": 360, "height": 740})

    page.goto(f"{live_portal}/admin/events/event/{event.pk}/overview/")
    people = page.get_by_role("link", name="People", exact=True)
    folded, wrong = people.is_hidden(), violations(page)
    page.locator(".workspace-nav summary").click()
    people.click()
    page.wait_for_url("**/admin/events/speaker/?event=*")

    assert (folded, wrong) == (True, [])
    assert page.locator(".workspace-nav summary").inner_text() == "People"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_manager_edits_a_row_of_the_list(page: Page, live_portal: str):
    event = EventFactory(timezone="Asia/Tokyo")
    session = SessionFactory(event=event, title="Keynote")  # 18:00 in Tokyo
    sign_in(page, live_portal, TeamMemberFactory(event=event).user)

    page.goto(f"{live_portal}/admin/events/session/?event={event.pk}")
    page.get_by_role("link", name="Edit “Keynote” here").click()
    page.locator("#id_row-location").fill("Great hall")
    wrong = violations(page)
    page.get_by_label("Ends (Asia/Tokyo), time of day").fill("17:00")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("The end must be after the start.").wait_for()
    page.get_by_label("Ends (Asia/Tokyo), time of day").fill("19:30")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("“Keynote” is saved.").wait_for()

    session.refresh_from_db()
    assert wrong == []
    assert (session.location, session.duration.total_seconds()) == ("Great hall", 5400)
    assert page.get_by_role("cell", name="Great hall").count() == 1
