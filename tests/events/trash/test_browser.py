"""By browser: a change is taken back from the history, and a deleted session from the trash."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from events.models import Session
from tests.accessibility import violations
from tests.factories import BookmarkFactory, SessionFactory, TeamMemberFactory

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_change_and_a_deletion_are_taken_back(visit: Callable[..., Page]):
    session = SessionFactory(title="Before", abstract="What stays.")
    BookmarkFactory(session=session)
    planner = TeamMemberFactory(event=session.event, user__is_staff=True).user
    change = f"/admin/events/session/{session.pk}/change/"

    page = visit(change, user=planner, width=1280)
    page.locator("#id_title").fill("After")
    page.get_by_role("button", name="Save and continue editing").click()
    page.get_by_role("link", name="History").first.click()
    page.get_by_text("BeforeAfter").wait_for()
    assert violations(page, "#content") == []
    page.get_by_role("link", name="Take this change back…").click()
    assert page.get_by_role("checkbox", name="Title").is_checked()
    assert violations(page, "#content") == []
    page.get_by_role("button", name="Put back what is ticked").click()
    page.get_by_text("1 value put back.").wait_for()
    session.refresh_from_db()
    assert session.title == "Before"

    page.goto(page.url.replace("history/", "delete/"))
    page.get_by_text("can be restored for 30 days").wait_for()
    page.get_by_role("button", name="Yes, I’m sure").click()
    page.get_by_text("deleted successfully").wait_for()
    assert not Session.objects.exists()
    page.goto(page.url.split("/admin/")[0] + "/admin/events/trashedobject/")
    page.get_by_role("link", name="Before").click()
    assert violations(page, "#content") == []
    page.get_by_role("button", name="Restore").click()
    page.get_by_text("“Before” is restored.").wait_for()
    assert Session.objects.get() == session
    assert session.bookmarks.count() == 1
