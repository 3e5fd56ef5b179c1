"""The whole path, against the local Kaltura over HTTP."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction

from events import actions
from events.models import Event, Session, SessionType, Track
from kaltura_bridge.models import RemoteLink, SyncState, SyncTarget
from kaltura_bridge.sync import service
from tests.factories import (
    EventFactory,
    InteractiveFactory,
    SessionSpeakerFactory,
    SimuliveFactory,
    TrackFactory,
    WebcastFactory,
)
from tests.kaltura_bridge.support.planning import (
    exactly_planned,
    held,
    in_step,
    planned_event,
    settle,
    states,
)

pytestmark = [pytest.mark.django_db(transaction=True)]


def test_event_becomes_exactly_the_planned_objects(simulator):
    event = planned_event()

    settle(event)

    assert exactly_planned(event, simulator)
    assert in_step(event)


def test_names_stand_at_kaltura_as_kaltura_keeps_them(simulator):
    event = EventFactory(title="Spring, Summer & <Autumn>")
    WebcastFactory(event=event, track=None, title="Łódź: a talk, with <b>commas</b>\x00\x0b")

    settle(event)
    again = service.sync_event(event, 20)

    assert in_step(event)
    assert again.writes == 0


def test_syncing_again_writes_nothing(simulator):
    event = planned_event()
    settle(event)

    work = service.sync_event(event, 20)

    assert (work.writes, in_step(event)) == (0, True)


def test_edit_reaches_kaltura_as_the_changed_fields_only(simulator):
    event = planned_event()
    settle(event)
    session = event.sessions.get(title="Keynote")
    simulator.forget_requests()

    hour = timedelta(hours=1)
    actions.move_session(session, session.starts_at + hour, session.ends_at + hour)
    settle(event)

    sent = {r["action"]: r for r in simulator.requests() if r["action"] == "update"}
    assert [r["service"] for r in simulator.requests() if r["action"] == "update"] == [
        "metadata_metadata",
        "schedule_scheduleevent",
    ], sent
    assert simulator.objects("scheduleEvent")[0]["startDate"] == int(session.starts_at.timestamp())
    assert exactly_planned(event, simulator)


def test_session_moves_to_another_track_without_leaving_a_place_behind(simulator):
    event = planned_event()
    settle(event)
    session = event.sessions.get(title="Keynote")
    session.track = TrackFactory(event=event, name="Law")
    session.save()

    settle(event)

    assert exactly_planned(event, simulator)


def test_deleted_track_keeps_its_sessions_and_pours_nothing_into_the_event(simulator):
    event = planned_event()
    settle(event)

    event.tracks.get().delete()
    settle(event)

    assert (exactly_planned(event, simulator), in_step(event)) == (True, True)
    assert len(simulator.objects("categoryEntry")) == 2


def test_deleted_event_leaves_nothing_at_kaltura_nor_here(simulator):
    event = planned_event()
    settle(event)

    Event.objects.get(pk=event.pk).delete()
    service.settle(SyncTarget.objects.all(), 20)

    assert held(simulator) == {}
    assert (SyncTarget.objects.count(), RemoteLink.objects.count()) == (0, 0)


def test_cancelled_session_leaves_the_calendar_and_comes_back(simulator):
    event = planned_event()
    settle(event)
    session = event.sessions.get(title="Keynote")

    actions.cancel_session(session)
    settle(event)
    cancelled = (len(simulator.keys("scheduleEvent")), len(simulator.objects("categoryEntry")))
    actions.publish_session(session)
    settle(event)

    assert cancelled == (1, 1)
    assert exactly_planned(event, simulator)


def test_session_of_another_type_becomes_another_object(simulator):
    event = planned_event()
    settle(event)
    session = event.sessions.get(title="Keynote")

    session.session_type = SessionType.INTERACTIVE
    session.save()
    settle(event)

    assert (exactly_planned(event, simulator), in_step(event)) == (True, True)


def test_speaker_change_reaches_the_presenters(simulator):
    event = planned_event()
    settle(event)

    SessionSpeakerFactory(session=event.sessions.get(title="Keynote"), speaker__name="Ada <L.>")
    settle(event)

    documents = [row["xml"] for row in simulator.objects("metadata")]
    assert sum("<PresenterName>Ada &lt;L.&gt;</PresenterName>" in xml for xml in documents) == 1


def test_rolled_back_save_leaves_nothing_at_kaltura(simulator):
    event = planned_event()
    settle(event)
    before = held(simulator)

    with pytest.raises(RuntimeError), transaction.atomic():
        WebcastFactory(event=event)
        Session.objects.get(title="Keynote").delete()
        raise RuntimeError
    settle(event)

    assert held(simulator) == before
    assert SyncTarget.objects.count() == 4


def test_simulive_without_a_video_says_so_and_holds_up_no_one(simulator):
    event = planned_event()
    SimuliveFactory(event=event, title="Replay")

    settle(event)

    assert states(event) == {
        "Spring": ("synced", ""),
        "Ethics": ("synced", ""),
        "Keynote": ("synced", ""),
        "Workshop": ("synced", ""),
        "Replay": ("failed", "incomplete"),
    }


def test_refused_object_holds_up_no_other_and_tells_why(simulator):
    event = planned_event()
    simulator.fault(
        "liveStream.add", "api_error", times=None, code="FEATURE_FORBIDDEN", message="No live"
    )

    settle(event, 5)

    target = SyncTarget.objects.get(title="Keynote")
    assert states(event) == {
        "Spring": ("synced", ""),
        "Ethics": ("synced", ""),
        "Keynote": ("failed", "forbidden"),
        "Workshop": ("synced", ""),
    }
    assert target.error == (
        "Kaltura refused live entry “Keynote” (FEATURE_FORBIDDEN: No live). The account or its "
        "role lacks this permission. Ask Kaltura to switch it on, then Retry."
    )


def test_real_conference_is_synced_whole_and_only_once(simulator):
    call_command(
        "import_agenda",
        "31c3",
        "portal/demo_data/31c3.xml",
        "--apply",
        "--timezone=Europe/Berlin",
        stdout=StringIO(),
    )
    event = Event.objects.get(slug="31c3")

    first = service.sync_event(event, 60)
    second = service.sync_event(event, 60)

    assert exactly_planned(event, simulator)
    assert (Session.objects.count(), Track.objects.count(), in_step(event)) == (138, 8, True)
    # 9 categories; for each session an entry, 3 records, an event, a place; 25 to a request.
    assert (first.writes, first.calls <= 50, second.writes) == (9 + 138 * 6, True, 0)


def test_history_tells_what_was_done(simulator):
    event = planned_event()

    settle(event)

    target = SyncTarget.objects.get(title="Keynote")
    assert list(target.history.values_list("outcome", "message")) == [
        (
            SyncState.SYNCED,
            "In sync: created live entry, created 3 × metadata, created schedule event, "
            "created place in a category.",
        )
    ]


def test_targets_without_a_signal_are_found_by_the_sweep(simulator):
    event = planned_event()
    InteractiveFactory(event=event)
    SyncTarget.objects.all().delete()

    settle_event = service.sync_event(event, 20)

    assert (exactly_planned(event, simulator), settle_event.writes > 0) == (True, True)


def test_without_a_parent_category_events_lie_at_the_top(simulator, settings):
    settings.KALTURA_PARENT_CATEGORY = ""
    event = planned_event()

    settle(event)

    parents = {row["name"]: row["parentId"] for row in simulator.objects("category")}
    assert (in_step(event), parents["Spring"]) == (True, 0)
