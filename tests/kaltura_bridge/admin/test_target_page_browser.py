"""From a change at Kaltura to its repair, in a real browser, live and on narrow screens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone

from events.models import Event, Session, TeamRole
from kaltura_bridge.models import Account, PlanRun, RemoteLink, SyncTarget
from kaltura_bridge.sync import plan_runs, reconcile
from tests.accessibility import violations
from tests.events.conftest import visit  # noqa: F401  (a fixture)
from tests.factories import SimuliveFactory, TeamMemberFactory, WebcastFactory
from tests.kaltura_bridge.support.at_kaltura import (
    held_there,
    link_of,
    someone_deletes,
    someone_moves,
)
from tests.kaltura_bridge.support.planning import in_step, planned_event, settle

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)

Visit = Callable[..., "Page"]
WIDTHS = [(1280, "light"), (360, "dark")]
PLANNED, MOVED = 1904288400, 1904289000  # 11:00 and 11:10 in Berlin
OURS, THEIRS = (f"Mon 6 May 2030, 11:{m} Europe/Berlin" for m in ("00", "10"))
DASHBOARD = "/admin/kaltura_bridge/synctarget/dashboard/"


@pytest.fixture
def event(simulator: Any) -> Event:
    planned = planned_event()
    settle(planned)
    return planned


@pytest.fixture
def manager(event: Event) -> Any:
    return TeamMemberFactory(event=event, role=TeamRole.MANAGER).user


def sweep_later() -> None:
    """The next sweep, ten minutes from now."""
    SyncTarget.objects.update(synced_at=timezone.now() - timedelta(minutes=11))
    Account.objects.update(changes_read_at=None)
    reconcile.sweep()


def findings(page: Page) -> list[str]:
    """What is wrong with what the page shows: sideways scroll, small targets, axe, complaints."""
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    small = page.evaluate(
        """[...document.querySelectorAll(
             '#content :is(.button, input:not([type=hidden]), select)')]
           .filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML)"""
    )
    complaints = list(page.complaints)  # type: ignore[attr-defined]
    found = violations(page, "#content")
    page.complaints.clear()  # type: ignore[attr-defined]  # The policy keeps axe from styling.
    return [
        *(["scrolls sideways"] if wide else []),
        *small,
        *found,
        *complaints,
    ]


def differing(page: Page) -> list[list[str]]:
    """The fields that the page says differ: name, planned, written, at Kaltura."""
    rows = page.locator(".target-fields tbody tr").all()
    return [
        [row.locator("th").inner_text().split("\n")[0], *row.locator("td").all_inner_texts()[:3]]
        for row in rows
    ]


@pytest.mark.parametrize(("verb", "start"), [("Push", PLANNED), ("Adopt", MOVED)])
def test_manager_sees_exactly_the_moved_start_and_mends_it(
    visit: Visit,  # noqa: F811
    simulator: Any,
    event: Event,
    manager: Any,
    verb: str,
    start: int,
):
    link = link_of("schedule_event")
    someone_moves(link, startDate=MOVED)
    sweep_later()

    page = visit(f"/admin/events/session/?event={event.pk}", user=manager)
    page.get_by_role("link", name="Changed at Kaltura: Schedule event start").click()
    seen = differing(page)
    page.get_by_role("link", name=f"{verb} for start").click()
    shown = page.locator(".preview-intro").inner_text()
    untouched = held_there(simulator, "scheduleEvent", link.remote_id)["startDate"]
    page.locator("input.default").click()
    page.locator(".messagelist .success").wait_for()
    settle(event)
    page.reload()

    session = Session.objects.get(title="Keynote")
    assert seen == [["Start", OURS, OURS, THEIRS]]
    assert (
        shown
        == {
            "Push": f"Start at Kaltura changes from “{THEIRS}” to “{OURS}”.",
            "Adopt": f"The session's start changes to “{THEIRS}”. "
            "Other objects at Kaltura are updated to match.",
        }[verb]
    )
    assert (untouched, differing(page), in_step(event)) == (MOVED, [], True)
    assert held_there(simulator, "scheduleEvent", link.remote_id)["startDate"] == start
    assert session.starts_at == datetime.fromtimestamp(start, UTC)


def test_state_stands_in_the_list_without_scrolling(visit: Visit, event: Event, manager: Any):  # noqa: F811
    page = visit("/admin/events/session/", user=manager)

    hidden = page.evaluate(
        """(() => { const box = document.querySelector('#changelist-form .results');
                    return box.scrollWidth - box.clientWidth; })()"""
    )

    assert (hidden, page.get_by_role("link", name="In sync, checked just now").count()) == (0, 2)


def test_cancel_leaves_everything_as_it_was(visit: Visit, event: Event, manager: Any):  # noqa: F811
    someone_moves(link_of("schedule_event"), startDate=MOVED)
    sweep_later()
    target = SyncTarget.objects.get(title="Keynote")
    page = visit(f"/admin/kaltura_bridge/synctarget/{target.pk}/change/", user=manager)

    page.get_by_role("link", name="Adopt for start").click()
    page.get_by_role("link", name="Cancel").click()

    page.get_by_role("heading", name="History").wait_for()
    assert differing(page) == [["Start", OURS, OURS, THEIRS]]
    assert Session.objects.get(title="Keynote").starts_at.timestamp() == PLANNED


def test_numbers_move_by_themselves_until_nothing_waits(
    visit: Visit,  # noqa: F811
    event: Event,
    manager: Any,
):
    SyncTarget.objects.filter(title="Keynote").update(state="pending")
    page = visit(DASHBOARD, user=manager)
    before = page.get_by_role("status").inner_text()

    SyncTarget.objects.filter(title="Keynote").update(state="synced")

    page.get_by_text("Everything is in sync.").wait_for()
    page.wait_for_load_state()
    assert (before, page.locator("[data-count=pending]").inner_text(), page.complaints) == (
        "3 of 4 done.",
        "0",
        [],
    )


def test_signed_out_meanwhile_leads_to_the_sign_in(visit: Visit, event: Event, manager: Any):  # noqa: F811
    SyncTarget.objects.filter(title="Keynote").update(state="pending")
    page = visit(DASHBOARD, user=manager)

    page.context.clear_cookies()

    page.wait_for_url("**/login/**")


def test_dashboard_works_by_looking_again_without_scripts(
    visit: Visit,  # noqa: F811
    event: Event,
    manager: Any,
):
    SyncTarget.objects.filter(title="Keynote").update(state="pending")
    page = visit(DASHBOARD, user=manager, java_script_enabled=False)

    SyncTarget.objects.filter(title="Keynote").update(state="synced")
    page.get_by_role("link", name="Refresh").click()

    assert page.get_by_role("status").inner_text() == "Everything is in sync."


def test_plan_comes_by_itself_and_is_applied(
    visit: Visit,  # noqa: F811
    event: Event,
    manager: Any,
):  # the test is the worker
    WebcastFactory(event=event, title="New one")
    page = visit(f"/admin/events/event/{event.pk}/change/", user=manager)

    page.get_by_role("link", name="Kaltura plan").click()
    page.get_by_role("button", name="Make a plan").click()
    page.get_by_text("Reading Kaltura…").wait_for()
    run = PlanRun.objects.get()
    plan_runs.make(run.pk)
    page.get_by_text("Create live entry “New one”").wait_for()
    page.get_by_role("button", name="Apply this plan").click()
    page.get_by_role("progressbar", name="Objects done").wait_for()
    plan_runs.apply(run.pk, 20)
    page.get_by_role("heading", name="Applied just now").wait_for()

    assert "5 in sync, 0 waiting, 0 failed" in page.locator("#content").inner_text()
    assert (in_step(event), page.complaints) == (True, [])  # type: ignore[attr-defined]


def in_trouble(event: Event) -> dict[str, str]:
    """An event with everything to show, and its pages by name."""
    SimuliveFactory(event=event, title="Film")
    someone_moves(link_of("schedule_event"), startDate=MOVED)
    someone_deletes(link_of("category", "Ethics"))
    long = "A very long description of what nobody expected to stand here. " * 8
    entry = link_of("entry")
    settle(event)
    sweep_later()
    RemoteLink.objects.filter(pk=entry.pk).update(
        seen={**entry.pushed, "description": long, "tags": "unexpected"}, ignored=["dvrWindow"]
    )
    run = PlanRun.objects.create(event_uuid=event.uuid)
    plan_runs.make(run.pk)
    pages = {"dashboard": DASHBOARD, "plan": reverse("admin:kaltura_bridge_plan", args=[event.pk])}
    for title in ("Keynote", "Ethics", "Film"):
        target = SyncTarget.objects.get(title=title)
        pages[title] = reverse("admin:kaltura_bridge_synctarget_change", args=[target.pk])
    choice = reverse("admin:kaltura_bridge_choice", args=[entry.target_id, entry.pk, "push"])
    pages["choice"] = f"{choice}?field=description&field=tags"
    pages["retry"] = f"{reverse('admin:kaltura_bridge_retry_kind')}?kind=gone"
    return pages


@pytest.mark.parametrize(("width", "scheme"), WIDTHS)
def test_every_page_is_clean(
    visit: Visit,  # noqa: F811
    event: Event,
    manager: Any,
    width: int,
    scheme: str,
):
    problems = {}
    pages = in_trouble(event)
    page = visit("/admin/", user=manager, width=width, color_scheme=scheme)
    base = page.url.removesuffix("/admin/")
    for name, path in pages.items():
        page.goto(base + path)
        if found := findings(page):
            problems[name] = found

    assert problems == {}
