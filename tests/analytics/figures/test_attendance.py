from datetime import timedelta

import pytest
from django.db import connection

from analytics.figures.renewal import renew
from tests.analytics.support.oracle import expected_attendance, stored_attendance
from tests.analytics.support.stays import NINE, at, random_session, run_in, stay_in
from tests.factories import EventFactory, InteractiveFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

MANY = [
    pytest.param(200, id="200"),
    pytest.param(10_000, id="10,000", marks=pytest.mark.proof),
]


@pytest.mark.parametrize("sessions", MANY)
def test_sql_agrees_with_the_definitions_on_random_sessions(sessions):
    people = UserFactory.create_batch(6)
    for start in range(0, sessions, 200):
        event = EventFactory(slug=f"conf-{start}")
        held = [random_session(start + n, event, people) for n in range(min(200, sessions))]

        renew([session.pk for session in held], force=True)

        for session in held:
            assert stored_attendance(session) == expected_attendance(session)


@pytest.mark.parametrize("micros", [1, 499_999, 500_000, 999_499, 999_500, 999_999])
def test_fractions_of_a_second_are_kept(micros):
    session = InteractiveFactory(starts_at=NINE, ends_at=at(45))
    joined = at(5) + timedelta(microseconds=micros)
    stay_in(run_in(session, 0, at(60)), "1", joined, joined + timedelta(seconds=30)).save()

    renew([session.pk], force=True)

    assert stored_attendance(session) == expected_attendance(session)
    [row] = stored_attendance(session).values()
    assert row["present_from"] == joined


def test_sqlite_says_when_there_are_too_many_stays(caplog):
    session = InteractiveFactory(starts_at=NINE, ends_at=at(45))
    row = stay_in(run_in(session, 0, at(60)), "1", at(0), at(5))
    row.pk = 200_001
    row.save()

    renew([session.pk])

    is_sqlite = connection.vendor == "sqlite"
    assert ("use PostgreSQL" in caplog.text) == is_sqlite
