"""The worker finds what was recorded, says how it stands, and loses and doubles nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from events.models import ProgrammeVersion, SessionType
from events.remote import RecordingState
from kaltura_bridge.api import ks
from kaltura_bridge.api.light import LightCall, call
from kaltura_bridge.join.destination import destination_of
from kaltura_bridge.models import (
    EventDelivery,
    Recording,
    RecordingLook,
    RecordingMode,
    RecordingOrigin,
    RecordingStatus,
    RoomSharing,
)
from kaltura_bridge.recordings.choosing import main_recording, published_recordings
from kaltura_bridge.recordings.looking import look_due
from kaltura_bridge.recordings.showing import choose
from kaltura_bridge.sync import service
from tests.factories import EventFactory, SessionFactory, TrackFactory
from tests.kaltura_bridge.support.recipe_cases import decide
from tests.kaltura_bridge.support.recorded import (
    broadcast,
    held_session,
    last_look,
    look,
    place_id,
    processed,
    rows,
    shown,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

PROCESSING, READY = RecordingStatus.PROCESSING, RecordingStatus.READY


def version_of(session) -> int:
    return ProgrammeVersion.objects.get(event=session.event).number


def recorded_id(simulator, number: int = 0) -> str:
    return str(simulator.recordings()[number]["id"])


def delete_there(entry_id: str) -> None:
    call(LightCall("baseentry", "delete", {"entryId": entry_id}, ks.sync_admin_ks()))


def test_a_recording_appears_by_itself(simulator):
    session = held_session()
    simulator.set_recording(1200)
    broadcast(simulator, session, 600)
    before = version_of(session)

    look(session)
    entry_id = recorded_id(simulator)
    assert shown(session) == [(entry_id, "recorded", PROCESSING, 0, True, False)]
    assert destination_of(session).state.recording is RecordingState.PROCESSING
    assert main_recording(session) is None

    processed(simulator)
    look(session)
    assert shown(session) == [(entry_id, "recorded", READY, 600, True, True)]
    row = rows(session)[0]
    assert (main_recording(session), row.bytes > 0) == (row, True)
    assert destination_of(session).recording_id == entry_id
    assert version_of(session) > before

    seen, calls = version_of(session), simulator.calls()
    look(session)
    assert (version_of(session), len(rows(session))) == (seen, 1)
    # Its place, what has it as its root, and the way there: no size is asked for twice.
    assert simulator.calls() - calls <= 3


def test_each_broadcast_of_its_own_is_found(simulator):
    session = held_session()
    EventDelivery.objects.create(event=session.event, recording=RecordingMode.PER_SESSION)
    service.settle(service.targets_of(session.event), 20)
    for seconds in (300, 900):
        broadcast(simulator, session, seconds)
        processed(simulator)

    look(session)

    first, second = recorded_id(simulator), recorded_id(simulator, 1)
    assert {row[:4] for row in shown(session)} == {
        (first, "child", READY, 300),
        (second, "recorded", READY, 900),
    }
    assert str(main_recording(session).entry_id) == second
    assert {each.entry_id for each in published_recordings(session)} == {first, second}


@pytest.mark.parametrize("chosen", [False, True])
def test_the_newest_broadcast_is_the_main_one_though_the_portal_leads_to_the_first(
    simulator, chosen
):
    session = held_session()
    EventDelivery.objects.create(
        event=session.event, recording=RecordingMode.PER_SESSION, recordings_redirect=True
    )
    targets = service.targets_of(session.event)
    service.settle(targets, 20)
    for seconds in (300, 900):
        broadcast(simulator, session, seconds)
        processed(simulator)
        look(session)
        service.settle(targets, 20)
        if chosen and seconds == 300:
            choose(rows(session)[0])

    for _ in range(2):
        look(session)
        service.settle(targets, 20)

    first, second = (recorded_id(simulator, number) for number in (0, 1))
    wanted = first if chosen else second
    led = [
        e["redirectEntryId"]
        for e in simulator.objects("scheduleEvent")
        if "redirect" in e["referenceId"]
    ]
    assert (str(main_recording(session).entry_id), led) == (wanted, [wanted])


def test_meetings_in_a_shared_room_go_to_whose_time_it_was(simulator):
    event = EventFactory()
    EventDelivery.objects.create(event=event, room_sharing=RoomSharing.TRACK)
    track = TrackFactory(event=event)
    now = timezone.now()
    first, second = (
        SessionFactory(
            event=event,
            track=track,
            session_type=SessionType.INTERACTIVE,
            starts_at=now + timedelta(minutes=minutes),
            ends_at=now + timedelta(minutes=minutes + 30),
        )
        for minutes in (-10, 60)
    )
    service.settle(service.targets_of(event), 20)
    room = place_id(first)
    assert room == place_id(second)
    earlier = simulator.record_room(room, 1500, "First")
    simulator.advance(70 * 60)
    later = simulator.record_room(room, 1200, "Second")
    processed(simulator)

    look(first, second)

    assert [row[:3] for row in shown(first)] == [(earlier, "room", READY)]
    assert [row[:3] for row in shown(second)] == [(later, "room", READY)]


def test_a_simulive_has_its_video(simulator):
    session = SessionFactory(
        session_type=SessionType.SIMULIVE,
        starts_at=timezone.now() - timedelta(hours=2),
        ends_at=timezone.now() - timedelta(hours=1),
    )
    decide(session, source_entry_id="0_videoone")
    service.settle(service.targets_of(session.event), 20)

    look(session)

    assert [row[:3] for row in shown(session)] == [("0_videoone", "source", READY)]
    assert destination_of(session).recording_id == place_id(session)
    Recording.objects.update(is_published=False)
    assert destination_of(session).recording_id == ""


def test_by_hand_nothing_is_shown_before_somebody_says_so(simulator):
    session = held_session()
    EventDelivery.objects.create(event=session.event, recordings_by_hand=True)
    broadcast(simulator, session)
    processed(simulator)
    service.settle(service.targets_of(session.event), 20)
    assert destination_of(session).recording_id == ""

    look(session)

    assert [row[3:] for row in shown(session)] == [(600, False, True)]
    assert destination_of(session).recording_id == ""
    Recording.objects.update(is_published=True)
    assert destination_of(session).recording_id == recorded_id(simulator)


def test_what_is_deleted_at_kaltura_is_gone_and_another_takes_its_place(simulator):
    session = held_session(session_type=SessionType.INTERACTIVE)
    ids = [simulator.record_room(place_id(session), seconds) for seconds in (60, 120)]
    processed(simulator)
    look(session)
    assert main_recording(session).entry_id in ids
    lost = main_recording(session).entry_id
    delete_there(lost)

    look(session)

    kept = next(entry_id for entry_id in ids if entry_id != lost)
    states = {row.entry_id: (row.state, row.is_main) for row in rows(session)}
    assert states == {lost: (RecordingStatus.GONE, False), kept: (READY, True)}
    assert destination_of(session).recording_id == kept


def test_what_is_recorded_before_the_doors_is_not_shown_by_itself(simulator):
    session = SessionFactory(
        session_type=SessionType.INTERACTIVE,
        starts_at=timezone.now() + timedelta(hours=3),
        ends_at=timezone.now() + timedelta(hours=4),
    )
    service.settle(service.targets_of(session.event), 20)
    simulator.record_room(place_id(session), 60, "Rehearsal")
    processed(simulator)

    look(session)

    assert [(row.origin, row.is_published) for row in rows(session)] == [
        (RecordingOrigin.ROOM, False)
    ]


def test_a_look_that_fails_is_repeated_later_and_doubles_nothing(simulator):
    session = held_session()
    broadcast(simulator, session)
    processed(simulator)
    simulator.lose_reply("baseEntry.list")
    assert look_due(5) == 1
    failed = last_look(session)
    assert (failed.failures, failed.looked_at, shown(session)) == (1, None, [])
    assert failed.next_look_at > timezone.now()
    assert "Kaltura does not answer" in failed.error
    assert look_due(5) == 0

    RecordingLook.objects.update(next_look_at=timezone.now())
    assert look_due(5) == 1

    assert [row[0] for row in shown(session)] == [recorded_id(simulator)]
    mended = last_look(session)
    assert (mended.failures, mended.error, mended.looked_at is None) == (0, "", False)


def test_many_sessions_take_no_more_calls_than_one(simulator):
    event = EventFactory()
    sessions = [held_session(event=event) for _ in range(4)]
    for session in sessions:
        broadcast(simulator, session, 60)
    processed(simulator)
    taken = []
    for some in (sessions[:1], sessions):
        before = simulator.calls()
        look(*some)
        taken.append(simulator.calls() - before)
    assert len(shown(sessions[3])) == 1
    assert taken[1] <= taken[0]
