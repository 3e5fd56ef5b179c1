"""Pieces computed side by side come to the same as one after the other."""

import time

import pytest
from django.db import connection

from analytics.figures import renewal, summary
from analytics.figures.parallel import side_by_side
from analytics.figures.renewal import renew
from analytics.figures.summary import figures_of
from analytics.models import SessionAttendance
from tests.analytics.support.oracle import expected_attendance, expected_figures, stored_attendance
from tests.analytics.support.stays import random_session
from tests.factories import EventFactory, UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def test_sessions_in_small_pieces_agree_with_the_definitions(monkeypatch):
    monkeypatch.setitem(renewal.AT_ONCE, connection.vendor, 2)
    monkeypatch.setattr(summary, "AT_ONCE", 2)
    people, event = UserFactory.create_batch(4), EventFactory()
    held = [random_session(n, event, people) for n in range(7)]

    counts = renew([session.pk for session in held], force=True)
    found = figures_of(held)

    assert counts.new == SessionAttendance.objects.count() > 0
    for session in held:
        assert stored_attendance(session) == expected_attendance(session)
        assert found[session.pk] == expected_figures(session)


def test_an_error_in_one_piece_ends_the_work_and_leaves_no_connection():
    def fail_at_three(number):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if number == 3:
            raise ValueError("Three.")
        return number

    with pytest.raises(ValueError, match="Three"):
        side_by_side(fail_at_three, [1, 2, 3, 4])

    if connection.vendor == "postgresql":
        # The server notices a moment later that a client has gone.
        until = time.monotonic() + 10
        while _connections() > 1 and time.monotonic() < until:
            time.sleep(0.05)
        assert _connections() == 1


def _connections():
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()")
        return cursor.fetchone()[0]
