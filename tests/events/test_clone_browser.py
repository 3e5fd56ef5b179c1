"""Cloning and moving in a real browser: with a mouse and a keyboard, on narrow screens too."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from events.models import Event, TeamRole
from tests.accessibility import violations
from tests.factories import EventFactory, SessionFactory, TeamMemberFactory, TrackFactory

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)

WIDTHS = [(1280, "light"), (360, "dark")]


@pytest.fixture
def event() -> Event:
    event = EventFactory(
        title="Spring conference on technology and society 2030",
        slug="spring",
        starts_on=date(2030, 3, 30),
        ends_on=date(2030, 3, 31),
    )
    track = TrackFactory(event=event)
    for title, hour in (("Night shift", 1), ("Keynote", 9)):
        start = datetime(2030, 3, 30, hour, 30, tzinfo=UTC)
        SessionFactory(event=event, track=track, title=title, starts_at=start)
    return event


def owner_of(event: Event) -> Any:
    return TeamMemberFactory(event=event, role=TeamRole.OWNER).user


def findings(page: Page) -> list[str]:
    """What is wrong with what the page shows: sideways scroll, small targets, axe, complaints."""
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    small = page.evaluate(
        """[...document.querySelectorAll('.previewed :is(input:not([type=hidden]), a)')]
           .filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML)"""
    )
    complaints = list(page.complaints)
    found = violations(page, "#content")
    page.complaints.clear()  # The policy keeps axe from styling what it measures.
    return [
        *(["scrolls sideways"] if wide else []),
        *small,
        *found,
        *complaints,
    ]


@pytest.mark.parametrize(("width", "scheme"), WIDTHS)
def test_owner_clones_an_event(visit, event, width, scheme):
    path = f"/admin/events/event/{event.pk}/change/"
    page = visit(path, user=owner_of(event), width=width, color_scheme=scheme)

    page.get_by_role("link", name="Clone…").click()
    page.get_by_label("Title").fill("Spring conference 2031")
    page.get_by_label("First day").fill("2031-03-29")
    page.get_by_role("button", name="Preview changes").click()
    page.get_by_role("heading", name="What would change").wait_for()
    shown = (page.get_by_label("Slug").input_value(), findings(page))
    made = Event.objects.count()
    page.get_by_role("button", name="Yes, clone the event").click()
    page.get_by_role("link", name="its 2 sessions").click()

    page.get_by_text("Sat 29 Mar 2031, 10:30–11:15 Europe/Berlin").wait_for()
    copy = Event.objects.exclude(pk=event.pk).get()
    assert (shown, made) == (("spring-conference-2031", []), 1)
    assert (copy.title, copy.status, page.url.endswith(f"?event={copy.pk}")) == (
        "Spring conference 2031",
        "draft",
        True,
    )


@pytest.mark.parametrize(("width", "scheme"), WIDTHS)
def test_owner_moves_an_event_after_a_mistake(visit, event, width, scheme):
    path = f"/admin/events/event/{event.pk}/change/"
    page = visit(path, user=owner_of(event), width=width, color_scheme=scheme)

    page.get_by_role("link", name="Move…").click()
    page.get_by_role("button", name="Preview changes").click()
    page.get_by_text("The event already begins on that day.").wait_for()
    mistaken = findings(page)
    page.get_by_label("New first day").fill("2030-03-31")
    page.get_by_role("button", name="Preview changes").click()
    page.get_by_text("“Night shift”: 02:30 does not exist on Sun 31 Mar 2030").wait_for()
    shown = findings(page)
    page.get_by_role("button", name="Yes, move the event").click()

    page.get_by_text("now takes place on 31 March – 1 April 2030, with its 2 sessions.").wait_for()
    assert (mistaken, shown) == ([], [])
    assert [s.starts_at for s in event.sessions.all()] == [
        datetime(2030, 3, 31, 1, 30, tzinfo=UTC),
        datetime(2030, 3, 31, 8, 30, tzinfo=UTC),
    ]


@pytest.mark.parametrize(("width", "scheme"), WIDTHS)
def test_owner_moves_sessions_by_minutes_from_the_list(visit, event, width, scheme):
    path = f"/admin/events/session/?event={event.pk}"
    page = visit(path, user=owner_of(event), width=width, color_scheme=scheme)

    page.get_by_role("checkbox", name="Select this object for an action - Keynote").check()
    page.get_by_label("Action:").select_option(label="Move to another day or by minutes…")
    page.get_by_role("button", name="Go").click()
    page.get_by_label("Or by minutes").fill("-30")
    page.keyboard.press("Enter")
    page.get_by_text("1 of 1 session would move.").wait_for()
    shown = findings(page)
    page.get_by_role("button", name="Yes, move them").click()

    page.get_by_text("1 session moved.").wait_for()
    assert (shown, page.url.endswith(f"?event={event.pk}")) == ([], True)
    assert event.sessions.get(title="Keynote").starts_at == datetime(2030, 3, 30, 9, 0, tzinfo=UTC)
