from datetime import timedelta

import pytest
from django.db import connection

from analytics.figures import renewal
from analytics.figures.renewal import renew
from tests.analytics.support.oracle import (
    expected_attendance,
    expected_attendances,
    stored_attendance,
    stored_attendances,
)
from tests.analytics.support.stays import NINE, at, random_sessions, run_in, stay_in
from tests.factories import EventFactory, InteractiveFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

# In parts, so that several processes share the many.
MANY = [
    pytest.param(range(200), id="200"),
    *(
        pytest.param(range(first, first + 1000), id=f"10,000-{first}", marks=pytest.mark.proof)
        for first in range(0, 10_000, 1000)
    ),
]


@pytest.mark.parametrize("sessions", MANY)
def test_sql_agrees_with_the_definitions_on_random_sessions(sessions):
    held = random_sessions(sessions, EventFactory(), UserFactory.create_batch(6))

    renew([session.pk for session in held], force=True)

    stored, expected = stored_attendances(held), expected_attendances(held)
    for session in held:
        assert stored[session.pk] == expected[session.pk]


@pytest.mark.parametrize("micros", [1, 499_999, 500_000, 999_499, 999_500, 999_999])
def test_fractions_of_a_second_are_kept(micros):
    session = InteractiveFactory(starts_at=NINE, ends_at=at(45))
    joined = at(5) + timedelta(microseconds=micros)
    stay_in(run_in(session, 0, at(60)), "1", joined, joined + timedelta(seconds=30)).save()

    renew([session.pk], force=True)

    assert stored_attendance(session) == expected_attendance(session)
    [row] = stored_attendance(session).values()
    assert row["present_from"] == joined


def test_sqlite_says_when_there_are_too_many_stays(caplog, monkeypatch):
    monkeypatch.setattr(renewal, "SQLITE_STAYS", 1)
    session = InteractiveFactory(starts_at=NINE, ends_at=at(45))
    run = run_in(session, 0, at(60))
    for number in range(2):
        stay_in(run, "1", at(0), at(5), key=str(number)).save()

    renew([session.pk])

    is_sqlite = connection.vendor == "sqlite"
    assert ("use PostgreSQL" in caplog.text) == is_sqlite
