"""From a rule to a jump: captions are ordered, delivered, read beside the player, and lead there."""

from __future__ import annotations

from typing import Any

import pytest

from events.models import Visibility
from kaltura_bridge.models import EventDelivery, PlayerChoice
from tests.browser import soon
from tests.kaltura_bridge.join.test_kaf import sign_in
from tests.kaltura_bridge.support.captioning import (
    CaptionVendor,
    look_again,
    recorded,
    rule_of,
    show_in_player,
)
from tests.kaltura_bridge.support.joining import attendee_of, join_url

TIME = "document.querySelector('video').currentTime"


@pytest.mark.django_db(transaction=True)
def test_attendee_searches_what_was_said_and_jumps_there(
    simulator: Any, live_portal: str, page: Any, settings: Any
) -> None:
    settings.KALTURA_INDEX_DELAY_S = 0
    show_in_player()
    session = recorded(event__visibility=Visibility.INVITED).session
    EventDelivery.objects.create(event=session.event, player=PlayerChoice.V7)
    rule_of(session)
    look_again()
    look_again()
    CaptionVendor(simulator).deliver()
    look_again()
    page.set_viewport_size({"width": 360, "height": 740})
    sign_in(page, live_portal, attendee_of(session))

    page.goto(f"{live_portal}{join_url(session)}?t=5")
    page.frame_locator("iframe").locator("video").wait_for()
    frame = next(each for each in page.frames if each.parent_frame is not None)
    assert soon(lambda: 5 <= frame.evaluate(TIME) < 60)

    page.locator("[data-transcript] summary").click()
    page.get_by_text("We speak of photosynthesis today.").wait_for()
    page.get_by_label("Search in this transcript").fill("ben photo")
    page.get_by_role("button", name="Search").click()
    page.get_by_text("1 line with these words").wait_for()
    page.evaluate("window.sameDocument = true")
    page.get_by_role("link", name="Watch from 1:05").click()
    assert soon(lambda: frame.evaluate(TIME) >= 65)
    assert soon(lambda: page.locator("li[data-now]").count() == 1)
    assert "Photosynthesis alert(1) again." in page.locator("li[data-now]").inner_text()
    assert page.evaluate("window.sameDocument")

    page.get_by_role("link", name="Show all").click()
    page.get_by_text("Good morning").wait_for()
    width = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert page.evaluate(width)
    # Without the player beside it, a time leads to the recording.
    page.goto(live_portal + session.get_absolute_url())
    page.get_by_role("link", name="Transcript of the recording").click()
    assert page.get_by_role("link", name="Watch from 1:05").get_attribute("href").endswith("?t=65")
    assert page.evaluate(width)
