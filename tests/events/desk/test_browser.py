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
    folded = people.is_hidden()
    page.locator(".workspace-nav summary").click()
    people.click()
    page.wait_for_url("**/admin/events/speaker/?event=*")

    assert folded
    assert page.locator(".workspace-nav summary").inner_text() == "People"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert violations(page) == []
