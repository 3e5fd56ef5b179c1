import threading
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analytics.figures.summary import event_figures_of
from analytics.figures.versions import note_changed
from analytics.models import (
    Coverage,
    PullRun,
    SessionAttendance,
    Stay,
    StoredEventFigures,
    StoredFigures,
)
from analytics.pull import pull_attendance
from analytics.tasks import pull_attendance as scheduled_pull
from analytics.tasks import renew_figures
from events.actions import move_session
from events.models import Event, User, WaitingListEntry
from events.registration.places import register, withdraw
from portal.celery import app
from tests.factories import SessionSpeakerFactory, SpeakerFactory, UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def minutes(session):
    row = SessionAttendance.objects.get(session=session)
    return str(row.minutes_present), str(row.scheduled_percent)


def test_moving_a_session_counts_its_attendance_anew(hold, task_app):
    conference = hold()
    (room,) = conference.rooms
    conference.visit(room, conference.person("Ann"), 0, 45)
    pull_attendance(conference.event)
    before = minutes(room)

    # Half an hour later: the doors open in the middle of what was the session.
    move_session(room, room.starts_at + timedelta(minutes=30), room.ends_at + timedelta(minutes=30))

    assert (before, minutes(room)) == (("45.00", "100.0"), ("30.00", "33.3"))


def test_other_doors_count_the_attendance_anew(hold, task_app):
    conference = hold()
    (room,) = conference.rooms
    conference.visit(room, conference.person("Ann"), -15, 10)
    pull_attendance(conference.event)
    before = minutes(room)

    conference.event.doors_open_minutes = 5
    conference.event.save()

    assert (before, minutes(room)) == (("25.00", "22.2"), ("15.00", "22.2"))


@pytest.mark.parametrize("capacity", [None, 2])
def test_a_place_that_changes_hands_is_counted_with_who_has_it(hold, task_app, client, capacity):
    """One gives up a place, another takes it: as many as before, and not the same people."""
    conference = hold()
    (room,), event = conference.rooms, conference.event
    ann, _, ben = conference.person("Ann"), conference.person("Cyd"), UserFactory()
    if capacity:
        Event.objects.filter(pk=event.pk).update(capacity=capacity)
        WaitingListEntry.objects.create(event=event, user=ben)
    conference.visit(room, ann, 0, 45)
    pull_attendance(event)
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    report = reverse("admin:analytics_session_report", args=[room.pk])

    def people():
        return [number for _, _, number, _ in client.get(report).context["filters"]]

    before = people()
    withdraw(ann, event)
    if not capacity:
        register(ben, event)

    # Everyone, attended, registered and did not come, guests.
    assert (before, people()) == ([2, 1, 1, 0], [3, 1, 2, 0])


def test_other_words_count_nothing_anew(hold, task_app):
    """Titles and texts are edited again and again; nothing about attendance rests on them."""
    conference = hold()
    (room,) = conference.rooms
    conference.visit(room, conference.person("Ann"), 0, 45)
    pull_attendance(conference.event)
    before = StoredFigures.objects.values().get(pk=room.pk)

    room.title, conference.event.title = "Another title", "Another event"
    room.save()
    conference.event.save()
    same = StoredFigures.objects.values().get(pk=room.pk)
    # Who takes the stage is no audience.
    SessionSpeakerFactory(
        session=room, speaker=SpeakerFactory(event=conference.event, user=User.objects.get())
    )

    assert same == before
    assert StoredFigures.objects.get(pk=room.pk).version > before["version"]
    assert SessionAttendance.objects.get(session=room).counted_as == "stage"


def test_a_message_that_comes_twice_counts_once(hold):
    conference = hold(rooms=2)
    pks = [room.pk for room in conference.rooms]
    for room in conference.rooms:
        conference.visit(room, conference.person("Ann"), 0, 45)
    pull_attendance(conference.event)
    note_changed(pks)

    renew_figures(pks[:1])
    half = StoredEventFigures.objects.get().stamp
    renew_figures(pks[1:])
    whole = StoredEventFigures.objects.get().stamp
    with CaptureQueriesContext(connection) as asked:
        renew_figures(pks)

    # The event's own figures are made when the last of its sessions is counted.
    assert half != whole
    assert StoredFigures.objects.exclude(figures_version=F("version")).count() == 0
    assert [each for each in asked if "fresh_attendance" in each["sql"]] == []


def test_scheduled_pull_runs_as_celery_names_it(hold, settings):
    conference = hold()
    conference.visit(conference.rooms[0], conference.person("Ann"), 0, 45)
    named = settings.CELERY_BEAT_SCHEDULE["pull attendance"]["task"]

    app.tasks[named].apply(throw=True)

    assert app.tasks[named] is scheduled_pull or named == scheduled_pull.name
    assert (PullRun.objects.get().trigger, Stay.objects.count()) == ("beat", 1)


def test_figures_of_the_event_are_there_before_anybody_asks(hold, admin_client):
    conference = hold()
    conference.visit(conference.rooms[0], conference.person("Ann"), 0, 45)

    pull_attendance(conference.event)

    with CaptureQueriesContext(connection) as asked:
        page = admin_client.get(reverse("admin:analytics_event_report", args=[conference.event.pk]))
    assert page.status_code == 200
    assert [each["sql"] for each in asked if "analytics_stay" in each["sql"]] == []
    assert event_figures_of(conference.event).visits == 1


def test_pulls_at_the_same_time_make_no_doubles(hold):
    conference = hold(rooms=2)
    people = [conference.person(f"Person {n}") for n in range(4)]
    conference.visits(
        [
            conference.a_visit(room, person, n, n + 3)
            for room in conference.rooms
            for person in people
            for n in range(0, 40, 5)
        ]
    )
    failures: list[BaseException] = []
    together = threading.Barrier(3)

    def pull() -> None:
        try:
            together.wait(10)
            assert pull_attendance(conference.event).errors == []
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=pull) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert failures == []
    assert (Stay.objects.count(), SessionAttendance.objects.count()) == (64, 8)
    assert Coverage.objects.filter(expected_rows=32, pulled_rows=32).count() == 2
    assert {str(row.minutes_present) for row in SessionAttendance.objects.all()} == {"24.00"}
