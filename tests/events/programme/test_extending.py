"""A session's end, moved while it is on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from events.actions import NotAllowed
from events.models import Session, SessionStatus
from events.programme.extending import end_now, end_session, extend_session
from tests.factories import SessionFactory, SessionSpeakerFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

NOW = timezone.now().replace(microsecond=0)


def running(**fields) -> Session:
    start = NOW - timedelta(minutes=10)
    times = {"starts_at": start, "ends_at": start + timedelta(minutes=45)}
    return SessionFactory(**(times | fields))


def extend(session: Session, minutes: int = 10) -> bool:
    return extend_session(session, minutes, from_end=session.ends_at, now=NOW)


def test_extends_once_for_one_form():
    session = running()
    seen = session.ends_at

    first = extend_session(session, 10, from_end=seen, now=NOW)
    again = extend_session(session, 10, from_end=seen, now=NOW)

    session.refresh_from_db()
    assert (first, again, session.ends_at) == (True, False, seen + timedelta(minutes=10))


def test_does_not_extend_what_somebody_moved_meanwhile():
    session = running()
    seen = session.ends_at
    extend(session, 5)

    with pytest.raises(NotAllowed, match="Somebody has moved the end to"):
        extend_session(session, 10, from_end=seen, now=NOW)


def test_does_not_run_into_what_comes_next_in_the_room():
    session = running(location="Saal 1")
    SessionFactory(
        event=session.event,
        title="Next",
        location="Saal 1",
        starts_at=session.ends_at + timedelta(minutes=5),
    )

    assert extend(session, 5)
    with pytest.raises(NotAllowed, match=r"“Next” starts at \d\d:\d\d in the same room \(Saal 1\)"):
        extend(session, 1)


def test_does_not_keep_people_from_their_next_stage():
    session = running()
    speaker = SessionSpeakerFactory(session=session, speaker__name="Ada").speaker
    later = SessionFactory(event=session.event, title="Next", starts_at=session.ends_at)
    SessionSpeakerFactory(session=later, speaker=speaker)

    with pytest.raises(NotAllowed, match="Ada is on stage in “Next” from"):
        extend(session)


def test_nothing_stands_in_the_way_that_is_cancelled_or_elsewhere():
    session = running(location="Saal 1")
    SessionFactory(event=session.event, location="Saal 2", starts_at=session.ends_at)
    SessionFactory(
        event=session.event,
        location="Saal 1",
        starts_at=session.ends_at,
        status=SessionStatus.CANCELLED,
    )
    SessionFactory(location="Saal 1", starts_at=session.ends_at)

    assert extend(session)


def test_what_is_over_is_not_extended_and_not_ended():
    session = running(starts_at=NOW - timedelta(days=1), ends_at=NOW - timedelta(hours=23))

    with pytest.raises(NotAllowed, match="over or cancelled"):
        extend(session)
    with pytest.raises(NotAllowed, match="over already"):
        end_now(session, NOW)


def test_ends_this_minute_and_not_before_it_began():
    session = running()
    just_begun = running(starts_at=NOW - timedelta(seconds=1), ends_at=NOW + timedelta(hours=1))
    coming = running(starts_at=NOW + timedelta(hours=1), ends_at=NOW + timedelta(hours=2))

    assert end_session(session, NOW)
    assert end_session(just_begun, NOW)
    assert not end_session(session, NOW)

    assert session.ends_at == NOW.replace(second=0)
    assert just_begun.ends_at == just_begun.starts_at + timedelta(minutes=1)
    with pytest.raises(NotAllowed, match="has not begun"):
        end_session(coming, NOW)
