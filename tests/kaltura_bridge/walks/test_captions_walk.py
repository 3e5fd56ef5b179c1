"""A session of a private event lives on: recorded, captioned, watched, read, listed, downloaded.

Nobody touches it between the end and the viewer: workers find the recording, a rule orders, and
the vendor's own command delivers. Whoever is outside meets none of it at any door.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from django.core.management import call_command

from events.models import Session, Visibility
from kaltura_bridge import tasks
from kaltura_bridge.join.identity import kaltura_user_id
from kaltura_bridge.models import (
    CaptionOrder,
    CaptionTrack,
    EventDelivery,
    OrderState,
    PlayerChoice,
    Recording,
)
from tests.browser import soon
from tests.factories import EventFactory, RegistrationFactory, TrackFactory, UserFactory
from tests.kaltura_bridge.support.captioning import look_again, rule_of, show_in_player, tasks_at
from tests.kaltura_bridge.support.joining import join_url
from tests.kaltura_bridge.support.planning import settle
from tests.kaltura_bridge.support.recorded import broadcast, held_session
from tests.kaltura_bridge.support.vendoring import VendorSite
from tests.kaltura_bridge.walks.conftest import fits

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Page

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.proof]

CONTEXT = "owls2026"
TITLE = "Quokkas after dark"
SAID = """WEBVTT

00:00:01.000 --> 00:00:04.000
<v Ada>Good evening, everybody.

00:01:05.000 --> 00:01:08.000
<v Ben>Nocturnal marsupials eat leaves.
"""
TIME = "document.querySelector('video').currentTime"
CUES = "Array.from(document.querySelector('video').textTracks[0].cues ?? []).map(c => c.text)"
SPOKEN = ["Ada: Good evening, everybody.", "Ben: Nocturnal marsupials eat leaves."]
READY = 2
CONFIG = "JSON.parse(document.getElementById('player-config').textContent)"


def planned() -> Session:
    """A webcast that ended five minutes ago, in a track of a private event with all it can have."""
    event = EventFactory(visibility=Visibility.INVITED, overrun_minutes=0)
    EventDelivery.objects.create(
        event=event,
        player=PlayerChoice.V7,
        gallery=True,
        privacy_context=CONTEXT,
        recordings_download=True,
    )
    track = TrackFactory(event=event, name="Marsupials")
    return held_session(event=event, track=track, title=TITLE, language="en")


def doors_of(session: Session) -> list[str]:
    """Every address at which something of this session, its recording or its words could be."""
    event = f"/e/{session.event.slug}/"
    at_event = (
        "agenda/ agenda/?q=Quokkas agenda.ics schedule.xml schedule.json changes/ changes.atom"
    )
    galleries = f"gallery/ gallery/{session.track.slug}/ gallery-frame/ widget/ recordings/"
    searched = "recordings/?q=Quokkas"
    own = session.get_absolute_url()
    words = [
        f"transcript/{track.pk}.{form}"
        for track in CaptionTrack.objects.all()
        for form in ("vtt", "srt", "txt")
    ]
    at_session = "join/ join/frame/ join/ticket/ join/tab/ join/plays/ transcript/ recording/ live/"
    return [
        event,
        own,
        f"{own.rstrip('/')}.ics",
        *(event + path for path in f"{at_event} {galleries} {searched}".split()),
        *(own + path for path in [*at_session.split(), "transcript/?q=marsupials", *words]),
    ]


def player_frame(page: Page) -> Frame:
    page.frame_locator("iframe").locator("video").wait_for()
    return next(frame for frame in page.frames if frame.parent_frame is not None)


def playback_of(recording: Recording, user_id: str) -> dict[str, str]:
    """What the KS in the player says: this person plays this video, and nothing else."""
    return {
        "setrole": "PLAYBACK_BASE_ROLE",
        "sview": recording.entry_id,
        "enableentitlement": "",
        "privacycontext": CONTEXT,
        "restrictexplicitliveview": "*",
        "appid": "event-portal",
        "appdomain": "localhost",
        "sessionkey": user_id,
        "_t": "0",
        "_u": user_id,
    }


def test_a_private_session_lives_on_for_those_who_belong_to_it(
    crowd, simulator, settings, tmp_path
):
    settings.KALTURA_INDEX_DELAY_S = 0
    session = planned()
    ada = RegistrationFactory(event=session.event, user__name="Ada").user
    VendorSite(simulator, settings, tmp_path).set_up()
    show_in_player()
    rule, track = rule_of(session), session.track

    # It appears by itself, is captioned by the rule, and delivered by the vendor's command.
    broadcast(simulator, session, 120)
    simulator.advance(10)  # a recording is processed for a second
    tasks.look_for_recordings()
    (recording,) = Recording.objects.all()
    tasks.look_after_captions()
    (tmp_path / f"{recording.entry_id}.en.vtt").write_text(SAID)
    with pytest.raises(SystemExit) as ended:
        call_command("reach_vendor", "--once", "--engine-option", f"folder={tmp_path}")
    look_again()
    (task,) = tasks_at(simulator)
    order = CaptionOrder.objects.get()
    assert (ended.value.code, task["status"], task["entryId"]) == (0, READY, recording.entry_id)
    assert (order.rule, order.state, order.task_id) == (rule, OrderState.READY, task["id"])
    settle(session.event)
    simulator.advance(5)  # tracks learn of members in the background
    simulator.forget_requests()

    # From the list into the player, with captions.
    page = crowd.open(ada)
    page.goto(f"/e/{session.event.slug}/recordings/?q=quokkas")
    assert fits(page)
    page.get_by_role("link", name=TITLE).click()
    page.get_by_role("link", name="Transcript of the recording").wait_for()
    page.goto(join_url(session))
    frame = player_frame(page)
    said = crowd.privileges(frame.evaluate(CONFIG)["setup"]["provider"]["ks"])
    assert said == playback_of(recording, kaltura_user_id(ada))
    frame.evaluate("document.querySelector('video').textTracks[0].mode = 'showing'")
    assert soon(lambda: frame.evaluate(CUES) == SPOKEN)
    assert soon(lambda: frame.evaluate(TIME) > 0)

    # What was said is found, and leads there in the same page.
    page.locator("[data-transcript] summary").click()
    page.get_by_text("Good evening, everybody.").wait_for()
    page.get_by_label("Search in this transcript").fill("ben marsupials")
    page.get_by_role("button", name="Search").click()
    page.get_by_text("1 line with these words").wait_for()
    page.get_by_role("link", name="Watch from 1:05").click()
    assert soon(lambda: frame.evaluate(TIME) >= 65)
    page.locator("li[data-now]", has_text="Nocturnal marsupials").wait_for()
    assert fits(page)

    # The same session in Kaltura's gallery, the words as files, and a copy of the video.
    page.goto(f"/e/{session.event.slug}/gallery/{track.slug}/")
    page.frame_locator("iframe").get_by_text(TITLE).first.wait_for()
    gallery = crowd.handed(page)
    assert (gallery["contextId"], gallery["privacycontext"]) == (track.name, CONTEXT)
    assert ("enableentitlement" in gallery, "entryId" in gallery) == (True, False)
    assert fits(page)
    own = session.get_absolute_url()
    words = page.request.get(f"{own}transcript/{CaptionTrack.objects.get().pk}.txt").text()
    assert words.splitlines() == SPOKEN
    copy = page.request.get(f"{own}recording/", max_redirects=0)
    signed = unquote(copy.headers["location"].rpartition("/ks/")[2])
    assert crowd.privileges(signed)["download"] == recording.entry_id
    assert page.request.get(copy.headers["location"]).ok

    # Kaltura saw one viewer of one video; the portal's pages asked it for nothing else.
    watching = {(visit["entryId"], visit["userId"]) for visit in simulator.visits()}
    assert watching == {(recording.entry_id, kaltura_user_id(ada))}
    callers = {request["user"] for request in simulator.requests()}
    assert callers <= {"", kaltura_user_id(ada)}

    # Outside there is nothing, at any door.
    doors = doors_of(session)
    assert crowd.not_refused(page, *doors[:2]) == doors[:2]
    for outsider in (crowd.open(UserFactory()), crowd.open()):
        assert crowd.not_refused(outsider, *doors) == []
        outsider.goto("/")
        assert TITLE not in outsider.content()
