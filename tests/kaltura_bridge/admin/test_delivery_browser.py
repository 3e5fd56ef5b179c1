"""The section Delivery in a real browser: with and without scripts, narrow, dark."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from events.models import Event, Session, TeamRole
from kaltura_bridge.models import SessionDelivery
from tests.accessibility import violations
from tests.events.conftest import visit  # noqa: F401  (a fixture)
from tests.factories import EventFactory, TeamMemberFactory, WebcastFactory, WebinarFactory

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def event() -> Event:
    return EventFactory(title="Ours", slug="ours")


def page_of(planned: Event | Session) -> str:
    return reverse(f"admin:events_{planned._meta.model_name}_change", args=[planned.pk])


Visit = Callable[..., "Page"]
OWNER = "Owner and calendar"


@pytest.fixture
def planning(event: Event) -> Any:
    return TeamMemberFactory(event=event, role=TeamRole.OWNER, user__is_staff=True).user


def groups_shown(page: Page) -> list[str]:
    titles = page.locator(".delivery-group:visible > summary .delivery-title")
    return titles.all_inner_texts()


def test_script_shows_what_counts_for_the_type(visit: Visit, event, planning):  # noqa: F811
    session = WebcastFactory(event=event)
    page = visit(page_of(session), user=planning)
    note = page.get_by_text("When a session changes its type, Kaltura gets new objects.")

    before = groups_shown(page), note.is_visible()
    page.get_by_label("Type:").select_option("simulive")
    simulive = groups_shown(page), note.is_visible()
    page.get_by_label("Type:").select_option("interactive")
    interactive = groups_shown(page)

    assert before == (["Webcasts", "Watching", "Chat and questions", OWNER], False)
    assert simulive == (["Video", "Webcasts", "Watching", "Chat and questions", OWNER], True)
    assert interactive == ["Watching", "Rooms", OWNER, "Room settings"]
    assert page.complaints == []


def test_all_is_there_without_scripts(visit: Visit, event, planning):  # noqa: F811
    session = WebcastFactory(event=event)
    page = visit(page_of(session), user=planning, java_script_enabled=False)

    page.locator("summary", has_text="Video").click()
    page.get_by_label("Video to play").fill("1_abcd2345")

    assert groups_shown(page) == [
        "Video",
        "Webcasts",
        "Watching",
        "Chat and questions",
        "Rooms",
        OWNER,
        "Room settings",
    ]
    assert page.locator("summary", has_text="Video").inner_text().split() == [
        "Video",
        "for",
        "simulive",
    ]
    assert page.get_by_text("When a session changes its type").is_visible()


@pytest.mark.parametrize("width", [1280, 360])
def test_mistake_is_opened_and_in_view(visit: Visit, event, planning, width):  # noqa: F811
    session = WebcastFactory(event=event)
    page = visit(page_of(session), user=planning, width=width)

    page.get_by_label("Type:").select_option("simulive")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("A published simulive session needs a video to play.").wait_for()

    field = page.get_by_label("Video to play")
    box = field.bounding_box()
    assert 0 < box["y"] < 900
    assert page.get_by_text("When a session changes its type").is_visible()
    field.fill("1_abcd2345")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("was changed successfully").wait_for()
    [row] = SessionDelivery.objects.values("session", "source_entry_id", "replay", "room_tags")
    assert row == {
        "session": session.pk,
        "source_entry_id": "1_abcd2345",
        "replay": True,
        "room_tags": {},
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_open_section_is_accessible(visit: Visit, event, planning, width, scheme):  # noqa: F811
    session = WebinarFactory(event=event)
    for planned in (event, session):
        page = visit(page_of(planned), user=planning, width=width, color_scheme=scheme)
        for summary in page.locator(".delivery-group:visible > summary").all():
            summary.click()

        complaints = list(page.complaints)  # before the checker's own styles
        assert complaints == []
        assert violations(page, ".delivery") == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
