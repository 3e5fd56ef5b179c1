"""Planned files: made once for each time, told by mail, ended when nobody may or can."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from threading import Thread

import pytest
from django.conf import settings
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from analytics.exports import making
from analytics.exports.making import make_due, make_file
from analytics.exports.schedules import next_run, start_due
from analytics.models import (
    AttendanceFile,
    ColumnPreset,
    FileSchedule,
    FileState,
    ScheduleState,
)
from analytics.privacy.erasing import erase_person
from analytics.tasks import make_attendance_files
from events.models import Event, SessionStatus, TeamMember, TeamRole, User
from events.outbox.sending import send_due
from tests.factories import EventFactory, SessionFactory, TeamMemberFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

NOON = datetime(2030, 5, 7, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path) -> Path:
    settings.EXPORT_DIR = tmp_path / "exports"
    return settings.EXPORT_DIR


@pytest.fixture
def owner(event) -> User:
    return TeamMemberFactory(event=event, role=TeamRole.ANALYST).user


@pytest.fixture
def analyst(client, owner) -> Client:
    client.force_login(owner)
    return client


def planned(event: Event, owner: User, **fields) -> FileSchedule:
    values = {
        "level": "stay",
        "form": "csv",
        "show": "all",
        "reason": "Audit",
        "repeats": "daily",
        "next_run_at": NOON,
    }
    return FileSchedule.objects.create(event=event, user=owner, **{**values, **fields})


def states() -> list[str]:
    return list(AttendanceFile.objects.order_by("pk").values_list("state", flat=True))


def all_due_again() -> None:
    """As when the pause after a failure is over."""
    AttendanceFile.objects.update(not_before=None)


# --- When -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "after", "expected"),
    [
        # The same time on the clock, an hour less or more apart: New York, March and November.
        (time(6), "2030-03-09T12:00", "2030-03-10T10:00"),
        (time(6), "2030-03-08T12:00", "2030-03-09T11:00"),
        (time(6), "2030-11-03T00:00", "2030-11-03T11:00"),
        # 02:30 that the clocks skip, 01:30 that comes twice: the first is meant, and once.
        (time(2, 30), "2030-03-10T00:00", "2030-03-10T07:30"),
        (time(1, 30), "2030-11-03T00:00", "2030-11-03T05:30"),
        (time(1, 30), "2030-11-03T05:30", "2030-11-04T06:30"),
        # Due now is not due again now.
        (time(6), "2030-06-01T10:00", "2030-06-02T10:00"),
    ],
)
def test_daily_is_the_same_time_on_the_clock_of_the_event(at, after, expected):
    event = EventFactory(timezone="America/New_York")
    schedule = FileSchedule(event=event, repeats="daily", at=at)
    moment = datetime.fromisoformat(after).replace(tzinfo=UTC)

    assert next_run(schedule, moment) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_weekly_is_on_its_day_in_the_zone_of_the_event():
    event = EventFactory(timezone="Pacific/Auckland")
    schedule = FileSchedule(event=event, repeats="weekly", weekday=0, at=time(8))

    # Sunday evening in UTC is Monday morning there.
    assert next_run(schedule, datetime(2030, 6, 5, tzinfo=UTC)) == datetime(
        2030, 6, 9, 20, tzinfo=UTC
    )


def test_once_follows_the_end_of_the_last_session(event, owner):
    last = event.sessions.order_by("ends_at").filter(status=SessionStatus.PUBLISHED).last()
    schedule = planned(event, owner, repeats="after_end", hours_after=3, next_run_at=None)
    due = last.ends_at + timedelta(hours=3)
    assert next_run(schedule, NOON) == due

    start_due(due - timedelta(minutes=1))
    last.ends_at += timedelta(hours=1)
    last.save()
    start_due(due)
    assert (states(), FileSchedule.objects.get().next_run_at) == ([], due + timedelta(hours=1))

    for _ in range(2):
        start_due(due + timedelta(hours=1))
    schedule.refresh_from_db()
    assert (states(), schedule.state, schedule.next_run_at) == (["waiting"], "done", None)


def test_once_without_sessions_follows_the_last_day():
    event = EventFactory(timezone="Europe/Berlin")
    schedule = FileSchedule(event=event, repeats="after_end", hours_after=2)
    midnight = datetime.combine(event.ends_on + timedelta(days=1), time(2), event.zone)

    assert next_run(schedule, NOON) == midnight


def test_a_beat_that_comes_late_makes_one_file(event, owner):
    schedule = planned(event, owner, at=time(12))
    start_due(NOON + timedelta(days=4, hours=1))
    schedule.refresh_from_db()

    file = AttendanceFile.objects.get()
    assert (file.due_at, file.user, file.reason) == (NOON, owner, "Audit")
    assert schedule.next_run_at > NOON + timedelta(days=4, hours=1)


def test_a_change_of_zone_moves_the_next_time(event, owner):
    schedule = planned(event, owner, at=time(6), next_run_at=NOON + timedelta(hours=1))
    Event.objects.filter(pk=event.pk).update(timezone="UTC")
    start_due(NOON)
    schedule.refresh_from_db()

    assert schedule.next_run_at == datetime(2030, 5, 8, 6, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_start_it_once(event, owner):
    planned(event, owner)

    def work() -> None:
        try:
            start_due(NOON)
        finally:
            connection.close()

    workers = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert states() == ["waiting"]


def test_a_worker_that_dies_while_it_starts_has_started_nothing(event, owner, monkeypatch):
    planned(event, owner)

    class Killed(BaseException):
        pass

    def killed(**fields):
        raise Killed

    with monkeypatch.context() as broken:
        broken.setattr(AttendanceFile.objects, "create", killed)
        with pytest.raises(Killed):
            start_due(NOON)
    assert FileSchedule.objects.get().next_run_at == NOON

    start_due(NOON)
    start_due(NOON)
    assert states() == ["waiting"]


# --- The file, and the mail -----------------------------------------------------------------


def test_its_owner_is_told_by_a_link_that_asks_to_sign_in(analyst, event, owner):
    planned(event, owner)
    start_due(NOON)
    make_due()
    send_due(1.0)

    file = AttendanceFile.objects.get()
    url = reverse("admin:analytics_file", args=[event.pk, file.uuid])
    [letter] = mail.outbox
    html = letter.alternatives[0].content
    assert (letter.to, letter.attachments) == ([owner.email], [])
    assert letter.subject == f"The attendance file of {event.title} is ready"
    assert (url in letter.body, url in html) == (True, True)
    assert "Reported" not in letter.body + html

    stranger = Client().get(url)
    assert (stranger.status_code, stranger.url.partition("?")[0]) == (302, "/admin/login/")
    assert analyst.get(url).getvalue().startswith(b"event,session_id")
    assert file.expires_at > timezone.now() + timedelta(days=6)


def test_nobody_is_told_who_lost_the_role_before_the_mail_left(event, owner):
    planned(event, owner)
    start_due(NOON)
    make_due()
    TeamMember.objects.filter(user=owner).update(role=TeamRole.MODERATOR)
    send_due(1.0)

    assert mail.outbox == []


def test_it_stops_for_who_lost_the_role_before_it_is_due(event, owner):
    schedule = planned(event, owner)
    TeamMember.objects.filter(user=owner).delete()
    start_due(NOON)
    schedule.refresh_from_db()

    assert (states(), schedule.state) == ([], ScheduleState.STOPPED)
    assert schedule.stopped_because == "Its owner may no longer read the figures of the event."


def test_it_stops_for_who_lost_the_role_before_it_is_made(event, owner, folder):
    schedule = planned(event, owner)
    start_due(NOON)
    User.objects.filter(pk=owner.pk).update(is_active=False)
    make_due()
    schedule.refresh_from_db()

    assert (states(), schedule.state) == (["cancelled"], ScheduleState.STOPPED)
    assert list(folder.glob("*")) == []


def test_who_is_erased_leaves_no_plan_and_no_preset(event, owner):
    preset = ColumnPreset.objects.create(event=event, user=owner, name="Mine", level="stay")
    planned(event, owner, preset=preset)
    start_due(NOON)
    erase_person(owner, None)

    assert not FileSchedule.objects.exists()
    assert not ColumnPreset.objects.exists()
    assert not AttendanceFile.objects.exists()


def test_names_without_a_reason_are_not_sent(event, owner):
    """Planned while people stood under codes, which they no longer do."""
    schedule = planned(event, owner, reason="")
    start_due(NOON)
    schedule.refresh_from_db()

    assert (states(), schedule.state) == ([], ScheduleState.STOPPED)


@pytest.mark.parametrize("repeats", ["daily", "after_end"])
def test_it_is_given_up_after_five_failures_and_says_so(
    analyst, event, owner, monkeypatch, repeats
):
    schedule = planned(event, owner, repeats=repeats, hours_after=0)
    start_due(NOON + timedelta(days=30))

    def disk_full(*args, **more):
        raise OSError("No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(making, "_pieces", disk_full)
        for failures in range(1, 5):
            make_due()
            make_due()  # Not again before its pause is over.
            schedule.refresh_from_db()
            assert (states(), schedule.failures) == (["waiting"], failures)
            all_due_again()
        make_due()
    schedule.refresh_from_db()
    assert (states(), schedule.state) == (["failed"], ScheduleState.STOPPED)
    send_due(1.0)
    [letter] = mail.outbox
    assert letter.subject == f"The planned attendance file of {event.title} has stopped"
    assert "could not be made five times in a row" in letter.body

    act(analyst, schedule, "resume")
    schedule.refresh_from_db()
    assert (schedule.state, schedule.failures) == (ScheduleState.ACTIVE, 0)
    start_due(schedule.next_run_at)
    make_due()
    assert states() == ["failed", "ready"]


def test_a_success_forgets_the_failures_before(event, owner, monkeypatch):
    schedule = planned(event, owner)
    start_due(NOON)
    with monkeypatch.context() as broken:
        broken.setattr(making, "_pieces", lambda *args: iter([1]))
        make_due()
    all_due_again()
    make_due()
    schedule.refresh_from_db()

    assert (states(), schedule.failures) == (["ready"], 0)


def test_what_kills_its_workers_counts_as_a_failure(event, owner):
    schedule = planned(event, owner)
    start_due(NOON)
    AttendanceFile.objects.update(
        state=FileState.MAKING, attempts=3, claimed_until=timezone.now() - timedelta(minutes=1)
    )
    make_due()
    schedule.refresh_from_db()

    assert (states(), schedule.failures) == (["waiting"], 1)


def test_it_is_made_once_whoever_makes_it(event, owner, monkeypatch):
    planned(event, owner)
    start_due(NOON)
    [pk] = AttendanceFile.objects.values_list("pk", flat=True)
    seen = []
    pieces = making._pieces

    def meanwhile(*args):
        start_due(NOON)
        seen.append(make_file(pk))
        return pieces(*args)

    monkeypatch.setattr(making, "_pieces", meanwhile)
    make_due()
    send_due(1.0)

    assert (states(), seen, len(mail.outbox)) == (["ready"], [False], 1)


STUCK = """
import time
from analytics.exports import {module}

def stuck(*args, **more):
    print("stuck", flush=True)
    time.sleep(60)

{module}.{name} = stuck
from analytics.tasks import make_attendance_files
make_attendance_files()
"""


@pytest.mark.proof
@pytest.mark.parametrize(
    "place", ["schedules.columns_of", "making._pieces", "making.path_of", "schedules.tell_ready"]
)
def test_a_worker_killed_anywhere_costs_no_file_and_doubles_none(
    transactional_db, event, owner, folder, portal_env, place
):
    planned(event, owner, next_run_at=timezone.now() - timedelta(minutes=1))
    module, _, name = place.partition(".")
    program = STUCK.format(module=module, name=name)
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "-v0", "-c", program],
        cwd=settings.BASE_DIR,
        env={**portal_env(), "EXPORT_DIR": str(folder)},
        stdout=subprocess.PIPE,
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == b"stuck\n"
    worker.kill()
    worker.communicate()

    # Its claim runs out by itself, after a quarter of an hour.
    AttendanceFile.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    make_attendance_files()
    send_due(1.0)
    assert (states(), len(mail.outbox)) == (["ready"], 1)
    assert [path.name for path in folder.iterdir()] == [str(AttendanceFile.objects.get().uuid)]


# --- The pages ------------------------------------------------------------------------------


def act(client: Client, schedule: FileSchedule, do: str) -> int:
    url = reverse("admin:analytics_file_plan", args=[schedule.event_id, schedule.uuid])
    return client.post(url, {"do": do}).status_code


def test_an_analyst_plans_pauses_resumes_and_deletes(analyst, event, owner):
    wish = {
        **{"level": "person", "form": "xlsx", "show": "attended", "reason": "Board"},
        **{"repeats": "weekly", "weekday": "4", "at": "07:30", "hours_after": "24"},
    }
    reply = analyst.post(reverse("admin:analytics_plan_file", args=[event.pk]), wish)
    assert reply.status_code == 302
    schedule = FileSchedule.objects.get()
    assert (schedule.user, schedule.at, schedule.weekday) == (owner, time(7, 30), 4)
    there = schedule.next_run_at.astimezone(event.zone)
    assert (there.weekday(), there.time()) == (4, time(7, 30))
    page = analyst.get(reverse("admin:analytics_event_files", args=[event.pk])).content.decode()
    assert f"{there:%H:%M}" in page
    assert "Friday, 07:30" in page

    found = []
    for do in ("pause", "resume", "resume"):
        act(analyst, schedule, do)
        schedule.refresh_from_db()
        found.append((schedule.state, schedule.next_run_at is None))
    assert found == [("paused", True), ("active", False), ("active", False)]
    act(analyst, schedule, "delete")
    assert not FileSchedule.objects.exists()


def test_what_is_paused_or_deleted_makes_nothing_any_more(analyst, event, owner):
    first, second = planned(event, owner), planned(event, owner)
    start_due(NOON)
    act(analyst, first, "pause")
    act(analyst, second, "delete")
    start_due(NOON + timedelta(days=9))
    make_due()

    assert states() == ["cancelled", "cancelled"]


def test_a_plan_names_what_it_cannot_do(analyst, event):
    wish = {"level": "stay", "form": "csv", "show": "all", "repeats": "daily", "weekday": "9"}
    url = reverse("admin:analytics_plan_file", args=[event.pk])
    form = analyst.post(url, {**wish, "at": "25:00", "hours_after": "721"}).context["form"]

    assert sorted(form.errors) == ["at", "hours_after", "reason", "weekday"]


def test_a_planned_file_follows_its_preset_and_keeps_its_columns(analyst, event, owner):
    preset = ColumnPreset.objects.create(
        event=event, user=owner, name="Few", level="stay", columns=["minutes"]
    )
    schedule = planned(event, owner, preset=preset, columns=["minutes"])
    preset.columns = ["attendee_id", "minutes"]
    preset.save()
    start_due(NOON)
    analyst.post(reverse("admin:analytics_preset_delete", args=[event.pk, preset.uuid]))
    schedule.refresh_from_db()
    start_due(schedule.next_run_at)

    columns = AttendanceFile.objects.order_by("pk").values_list("columns", flat=True)
    assert list(columns) == [["attendee_id", "minutes"]] * 2


def test_sessions_of_drafts_do_not_count_as_the_end():
    event = EventFactory()
    end = NOON + timedelta(days=900)
    SessionFactory(event=event, status="draft", starts_at=end - timedelta(hours=1), ends_at=end)
    schedule = FileSchedule(event=event, repeats="after_end", hours_after=0)

    assert next_run(schedule, NOON) < NOON + timedelta(days=800)
