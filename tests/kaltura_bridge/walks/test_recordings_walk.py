"""A manager at the recordings desk, and an attendee who looks after each change; a stranger."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from django.urls import reverse
from django.utils import timezone

from events.models import Session, TeamRole, Visibility
from kaltura_bridge import tasks
from kaltura_bridge.models import (
    EventDelivery,
    PlayerChoice,
    Recording,
    RecordingChange,
    RecordingChangeState,
    RecordingLook,
)
from kaltura_bridge.recordings import changing
from tests.factories import EventFactory, TeamMemberFactory, UserFactory
from tests.kaltura_bridge.support.joining import attendee_of, join_url
from tests.kaltura_bridge.support.recorded import broadcast, held_session
from tests.kaltura_bridge.walks.conftest import fits

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from kaltura_simulator.testing import Simulator

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.proof]

TITLE, OTHERS_VIDEO = "Owls at night", "0_videoone"
PLAYS = "JSON.parse(document.getElementById('player-config').textContent).media.entryId"


def recorded_session(simulator: Simulator) -> Session:
    """A private event's session of two recorded minutes, shown only when somebody says so."""
    event = EventFactory(visibility=Visibility.INVITED, overrun_minutes=0)
    EventDelivery.objects.create(
        event=event, player=PlayerChoice.V7, recordings_by_hand=True, recordings_download=True
    )
    session = held_session(event=event, title=TITLE)
    broadcast(simulator, session, 120)
    simulator.advance(10)
    return session


def works(simulator: Simulator) -> None:
    """The worker's rounds until what was ordered is done."""
    for _ in range(2):
        changing.run_due(10)
        simulator.advance(10)
        changing.run_due(10)
        RecordingLook.objects.update(next_look_at=timezone.now())
        tasks.look_for_recordings()
    assert set(RecordingChange.objects.values_list("state", "error")) <= {
        (RecordingChangeState.DONE, "")
    }


class Desk:
    """The manager's browser."""

    def __init__(self, page: Page, session: Session) -> None:
        self.page = page
        self.url = reverse("admin:kaltura_bridge_recording_session", args=[session.pk])

    def opens(self, link: str) -> None:
        self.page.goto(self.url)
        assert fits(self.page)
        self.page.get_by_role("link", name=link).first.click()

    def confirms(self, button: str) -> str:
        """What the desk says then; the preview tells what attendees will see."""
        self.page.get_by_role("heading", name="What attendees see").wait_for()
        assert fits(self.page)
        self.page.get_by_role("button", name=button).click()
        self.page.wait_for_url(f"**{self.url}")
        return str(self.page.locator(".messagelist").inner_text())

    def previews(self, **fields: str) -> None:
        for label, value in fields.items():
            self.page.get_by_label(label.replace("_", " ")).fill(value)
        self.page.get_by_role("button", name="See what that does").click()


class Viewer:
    """The attendee's browser."""

    def __init__(self, page: Page, session: Session) -> None:
        self.page, self.session = page, session

    @property
    def lists(self) -> str:
        """The length that the list of recordings gives, "" where nothing is listed."""
        self.page.goto(f"/e/{self.session.event.slug}/recordings/")
        assert fits(self.page)
        rows = self.page.locator(".again-list li", has_text=TITLE)
        length = rows.locator(".again-length")
        return " ".join(length.inner_text().split()) if rows.count() else ""

    @property
    def plays(self) -> str:
        """The entry in the player."""
        self.page.goto(join_url(self.session))
        self.page.frame_locator("iframe").locator("video").wait_for()
        frame = next(each for each in self.page.frames if each.parent_frame is not None)
        return str(frame.evaluate(PLAYS))

    def copy(self) -> tuple[int, str]:
        """Where its download leads."""
        answer = self.page.request.get(
            f"{self.session.get_absolute_url()}recording/", max_redirects=0
        )
        return answer.status, unquote(answer.headers.get("location", ""))


def test_what_a_manager_does_at_the_desk_reaches_attendees(crowd, simulator):
    session = recorded_session(simulator)
    manager = TeamMemberFactory(event=session.event, role=TeamRole.MANAGER).user
    moderator = TeamMemberFactory(event=session.event, role=TeamRole.MODERATOR).user
    desk = Desk(crowd.open(manager), session)
    viewer = Viewer(crowd.open(attendee_of(session)), session)

    # It appears by itself, and is shown when the manager says so.
    tasks.look_for_recordings()
    original = Recording.objects.get()
    assert (viewer.lists, viewer.copy()[0]) == ("", 404)
    desk.page.goto(reverse("admin:kaltura_bridge_recordings", args=[session.event.pk]))
    assert fits(desk.page)
    desk.page.get_by_role("link", name=TITLE).click()
    desk.opens("Publish…")
    assert desk.confirms("Publish it") == "The recording is published."
    assert (viewer.lists, viewer.plays) == ("Length: 2:00", original.entry_id)

    # Hidden, it is nowhere.
    desk.opens("Hide…")
    assert desk.confirms("Hide it") == "The recording is hidden."
    assert (viewer.lists, viewer.copy()[0]) == ("", 404)
    viewer.page.goto(join_url(session))
    viewer.page.get_by_text("the organisers offer no recording of it").wait_for()
    desk.opens("Publish…")
    desk.confirms("Publish it")

    # Cut: a new video takes its place.
    desk.opens("Cut a new video…")
    desk.previews(Begins_at="0:30", Ends_at="1:30")
    assert desk.confirms("Cut it").startswith("Ordered:")
    works(simulator)
    clip = Recording.objects.get(is_main=True)
    assert (viewer.lists, viewer.plays, clip.seconds) == ("Length: 1:00", clip.entry_id, 60)

    # Replaced by a video of the account, then by a file.
    desk.opens("Use a video of the account…")
    desk.previews(Entry_ID=OTHERS_VIDEO)
    assert desk.confirms("Use this video").startswith("Ordered:")
    works(simulator)
    assert viewer.plays == OTHERS_VIDEO
    desk.opens("Upload a video…")
    desk.page.get_by_label("Video").set_input_files(
        {"name": "a.mp4", "mimeType": "video/mp4", "buffer": b"x" * 3_000_000}
    )
    desk.page.get_by_role("button", name="Upload it").click()
    desk.page.wait_for_url(f"**{desk.url}")
    works(simulator)
    uploaded = Recording.objects.get(is_main=True)
    assert uploaded.entry_id not in {original.entry_id, clip.entry_id, OTHERS_VIDEO}
    assert viewer.plays == uploaded.entry_id
    status, address = viewer.copy()
    said = crowd.privileges(address.rpartition("/ks/")[2])
    assert (status, said["download"], said["sview"]) == (302, uploaded.entry_id, uploaded.entry_id)
    assert not {"edit", "list", "disableentitlement"} & set(said)

    # Whoever does not plan has no desk, and whoever is outside nothing at all.
    desk_urls = [
        desk.url,
        reverse("admin:kaltura_bridge_recordings", args=[session.event.pk]),
        reverse("admin:kaltura_bridge_recording_upload", args=[session.pk]),
        reverse("admin:kaltura_bridge_recording_action", args=[session.pk, "hide"]),
    ]
    for who in (moderator, UserFactory(is_staff=True)):
        assert crowd.not_refused(crowd.open(who), *desk_urls) == []
    seen = [f"/e/{session.event.slug}/recordings/", join_url(session)]
    seen.append(f"{session.get_absolute_url()}recording/")
    for outsider in (crowd.open(UserFactory()), crowd.open()):
        assert crowd.not_refused(outsider, *seen) == []

    # What was made at Kaltura was made by the worker, and a file came in by a KS of its own.
    wrote = {
        (request["user"], request["service"], request["action"])
        for request in simulator.requests()
        if request["service"] in ("media", "uploadtoken")
    }
    (uploader,) = {user for user, service, _ in wrote if service == "uploadtoken"}
    assert uploader.startswith("portal-upload-")
    assert wrote == {
        *(("event-portal", "media", action) for action in ("add", "addContent")),
        *((uploader, "uploadtoken", action) for action in ("list", "add", "upload")),
    }
