"""What attendees see change is noted once, in the transaction that changes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from events.actions import cancel_session, publish_event, publish_session, save_planned
from events.changes import changes
from events.models import (
    AnnouncedSession,
    Event,
    EventStatus,
    ProgrammeChange,
    ProgrammeVersion,
    Session,
    SessionStatus,
)
from events.programme.reading import programme_version, sequences_of
from tests.factories import EventFactory, SessionFactory, SessionSpeakerFactory, TrackFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

START = datetime(2030, 5, 6, 9, 0, tzinfo=UTC)


def version(event: Event) -> int:
    return programme_version(Event.objects.get(pk=event.pk)).number


def seen(session: Session, **other: Any) -> dict[str, Any]:
    return {
        "title": session.title,
        "starts_at": session.starts_at.isoformat(),
        "ends_at": session.ends_at.isoformat(),
        "location": session.location,
        "is_cancelled": False,
    } | other


def log(event: Event) -> list[tuple[Any, Any]]:
    """Before and after of each change, the oldest first."""
    rows = ProgrammeChange.objects.filter(event=event).order_by("pk")
    return list(rows.values_list("before", "after"))


def test_session_added_moved_renamed_cancelled_and_deleted_is_logged_step_by_step():
    event = EventFactory()
    session = SessionFactory(event=event, title="Maps", starts_at=START, location="Saal 1")
    first = seen(session)
    session.starts_at += timedelta(hours=1)
    session.ends_at += timedelta(hours=1)
    session.location = "Saal 2"
    save_planned(session)
    moved = seen(session)
    session.title = "Atlases"
    save_planned(session)
    renamed = seen(session)
    cancel_session(session)
    sequence = sequences_of(event)
    session.delete()

    cancelled = renamed | {"is_cancelled": True}
    assert log(event) == [
        (None, first),
        (first, moved),
        (moved, renamed),
        (renamed, cancelled),
        (cancelled, None),
    ]
    assert list(sequence.values()) == [3]
    assert not AnnouncedSession.objects.exists()


def test_what_attendees_do_not_see_raises_the_version_and_is_not_logged():
    event = EventFactory()
    session = SessionFactory(event=event, status=SessionStatus.DRAFT)
    shown = SessionFactory(event=event)
    before, told = version(event), log(event)
    session.title = "Still a draft"
    save_planned(session)
    shown.abstract = "Longer."
    save_planned(shown)
    TrackFactory(event=event)
    SessionSpeakerFactory(session=shown)

    assert log(event) == told == [(None, seen(shown))]
    assert version(event) >= before + 4
    assert sequences_of(event) == {shown.pk: 0}


def test_event_is_announced_whole_when_it_is_first_published():
    event = EventFactory(status=EventStatus.DRAFT)
    sessions = SessionFactory.create_batch(3, event=event)
    SessionFactory(event=event, status=SessionStatus.DRAFT)
    publish_event(event)

    assert log(event) == []
    assert sequences_of(event) == {session.pk: 0 for session in sessions}


def test_what_changes_while_an_event_is_hidden_is_told_when_it_is_shown_again():
    event = EventFactory()
    kept, moved = SessionFactory.create_batch(2, event=event, starts_at=START)
    event.status = EventStatus.DRAFT
    save_planned(event)
    before, told = seen(moved), log(event)
    moved.location = "Garden"
    save_planned(moved)
    hidden = log(event)
    publish_event(event)

    assert hidden == told
    assert log(event) == [*told, (before, seen(moved))]
    assert sequences_of(event) == {kept.pk: 0, moved.pk: 1}


def test_sequence_goes_on_when_a_session_is_hidden_and_shown_again():
    session = SessionFactory()
    cancel_session(session)
    session.status = SessionStatus.DRAFT
    save_planned(session)
    publish_session(session)

    told = log(session.event)
    assert [(before is None, after is None) for before, after in told] == [
        (True, False),
        (False, False),
        (False, True),
        (True, False),
    ]
    assert sequences_of(session.event) == {session.pk: 3}


def test_many_changes_in_one_transaction_are_one_version_and_one_line_each(
    django_assert_num_queries,
):
    event = EventFactory()
    sessions = SessionFactory.create_batch(5, event=event)
    before = version(event)
    with changes():
        for session in sessions:
            session.title += "!"
            session.save()
            session.location = "Saal 1"
            session.save()

    assert version(event) == before + 1
    assert len(log(event)) == 10
    assert set(sequences_of(event).values()) == {1}
    assert [after["location"] for _, after in log(event)[5:]] == ["Saal 1"] * 5


def test_change_that_is_rolled_back_leaves_nothing():
    event = EventFactory()
    session = SessionFactory(event=event)
    before = version(event), log(event)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        cancel_session(session)
        raise ZeroDivisionError

    assert (version(event), log(event)) == before


def test_deleted_event_takes_its_log_along():
    session = SessionFactory()
    session.event.delete()

    assert not ProgrammeChange.objects.exists()
    assert not ProgrammeVersion.objects.exists()
    assert not AnnouncedSession.objects.exists()


def test_two_events_in_one_transaction_have_a_version_each():
    one, other = EventFactory(), EventFactory()
    versions = version(one), version(other)
    with changes():
        SessionFactory(event=one)
        SessionFactory(event=other)

    assert (version(one), version(other)) == (versions[0] + 1, versions[1] + 1)


def test_queries_do_not_grow_with_the_sessions(django_assert_max_num_queries):
    event = EventFactory()
    SessionFactory.create_batch(3, event=event)
    event.title = "Renamed"
    with django_assert_max_num_queries(16) as few:
        save_planned(event)
    SessionFactory.create_batch(12, event=event)
    event.title = "Renamed again"
    with django_assert_max_num_queries(len(few)):
        save_planned(event)
