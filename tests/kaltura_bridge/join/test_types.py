"""Where each type of session is entered, by whom, and what they find there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from analytics.models import SessionAttendance
from analytics.pull import pull_attendance
from events.models import Session, SessionType, User
from kaltura_bridge.join.destination import destination_of
from kaltura_bridge.join.identity import kaltura_user_id
from kaltura_bridge.models import EventDelivery, RemoteLink, SessionDelivery
from kaltura_bridge.specs import key_for
from kaltura_bridge.sync import service
from tests.factories import EventFactory, SessionSpeakerFactory, SpeakerFactory, UserFactory
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


def at_kaltura_legacy(event: Any) -> Session:
    session = live_session(event=event, session_type=SessionType.INTERACTIVE)
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
