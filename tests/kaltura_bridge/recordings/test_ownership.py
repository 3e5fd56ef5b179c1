"""No event gets another's videos by naming them, and none is destroyed that is not the session's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from events.models import SessionType, Visibility
from events.queries import visible_event
from kaltura_bridge.api.client import new
from kaltura_bridge.captions.transcript import shown_tracks, spoken_words
from kaltura_bridge.join.destination import destination_of
from kaltura_bridge.models import (
    Recording,
    RecordingOrigin,
    RemoteLink,
    RoomForm,
    SessionDelivery,
)
from kaltura_bridge.recordings import showing
from kaltura_bridge.recordings.choosing import main_recording
from kaltura_bridge.watch.playing import WhatPlays, playable
from tests.factories import RegistrationFactory, SessionFactory
from tests.kaltura_bridge.recordings.test_desk import (
    action_url,
    changes,
    confirm,
    planner_of,
    recorded_session,
    worked,
)
from tests.kaltura_bridge.support.at_kaltura import at_kaltura
from tests.kaltura_bridge.support.captioning import captioned
from tests.kaltura_bridge.support.joining import signed_in
from tests.kaltura_bridge.support.recipe_cases import decide, decide_event
from tests.kaltura_bridge.support.recorded import held_session, look, place_id, rows, shown

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

VIDEO = "0_videoone"
NOT_ALONE = "This video is not this session's alone"


def ended(**fields):
    now = timezone.now()
    return SessionFactory(
        starts_at=now - timedelta(hours=2), ends_at=now - timedelta(hours=1), **fields
    )


def naming(entry_id, *, session_type=SessionType.INTERACTIVE, **own):
    """A session that is over, whose settings name this video."""
    session = ended(session_type=session_type)
    name = "source_entry_id" if session_type == SessionType.SIMULIVE else "recording_entry_id"
    decide_event(session.event, room_form=RoomForm.LEGACY, recordings_download=True)
    decide(session, **{name: entry_id, **own})
    return session


@pytest.mark.parametrize("session_type", [SessionType.INTERACTIVE, SessionType.SIMULIVE])
def test_another_events_recording_cannot_be_named(simulator, session_type):
    theirs = recorded_session(simulator, event__visibility=Visibility.INVITED)
    foreign = rows(theirs)[0].entry_id
    mine = naming(foreign, session_type=session_type)

    look(mine)

    assert rows(mine) == []
    assert playable(mine).what is WhatPlays.NOTHING
    guest = signed_in(RegistrationFactory(event=mine.event).user)
    assert guest.get(f"{mine.get_absolute_url()}recording/").status_code == 404

    # What an event may use only because somebody lent it, it has no longer than that.
    decide(mine, lent_ids=[foreign])
    look(mine)
    assert [row.entry_id for row in rows(mine)] == [foreign]
    decide(mine, lent_ids=[])
    look(mine)
    assert rows(mine) == []
    assert [row.entry_id for row in rows(theirs)] == [foreign]


def test_only_an_older_room_has_an_entry_for_its_recording(simulator):
    mine = naming(VIDEO)
    look(mine)
    assert [row[:2] for row in shown(mine)] == [(VIDEO, RecordingOrigin.NAMED)]

    other = ended(session_type=SessionType.INTERACTIVE)
    decide(other, recording_entry_id=VIDEO)
    look(other)
    assert rows(other) == []


def test_where_a_broadcast_leads_is_no_recording_when_it_is_anothers(simulator):
    theirs, mine = recorded_session(simulator), held_session()
    foreign = rows(theirs)[0].entry_id
    change = new("KalturaLiveStreamEntry", redirectEntryId=foreign)
    at_kaltura(lambda c: c.liveStream.update(place_id(mine), change))
    RemoteLink.objects.filter(remote_id=place_id(mine)).update(seen={"redirectEntryId": foreign})

    look(mine)

    assert rows(mine) == []
    assert destination_of(mine).recording_id == ""


def test_what_was_a_sessions_once_is_not_cut_when_it_is_anothers(simulator):
    theirs, mine = recorded_session(simulator), recorded_session(simulator)
    foreign, row = rows(theirs)[0].entry_id, rows(mine)[0]
    confirm(planner_of(mine), mine, "clip", recording=row.pk, start="0", end="9:00", name="Part")
    Recording.objects.filter(pk=row.pk).update(entry_id=foreign)

    worked()

    assert changes() == [("clip", "failed", "This event may not use the video that was to be cut.")]
    assert not [entry for entry in simulator.objects("entry") if entry["name"] == "Part"]


def test_only_what_is_certainly_the_sessions_own_is_destroyed(simulator):
    mine = naming(VIDEO)
    look(mine)
    row, client = rows(mine)[0], planner_of(mine)
    asked = {"recording": row.pk, "start": "0", "end": "0:02"}
    page = client.get(action_url(mine, "trim"), {**asked, "key": "0" * 31 + "1"})
    assert page.context["plan"].refusal.startswith(NOT_ALONE)

    # A row that says otherwise than Kaltura does not help either.
    Recording.objects.filter(pk=row.pk).update(origin=RecordingOrigin.ROOM)
    before = next(entry for entry in simulator.objects("entry") if entry["id"] == VIDEO)
    confirm(client, mine, "trim", **asked)
    worked()
    (change,) = changes()
    assert change[:2] == ("trim", "failed")
    assert change[2].startswith(NOT_ALONE)
    after = next(entry for entry in simulator.objects("entry") if entry["id"] == VIDEO)
    assert after == before


@pytest.mark.parametrize("how", ["link", "settings"])
def test_what_another_event_has_already_is_not_taken_over(simulator, how):
    theirs, mine = recorded_session(simulator), recorded_session(simulator)
    if how == "link":
        confirm(planner_of(theirs), theirs, "link", entry_id=VIDEO, replaces="on")
        worked()
        worked()
        assert destination_of(theirs).recording_id == VIDEO
    else:
        SessionDelivery.objects.create(session=theirs, pre_clip_id=VIDEO)
    confirm(planner_of(mine), mine, "link", entry_id=VIDEO, replaces="on")
    worked()
    worked()

    assert changes()[-1][:2] == ("link", "failed")
    assert destination_of(mine).recording_id != VIDEO
    # Nor by naming it in settings.
    if how == "link":
        naming_it = naming(VIDEO)
        look(naming_it)
        assert rows(naming_it) == []


def test_a_video_whose_replay_is_ruled_out_is_found_at_no_door():
    row, track = captioned(session_type=SessionType.SIMULIVE)
    Recording.objects.filter(pk=row.pk).update(origin=RecordingOrigin.SOURCE)
    mine = row.session
    SessionDelivery.objects.create(session=mine, source_entry_id=VIDEO, replay=True)
    guest = visible_event(RegistrationFactory(event=mine.event).user, mine.event.slug)[1]

    def doors():
        said = dict(spoken_words(mine.event, guest, ["photosynthesis"]))
        return main_recording(mine), list(shown_tracks(mine)), list(said)

    assert doors() == (row, [track], [mine.pk])

    decide(mine, replay=False)
    assert doors() == (None, [], [])
    row.refresh_from_db()
    assert row.is_published  # By the look alone; the settings rule it out all the same.
    assert not showing.choose(row)
    page = planner_of(mine).get(action_url(mine, "choose"), {"recording": row.pk})
    assert page.context["plan"].refusal.endswith("not watched again after the end.")


def test_copies_are_not_without_number(simulator):
    mine = captioned()[0].session
    decide_event(mine.event, recordings_download=True)
    guest = signed_in(RegistrationFactory(event=mine.event).user)
    address = f"{mine.get_absolute_url()}recording/"

    answers = [guest.get(address).status_code for _time in range(61)]

    assert answers == [302] * 60 + [429]
