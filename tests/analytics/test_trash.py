"""Attendance of a restored session: what was reported is there, and figures come out the same."""

from __future__ import annotations

import pytest

from analytics.figures.renewal import renew
from analytics.models import RoomRun, SessionAttendance, Stay, ViewerTotal
from events.actions import delete_planned
from events.models import Session, TrashedObject
from events.trash.restoring import restore
from tests.analytics.support.oracle import stored_attendance
from tests.analytics.support.stays import random_session
from tests.factories import EventFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def test_attendance_is_computed_again_as_it_was():
    session = random_session(7, EventFactory(), UserFactory.create_batch(6))
    renew([session.pk], force=True)
    before = stored_attendance(session)
    reported = [list(rows.objects.order_by("pk").values()) for rows in (RoomRun, Stay, ViewerTotal)]

    delete_planned(Session.objects.get(pk=session.pk))
    assert not SessionAttendance.objects.exists()
    restore(TrashedObject.objects.get().pk)
    renew([session.pk])

    again = [list(rows.objects.order_by("pk").values()) for rows in (RoomRun, Stay, ViewerTotal)]
    assert before
    assert stored_attendance(session) == before
    assert again == reported
