"""Names go when their time is over, figures stay, and nothing is ever half done."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from analytics.figures.summary import event_figures_of
from analytics.models import (
    EventPrivacy,
    PrivacyChange,
    RecordingConsent,
    SessionAttendance,
    Stay,
    ViewerTotal,
)
from analytics.privacy.changing import privacy_tightened
from analytics.privacy.retention import apply_due, retain, retention_plans
from analytics.pull import pull_attendance, pull_one
from events.models import Event, Registration, TeamRole
from tests.analytics.privacy.test_erasing import figures, held, times, traces_of
from tests.factories import EventFactory, RegistrationFactory, TeamMemberFactory

__all__ = ["held"]  # A fixture.

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def over(held):
    """The conference with a guest, whose time for names ended yesterday."""
    conference, ada = held
    conference.visit(conference.rooms[0], "Zaphod Guest", 0, 15)
    pull_attendance(conference.event)
    today = timezone.localdate(timezone=conference.event.zone)
    conference.event.starts_on = conference.event.ends_on = today - timedelta(days=9)
    conference.event.save()
    EventPrivacy.objects.create(event=conference.event, retention_days=7)
    return conference, ada


@pytest.mark.parametrize("action", ["pseudonymise", "delete"])
def test_names_go_and_figures_stay(over, action):
    conference, ada = over
    EventPrivacy.objects.update(retention_action=action)
    (room,) = conference.rooms
    before, rows = figures(conference), times(room)
    registered = Registration.objects.count()
    assert traces_of("Zaphod")

    assert [plan.event for plan in apply_due()] == [conference.event]

    # The accounts are still theirs: only what says where they were is gone.
    assert traces_of("Zaphod", f"portal-{ada.uuid.hex}") == []
    assert SessionAttendance.objects.filter(user=ada).count() == 0
    assert Registration.objects.filter(user=ada).count() == 0
    assert (figures(conference), times(room)) == (before, rows)
    assert Registration.objects.count() == registered
    left = (Stay.objects.count(), ViewerTotal.objects.count())
    assert left == ((0, 0) if action == "delete" else (4, 1))


def test_many_people_cost_no_more_statements_than_few(over):
    conference, _ada = over
    other = EventFactory(starts_on=conference.event.starts_on, ends_on=conference.event.ends_on)
    for event, number in ((conference.event, 3), (other, 60)):
        for registration in RegistrationFactory.create_batch(number, event=event):
            RecordingConsent.objects.create(event=event, user=registration.user, is_given=True)
    EventPrivacy.objects.create(event=other, retention_days=7)

    def statements(event: Event) -> int:
        event_figures_of(event)  # As a pull leaves them.
        with CaptureQueriesContext(connection) as asked:
            assert retain(event)
        return len(asked)

    few = statements(conference.event)

    assert statements(other) <= few
    assert RecordingConsent.objects.count() == 0
    assert set(Registration.objects.values_list("user__name", flat=True)) == {"Unnamed person"}


def test_what_is_done_is_not_done_again_and_nothing_is_pulled_back(over):
    conference, ada = over
    apply_due()
    kept = list(SessionAttendance.objects.order_by("pk").values_list())

    assert (apply_due(), retain(conference.event)) == ([], False)
    pull_attendance(conference.event)
    for session in (*conference.rooms, *conference.webcasts):
        pull_one(session)
    assert list(SessionAttendance.objects.order_by("pk").values_list()) == kept
    assert traces_of("Zaphod", f"portal-{ada.uuid.hex}") == []
    assert PrivacyChange.objects.filter(field="retention").count() == 1


def test_it_is_never_half_done(over):
    _conference, ada = over

    def fail(**_: object) -> None:
        raise RuntimeError("No")

    privacy_tightened.connect(fail, dispatch_uid="fail")
    try:
        with pytest.raises(RuntimeError):
            apply_due()
    finally:
        privacy_tightened.disconnect(dispatch_uid="fail")
    assert Registration.objects.filter(user=ada).count() == 1
    assert SessionAttendance.objects.filter(user=ada).count() == 2
    assert len(apply_due()) == 1


def test_the_last_day_counts(over):
    event = over[0].event
    today = timezone.localdate(timezone=event.zone)
    for days, due in ((9, False), (8, True)):
        EventPrivacy.objects.update(retention_days=days)
        (plan,) = retention_plans()
        assert (plan.is_due, plan.due_on) == (due, event.ends_on + timedelta(days=days + 1))
    assert plan.due_on == today
    EventPrivacy.objects.update(retention_days=None)
    assert retention_plans() == []


def test_the_command_lists_before_it_does(over):
    event = over[0].event
    out = StringIO()
    call_command("attendance_retention", "--json", stdout=out)
    (row,) = json.loads(out.getvalue())["events"]

    assert {key: row[key] for key in ("event", "action", "due", "people", "stays")} == {
        "event": event.slug,
        "action": "pseudonymise",
        "due": True,
        "people": 2,
        "stays": 4,
    }
    assert traces_of("Zaphod")
    out = StringIO()
    call_command("attendance_retention", "--apply", stdout=out)
    assert out.getvalue().startswith(f"{event.slug}: pseudonymise, done; 2 people")
    assert traces_of("Zaphod") == []


def test_the_list_in_the_admin_has_ones_own_events_and_does_nothing(client, over):
    EventPrivacy.objects.create(event=EventFactory(title="Theirs"), retention_days=1)
    event = over[0].event
    client.force_login(TeamMemberFactory(event=event, role=TeamRole.ANALYST).user)
    page = client.get(reverse("admin:analytics_retention")).content.decode()

    assert (event.title in page, "Theirs" in page) == (True, False)
    assert EventPrivacy.objects.filter(retained_at__isnull=False).count() == 0
