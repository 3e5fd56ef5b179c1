"""seed_demo: what a newcomer finds, and what the benches measure on."""

from __future__ import annotations

import io
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db.models import Q

from events import signals
from events.models import Event, Registration, Session, SessionType, TeamMember, User
from kaltura_bridge.models import SyncTarget
from kaltura_bridge.sync.service import ensure_targets, settle, targets_of
from portal.seed import conferences, people, shift
from portal.seed.attendance import attended_sessions, visits_for

if TYPE_CHECKING:
    from kaltura_simulator.testing import Simulator

NOON = datetime(2026, 11, 21, 12, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def local_site(settings: Any) -> None:
    settings.SITE_URL = "http://localhost:8000"


def seed(*args: str) -> str:
    out = io.StringIO()
    call_command("seed_demo", *args, stdout=out)
    return out.getvalue()


def live_types(event: Event, now: datetime) -> set[str]:
    live = event.sessions.filter(
        starts_at__lte=now, ends_at__gte=now + timedelta(minutes=30), status="published"
    )
    return set(live.values_list("session_type", flat=True))


# --- The shift ---------------------------------------------------------------


@pytest.mark.parametrize("hour", range(24))
def test_schedule_is_in_full_swing_at_every_hour(hour):
    talks = conferences._agenda(conferences.MAIN).talks
    for minute in (0, 20, 40):
        now = datetime(2026, 11, 21, hour, minute, tzinfo=UTC)
        found = shift.shift_into_the_middle(talks, conferences.ZONE, now)
        assert shift.is_busy(talks, found, conferences.ZONE, now)


def test_shift_keeps_the_wall_clock_when_somebody_is_on_stage_anyway():
    talks = conferences._agenda(conferences.MAIN).talks
    # 13:10 in Berlin: the second day of 2014 has talks from 12:45 to 13:45.
    found = shift.shift_into_the_middle(talks, conferences.ZONE, NOON)

    assert found == shift.Shift(days=4346, clock=timedelta(0))
    local = {t.starts_at.astimezone(conferences.ZONE).strftime("%H:%M") for t in talks}
    moved = {
        found.moved(t.starts_at, conferences.ZONE).astimezone(conferences.ZONE).strftime("%H:%M")
        for t in talks
    }
    assert moved == local


# --- The demo ----------------------------------------------------------------


@pytest.mark.django_db
def test_demo_has_sessions_live_now_soon_and_over_and_an_event_to_come():
    with time_machine.travel(NOON, tick=False):
        seed()

    main, coming = Event.objects.get(slug="congress"), Event.objects.get(slug="camp")
    assert (main.sessions.count(), coming.sessions.count()) == (138, 79)
    assert live_types(main, NOON) == {SessionType.WEBCAST, SessionType.INTERACTIVE}
    assert main.sessions.filter(ends_at__lte=NOON).count() >= 20
    assert main.sessions.filter(
        starts_at__gt=NOON, starts_at__lt=NOON + timedelta(hours=2)
    ).exists()
    assert main.starts_on < NOON.date() < main.ends_on
    assert (coming.starts_on - NOON.date()).days == 28
    assert Counter(main.sessions.values_list("session_type", flat=True)) == {
        "webcast": 103,
        "interactive": 32,
        "webinar": 1,
        "studio": 1,
        "simulive": 1,
    }


@pytest.mark.django_db
def test_demo_accounts_sign_in_and_have_their_roles():
    with time_machine.travel(NOON, tick=False):
        seed()

    signed_in = {
        a.address: authenticate(username=a.address, password="demo-portal") for a in people.LOGINS
    }
    roles = dict(
        TeamMember.objects.filter(event__slug="congress").values_list("user__email", "role")
    )
    assert all(signed_in.values())
    assert roles == {
        "manager@demo.example": "owner",
        "moderator@demo.example": "moderator",
        "analyst@demo.example": "analyst",
    }
    attendee = signed_in["attendee@demo.example"]
    assert attendee is not None
    assert (attendee.is_staff, attendee.registrations.count(), attendee.bookmarks.count()) == (
        False,
        1,
        5,
    )
    assert set(attendee.emailaddress_set.values_list("verified", flat=True)) == {True}


@pytest.mark.django_db
def test_demo_people_include_names_that_try_to_be_more():
    with time_machine.travel(NOON, tick=False):
        seed()

    names = set(
        Registration.objects.filter(event__slug="congress").values_list("user__name", flat=True)
    )
    assert {
        "x,userContextualRole:0",
        '=HYPERLINK("http://evil.example","Click")',
        "محمد الحسيني",
    } <= names
    assert len(names) == 42


@pytest.mark.django_db
def test_second_seeding_changes_nothing_and_tells_nobody():
    told: list[Any] = []
    with time_machine.travel(NOON, tick=False):
        seed()
        before = [
            list(m.objects.order_by("pk").values()) for m in (Event, Session, User, Registration)
        ]
        for signal in signals.CHANGED.values():
            signal.connect(lambda **kwargs: told.append(kwargs), weak=False, dispatch_uid="seed")
        seed()
        for signal in signals.CHANGED.values():
            signal.disconnect(dispatch_uid="seed")

    after = [list(m.objects.order_by("pk").values()) for m in (Event, Session, User, Registration)]
    assert (after, told) == (before, [])


@pytest.mark.django_db
def test_demo_whose_days_are_over_says_how_to_start_over():
    with time_machine.travel(NOON, tick=False):
        seed()
    with time_machine.travel(NOON + timedelta(days=5), tick=False):
        text = seed()

    assert text.splitlines()[-1] == (
        "The demo event has ended, so nothing is live. To start over: make demo-reset"
    )


@pytest.mark.django_db
def test_demo_without_a_local_kaltura_says_what_is_missing():
    text = seed()

    assert "No attendance: No local Kaltura answers at KALTURA_SERVICE_URL" in text
    with pytest.raises(CommandError, match="Start kaltura_simulator there"):
        seed("--attendance", "10")


@pytest.mark.django_db
def test_known_passwords_are_refused_on_a_public_site(settings):
    settings.SITE_URL = "https://events.example.org"

    with pytest.raises(CommandError, match="Run it on localhost, or with DEMO=true") as refusal:
        seed()

    assert (refusal.value.returncode, User.objects.count()) == (2, 0)


@pytest.mark.parametrize("text", ["-1", "many", "1.5", "²"])
def test_sizes_are_whole_numbers(text):
    with pytest.raises(CommandError, match="is not a number"):
        call_command("seed_demo", f"--sessions={text}")


# --- Attendance --------------------------------------------------------------


@pytest.mark.django_db
def test_visits_are_the_same_each_time_and_lie_in_their_sessions():
    with time_machine.travel(NOON, tick=False):
        seed()
    main = Event.objects.get(slug="congress")
    sessions = attended_sessions(main, 200, NOON)
    places = {session.pk: f"0_{session.pk:08}" for session in sessions}
    guests = list(User.objects.filter(email__startswith="guest").order_by("email"))

    first, second = (visits_for(sessions, places, guests, 200) for _ in range(2))

    assert first == second
    assert len(first) == 200
    assert all(visit["joined"] < visit["left"] <= NOON.timestamp() for visit in first)
    assert {s.session_type for s in sessions} == {SessionType.WEBCAST, SessionType.INTERACTIVE}
    assert sum(visit["userId"] == "somebody-else" for visit in first) == 1


@pytest.mark.django_db(transaction=True)
def test_demo_with_a_local_kaltura_has_attendance_and_live_sessions_in_step(simulator: Simulator):
    from analytics.models import SessionAttendance
    from kaltura_bridge.join.destination import remote_entry_id

    text = seed("--attendance", "120")
    again = seed("--attendance", "120")

    main, now = Event.objects.get(slug="congress"), datetime.now(UTC)
    attended = attended_sessions(main, 120, now)
    live = list(main.sessions.filter(starts_at__lte=now, ends_at__gt=now))
    assert "120 visits added" in text
    assert " 0 visits added" in again
    places = {remote_entry_id(session) for session in attended}
    assert len([v for v in simulator.visits() if v["entryId"] in places]) == 120
    watched = [s for s in live if s.session_type == SessionType.WEBCAST]
    assert set(SessionAttendance.objects.values_list("session", flat=True)) == {
        s.pk for s in [*attended, *watched]
    }
    assert all(remote_entry_id(session) for session in live)
    on_air = {row["id"] for row in simulator.objects("liveStream") if row["liveStatus"]}
    webcasts = {remote_entry_id(s) for s in watched}
    assert on_air >= webcasts
    assert {visit["entryId"] for visit in simulator.visits()} >= webcasts


@pytest.mark.django_db(transaction=True)
def test_demo_has_recordings_with_captions_ordered_by_a_rule(simulator: Simulator):
    from kaltura_bridge.models import CaptionOrder, CaptionTrack, Recording

    text = seed("--attendance", "10")
    again = seed("--attendance", "10")

    assert "Recordings: 6, 4 of them with captions." in text
    assert "Recordings" not in again
    recordings = Recording.objects.filter(session__ends_at__lte=datetime.now(UTC))
    assert Counter(recordings.values_list("state", "is_published", "is_main")) == {
        ("ready", True, True): 5,
        ("processing", True, False): 1,
    }
    orders = CaptionOrder.objects.filter(feature="captions")
    assert Counter(orders.values_list("state", flat=True)) == {"ready": 4, "processing": 1}
    assert all(order.price and order.rule for order in orders.select_related("rule"))
    spoken = CaptionTrack.objects.filter(is_shown=True, words__contains="please line up")
    assert spoken.count() == 4


@pytest.mark.django_db(transaction=True)
def test_demo_has_a_coming_session_of_every_type_and_all_go_to_kaltura(simulator: Simulator):
    with time_machine.travel(NOON, tick=False):
        seed()
    main = Event.objects.get(slug="congress")
    rarer = main.sessions.exclude(
        session_type__in=[SessionType.WEBCAST, SessionType.INTERACTIVE]
    ).order_by("session_type")
    uuids = [session.uuid for session in rarer]

    ensure_targets(main)
    parents = Q(kind__in=["event", "track"])
    work = settle(targets_of(main).filter(parents | Q(object_uuid__in=uuids)), 20)

    states = SyncTarget.objects.filter(object_uuid__in=uuids).values_list("state", "error")
    assert [s.session_type for s in rarer] == ["simulive", "studio", "webinar"]
    assert all(session.starts_at > NOON for session in rarer)
    assert (list(states), work.writes > 0) == ([("synced", "")] * 3, True)


# --- The synthetic event -----------------------------------------------------


@pytest.mark.django_db
def test_synthetic_event_has_the_size_and_the_ids_asked_for():
    seed("--sessions", "25", "--attendees", "12")
    ids = list(Session.objects.order_by("pk").values_list("uuid", "title"))
    seed("--sessions", "30", "--attendees", "15")

    event = Event.objects.get()
    assert (event.slug, event.sessions.count(), event.registrations.count()) == (
        "synthetic",
        30,
        15,
    )
    assert list(event.sessions.order_by("pk").values_list("uuid", "title"))[:25] == ids
    assert str(ids[0][0]) == str(people.stable_uuid("session", "synthetic", "session-00000"))


@pytest.mark.django_db(transaction=True)
def test_synthetic_attendance_reaches_the_figures(simulator: Simulator):
    from analytics.models import SessionAttendance

    seed("--sessions", "220", "--attendees", "30")
    event = Event.objects.get()
    # Only a handful of its sessions need to be over for this.
    assert event.sessions.filter(ends_at__lt=datetime.now(UTC)).count() >= 100

    text = seed("--sessions", "220", "--attendees", "30", "--attendance", "60")

    assert "Attendance of 2 sessions: 60 visits added" in text
    assert SessionAttendance.objects.filter(session__event=event).count() >= 30
