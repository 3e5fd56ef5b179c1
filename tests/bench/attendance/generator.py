"""A conference full of stays, made by the database itself: no stay passes through Python.

The same numbers give the same rows, spread by multiplication with primes. In every session
its own 633 people are seen, 3.16 times on average: they rejoin, overlap, come too early,
and one in twenty is a guest.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import connection

from analytics.figures.dialect import dialect, written
from analytics.models import Coverage, RoomRun, Source
from events.models import Event, EventStatus, Registration, Session, SessionStatus, Track, User

START: Final = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
ROOMS: Final = 25
PEOPLE: Final = 10_000
REGISTERED: Final = 100
PEOPLE_A_SESSION: Final = 633
HOUR: Final = timedelta(hours=1)

STAYS: Final = """
INSERT INTO {Stay} (source, run_id, remote_key, remote_user_id, name, email, joined_at, left_at,
    minutes, attention, open_interval, user_id, matched_by, raw, pulled_at)
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {stays}),
spread AS (
    SELECT i, i % {runs} AS run, (i / {runs} * 7919) % {people_a_session} AS person,
        (CAST(i AS bigint) * 104729) % 6600 - 900 AS joined_s,
        (CAST(i AS bigint) * 15485863) % 2400 + 5 AS length_s
    FROM n
),
timed AS (
    SELECT s.*, r.id AS run_id, r.remote_id, r.pulled_at,
        {run_start} + (joined_s + 900) * CAST(1000000 AS bigint) AS joined,
        CASE WHEN person % 20 = 0 THEN NULL
            ELSE {first_user} + (s.run * 13 + person) % {people} END AS account
    FROM spread s JOIN {RoomRun} r ON r.id = {first_run} + s.run
)
SELECT 'newrow', t.run_id, t.remote_id || '/' || t.person || '/' || t.i,
    COALESCE('portal-' || REPLACE(CAST(u.uuid AS text), '-', ''), 'guest-' || t.person),
    COALESCE(u.name, 'Guest ' || t.person), COALESCE(u.email, ''),
    {joined}, {left}, ROUND(t.length_s / 60.0, 4), (t.i * 31) % 101,
    {false}, {user}, {matched},
    CAST('{{"session_id": "' || t.remote_id || '", "user_id": "' || t.person ||
        '", "user_type": "user", "user_name": "' || COALESCE(u.name, 'Guest') ||
        '", "user_email": "", "time_joined": "' || t.joined / 1000000 || '", "time_left": "' ||
        (t.joined / 1000000 + t.length_s) || '", "duration": "20.5", "attention": "34%"}}'
        AS {json}),
    t.pulled_at
FROM timed t LEFT JOIN {User} u ON u.id = t.account
"""


def conference(sessions: int) -> Event:
    """An event of so many sessions in rooms that ran, with registered people and no stays yet."""
    event = Event.objects.create(
        title="Bench",
        slug="attendance-bench",
        status=EventStatus.PUBLISHED,
        starts_on=START.date(),
        ends_on=START.date() + timedelta(days=1 + sessions // ROOMS // 8),
        timezone="Europe/Berlin",
    )
    tracks = [Track.objects.create(event=event, name=f"Track {n}") for n in range(5)]
    planned = [
        Session(
            event=event,
            track=tracks[n % len(tracks)],
            slug=f"session-{n}",
            title=f"Session {n}",
            session_type="interactive",
            status=SessionStatus.PUBLISHED,
            starts_at=(
                start := START + n // ROOMS // 8 * timedelta(days=1) + n // ROOMS % 8 * HOUR
            ),
            ends_at=start + timedelta(minutes=45),
        )
        for n in range(sessions)
    ]
    held = Session.objects.bulk_create(planned, batch_size=500)
    people = User.objects.bulk_create(
        [User(email=f"p{n}@bench.example", name=f"Attendee {n}") for n in range(PEOPLE)],
        batch_size=500,
    )
    # Files have a row for each registered person and session: few, so that stays are measured.
    places = [Registration(event=event, user=user) for user in people[:REGISTERED]]
    Registration.objects.bulk_create(places, batch_size=500)
    RoomRun.objects.bulk_create([_run(session) for session in held], batch_size=500)
    Coverage.objects.bulk_create([_coverage(session) for session in held], batch_size=500)
    return event


def _run(session: Session) -> RoomRun:
    return RoomRun(
        source=Source.NEWROW,
        remote_id=f"run-{session.slug}",
        room_remote_id=f"1_{session.slug}",
        room_name=session.title,
        started_at=session.starts_at - timedelta(minutes=15),
        ended_at=session.ends_at + timedelta(hours=2),
        session=session,
        event=session.event,
        pulled_at=session.ends_at + timedelta(hours=3),
    )


def _coverage(session: Session) -> Coverage:
    at = session.ends_at + timedelta(hours=3)
    return Coverage(session=session, source=Source.NEWROW, attempted_at=at, pulled_at=at)


def fill(event: Event, stays: int, *, matched: bool = True) -> None:
    """So many stays in the event's runs; not yet matched to people unless ``matched``."""
    own = dialect()
    is_postgresql = connection.vendor == "postgresql"
    runs = sorted(RoomRun.objects.filter(event=event).values_list("pk", flat=True))
    first_user = User.objects.filter(email="p0@bench.example").values_list("pk", flat=True)[0]
    statement = written(
        STAYS,
        stays=str(stays),
        runs=str(len(runs)),
        first_run=str(runs[0]),
        people=str(PEOPLE),
        people_a_session=str(PEOPLE_A_SESSION),
        first_user=str(first_user),
        run_start=own.unix("r.started_at"),
        joined=own.stored("t.joined"),
        left=own.stored("t.joined + t.length_s * 1000000"),
        user="u.id" if matched else "NULL",
        matched="CASE WHEN u.id IS NULL THEN '' ELSE 'user_id' END" if matched else "''",
        json="jsonb" if is_postgresql else "text",
        false="false" if is_postgresql else "0",
    )
    with connection.cursor() as cursor:
        # Before as well: without figures about the new rows, the join would be a loop in a loop.
        cursor.execute("ANALYZE")
        cursor.execute(statement)
        cursor.execute("ANALYZE")
