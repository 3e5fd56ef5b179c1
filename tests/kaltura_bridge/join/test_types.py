"""Where each type of session is entered, by whom, and what they find there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.utils import timezone

from analytics.models import SessionAttendance
from analytics.pull import pull_attendance
from events.models import Session, SessionType, TeamRole, User
from events.remote import RoomState
from events.roles import StageRole
from kaltura_bridge.join.destination import destination_of
from kaltura_bridge.join.identity import kaltura_user_id
from kaltura_bridge.models import (
    EventDelivery,
    RemoteLink,
    RoomSharing,
    SessionDelivery,
    SyncState,
    SyncTarget,
)
from kaltura_bridge.specs import key_for
from kaltura_bridge.sync import service
from tests.factories import (
    EventFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    TrackFactory,
    UserFactory,
)
from tests.kaltura_bridge.api.test_ks import decode
from tests.kaltura_bridge.join.test_kaf import at_kaltura, kaf_page
from tests.kaltura_bridge.support.joining import attendee_of, launched, live_session, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
VIDEO = "0_videoone"


def speaker_of(session: Session) -> User:
    user = UserFactory()
    SessionSpeakerFactory(session=session, speaker=SpeakerFactory(event=session.event, user=user))
    return user


def remote_id(kind: str, session: Session, suffix: str = "") -> str:
    return str(RemoteLink.objects.get(kind=kind, key=key_for(session.uuid, suffix)).remote_id)


def place_and_role(user: User, session: Session) -> tuple[str, str]:
    page = kaf_page(launched(signed_in(user), session))
    return page["entry-id"], page["role"]


def test_studio_lets_speakers_onto_the_stage_and_attendees_before_it(simulator):
    session = at_kaltura(simulator, session_type=SessionType.STUDIO)
    broadcast = remote_id("entry", session)
    stage = remote_id("room", session, "studio")

    assert place_and_role(attendee_of(session), session) == (broadcast, "attendee")
    assert place_and_role(speaker_of(session), session) == (stage, "instructor")


@pytest.mark.parametrize(
    ("session_type", "sharing", "state"),
    [
        (SessionType.STUDIO, RoomSharing.SESSION, RoomState.PREPARING),
        (SessionType.STUDIO, RoomSharing.TRACK, RoomState.PREPARING),
        (SessionType.INTERACTIVE, RoomSharing.SESSION, RoomState.PREPARING),
        (SessionType.INTERACTIVE, RoomSharing.TRACK, RoomState.FAILED),
    ],
)
def test_a_track_that_failed_is_said_only_where_it_has_the_room(session_type, sharing, state):
    event = EventFactory()
    EventDelivery.objects.create(event=event, room_sharing=sharing)
    track = TrackFactory(event=event)
    session = live_session(session_type=session_type, event=event, track=track)
    SyncTarget.objects.filter(object_uuid=track.uuid).update(state=SyncState.FAILED)

    assert destination_of(session, StageRole.SPEAKER).room is state


ENTERS_AS = {
    # door: what an attendee, a speaker, a moderator and a producer are there
    "entry": ("attendee", "instructor", "instructor", "instructor"),
    "room": ("attendee", "instructor", "moderator", "moderator"),
    "event": ("attendee", "instructor", "instructor", "instructor"),
}
DOORS = [
    (SessionType.WEBCAST, "entry", "entry"),
    (SessionType.INTERACTIVE, "entry", "room"),
    (SessionType.WEBINAR, "entry", "room"),
    (SessionType.INTERACTIVE, "legacy", "event"),
    (SessionType.WEBINAR, "legacy", "event"),
]


@pytest.mark.parametrize(("session_type", "form", "door"), DOORS)
def test_each_person_is_what_their_role_says_at_each_door(simulator, session_type, form, door):
    """Speakers of a webinar are on stage at once, its attendees are not."""
    event = EventFactory(starts_on=timezone.now().date())
    EventDelivery.objects.create(event=event, room_form=form)
    session = at_kaltura_legacy(event, session_type)
    people = [attendee_of(session), speaker_of(session), *leaders_of(session)]

    entered = tuple(place_and_role(user, session)[1] for user in people)

    assert entered == ENTERS_AS[door]


def leaders_of(session: Session) -> list[User]:
    """A moderator and a producer of the event's team."""
    roles = (TeamRole.MODERATOR, TeamRole.OWNER)
    return [TeamMemberFactory(event=session.event, role=role).user for role in roles]


def test_leaders_prepare_an_older_room_before_its_event(simulator):
    """By the room itself; who speaks comes by the event, as everybody does from the doors on."""
    event = EventFactory(starts_on=timezone.now().date())
    EventDelivery.objects.create(event=event, room_form="legacy")
    session = at_kaltura_legacy(event)
    moderator, producer = leaders_of(session)
    speaker = speaker_of(session)
    now = timezone.now()

    doors = {}
    for hours, people in ((2, [producer]), (0.5, [producer, moderator, speaker]), (0, [producer])):
        session.starts_at = now + timedelta(hours=hours)
        session.ends_at = session.starts_at + timedelta(hours=1)
        session.save()
        doors[hours] = [entered_by(user, session) for user in people]

    room, by_event = remote_id("schedule_resource", session), remote_id("schedule_event", session)
    assert doors == {
        2: [("resourceId", room)],
        0.5: [("resourceId", room), ("resourceId", room), ("eventId", by_event)],
        0: [("eventId", by_event)],
    }


def entered_by(user: User, session: Session) -> tuple[str, str]:
    """The privilege of the KS by which somebody enters an older room, which lets them in."""
    address = launched(signed_in(user), session)
    assert kaf_page(address)["role"] == "instructor"
    text = parse_qs(urlsplit(address).query)["ks"][0]
    privileges = decode(text, settings.KALTURA_ADMIN_SECRET)
    return next((n, privileges[n]) for n in ("resourceId", "eventId") if n in privileges)


def test_older_room_is_entered_by_its_event_and_counted(simulator):
    event = EventFactory(starts_on=timezone.now().date())
    EventDelivery.objects.create(event=event, room_form="legacy")
    session = at_kaltura_legacy(event)
    room, ann = remote_id("schedule_resource", session), attendee_of(session, name="Ann Lee")

    entered = place_and_role(ann, session), place_and_role(speaker_of(session), session)
    visit = {"entryId": room, "userId": kaltura_user_id(ann), "name": "Ann Lee"}
    start = int(session.starts_at.timestamp())
    simulator.add_visits([visit | {"joined": start, "left": start + 300}])
    pull_attendance(event)

    assert entered == ((room, "attendee"), (room, "instructor"))
    (row,) = SessionAttendance.objects.filter(user=ann)
    assert (row.attended, row.matched_by) == (True, "user_id")


def at_kaltura_legacy(event: Any, session_type: str = SessionType.INTERACTIVE) -> Session:
    session = live_session(event=event, session_type=session_type)
    service.settle(service.targets_of(event), 20)
    return session


def test_older_room_that_is_deleted_there_is_no_door_by_its_event(simulator):
    session = at_kaltura(simulator, session_type=SessionType.INTERACTIVE)
    RemoteLink.objects.filter(kind="room").update(gone=True)

    answer = signed_in(attendee_of(session)).get(f"{session.get_absolute_url()}join/")

    assert answer.status_code == 503


@pytest.mark.parametrize("replay", [True, False])
def test_simulive_plays_its_video_and_leads_to_it_afterwards(simulator, replay):
    event = EventFactory(starts_on=timezone.now().date())
    session = live_session(event=event, session_type=SessionType.SIMULIVE)
    SessionDelivery.objects.create(session=session, source_entry_id=VIDEO, replay=replay)
    service.settle(service.targets_of(event), 20)
    entry, ann = remote_id("entry", session), attendee_of(session)

    during = place_and_role(ann, session)
    ended = timezone.now() - timedelta(hours=1)
    session.starts_at, session.ends_at = ended - timedelta(minutes=45), ended
    session.save()
    service.settle(service.targets_of(event), 20)

    assert during == (entry, "attendee")
    assert destination_of(session).state.recording == ("ready" if replay else "none")
    if replay:
        assert place_and_role(ann, session) == (entry, "attendee")
