"""A main stage in a browser, over an afternoon that passes in seconds."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.utils import timezone

from events.models import Session, Track
from kaltura_bridge.sync import service
from tests.browser import wait_until
from tests.kaltura_bridge.join.test_kaf import sign_in
from tests.kaltura_bridge.main_stage.test_stage import a_session, a_stage, stage_url
from tests.kaltura_bridge.support.joining import attendee_of, join_url

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
FRAMED = "document.querySelector('[data-stage-place] > iframe')?.getAttribute('src') ?? ''"


class Watching:
    """A viewer's browser, whose clock and the portal's go on together."""

    def __init__(self, page: Page, time: time_machine.Traveller, site: str, track: Track) -> None:
        self.page, self.time, self.started = page, time, timezone.now()
        page.clock.install(time=self.started)
        page.goto(site + stage_url(track))

    def at(self, minutes: float) -> None:
        """Go on until so many minutes have passed since the start."""
        on = self.started + timedelta(minutes=minutes) - timezone.now()
        self.time.shift(on)
        self.page.clock.fast_forward(round(on.total_seconds() * 1000))

    def sees(self, session: Session) -> None:
        """Wait until this is in the frame, and marked beside it."""
        wait_until(self.page, f"{FRAMED} === '{join_url(session)}?stage=1'")
        current = self.page.locator("[data-stage-track] [aria-current] a")
        current.get_by_text(session.title).wait_for()

    def handed_on(self, site: str) -> list[str]:
        """Which of these the room may use, two frames deep."""
        kaf = next(frame for frame in self.page.frames if frame.url.startswith(site))
        wanted = ["camera", "fullscreen", "geolocation", "microphone"]
        asks = "wanted => wanted.filter(f => document.featurePolicy.allowsFeature(f))"
        return list(kaf.evaluate(asks, wanted))

    @property
    def said(self) -> str:
        return self.page.locator("[data-stage-said]").inner_text()

    @property
    def fits(self) -> bool:
        return bool(self.page.evaluate("document.body.scrollWidth <= innerWidth"))


@pytest.mark.parametrize(
    "size",
    [pytest.param(DESKTOP, id="desktop"), pytest.param(PHONE, id="phone", marks=pytest.mark.proof)],
)
def test_a_viewer_is_carried_on_stays_and_is_refused_in_place(page, simulator, live_portal, size):
    page.set_viewport_size(size)
    _, track, now = a_stage()
    first = a_session(track, now, 30, title="Opening")
    second = a_session(track, now + timedelta(minutes=30), 30, title="Keynote")
    limited = a_session(track, now + timedelta(minutes=60), 30, title="Workshop", capacity=1)
    service.settle(service.targets_of(track.event), 20)
    sign_in(page, live_portal, attendee_of(first, name="Jane Doe"))
    inside = page.frame_locator("[data-stage-place] > iframe")
    room = inside.frame_locator("iframe")

    with time_machine.travel(now) as traveller:
        viewer = Watching(page, traveller, live_portal, track)
        viewer.sees(first)
        room.get_by_text("Jane Doe").first.wait_for()
        assert (viewer.said, viewer.fits) == ("", True)
        assert viewer.handed_on(simulator.url) == ["camera", "fullscreen", "microphone"]
        assert not page.get_by_role("button", name="Stay here").is_visible()

        viewer.at(29.2)
        page.get_by_role("button", name="Stay here").wait_for()
        assert "Keynote, starts in a minute" in viewer.said
        viewer.at(30.1)
        viewer.at(30.6)
        viewer.sees(second)
        inside.get_by_role("heading", name="Keynote").wait_for()
        room.get_by_text("Jane Doe").first.wait_for()

        viewer.at(59.2)
        page.get_by_role("button", name="Stay here").click()
        assert viewer.said == "You stay here. The stage goes on without you."
        viewer.at(60.1)
        viewer.at(60.6)
        page.locator("[data-stage-track] [aria-current]").get_by_text("Workshop").wait_for()
        assert page.evaluate(FRAMED) == f"{join_url(second)}?stage=1"
        assert viewer.fits
        page.get_by_role("button", name="Back to the stage").click()
        viewer.sees(limited)
        inside.get_by_role("heading", name="limited number of places").wait_for()

        viewer.at(111)
        viewer.at(112)
        page.get_by_role("heading", name="That was all on this stage.").wait_for()
        assert viewer.fits


def test_what_is_on_is_in_view_beside_the_stage_however_much_has_been(page, live_portal):
    page.set_viewport_size(DESKTOP)
    _, track, now = a_stage()
    for number in range(24):
        a_session(track, now - timedelta(minutes=30 * (24 - number)), 30)
    on_now = a_session(track, now, 30, title="Keynote")

    page.goto(live_portal + stage_url(track))

    seen = """() => {
      const place = (element) => element.getBoundingClientRect();
      const track = place(document.querySelector("[data-stage-track]"));
      const current = place(document.querySelector("[data-stage-track] [aria-current] a"));
      return current.top >= track.top && current.bottom <= track.bottom;
    }"""
    wait_until(page, f"({seen})()")
    assert page.locator("[data-stage-track] [aria-current] a").inner_text() == on_now.title
