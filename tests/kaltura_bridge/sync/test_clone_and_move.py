"""Cloned events stand on their own feet at Kaltura; moved ones move in all places at once."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from events import actions
from events.copying import clone_event
from events.models import Event, Session
from events.moving import move_event, move_sessions
from kaltura_bridge.models import EventDelivery, RemoteLink, SessionDelivery
from kaltura_bridge.specs import key_for
from kaltura_bridge.sync import service
from tests.factories import (
    EventFactory,
    InteractiveFactory,
    SessionSpeakerFactory,
    SimuliveFactory,
    StudioFactory,
    TrackFactory,
    WebcastFactory,
    WebinarFactory,
)
from tests.kaltura_bridge.support.planning import held, in_step, planned_event, settle, states

pytestmark = [pytest.mark.django_db(transaction=True)]

BROADCASTS = {"webcast", "studio", "simulive"}
KINDS = (
    "category",
    "entry",
    "scheduleEvent",
    "scheduleResource",
    "scheduleEventResource",
    "metadata",
    "categoryEntry",
)


def links(event: Event) -> set[tuple[str, str]]:
    """The event's objects at Kaltura, by kind and remote id."""
    mine = RemoteLink.objects.filter(target__event_uuid=event.uuid)
    return set(mine.values_list("kind", "remote_id"))


def world(simulator: Any) -> dict[str, dict[Any, dict[str, Any]]]:
    """All that Kaltura holds of ours, as it stands, by kind and id.

    The account's own categories and templates carry no key of ours, and are left out.
    """
    rows = {kind: simulator.objects(kind) for kind in KINDS}
    for kind in ("category", "entry"):
        rows[kind] = [r for r in rows[kind] if str(r.get("referenceId")).startswith("portal:")]
    return {kind: {_identity(row): row for row in rows[kind]} for kind in KINDS}


def _identity(row: dict[str, Any]) -> tuple[Any, ...]:
    """Its id, or what a pair without one joins."""
    return tuple(row.get(name) for name in ("id", "entryId", "eventId"))


def document_times(simulator: Any, entry: str) -> list[int]:
    """Start and end in the entry's events metadata, the face of KMS and KAF."""
    [xml] = [
        row["xml"]
        for row in simulator.objects("metadata")
        if row["objectId"] == entry and "<StartTime>" in row["xml"]
    ]
    return [
        int(re.findall(rf"<{name}>(\d+)</{name}>", xml)[0]) for name in ("StartTime", "EndTime")
    ]


def scheduled_times(simulator: Any, session: Session) -> list[int]:
    """Start and end in the calendar."""
    [row] = [
        row
        for row in simulator.objects("scheduleEvent")
        if row["referenceId"] == key_for(session.uuid)
    ]
    return [row["startDate"], row["endDate"]]


def entry_of(session: Session) -> str:
    [found] = RemoteLink.objects.filter(kind="entry", key=key_for(session.uuid))
    return str(found.remote_id)


def times(session: Session) -> list[int]:
    session.refresh_from_db()
    return [int(moment.timestamp()) for moment in (session.starts_at, session.ends_at)]


# --- Clones ------------------------------------------------------------------


def published_clone(event: Event) -> Event:
    """A copy; as a draft it would have nothing at Kaltura."""
    copy = clone_event(event, title="Autumn", starts_on=date(2030, 10, 26))
    actions.publish_event(copy)
    return copy


def test_clone_gets_objects_of_its_own_and_leaves_the_original_alone(simulator):
    event = planned_event()
    SessionSpeakerFactory(session=event.sessions.get(title="Keynote"))
    settle(event)
    before, mine = world(simulator), links(event)

    copy = published_clone(event)
    settle(copy)

    after, theirs = world(simulator), links(copy)
    # 2 categories; an entry, 3 records, a schedule event and a place for the webcast; for the
    # room an entry, its record, a schedule event and a place.
    assert (in_step(copy), len(mine), len(theirs), mine & theirs) == (True, 12, 12, set())
    assert {kind: {pk: after[kind][pk] for pk in before[kind]} for kind in KINDS} == before
    assert {kind: len(after[kind]) for kind in KINDS} == {
        kind: 2 * len(before[kind]) for kind in KINDS
    }
    assert set(held(simulator).values()) == {1}


def test_syncing_original_and_clone_again_writes_nothing(simulator):
    event = planned_event()
    settle(event)
    copy = published_clone(event)
    settle(copy)

    works = [service.sync_event(each, 20) for each in (event, copy)]

    assert [work.writes for work in works] == [0, 0]


def test_database_refuses_one_remote_object_for_two_sessions(simulator):
    event = planned_event()
    settle(event)
    copy = published_clone(event)
    settle(copy)
    original = RemoteLink.objects.get(
        kind="entry", key=key_for(event.sessions.get(title="Keynote").uuid)
    )
    cloned = RemoteLink.objects.filter(
        kind="entry", key=key_for(copy.sessions.get(title="Keynote").uuid)
    )

    with pytest.raises(IntegrityError), transaction.atomic():
        cloned.update(remote_id=original.remote_id)

    assert cloned.get().remote_id != original.remote_id


def test_clone_made_before_the_original_was_ever_synced_shares_nothing(simulator):
    event = planned_event()
    copy = published_clone(event)

    service.sync_due()
    settle(event)
    settle(copy)

    assert (in_step(event), links(event) & links(copy)) == (True, set())
    assert (len(links(event)), len(links(copy))) == (12, 12)


def test_deleted_clone_takes_only_its_own_objects_along(simulator):
    event = planned_event()
    settle(event)
    before = world(simulator)
    copy = published_clone(event)
    settle(copy)
    uuid = copy.uuid

    copy.delete()
    service.settle(service.targets_of(Event(uuid=uuid)), 20)

    assert world(simulator) == before


# --- Moves -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "first", "then"),
    [
        ("Europe/Berlin", "2030-03-30", "2030-04-06"),
        ("Europe/Berlin", "2030-10-26", "2030-11-02"),
        ("America/New_York", "2030-03-09", "2030-03-16"),
        ("America/New_York", "2030-11-09", "2030-11-02"),
        ("Asia/Kolkata", "2030-03-30", "2030-04-06"),
    ],
)
def test_moved_event_moves_calendar_and_metadata_together(simulator, zone, first, then):
    event = EventFactory(timezone=zone, starts_on=date.fromisoformat(first))
    ten = datetime.fromisoformat(f"{first} 10:00").replace(tzinfo=event.zone).astimezone(UTC)
    session = WebcastFactory(event=event, starts_at=ten)
    settle(event)
    entry, before = entry_of(session), times(session)
    simulator.forget_requests()

    move_event(event, starts_on=date.fromisoformat(then))
    settle(event)

    at_ten = datetime.fromisoformat(f"{then} 10:00").replace(tzinfo=event.zone)
    expected = [int(at_ten.timestamp()), int(at_ten.timestamp()) + 45 * 60]
    assert [
        before,
        times(session),
        scheduled_times(simulator, session),
        document_times(simulator, entry),
    ] == [
        [int(ten.timestamp()), int(ten.timestamp()) + 45 * 60],
        expected,
        expected,
        expected,
    ]
    assert (entry_of(session), in_step(event), written(simulator)) == (
        entry,
        True,
        ["metadata_metadata.update", "schedule_scheduleevent.update"],
    )


def test_moved_session_moves_over_the_hour_that_is_skipped(simulator):
    event = EventFactory(timezone="Europe/Berlin", starts_on=date(2030, 3, 30))
    night = datetime(2030, 3, 30, 1, 30, tzinfo=UTC)  # 02:30 in Berlin
    session = WebcastFactory(event=event, starts_at=night)
    settle(event)

    move_sessions([session], to_day=date(2030, 3, 31))
    settle(event)

    moved = datetime(2030, 3, 31, 1, 30, tzinfo=UTC)  # 03:30, for 02:30 is not there
    expected = [int(moved.timestamp()), int((moved + timedelta(minutes=45)).timestamp())]
    assert [scheduled_times(simulator, session), document_times(simulator, entry_of(session))] == [
        expected,
        expected,
    ]
    assert in_step(event)


def test_only_what_moved_is_written(simulator):
    event = planned_event()
    settle(event)
    keynote, workshop = (event.sessions.get(title=title) for title in ("Keynote", "Workshop"))
    before = scheduled_times(simulator, workshop)
    simulator.forget_requests()

    move_sessions([keynote], by=timedelta(minutes=-15))
    settle(event)

    assert (scheduled_times(simulator, keynote), scheduled_times(simulator, workshop)) == (
        times(keynote),
        before,
    )
    assert written(simulator) == ["metadata_metadata.update", "schedule_scheduleevent.update"]


def test_programme_that_moves_into_its_own_old_times_is_not_in_its_own_way(simulator):
    """Back to back on one track: each takes the slot that the other is about to leave."""
    event = EventFactory(title="Spring")
    track = TrackFactory(event=event)
    start = datetime(2030, 5, 6, 9, 0, tzinfo=UTC)
    slots = [start + timedelta(minutes=45 * number) for number in range(3)]
    sessions = [WebcastFactory(event=event, track=track, starts_at=slot) for slot in slots]
    sessions.append(InteractiveFactory(event=event, starts_at=start))
    settle(event)

    move_sessions(sessions, by=timedelta(minutes=45))
    settle(event)

    assert [scheduled_times(simulator, s) for s in sessions] == [times(s) for s in sessions]
    assert in_step(event)


# --- Every type --------------------------------------------------------------


def event_of_every_type(**more: Any) -> Event:
    """One session of each type on the last Saturday of Berlin's winter, an hour apart."""
    event = EventFactory(title="Spring", timezone="Europe/Berlin", starts_on=date(2030, 3, 30))
    EventDelivery.objects.create(event=event, **more)
    makers = [WebcastFactory, InteractiveFactory, WebinarFactory, StudioFactory, SimuliveFactory]
    for number, make in enumerate(makers):
        start = datetime(2030, 3, 30, 9 + number, 0, tzinfo=UTC)
        session = make(event=event, starts_at=start, title=make.__name__)
    SessionDelivery.objects.create(
        session=session, source_entry_id="0_videoone", post_clip_id="0_videotwo"
    )
    return event


def replay_times(simulator: Any, session: Session) -> list[int]:
    """From when to when the simulive entry leads to its video."""
    key = key_for(session.uuid, "redirect")
    [row] = [r for r in simulator.objects("scheduleEvent") if r["referenceId"] == key]
    return [row["startDate"], row["endDate"]]


MOVES = {
    "a week, over the change of the clocks": timedelta(days=7),
    "a week back": timedelta(days=-7),
    "less than their length, into their own old times": timedelta(minutes=15),
    "and back": timedelta(minutes=-15),
}


@pytest.mark.parametrize("by", MOVES.values(), ids=MOVES)
def test_every_type_moves_whole_and_stays_itself(simulator, by):
    event = event_of_every_type()
    settle(event)
    made, sessions = links(event), list(event.sessions.all())
    simulive = sessions[-1]
    tail = replay_times(simulator, simulive)[0] - times(simulive)[1]

    move_sessions(sessions, by=by)
    settle(event)

    after = {session.title: times(session) for session in sessions}
    assert in_step(event), states(event)
    assert {s.title: scheduled_times(simulator, s) for s in sessions} == after
    assert {
        s.title: document_times(simulator, entry_of(s))
        for s in sessions
        if s.session_type in BROADCASTS
    } == {s.title: after[s.title] for s in sessions if s.session_type in BROADCASTS}
    starts = times(simulive)[1] + tail
    assert replay_times(simulator, simulive) == [starts, starts + 365 * 24 * 3600]
    # Only the redirect is made anew: Kaltura lets no two events of one entry overlap.
    assert {kind for kind, _ in made - links(event)} == {"schedule_event"}
    assert (len(made - links(event)), len(links(event))) == (1, len(made))


@pytest.mark.parametrize("more", [{}, {"room_form": "legacy"}, {"channel": True}])
def test_clone_of_every_type_is_delivered_alike_by_objects_of_its_own(simulator, more):
    event = event_of_every_type(**more)
    settle(event)
    before, mine = world(simulator), links(event)

    copy = published_clone(event)
    settle(copy)

    after, theirs = world(simulator), links(copy)
    assert in_step(copy), states(copy)
    assert (Counter(k for k, _ in theirs), mine & theirs) == (Counter(k for k, _ in mine), set())
    assert {kind: {pk: after[kind][pk] for pk in before[kind]} for kind in KINDS} == before
    assert {s.title: scheduled_times(simulator, s) for s in copy.sessions.all()} == {
        s.title: times(s) for s in copy.sessions.all()
    }
    original, cloned = (e.sessions.get(session_type="simulive") for e in (event, copy))
    assert [videos_of(simulator, s) for s in (original, cloned)] == [
        ("0_videoone", "0_videotwo")
    ] * 2


def videos_of(simulator: Any, session: Session) -> tuple[str, str]:
    """The video that a simulive session plays, and the clip after it."""
    key = key_for(session.uuid)
    [row] = [r for r in simulator.objects("scheduleEvent") if r["referenceId"] == key]
    return row["sourceEntryId"], row["postEndEntryId"]


@pytest.mark.parametrize("more", [{"room_form": "legacy"}, {"channel": True}])
def test_legacy_rooms_and_channels_move_too(simulator, more):
    event = event_of_every_type(**more)
    settle(event)
    made, sessions = links(event), list(event.sessions.all())

    move_event(event, starts_on=date(2030, 4, 6))
    settle(event)

    assert in_step(event), states(event)
    assert {s.title: scheduled_times(simulator, s) for s in sessions} == {
        s.title: times(s) for s in sessions
    }
    assert len(links(event)) == len(made)


def written(simulator: Any) -> list[str]:
    """The writing requests since they were last forgotten."""
    verbs = ("add", "update", "delete")
    return [
        f"{request['service']}.{request['action']}"
        for request in simulator.requests()
        if request["action"] in verbs
    ]
