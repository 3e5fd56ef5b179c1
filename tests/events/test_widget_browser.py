"""The agenda on a page of a foreign origin, under a strict policy of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from events.models import FramedBy
from events.widget.sites import let_frame
from tests.accessibility import violations
from tests.browser import soon, wait_until
from tests.factories import EventFactory, SessionFactory, TeamMemberFactory, TrackFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(live_portal) -> Iterator[Callable[[str], str]]:
    """Publishes a page at another origin: ``site(body)`` returns its address."""
    pages: dict[str, bytes] = {}

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            policy = f"default-src 'none'; script-src {live_portal}; frame-src {live_portal}"
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(pages.get("page", b""))

        def log_message(self, *args: object) -> None:
            """Nothing to say."""

    server = HTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def publish(body: str) -> str:
        pages["page"] = (
            f"<!doctype html><html lang=en><title>A club</title><main><h1>A club</h1>{body}</main>".encode()
        )
        return f"http://127.0.0.1:{server.server_port}/"

    yield publish
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def event():
    event = EventFactory(title="Congress", slug="congress", timezone="UTC")
    for day, title in ((6, "Opening"), (7, "Closing")):
        SessionFactory(
            event=event,
            title=title,
            slug=title.lower(),
            track=TrackFactory(event=event, name=f"Track {day}", color="#ffff66"),
            starts_at=datetime(2030, 5, day, 8, tzinfo=UTC),
        )
    for number in range(20):
        SessionFactory(event=event, starts_at=datetime(2030, 5, 6, 9, number, tzinfo=UTC))
    let_frame(event, FramedBy.EVERYBODY, [])
    return event


def height(page) -> float:
    return page.locator("iframe").bounding_box()["height"]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_script_shows_the_agenda_as_high_as_it_is(visit, live_portal, site, event, width, scheme):
    page = visit("/offline/", width=width, color_scheme=scheme)
    code = f'<script src="{live_portal}/widget.js" data-event="congress" data-day="2030-05-07" async></script>'
    page.goto(site(code))
    frame = page.frame_locator("iframe")
    frame.locator("text=Closing").wait_for()
    (inner,) = [each for each in page.frames if "widget" in each.url]

    def is_as_high() -> bool:
        main = inner.evaluate("document.querySelector('main').getBoundingClientRect().height")
        return abs(height(page) - main) <= 2

    assert soon(is_as_high)
    before = height(page)
    frame.locator(".days a").first.click()
    frame.locator("text=Opening").wait_for()
    assert soon(lambda: is_as_high() and height(page) > before)
    assert inner.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.context.cookies() == []
    assert page.complaints == []
    assert violations(page) == []


def test_link_opens_the_portal(visit, live_portal, site, event):
    page = visit("/offline/")
    page.goto(site(f'<script src="{live_portal}/widget.js" data-event="congress"></script>'))

    with page.context.expect_page() as opened:
        page.frame_locator("iframe").locator("text=Opening").click()

    assert opened.value.url == f"{live_portal}/e/congress/sessions/opening/"


def test_height_is_believed_of_the_portal_alone(visit, live_portal, site, event):
    page = visit("/offline/")
    page.goto(site(f'<script src="{live_portal}/widget.js" data-event="congress"></script>'))
    page.frame_locator("iframe").locator("text=Opening").wait_for()
    assert soon(lambda: height(page) > 700)
    before = height(page)

    page.evaluate("window.postMessage({ agendaHeight: 9999 }, '*')")
    page.evaluate("new Promise((resolve) => setTimeout(resolve, 200))")

    assert height(page) == before


def test_frame_needs_no_script(visit, live_portal, site, event):
    page = visit("/offline/", java_script_enabled=False)
    page.goto(site(f'<iframe src="{live_portal}/e/congress/widget/" title="Agenda"></iframe>'))
    frame = page.frame_locator("iframe")
    frame.locator("text=Opening").wait_for()

    frame.locator("select").select_option("track-7")
    frame.locator("button").click()
    frame.locator("text=No session of this choice on this day.").wait_for()

    assert page.complaints == []


def test_sites_that_are_not_named_show_nothing(visit, live_portal, site, event):
    let_frame(event, FramedBy.LISTED, ["https://club.example"])
    page = visit("/offline/")
    page.goto(site(f'<iframe src="{live_portal}/e/congress/widget/" title="Agenda"></iframe>'))

    assert soon(lambda: any("frame-ancestors" in text for text in page.complaints))


def test_manager_sees_what_each_choice_does(visit, event):
    manager = TeamMemberFactory(event=event).user
    manager.is_staff = True
    manager.save()
    page = visit(f"/admin/events/event/{event.pk}/widget/", user=manager)
    page.frame_locator("iframe").locator("text=Opening").wait_for()

    with page.expect_navigation():
        page.select_option("#id_day", "2030-05-07")
    page.frame_locator("iframe").locator("text=Closing").wait_for()

    assert 'data-day="2030-05-07"' in page.input_value("#script-code")
    wait_until(page, "document.querySelector('iframe').getBoundingClientRect().height > 100")
    assert page.complaints == []
    assert violations(page, "#content") == []
