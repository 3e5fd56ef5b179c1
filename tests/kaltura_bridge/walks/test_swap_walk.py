"""Something else in place of a broken source, one room for two sessions, and who cannot join."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django.utils import timezone

from events.models import SessionType, TeamRole, Visibility
from kaltura_bridge.join.destination import remote_entry_id
from kaltura_bridge.join.identity import kaltura_user_id
from kaltura_bridge.live.state import forget_state
from kaltura_bridge.models import EventDelivery, RoomSharing, SessionDelivery
from kaltura_bridge.sync import service
from tests.browser import soon, wait_until
from tests.factories import (
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    TeamMemberFactory,
    TrackFactory,
    UserFactory,
)
from tests.kaltura_bridge.support.joining import join_url
from tests.kaltura_bridge.support.on_air import OnAir, on_air
from tests.kaltura_bridge.support.recipe_cases import ONE, TWO
from tests.kaltura_bridge.walks.conftest import Crowd, fits

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.proof]


class AtTheDesk:
    """A producer's browser at the desk of a session."""

    def __init__(self, crowd: Crowd, air: OnAir) -> None:
        self.page, self.air = crowd.open(air.people["producer"]), air

    def sees(self, state: str) -> None:
        """Look again until the broadcast is in this state."""
        forget_state(self.air.entry_id)
        self.page.goto(self.air.desk_url)
        wait_until(self.page, f"document.querySelector('[data-desk-state={state}]') !== null")

    def shows_instead(self, label: str) -> str:
        """What the desk says of it, after the preview."""
        self._chooses("Show something else")
        self.page.get_by_label("Show instead").select_option(label=label)
        self.page.get_by_role("button", name="See what that does").click()
        return self._confirms("Show this instead")

    def leads_back(self) -> str:
        self._chooses("Back to the source")
        return self._confirms("Lead viewers back")

    def _chooses(self, action: str) -> None:
        self.page.goto(self.air.desk_url)
        self.page.get_by_text("When the source is broken").click()
        self.page.get_by_role("link", name=action).click()

    def _confirms(self, button: str) -> str:
        self.page.get_by_role("heading", name="What viewers will see").wait_for()
        assert fits(self.page)
        self.page.get_by_role("button", name=button).click()
        self.page.wait_for_url(f"**{self.air.desk_url}")
        return str(self.page.locator(".notice").first.inner_text())


def plays(page: Page) -> str:
    """The entry that Kaltura's page in the frame plays, and whether live or not."""
    place = page.frame_locator("iframe").locator("main[data-playing]")
    place.wait_for()
    return str(place.get_attribute("data-playing"))


def a_video_of(air: OnAir, title: str, video: str) -> None:
    """A simulive of the same event that plays this video."""
    other = SessionFactory(event=air.session.event, title=title, session_type=SessionType.SIMULIVE)
    SessionDelivery.objects.create(session=other, source_entry_id=video)


def assert_watches(crowd: Crowd, page: Page, air: OnAir) -> None:
    """The KS in the frame opens this entry to this viewer, wherever Kaltura leads from there."""
    said, user = crowd.handed(page), air.people["attendee"]
    assert user
    personal = {"userId": kaltura_user_id(user), "_u": kaltura_user_id(user)}
    personal |= dict(zip(("firstName", "lastName"), user.name.split(), strict=True))
    watches = {"actionslimit": "-1", "role": "viewerRole", "userContextualRole": "3"}
    assert said == watches | personal | {"entryId": air.entry_id, "locale": "en", "_t": "0"}


def nobody_else_swaps(crowd: Crowd, air: OnAir) -> None:
    """To others these pages are not there."""
    pages = [f"{air.desk_url}{action}/" for action in ("swap", "back", "go-live", "end")]
    for who in ("moderator", "speaker", "attendee", "stranger", "nobody"):
        assert crowd.not_refused(crowd.open(air.people[who]), *pages) == [], who


def test_a_broken_source_is_replaced_and_comes_back(crowd, simulator):
    air = on_air(simulator, synced=False)
    a_video_of(air, "Spare", TWO)
    air.sync()
    desk, attendee = AtTheDesk(crowd, air), crowd.open(air.people["attendee"])
    simulator.switch(air.entry_id, "on_air")
    forget_state(air.entry_id)
    attendee.goto(join_url(air.session))
    assert plays(attendee) == f"{air.entry_id} live"

    # Another video instead: whoever comes, or comes again, sees it; the feed is cut with it.
    option = f"Video of “Spare” ({TWO})"
    assert desk.shows_instead(option) == "Viewers are led to the other entry."
    held = air.entry()
    assert (held["redirectEntryId"], held["viewMode"]) == (TWO, 0)
    forget_state(air.entry_id)
    attendee.reload()
    assert plays(attendee) == f"{TWO} vod"
    assert_watches(crowd, attendee, air)

    # And back: Kaltura leads nowhere, and who comes waits, until the source is there again.
    assert desk.leads_back() == "Viewers are back at the broadcast."
    assert not air.entry()["redirectEntryId"]
    simulator.switch(air.entry_id, "off")
    desk.sees("offline")
    attendee.goto(join_url(air.session))
    attendee.get_by_text("The broadcast has not begun yet.").wait_for()
    assert attendee.locator("iframe").count() == 0

    # Who waits is led along as well, without a click.
    assert desk.shows_instead(option) == "Viewers are led to the other entry."
    assert soon(lambda: attendee.locator("iframe").count() == 1)
    assert plays(attendee) == f"{TWO} vod"
    assert fits(attendee)

    nobody_else_swaps(crowd, air)
    writers = [request["user"] for request in simulator.requests("livestream.update")]
    assert set(writers[-3:]) == {f"portal-live-{air.entry_id}"}
    who = kaltura_user_id(air.people["attendee"])  # type: ignore[arg-type]
    assert {(v["entryId"], v["userId"]) for v in simulator.visits()} == {(air.entry_id, who)}


def test_a_simulive_gets_another_video(crowd, simulator):
    air = on_air(simulator, session_type=SessionType.SIMULIVE, synced=False)
    SessionDelivery.objects.create(session=air.session, source_entry_id=ONE)
    a_video_of(air, "Other", TWO)
    air.sync()
    desk, attendee = AtTheDesk(crowd, air), crowd.open(air.people["attendee"])
    attendee.goto(join_url(air.session))
    assert plays(attendee) == f"{air.entry_id} live"
    simulator.forget_requests()

    said = desk.shows_instead(f"Video of “Other” ({TWO})")
    air.sync()
    attendee.reload()

    assert said == "The video is changed; Kaltura has it within seconds."
    assert air.calendar_event()["sourceEntryId"] == TWO
    assert plays(attendee) == f"{air.entry_id} live"
    assert_watches(crowd, attendee, air)
    nobody_else_swaps(crowd, air)
    # The desk writes nothing itself: the sync changes the calendar event.
    writes = {(r["user"], r["service"], r["action"]) for r in simulator.requests()}
    changed = {each for each in writes if each[2] in ("update", "add", "delete")}
    assert changed == {("event-portal", "schedule_scheduleevent", "update")}


def told(page: Page, word: str, *paths: str) -> list[str]:
    """Which of these say the word to this browser, or let it in."""
    texts = {path: page.request.get(path, max_redirects=0).text() for path in paths}
    return [path for path, text in texts.items() if word in text or "<iframe" in text]


def test_one_room_for_a_track_and_who_cannot_join_it(crowd, simulator):
    now = timezone.now()
    event = EventFactory(visibility=Visibility.REGISTERED, starts_on=now.date())
    EventDelivery.objects.create(event=event, room_sharing=RoomSharing.TRACK)
    track = TrackFactory(event=event, name="Workshops")
    first, second = (
        SessionFactory(
            event=event,
            track=track,
            title=title,
            session_type=SessionType.INTERACTIVE,
            starts_at=now + timedelta(minutes=starts),
            ends_at=now + timedelta(minutes=starts + 20),
            capacity=capacity,
        )
        for title, starts, capacity in (("Weaving", -10, None), ("Dyeing", 12, 5))
    )
    service.settle(service.targets_of(event), 20)
    ada = RegistrationFactory(event=event, user__name="Ada", user__email="ada@example.org").user
    manager = TeamMemberFactory(event=event, role=TeamRole.MANAGER, user__name="Mona").user
    page, desk = crowd.open(ada), crowd.open(manager)

    # Both sessions are one room at Kaltura.
    room = remote_entry_id(first)
    assert room and room == remote_entry_id(second)
    page.goto(join_url(first))
    page.frame_locator("iframe").get_by_text("Ada").first.wait_for()
    assert crowd.handed(page)["entryId"] == room

    # Who leads the next one is told whose turn it still is, and may go in knowingly.
    desk.goto(join_url(second))
    desk.get_by_role("heading", name="Another session is still on in this room.").wait_for()
    assert "it belongs to Weaving" in desk.locator("main").inner_text()
    assert (crowd.launches[desk], fits(desk)) == ([], True)
    desk.get_by_role("link", name="Go in all the same").click()
    desk.frame_locator("iframe").get_by_text("Mona").first.wait_for()
    assert (crowd.handed(desk)["entryId"], crowd.handed(desk)["roomModerator"]) == (room, "1")

    # An attendee without a place reads why, and so does the manager who helps.
    page.goto(join_url(second))
    page.get_by_text("Why can't I join?").click()
    gates = page.locator("[data-gate]").all_inner_texts()
    assert gates[-1] == "✗ A place: This session has a limited number of places."
    assert [gate[0] for gate in gates] == ["✓", "✓", "✗"]
    assert fits(page)
    desk.goto(reverse("admin:kaltura_bridge_joining", args=[second.pk]))
    desk.get_by_label("Address or name").fill("ada@example.org")
    desk.get_by_role("button", name="Look").click()
    assert "they have not reserved one" in desk.locator("[data-verdict=closed]").inner_text()
    closed = desk.locator("tr[data-gate=closed]")
    assert (closed.count(), closed.locator("th").inner_text()) == (1, "A place")
    assert room in desk.locator("[data-look=well]").inner_text()
    assert (fits(desk), "djJ8" in desk.content()) == (True, False)  # "v2|": no KS
    desk.goto(reverse("admin:kaltura_bridge_joining", args=[first.pk]) + f"?person={ada.uuid}")
    desk.locator("[data-verdict=open]").wait_for()
    assert "as attendee by Kaltura's page “room”" in desk.locator("#content").inner_text()

    # Nobody else looks at people, and nobody else is in the room.
    asked = [reverse("admin:kaltura_bridge_joining", args=[s.pk]) for s in (first, second)]
    doors = [join_url(first), join_url(second)]
    for outsider in (page, crowd.open(UserFactory(is_staff=True)), crowd.open()):
        assert told(outsider, "Ada", *asked, *([] if outsider is page else doors)) == []
    seen = {(visit["entryId"], visit["userId"]) for visit in simulator.visits()}
    assert seen == {(room, kaltura_user_id(user)) for user in (ada, manager)}
