"""What is in the way in a plan, kind by kind, and what becomes of it."""

from __future__ import annotations

import pytest

from events.models import (
    EventRoom,
    PlannerRules,
    RoomHours,
    SessionStatus,
    SessionType,
    SpeakerHours,
)
from events.planner.conflicts import conflicts
from events.planner.reading import read_board
from kaltura_bridge.models import EventDelivery, RoomSharing, SessionDelivery
from tests.events.planner.conftest import berlin
from tests.factories import SessionSpeakerFactory, SpeakerFactory, TrackFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def told(event, **levels) -> list[str]:
    rules = PlannerRules(event=event, changeover_minutes=15, levels=levels)
    return [each.text for each in conflicts(read_board(event, rules))]


def test_plan_without_conflicts_has_none(event, talk):
    talk("One", "09:00", "Hall")
    talk("Two", "10:00", "Hall")
    talk("Beside", "09:00", "Attic")

    assert told(event) == []


def test_room_twice_and_change_over_are_told_of_neighbours_alone(event, talk):
    talk("One", "09:00", "Hall")
    talk("Two", "09:30", "Hall")
    talk("Three", "10:20", "Hall")
    talk("Far", "11:20", "Hall")

    assert told(event) == [
        "“One” and “Two” are both in Hall at 09:30.",
        "Only 5 min between “Two” and “Three” in Hall, from 10:15.",
    ]


def test_what_lasts_long_is_in_the_way_of_all_that_begin_in_it(event, talk):
    talk("Exhibition", "09:00", "Hall", ends_at=berlin("18:00"))
    talk("One", "10:00", "Hall")
    talk("Two", "14:00", "Hall")

    assert told(event, changeover="off") == [
        "“Exhibition” and “One” are both in Hall at 10:00.",
        "“Exhibition” and “Two” are both in Hall at 14:00.",
    ]


def test_cancelled_sessions_and_drafts_in_the_tray_are_in_nobodys_way(event, talk):
    ada = SpeakerFactory(event=event, name="Ada")
    sessions = [
        talk("One", "09:00", "Hall"),
        talk("Two", "09:00", "Hall", status=SessionStatus.CANCELLED),
        talk("Three", "09:00", "", status=SessionStatus.DRAFT),
    ]
    for session in sessions:
        SessionSpeakerFactory(session=session, speaker=ada)

    assert told(event) == []


def test_people_twice_and_away_are_told_by_name(event, talk):
    ada = SpeakerFactory(event=event, name="Ada")
    for session in (talk("One", "09:00", "Hall"), talk("Two", "09:15", "Attic")):
        SessionSpeakerFactory(session=session, speaker=ada)
    for start, end in (("08:00", "09:30"), ("09:30", "09:50")):
        SpeakerHours.objects.create(speaker=ada, starts_at=berlin(start), ends_at=berlin(end))

    assert told(event) == [
        "Ada is in “One” and in “Two” at 09:15.",
        "Ada is not available for “Two”.",
    ]


def test_room_outside_its_hours_and_session_outside_the_event(event, talk):
    hall = EventRoom.objects.get(event=event, name="Hall")
    RoomHours.objects.create(room=hall, starts_at=berlin("09:00"), ends_at=berlin("12:00"))
    talk("One", "11:30", "Hall")
    talk("Late", "09:00", "Attic", day=9)

    assert told(event) == [
        "Hall is not available for “One”.",
        "“Late” is outside the days of the event.",
    ]


def test_kinds_are_off_warn_or_block(event, talk):
    ada = SpeakerFactory(event=event, name="Ada")
    for session in (talk("One", "09:00", "Hall"), talk("Two", "09:00", "Hall")):
        SessionSpeakerFactory(session=session, speaker=ada)
    rules = PlannerRules(event=event, levels={"speaker_twice": "block"})

    found = conflicts(read_board(event, rules))

    assert [(each.kind, each.level) for each in found] == [
        ("speaker_twice", "block"),
        ("room_twice", "warning"),
    ]
    assert told(event, room_twice="off", speaker_twice="off") == []


# --- What Kaltura adds ---------------------------------------------------------------------


def test_room_of_a_track_is_for_one_session_at_a_time(event, talk):
    EventDelivery.objects.create(event=event, room_sharing=RoomSharing.TRACK)
    track = TrackFactory(event=event, name="Main")
    kinds = {"One": SessionType.WEBINAR, "Two": SessionType.WEBINAR, "Cast": SessionType.WEBCAST}
    for number, (title, kind) in enumerate(kinds.items()):
        talk(title, "09:00", f"Room {number}", track=track, session_type=kind)

    assert told(event) == ["“One” and “Two” are both in the room of the track Main at 09:00."]


def test_simulive_video_plays_once_at_a_time_and_a_recording_runs_on(event, talk):
    for title, clock, room in (("One", "09:00", "Hall"), ("Two", "09:30", "Attic")):
        session = talk(title, clock, room, session_type=SessionType.SIMULIVE)
        SessionDelivery.objects.create(session=session, source_entry_id="1_source00")
    for title, clock in (("Three", "13:00"), ("Four", "14:00")):
        session = talk(title, clock, "Hall", session_type=SessionType.WEBINAR)
        SessionDelivery.objects.create(session=session, recording_entry_id="1_record00")

    assert told(event) == [
        "“One” and “Two” both play the video 1_source00 at 09:30.",
        "“Three” may still be recorded into 1_record00 when “Four” begins: 15 min after 13:45.",
    ]
