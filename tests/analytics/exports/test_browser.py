"""The pages of the files in a real browser: fit for everybody, and following what is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.urls import reverse

from analytics.exports import ExportLevel
from analytics.exports.presets import keep_preset
from analytics.models import AttendanceFile, FileDownload, FileSchedule, FileState, ScheduleState
from events.models import TeamRole
from tests.accessibility import violations
from tests.browser import wait_until
from tests.events.test_admin_browser import sign_in
from tests.factories import TeamMemberFactory

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)

WISH = {"level": "stay", "form": "csv", "show": "all"}


@pytest.fixture
def analyst(event) -> Any:
    return TeamMemberFactory(event=event, role=TeamRole.ANALYST).user


@pytest.fixture
def made(event, analyst) -> AttendanceFile:
    """Being made; the page also has a ready one, plans in every state, a preset, a download."""
    wish = {"event": event, "user": analyst, **WISH}
    AttendanceFile.objects.create(
        **wish, state=FileState.READY, name="conf-stay-v1.csv", size_bytes=5_000_000
    )
    for state in ScheduleState:
        FileSchedule.objects.create(
            **wish,
            repeats="weekly",
            state=state,
            stopped_because="It failed." * (state == "stopped"),
        )
    keep_preset(analyst, event, "Board", ExportLevel.STAY, ["minutes"], is_shared=True)
    FileDownload.objects.create(event=event, user=analyst, name="x.csv", privacy="identified")
    return AttendanceFile.objects.create(
        **wish, state=FileState.MAKING, claim=uuid4(), rows_expected=10, rows_written=3
    )


def wrongs(page: Page) -> list[str]:
    """Sideways scroll, small targets, and what axe finds."""
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    small = page.evaluate(
        """[...document.querySelectorAll('.report :is(.button, select, [type=submit])')]
           .filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML)"""
    )
    return [*(["scrolls sideways"] if wide else []), *small, *violations(page, "#content")]


def test_every_page_of_the_files_is_fit_for_everybody(
    page: Page, live_portal: str, event: Any, analyst: Any, made: AttendanceFile
):
    sign_in(page, live_portal, analyst)
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text))
    found = {}
    for name in ("event_files", "plan_file", "presets"):
        for width, scheme in ((1280, "light"), (360, "dark")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            page.goto(live_portal + reverse(f"admin:analytics_{name}", args=[event.pk]))
            said = list(complaints)
            found[name, width] = [*said, *wrongs(page)]
            complaints.clear()  # axe styles what it measures, which the policy forbids.

    assert found == {key: [] for key in found}


def test_the_page_follows_a_file_until_it_is_there(
    page: Page, live_portal: str, event: Any, analyst: Any, made: AttendanceFile
):
    sign_in(page, live_portal, analyst)
    page.goto(live_portal + reverse("admin:analytics_event_files", args=[event.pk]))
    page.get_by_label("Reason").fill("For the board")
    row = page.locator(f"[data-file='{made.uuid}']")
    assert row.locator("progress").get_attribute("value") == "3"

    AttendanceFile.objects.filter(pk=made.pk).update(rows_written=7)
    wait_until(page, "document.querySelector('[data-under-way] progress').value === 7")
    assert row.locator("[data-rows]").text_content() == "7"
    AttendanceFile.objects.filter(pk=made.pk).update(state=FileState.READY, name="conf.csv")
    wait_until(page, "!document.querySelector('[data-under-way]')")

    assert row.get_by_role("link", name="conf.csv").is_visible()
    assert page.locator("[data-files-news]").text_content() == "conf.csv 0\xa0bytes: Ready"
    # What was typed is still there: the page was never loaded again.
    assert page.get_by_label("Reason").input_value() == "For the board"
