"""The matching desk in a real browser: readable for everybody, from a phone to a desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from analytics.matching.decisions import link_person, mark_tester, split_run
from tests.accessibility import violations
from tests.analytics.matching.conftest import SharedRoom, at
from tests.events.test_admin_browser import sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_desk_is_accessible_and_fits(page: Page, live_portal: str, shared: SharedRoom):
    shared.run(-90, -50, "dry")
    several, split = shared.run(5, 100, "long"), shared.run(0, 95, "both")
    for run, who in ((several, "900"), (several, "901"), (split, shared.ann)):
        shared.stay(run, who, 6, 30, name="Somebody", email="lee@uni.example")
    shared.settle()
    split_run(split, at(50), shared.early, shared.late, shared.analyst, "As recorded")
    link_person(shared.event, "newrow", "901", shared.ann, shared.analyst)
    mark_tester(shared.event, shared.analyst, shared.analyst)
    sign_in(page, live_portal, shared.analyst)
    base = f"{live_portal}/admin/analytics/rundecision"
    found = {}

    for path in (f"of/{shared.event.pk}/", f"run/{several.pk}/"):
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(f"{base}/{path}")
            overflow = "document.documentElement.scrollWidth - innerWidth"
            found[path, width] = (max(0, page.evaluate(overflow)), violations(page, ".report"))

    assert found == dict.fromkeys(found, (0, []))
