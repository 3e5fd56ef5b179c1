from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from analytics.match import match_people, match_runs, ruled_session
from analytics.models import RoomRun, Stay
from events.models import Session
from kaltura_bridge.join.identity import kaltura_user_id
from kaltura_bridge.models import RemoteLink, SyncTarget
from tests.factories import EventFactory, InteractiveFactory, UserFactory

START = datetime(2030, 5, 6, 9, 0, tzinfo=UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def run_from(start: float, end: float | None, room: str = "1_room0001") -> RoomRun:
    """A run of a room, in minutes after nine; it was pulled an hour after nine."""
    return RoomRun.objects.create(
        source="newrow",
        remote_id=f"run{RoomRun.objects.count()}",
        room_remote_id=room,
        started_at=START + timedelta(minutes=start),
        ended_at=None if end is None else START + timedelta(minutes=end),
        pulled_at=START + timedelta(hours=1),
    )


def in_room(session: Session, room: str = "1_room0001") -> Session:
    target, _ = SyncTarget.objects.get_or_create(
        kind="session", object_uuid=session.uuid, defaults={"event_uuid": session.event.uuid}
    )
    RemoteLink.objects.create(
        target=target, kind="room", key=f"portal:{session.uuid}", remote_id=room
    )
    return session


@pytest.mark.parametrize(
    ("start", "end", "matches"),
    [(0, 45, True), (-60, -10, True), (-60, -16, False), (76, 90, False), (-30, None, True)],
)
def test_runs_belong_to_the_session_whose_window_they_touch(start, end, matches):
    session = in_room(InteractiveFactory(starts_at=START))
    run = run_from(start, end)

    touched = match_runs([run])

    run.refresh_from_db()
    assert (run.session, touched) == ((session, {session.pk}) if matches else (None, set()))


def test_runs_of_other_rooms_belong_to_no_session():
    in_room(InteractiveFactory(starts_at=START))
    run = run_from(0, 45, room="1_elsewhere")

    assert (match_runs([run]), run.session) == (set(), None)


def test_a_run_that_no_longer_fits_is_taken_away():
    session = in_room(InteractiveFactory(starts_at=START))
    run = run_from(0, 45)
    match_runs([run])
    session.starts_at += timedelta(days=1)
    session.ends_at += timedelta(days=1)
    session.save()

    assert (match_runs([run]), run.session) == ({session.pk}, None)


def test_of_several_sessions_the_one_with_most_time_in_common_has_the_run():
    event = EventFactory()
    early, late = (
        InteractiveFactory(event=event, starts_at=START + timedelta(minutes=offset))
        for offset in (0, 60)
    )
    run = run_from(40, 110)

    assert {ruled_session(run, order)[0] for order in permutations([early, late])} == {late.pk}


def test_people_are_matched_by_user_id_only():
    ann = UserFactory(name="Ann Lee", email="ann@example.org")
    run = run_from(0, 45)
    ids = [kaltura_user_id(ann), kaltura_user_id(ann).upper(), "", "900", str(ann.pk), ann.email]
    for number, remote_user_id in enumerate(ids):
        Stay.objects.create(
            source="newrow",
            run=run,
            remote_key=str(number),
            remote_user_id=remote_user_id,
            name=ann.name,
            email=ann.email,
            joined_at=START,
            pulled_at=START,
        )

    assert match_people(Stay.objects.filter(run=run)) == 1
    stays = Stay.objects.order_by("remote_key").values_list("user", "matched_by")
    assert list(stays) == [(ann.pk, "user_id")] * 2 + [(None, "")] * 4
