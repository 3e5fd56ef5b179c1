"""A meeting and a webinar, from the room that is prepared to the second device at its door."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from events.models import Session, SessionType, SpeakerRole, TeamRole, User, Visibility
from kaltura_bridge.join.identity import kaltura_user_id
from kaltura_bridge.models import EventDelivery, RemoteLink, SecondDevice
from kaltura_bridge.specs import key_for
from kaltura_bridge.sync import service
from tests.browser import soon
from tests.factories import (
    EventFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    UserFactory,
)
from tests.kaltura_bridge.support.joining import attendee_of, join_url
from tests.kaltura_bridge.walks.conftest import Crowd, fits

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.proof]

PERSONAL = {"firstName", "lastName", "locale", "userId", "_u"}


def planned(session_type: str, form: str, policy: SecondDevice) -> Session:
    """A session in twenty minutes, of an event by invitation."""
    start = timezone.now() + timedelta(minutes=20)
    event = EventFactory(visibility=Visibility.INVITED, starts_on=start.date())
    EventDelivery.objects.create(event=event, room_form=form, second_device=policy)
    session = SessionFactory(
        event=event,
        title="Planning the year",
        session_type=session_type,
        starts_at=start,
        ends_at=start + timedelta(hours=1),
    )
    service.settle(service.targets_of(event), 20)
    return session


def of_session(session: Session, kind: str) -> str:
    """The id of this object of the session at Kaltura."""
    return str(RemoteLink.objects.get(kind=kind, key=key_for(session.uuid)).remote_id)


def begins(session: Session) -> None:
    """Now, and Kaltura knows."""
    session.starts_at = timezone.now() - timedelta(minutes=1)
    session.save()
    service.settle(service.targets_of(session.event), 20)


def comes_in(page: Page, session: Session, name: str) -> str:
    """Open the join page; as what they are in the room."""
    page.goto(join_url(session))
    inside = page.frame_locator("iframe")
    inside.get_by_text(name).first.wait_for()
    assert fits(page)
    return str(inside.locator("main").get_attribute("data-role"))


def people_in(page: Page, where: str) -> set[str]:
    """Whom the room shows there."""
    names = page.frame_locator("iframe").locator(f"[data-show={where}] .person-name")
    return {name.strip() for name in names.all_inner_texts()}


def doors(session: Session, form: str) -> tuple[dict[str, str], dict[str, str]]:
    """What a KS says that opens the room to prepare it, and one for everybody else."""
    held = {"actionslimit": "-1", "role": "viewerRole", "_t": "0"}
    if form == "legacy":
        by_room = {"resourceId": of_session(session, "schedule_resource")}
        return held | by_room, held | {"eventId": of_session(session, "schedule_event")}
    held["entryId"] = of_session(session, "room")
    leads, follows = ({"chatModerator": flag, "roomModerator": flag} for flag in "10")
    return held | leads, held | follows


def handed(crowd: Crowd, page: Page, user: User) -> dict[str, str]:
    """This person's KS, without what it says of them."""
    said = crowd.handed(page)
    assert kaltura_user_id(user) in (said.get("_u"), said.get("userId"))
    return {name: value for name, value in said.items() if name not in PERSONAL}


@pytest.mark.parametrize(
    ("session_type", "form", "policy"),
    [
        (SessionType.INTERACTIVE, "legacy", SecondDevice.REPLACE),
        (SessionType.INTERACTIVE, "entry", SecondDevice.REFUSE),
        (SessionType.WEBINAR, "legacy", SecondDevice.REFUSE),
        (SessionType.WEBINAR, "entry", SecondDevice.REPLACE),
    ],
)
def test_a_room_from_its_preparation_to_the_second_device(
    crowd, simulator, session_type, form, policy
):
    session = planned(session_type, form, policy)
    moderator = TeamMemberFactory(
        event=session.event, role=TeamRole.MODERATOR, user__name="Max Moderator"
    ).user
    speaker = UserFactory(name="Sue Speaker")
    SessionSpeakerFactory(
        session=session,
        speaker=SpeakerFactory(event=session.event, user=speaker),
        role=SpeakerRole.SPEAKER,
    )
    attendee = attendee_of(session, name="Ada Attendee")
    pages = {who: crowd.open(who) for who in (moderator, speaker, attendee)}

    # Twenty minutes before: who leads prepares, by the room itself; the others wait.
    leads = "instructor" if form == "legacy" else "moderator"
    assert comes_in(pages[moderator], session, "Max Moderator") == leads
    by_room, by_event = doors(session, form)
    assert handed(crowd, pages[moderator], moderator) == by_room | {"userContextualRole": "0"}
    pages[attendee].goto(join_url(session))
    pages[attendee].locator("[data-denied=too_early]").wait_for()
    assert (crowd.launches[pages[attendee]], fits(pages[attendee])) == ([], True)

    # It begins: the speaker is on stage, the attendee is not.
    begins(session)
    simulator.forget_requests()
    assert comes_in(pages[speaker], session, "Sue Speaker") == "instructor"
    assert comes_in(pages[attendee], session, "Ada Attendee") == "attendee"
    assert handed(crowd, pages[speaker], speaker) == by_event | {"userContextualRole": "0"}
    assert handed(crowd, pages[attendee], attendee) == by_event | {"userContextualRole": "3"}
    assert soon(lambda: people_in(pages[attendee], "hosts") == {"Max Moderator", "Sue Speaker"})
    assert people_in(pages[attendee], "attendees") == {"Ada Attendee"}
    own = session.get_absolute_url()
    behind = [
        f"{own}join/{door}" for door in ("", "frame/", "ticket/", "tab/", "check/", "on-air/")
    ]
    for outsider in (crowd.open(UserFactory()), crowd.open()):
        assert crowd.not_refused(outsider, own, f"{own}live/", *behind) == []

    # A second device stays outside, or takes the place of the first.
    second, first = crowd.open(attendee), pages[attendee]
    second.goto(join_url(session))
    if policy == SecondDevice.REFUSE:
        inside = second.frame_locator("iframe")
        inside.get_by_text("You are in this session with another device.").wait_for()
        assert crowd.launches[second] == []
        first.frame_locator("iframe").get_by_text("Ada Attendee").first.wait_for()
    else:
        second.frame_locator("iframe").get_by_text("Ada Attendee").first.wait_for()
        assert handed(crowd, second, attendee) == by_event | {"userContextualRole": "3"}
        first.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        first.get_by_text("You went on in another browser").wait_for()
        assert first.locator("[data-stage] > iframe").count() == 0
    assert fits(second)

    # What Kaltura saw: these three in this room, and not one call.
    room = of_session(session, "schedule_resource" if form == "legacy" else "room")
    seen = {(visit["entryId"], visit["userId"]) for visit in simulator.visits()}
    assert seen == {(room, kaltura_user_id(user)) for user in pages}
    assert simulator.requests() == []
