"""A main stage on which a webcast on Kaltura's page is followed by one in the player.

An attendee who reads Hebrew is carried on; the speaker of the first is not carried away; of an
event for those registered a stranger meets no stage.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.utils import timezone, translation

from events.models import Session, SessionType, SpeakerRole, Visibility
from kaltura_bridge.join.destination import remote_entry_id
from kaltura_bridge.join.identity import kaltura_user_id
from kaltura_bridge.models import PlayerChoice, SessionDelivery
from kaltura_bridge.sync import service
from tests.browser import wait_until
from tests.factories import SessionSpeakerFactory, SpeakerFactory, UserFactory
from tests.kaltura_bridge.main_stage.test_stage import a_session, a_stage, stage_url
from tests.kaltura_bridge.main_stage.test_stage_browser import FRAMED
from tests.kaltura_bridge.support.joining import attendee_of, join_url
from tests.kaltura_bridge.walks.conftest import fits
from tests.kaltura_bridge.watch.test_watching import assert_moves

if TYPE_CHECKING:
    from playwright.sync_api import Frame, FrameLocator, Page

ANNOUNCED = (
    "The next one, %(title)s, starts in a minute. This page goes there by itself; choose “Stay "
    "here” to stay."
)
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.proof]


def in_hebrew(text: str, title: str) -> str:
    with translation.override("he"):
        return str(translation.gettext(text) % {"title": title})


def inside(page: Page) -> FrameLocator:
    """What Kaltura or the player shows, two frames deep."""
    return page.frame_locator("[data-stage-place] > iframe").frame_locator("iframe")


def player(page: Page) -> Frame:
    inside(page).locator("video").wait_for()
    return next(frame for frame in page.frames if "/join/frame/" in frame.url)


def sees(page: Page, session: Session) -> None:
    """Wait until this is in the stage's frame."""
    wait_until(page, f"{FRAMED} === '{join_url(session)}?stage=1'")


class Afternoon:
    """Clocks of the portal and of every browser, which go on together."""

    def __init__(self, traveller: Any, pages: list[Page]) -> None:
        self.traveller, self.pages, self.started = traveller, pages, timezone.now()
        for page in pages:
            page.clock.install(time=self.started)

    def at(self, minutes: float) -> None:
        on = self.started + timedelta(minutes=minutes) - timezone.now()
        self.traveller.shift(on)
        for page in self.pages:
            page.clock.fast_forward(round(on.total_seconds() * 1000))


def test_a_stage_goes_on_from_kalturas_page_to_the_player(crowd, simulator):
    event, track, now = a_stage(visibility=Visibility.REGISTERED)
    first, second = (
        a_session(track, now + timedelta(minutes=minutes), title=title, session_type=type_)
        for minutes, title, type_ in (
            (0, "Opening", SessionType.WEBCAST),
            (30, "Keynote", SessionType.WEBCAST),
        )
    )
    SessionDelivery.objects.create(session=second, player=PlayerChoice.V7)
    service.settle(service.targets_of(event), 20)
    for session in (first, second):
        simulator.switch(remote_entry_id(session), "on_air")
    ada, sue = (attendee_of(first, name=name) for name in ("Ada", "Sue Speaker"))
    SessionSpeakerFactory(
        session=first, speaker=SpeakerFactory(event=event, user=sue), role=SpeakerRole.SPEAKER
    )
    viewer, speaker = crowd.open(ada, locale="he-IL"), crowd.open(sue)

    with time_machine.travel(now) as traveller:
        afternoon = Afternoon(traveller, [viewer, speaker])
        for page, name in ((viewer, "Ada"), (speaker, "Sue Speaker")):
            page.goto(stage_url(track))
            sees(page, first)
            inside(page).get_by_text(name).first.wait_for()
            assert fits(page)
        assert viewer.locator("html").get_attribute("dir") == "rtl"
        handed = [crowd.handed(page) for page in (viewer, speaker)]
        assert [said["entryId"] for said in handed] == [remote_entry_id(first)] * 2
        assert [said["userContextualRole"] for said in handed] == ["3", "0"]
        assert [said["locale"] for said in handed] == ["he", "en"]

        # A minute before the next: the viewer is told in Hebrew, the speaker stays.
        afternoon.at(29.2)
        viewer.locator("[data-stage-stay]").wait_for()
        assert viewer.locator("[data-stage-said]").inner_text() == in_hebrew(ANNOUNCED, "Keynote")
        assert not speaker.locator("[data-stage-next]").is_visible()
        afternoon.at(30.1)
        afternoon.at(30.6)
        sees(viewer, second)
        assert_moves(player(viewer))
        assert fits(viewer)
        speaker.get_by_text("You are on stage here").wait_for()
        sees(speaker, first)
        inside(speaker).get_by_text("Sue Speaker").first.wait_for()
        assert fits(speaker)

        # Until the speaker goes along as well.
        speaker.get_by_role("button", name="Back to the stage").click()
        sees(speaker, second)
        assert_moves(player(speaker))

        # Outside there is no stage, and each session's door is closed.
        stage = [stage_url(track), stage_url(track, "main_stage_state")]
        doors = [f"{join_url(session)}?stage=1" for session in (first, second)]
        for outsider in (crowd.open(UserFactory()), crowd.open()):
            assert crowd.not_refused(outsider, *stage) == []
            answers = [outsider.request.get(door) for door in doors]
            assert [(a.status, "<iframe" in a.text()) for a in answers] == [(403, False)] * 2

    seen = {(visit["entryId"], visit["userId"]) for visit in simulator.visits()}
    entries = [remote_entry_id(session) for session in (first, second)]
    assert seen == {(entry, kaltura_user_id(user)) for entry in entries for user in (ada, sue)}
