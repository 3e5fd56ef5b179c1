"""The attendee pages in every language: nothing is too long for a phone, and Hebrew is mirrored."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

from tests.accessibility import violations
from tests.events.test_browser import ANONYMOUS, a_congress, overflow, pages_of, personal
from tests.factories import RegistrationFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

OTHERS = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


@pytest.mark.proof
@pytest.mark.parametrize("code", OTHERS)
def test_no_page_scrolls_sideways_on_a_phone(visit, code):
    session = a_congress()
    person = UserFactory(name="Ada", language=code)
    RegistrationFactory(event=session.event, user=person)
    paths = pages_of(session.event) | personal(session.event)
    problems = {}
    page = visit("/", user=person, width=360)
    for name, path in paths.items():
        page.goto(re.match(r"https?://[^/]+", page.url)[0] + path)
        page.wait_for_load_state("networkidle")
        found = [*page.complaints, *(["scrolls sideways"] if overflow(page) > 0 else [])]
        if page.locator("html").get_attribute("lang") != code:
            found.append("is in another language")
        page.complaints.clear()
        if found:
            problems[name] = found

    assert problems == {}


@pytest.mark.proof
def test_visitors_without_an_account_read_hebrew_from_right_to_left(visit):
    session = a_congress()
    problems = {}
    page = visit("/", width=360, locale="he-IL", timezone_id="Asia/Jerusalem")
    for name, path in (pages_of(session.event) | ANONYMOUS).items():
        page.goto(re.match(r"https?://[^/]+", page.url)[0] + path)
        page.wait_for_load_state("networkidle")
        found = [*page.complaints, *(["scrolls sideways"] if overflow(page) > 0 else [])]
        html = page.locator("html")
        if (html.get_attribute("lang"), html.get_attribute("dir")) != ("he", "rtl"):
            found.append("is not Hebrew")
        found += violations(page)
        page.complaints.clear()
        if found:
            problems[name] = found

    assert problems == {}


@pytest.mark.parametrize("code", ["de", "he"])
def test_the_agenda_fits_a_phone(visit, code):
    """The page with the most words; all others are in make proof."""
    event = a_congress().event
    page = visit(f"/e/{event.slug}/agenda/?day=all&lang={code}", width=360)
    html = page.locator("html")
    direction = "rtl" if code == "he" else "ltr"
    assert (html.get_attribute("lang"), html.get_attribute("dir")) == (code, direction)
    assert (overflow(page), page.complaints) == (0, [])
