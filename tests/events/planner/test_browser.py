"""The planner in a real browser: an event planned from nothing, by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from events.models import Event, Session, User
from tests.accessibility import violations
from tests.browser import soon
from tests.events.planner.conftest import place
from tests.factories import TeamMemberFactory

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.django_db(transaction=True)


def add(page: Page, title: str, minutes: int = 45) -> None:
    page.get_by_label("Title").fill(title)
    page.get_by_label("Minutes").fill(str(minutes))
    page.get_by_role("button", name="Add to the tray").click()
    page.get_by_text(f"“{title}” is in the tray.").wait_for()


def card(page: Page, title: str) -> Locator:
    return page.locator(".planner-card", has_text=title)


def drag(page: Page, grip: Any, column: str, clock: int) -> None:
    """Drag to the full hour of a column, some steps beside it, so that it must snap."""
    lane = page.get_by_role("group", name=column)
    grip.scroll_into_view_if_needed()
    start, end = grip.bounding_box(), lane.bounding_box()
    hours = page.locator(".planner-hour").count()
    page.mouse.move(start["x"] + 20, start["y"] + 10)
    page.mouse.down()
    y = end["y"] + end["height"] / hours * (clock - 8)
    for at in (0.5, 1):
        x = start["x"] + (end["x"] + 30 - start["x"]) * at
        page.mouse.move(x, start["y"] + (y + 1 - start["y"]) * at, steps=4)


def said(page: Page) -> str:
    return page.locator("[data-said]").inner_text()


def test_event_is_planned_from_nothing_by_mouse_and_keyboard(
    visit: Callable[..., Page], event: Event, planner: User
):
    event.rooms.all().delete()
    path = f"/admin/events/event/{event.pk}/planner/"
    page = visit(path, user=planner, width=1280, color_scheme="light")

    # Rooms first, then sessions.
    page.get_by_role("link", name="Rooms, hours, rules…").click()
    names = page.get_by_label("Room").all()
    names[0].fill("Hall")
    names[1].fill("Attic")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    page.goto(page.url.replace("settings/", ""))
    add(page, "Keynote")
    add(page, "Panel", 60)

    # By mouse: dropped a little beside 10:00, it snaps.
    drag(page, card(page, "Keynote"), "Hall", 10)
    assert soon(lambda: said(page).startswith("Keynote: Hall, 10:00 to 10:45."))
    page.mouse.up()
    keynote = Session.objects.get(title="Keynote")
    assert soon(lambda: place(keynote) == ("06", "10:00–10:45", "Hall"))

    # By keyboard: taken up in the tray, into the second room, ten minutes later, longer.
    card(page, "Panel").get_by_role("button").focus()
    for key in ("Enter", "ArrowRight", "PageDown", "ArrowDown", "ArrowDown", "+"):
        page.keyboard.press(key)
    assert soon(lambda: said(page).startswith("Panel: Hall, 09:10 to 10:15."))
    assert soon(lambda: "“Keynote” are both in Hall" in said(page) or "“Panel” and" in said(page))
    page.keyboard.press("ArrowRight")
    assert soon(lambda: said(page) == "Panel: Attic, 09:10 to 10:15.")
    page.keyboard.press("Enter")
    panel = Session.objects.get(title="Panel")
    assert soon(lambda: place(panel) == ("06", "09:10–10:15", "Attic"))
    focused = "document.activeElement.closest('.planner-card')?.innerText.includes('Panel')"
    assert soon(lambda: page.evaluate(focused))

    # Undone and redone.
    page.keyboard.press("Control+z")
    assert soon(lambda: place(panel)[2] == "")
    page.get_by_role("button", name="Redo").click()
    assert soon(lambda: place(panel) == ("06", "09:10–10:15", "Attic"))

    # A second editor moves the keynote; the first one sees it without asking.
    other = visit(path, user=TeamMemberFactory(event=event).user, width=1280)
    card(other, "Keynote").get_by_role("button").focus()
    for key in ("Enter", "ArrowDown", "Enter"):
        other.keyboard.press(key)
    assert soon(lambda: "10:05–10:50" in card(page, "Keynote").inner_text())
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    assert soon(lambda: "Somebody else has changed “Keynote” meanwhile" in said(page))
    assert place(keynote) == ("06", "10:05–10:50", "Hall")
    complaints = [*page.complaints, *other.complaints]
    assert (complaints, violations(page, "#content")) == ([], [])


@pytest.mark.parametrize("script", [True, False])
def test_planner_fits_a_phone_and_works_without_script(visit, event, planner, talk, script):
    talk("Keynote", "09:00", "Hall")
    path = f"/admin/events/event/{event.pk}/planner/"
    page = visit(path, planner, width=360, color_scheme="dark", java_script_enabled=script)

    if script:
        card(page, "Keynote").wait_for()
        wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        assert (wide, page.complaints, violations(page, "#content")) == (False, [], [])
        return
    page.get_by_role("link", name="Move Keynote…").click()
    page.get_by_label("To this room").select_option("Attic")
    page.get_by_role("button", name="Preview changes").click()
    page.get_by_role("button", name="Yes, move them").click()
    page.get_by_text("1 session moved. Undo in the planner takes it back.").wait_for()
    assert place(Session.objects.get()) == ("06", "09:00–09:45", "Attic")
