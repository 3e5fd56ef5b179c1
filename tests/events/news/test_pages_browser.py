"""The pages about mails and shared agendas, as people see them; and the mails themselves."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail as outbox
from django.utils import timezone

from events.actions import cancel_session, move_session
from events.agenda.sharing import share, shared_address
from events.models import OutgoingMail
from events.news import changed, day_ahead, soon
from events.news.wishes import Topic, off_token
from events.outbox.sending import send_due
from tests.accessibility import violations
from tests.events.conftest import _login_cookie
from tests.factories import BookmarkFactory, EventFactory, SessionFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


def a_starred_day():
    """Somebody with stars of today and tomorrow."""
    now = timezone.now().replace(second=0, microsecond=0)
    event = EventFactory(title="Summit", starts_on=now.date(), ends_on=now.date() + timedelta(3))
    user = UserFactory(name="Ada Lovelace")
    for title, minutes, room in (
        ("Maps of places that never were", 8, "Hall 1"),
        ("מפות ותרשימים", 8, "Hall 2"),
        ("Charts", 23 * 60, "Hall 2"),
        ("Lunch, with a very long title that goes on and on until it no longer fits", 1400, ""),
    ):
        starts_at = now + timedelta(minutes=minutes)
        session = SessionFactory(
            event=event,
            title=title,
            location=room,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=45),
        )
        BookmarkFactory(user=user, session=session)
    user.bookmarks.update(created_at=now - timedelta(days=2))
    return user, event


def overflow(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


def look(page, name: str) -> list[str]:
    """What is wrong with the page; keeps a picture where SCREENSHOTS names a folder."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
    found = [*page.complaints, *(["scrolls sideways"] if overflow(page) > 0 else [])]
    found += violations(page)
    page.complaints.clear()
    return [f"{name}: {each}" for each in found]


@pytest.mark.parametrize(
    ("width", "scheme", "locale"),
    [(1280, "light", "en-GB"), (360, "dark", "en-GB"), (360, "light", "he-IL")],
)
def test_pages_are_clean(visit, width, scheme, locale):
    user, event = a_starred_day()
    link = re.sub(r"^https?://[^/]+", "", shared_address(share(user, event)))
    page = visit(link, width=width, color_scheme=scheme, locale=locale)
    base = re.match(r"https?://[^/]+", page.url)[0]
    look_as = f"{width}-{scheme}-{locale}"
    found = look(page, f"shared-{look_as}")
    page.goto(f"{base}/me/news/off/soon/{off_token(user, Topic.SOON)}/")
    found += look(page, f"off-{look_as}")
    # By their place: the page speaks the reader's language.
    asked = page.locator("h1").inner_text()
    with page.expect_navigation():
        page.locator("main form button").click()
    assert page.locator("h1").inner_text() != asked
    found += look(page, f"stopped-{look_as}")
    page.context.add_cookies([_login_cookie(user, base)])
    for name, path in (("mails", "/me/news/"), ("mine", "/me/agenda/")):
        page.goto(base + path)
        page.wait_for_load_state("networkidle")
        found += look(page, f"{name}-{look_as}")

    assert found == []


@pytest.mark.parametrize(("width", "scheme"), [(640, "light"), (360, "dark")])
def test_mails_are_clean(visit, width, scheme):
    _user, event = a_starred_day()
    moved, cancelled = event.sessions.order_by("starts_at", "pk")[2:]
    now = timezone.now()
    soon.remind(now)
    day_ahead.remind(now)
    move_session(moved, now + timedelta(hours=30), now + timedelta(hours=31))
    cancel_session(cancelled)
    changed.tell_changes(now)
    OutgoingMail.objects.update(due_at=now)
    send_due(30)
    by_subject = {str(mail.subject): str(mail.alternatives[0][0]) for mail in outbox.outbox}
    page = visit("/", width=width, color_scheme=scheme)
    page.goto("about:blank")
    found = []
    for number, html in enumerate(by_subject.values()):
        page.set_content(html)
        found += look(page, f"mail-{number}-{width}-{scheme}")

    # What comes within a day, and what runs today, may fall on two days of the event.
    assert len(by_subject) in (3, 4), list(by_subject)
    assert found == []
