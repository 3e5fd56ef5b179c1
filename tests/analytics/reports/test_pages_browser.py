"""Every report page in a real browser: wide and narrow, light and dark, printed, by axe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from analytics.models import SessionAttendance
from analytics.privacy.modes import rules_of
from tests.accessibility import violations
from tests.events.test_admin_browser import sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)

LOOKS = [(1280, "light"), (360, "dark")]


def addresses(event: Any, sessions: dict[str, Any]) -> dict[str, str]:
    rules = rules_of(event)
    seen = SessionAttendance.objects.filter(session=sessions["Opening"])
    person = rules.pseudonym(str(seen.filter(user__isnull=False).first().user.uuid))
    guest = rules.pseudonym(seen.get(user__isnull=True).person_key)
    pair = f"?a=session-{sessions['Opening'].pk}&b=session-{sessions['Water'].pk}"
    compare, across = (reverse(f"admin:analytics_{name}") for name in ("comparison", "across"))
    return {
        "list": reverse("admin:analytics_eventreport_changelist"),
        "event": reverse("admin:analytics_event_report", args=[event.pk]),
        "track": reverse("admin:analytics_event_report", args=[event.pk]) + "?track=yard",
        "session": reverse("admin:analytics_session_report", args=[sessions["Opening"].pk]),
        "incomplete": reverse("admin:analytics_session_report", args=[sessions["Soil"].pk]),
        "person": reverse("admin:analytics_person_report", args=[event.pk, person]),
        "guest": reverse("admin:analytics_person_report", args=[event.pk, guest]),
        "across": across,
        "choice": f"{compare}?a=session-{sessions['Opening'].pk}",
        "comparison": f"{compare}{pair}",
    }


def wrongs(page: Page) -> list[str]:
    """Sideways scroll, small targets, and what axe finds."""
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    small = page.evaluate(
        """[...document.querySelectorAll('.report :is(.button, summary, .report-filters a)')]
           .filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML)"""
    )
    return [*(["scrolls sideways"] if wide else []), *small, *violations(page, "#content")]


def test_every_page_is_fit_for_everybody(
    page: Page, live_portal: str, event: Any, sessions: dict[str, Any], analyst: Any
):
    sign_in(page, live_portal, analyst)
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text))
    found = {}
    for name, url in addresses(event, sessions).items():
        for width, scheme in LOOKS:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            answer = page.goto(live_portal + url)
            said = list(complaints)
            found[name, width] = [answer.status, *said, *wrongs(page)]
            complaints.clear()  # axe styles what it measures, which the policy forbids.

    assert found == {key: [200] for key in found}


def test_paper_holds_the_tables_and_no_buttons(
    page: Page, live_portal: str, event: Any, sessions: dict[str, Any], analyst: Any
):
    sign_in(page, live_portal, analyst)
    page.goto(live_portal + addresses(event, sessions)["session"] + "?print=1")
    page.emulate_media(media="print")

    assert page.locator(".report-actions .button:visible").count() == 0
    assert page.locator("#concurrency table").is_visible()
    assert page.locator("#completeness .badge").first.is_visible()
