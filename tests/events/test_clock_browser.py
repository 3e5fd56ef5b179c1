"""Pages keep the server's time, whatever the visitor's clock says, and ask it in moderation."""

from __future__ import annotations

import itertools
import re
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import RegistrationFactory, SessionFactory
from tests.kaltura_bridge.support.joining import linked

pytestmark = pytest.mark.django_db(transaction=True)

# Everything a script can learn of the wall clock is off by so much; timers run as they do.
WRONG_CLOCK = """
const Right = Date, off = %d;
Date = class extends Right {
  constructor(...given) { given.length ? super(...given) : super(Right.now() + off); }
  static now() { return Right.now() + off; }
};
"""
WRONG = [
    timedelta(minutes=-10),
    pytest.param(timedelta(minutes=10), marks=pytest.mark.proof),
    timedelta(days=1),
]


@pytest.fixture
def visit_with_clock(visit):
    """``visit_with_clock(off, path, user)``: the page, and when each of its requests was sent."""

    def open_page(off, path, user):
        page = visit("/static/events/favicon.svg", user=user)
        page.add_init_script(WRONG_CLOCK % (off.total_seconds() * 1000))
        asked = []
        page.on(
            "request",
            lambda request: asked.append(time.monotonic()) if request.url.endswith(path) else None,
        )
        page.goto(page.url.removesuffix("/static/events/favicon.svg") + path)
        return page, asked

    return open_page


def session_opening_in(seconds: float):
    """A session with a room, and somebody registered who may enter in so many seconds."""
    session = SessionFactory(title="Opening")
    lead = session.starts_at - session.doors_open_at
    session.starts_at = timezone.now() + lead + timedelta(seconds=seconds)
    session.ends_at = session.starts_at + timedelta(hours=1)
    session.event.starts_on = session.starts_at.date() - timedelta(days=1)
    session.event.ends_on = session.starts_at.date() + timedelta(days=1)
    session.event.save()
    session.save()
    linked(session)
    return session, RegistrationFactory(event=session.event).user


def look_for(page, selector: str) -> None:
    """Look now and then until it is there; Playwright's own wait can miss a page that reloads."""
    deadline = time.monotonic() + 40
    while not page.locator(selector).count():
        assert time.monotonic() < deadline, f"{selector} did not come."
        page.wait_for_timeout(500)


def gaps(asked: list[float]) -> list[float]:
    """The seconds between one request and the next."""
    return [later - earlier for earlier, later in itertools.pairwise(asked)]


@pytest.mark.parametrize("off", WRONG)
def test_session_page_opens_in_time_by_any_clock(visit_with_clock, off):
    session, person = session_opening_in(5)
    page, asked = visit_with_clock(off, session.get_absolute_url(), person)
    before = page.locator("[data-access]").get_attribute("data-access")
    counted = page.locator("[data-count-to]").first.inner_text()

    look_for(page, "[data-access=join]")
    page.wait_for_timeout(4000)

    assert before != "join"
    assert re.search(r"\b(15:0\d|14:5\d)$", counted), counted
    assert len(asked) == 2
    assert min(gaps(asked)) >= 9.5


@pytest.mark.parametrize("off", WRONG)
def test_waiting_page_lets_in_in_time_by_any_clock(visit_with_clock, off):
    session, person = session_opening_in(5)
    path = f"{session.get_absolute_url()}join/"
    page, asked = visit_with_clock(off, path, person)
    counted = page.locator("[data-count-to]").inner_text()

    look_for(page, "[data-stage]")
    page.wait_for_timeout(4000)

    assert re.fullmatch(r"The doors open in 00:0[0-5]", counted)
    assert len(asked) == 2
    assert min(gaps(asked)) >= 9.5


def test_way_back_keeps_the_time(visit_with_clock):
    """The browser shows the page as it came, with the time of then."""
    session, person = session_opening_in(600)
    page, _ = visit_with_clock(timedelta(minutes=10), session.get_absolute_url(), person)
    page.wait_for_timeout(4000)
    page.goto(page.url.split("/e/")[0] + "/")
    page.go_back()
    left = session.starts_at - timezone.now()

    [minutes, seconds] = page.locator("[data-count-to]").first.inner_text()[-5:].split(":")
    assert abs(int(minutes) * 60 + int(seconds) - left.total_seconds() % 3600) < 3
