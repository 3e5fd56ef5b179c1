"""Who did not agree to be recorded by name is counted, and never stored by name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse

from analytics.models import (
    EventPrivacy,
    PresenceSetting,
    RecordingConsent,
    SessionAttendance,
    Stay,
)
from analytics.privacy.consent import events_asking, may_name, may_note
from analytics.privacy.erasing import erase_person
from analytics.pull import pull_attendance
from kaltura_bridge.join.identity import kaltura_user_id
from tests.analytics.privacy.test_erasing import times, traces_of
from tests.factories import EventFactory, RegistrationFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def asking(hold):
    """A room whose event asks: Ada agreed, Bob declined, Cyd did not answer, and a guest."""
    conference = hold(rooms=1, webcasts=1)
    EventPrivacy.objects.create(event=conference.event, asks_consent=True)
    (room,), (webcast,) = conference.rooms, conference.webcasts
    people = [conference.person(name) for name in ("Ada L", "Bob M", "Cyd N")]
    for person, answer in zip(people, (True, False, None), strict=True):
        conference.visit(room, person, 0, 20)
        conference.visit(room, person, 10, 40)
        if answer is not None:
            RecordingConsent.objects.create(event=conference.event, user=person, is_given=answer)
    conference.visit(webcast, people[1], 0, 30)
    conference.visit(room, "Zaphod", 0, 10)
    return conference, people


def test_only_who_agreed_is_stored_by_name(asking):
    conference, (ada, bob, cyd) = asking
    pull_attendance(conference.event)
    pull_attendance(conference.event)

    (room,) = conference.rooms
    assert [str(m) for m, _, _ in times(room)] == ["10.00", "40.00", "40.00", "40.00"]
    assert Stay.objects.count() == 7
    named = SessionAttendance.objects.exclude(user=None)
    assert set(named.values_list("user", flat=True)) == {ada.pk}
    for person in (bob, cyd):
        # The account and its registration are theirs; nothing says where they were.
        assert traces_of(kaltura_user_id(person)) == []
    assert traces_of("Zaphod") == []


def test_an_event_that_does_not_ask_stores_all_but_who_declined(asking):
    conference, (ada, bob, cyd) = asking
    EventPrivacy.objects.update(asks_consent=False)
    pull_attendance(conference.event)

    named = SessionAttendance.objects.exclude(user=None).values_list("user", flat=True)
    assert set(named) == {ada.pk, cyd.pk}
    assert traces_of(kaltura_user_id(bob)) == []
    assert traces_of("Zaphod")


def test_who_came_back_after_being_erased_is_their_new_account(hold):
    """The source still knows the address of before; the account that it names now decides."""
    conference = hold(rooms=1)
    (room,) = conference.rooms
    before = conference.person("Ada L")
    address = before.email
    erase_person(before, None)
    again = UserFactory(email=address, name="Ada L")
    RegistrationFactory(event=conference.event, user=again)
    conference.visits([{**conference.a_visit(room, again, 0, 20), "email": address}])

    pull_attendance(conference.event)

    assert [row.user for row in SessionAttendance.objects.all()] == [again]


@pytest.mark.parametrize(
    ("answer", "asks_first", "named", "noted"),
    [
        (True, True, True, True),
        (True, False, True, True),
        (False, True, False, False),
        (False, False, False, False),
        (None, True, False, False),
        (None, False, True, False),
    ],
)
def test_one_rule_says_what_an_answer_means(answer, asks_first, named, noted):
    assert (may_name(answer, asks_first), may_note(answer)) == (named, noted)


def test_people_see_and_change_their_answers_in_one_place(client):
    """Of events that ask and have a place of theirs, or an answer; of no draft, and no other."""
    ada = UserFactory()
    asks, notes, silent, draft = (
        RegistrationFactory(user=ada, event__title=title, event__status=status).event
        for title, status in (
            ("Asks", "published"),
            ("Notes", "published"),
            ("Silent", "published"),
            ("Draft", "draft"),
        )
    )
    elsewhere, left = EventFactory(title="Elsewhere"), EventFactory(title="Left")
    for event in (asks, draft, elsewhere):
        EventPrivacy.objects.create(event=event, asks_consent=True)
    PresenceSetting.objects.create(event=notes, is_on=True)
    PresenceSetting.objects.create(event=silent, is_on=False)
    RecordingConsent.objects.create(event=left, user=ada, is_given=True)
    client.force_login(ada)

    def answer(event, said):
        form = {"event": event.slug, "answer": said}
        client.post(reverse("analytics:answer_consent"), form)

    for event, said in ((asks, "yes"), (left, "no"), (elsewhere, "yes"), (silent, "yes")):
        answer(event, said)
    page = client.get(reverse("analytics:my_data")).content.decode()

    assert set(events_asking(ada)) == {asks, notes, left}
    assert dict(RecordingConsent.objects.values_list("event", "is_given")) == {
        asks.pk: True,
        left.pk: False,
    }
    assert page.count("You said yes: your attendance is kept under your name.") == 1
    assert page.count("Not answered: rooms and webcasts are kept under your name.") == 1
    assert page.count("You said no: you are counted without your name.") == 1


@pytest.mark.django_db(transaction=True)
def test_answers_of_before_are_kept_and_none_is_widened():
    """Two answers became one: a no to either is a no, a yes to join pages allows no more."""
    plain, asking = EventFactory(), EventFactory()
    EventPrivacy.objects.create(event=asking, asks_consent=True)
    people = UserFactory.create_batch(6)
    said_at = datetime(2030, 5, 6, tzinfo=UTC)
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        MigrationExecutor(connection).migrate([("analytics", "0009_attendance_files")])
        apps = (
            MigrationExecutor(connection)
            .loader.project_state([("analytics", "0009_attendance_files")])
            .apps
        )
        old = [
            # Event, join page's answer, answer about the name.
            (plain, True, None),
            (plain, False, None),
            (plain, True, False),
            (plain, False, True),
            (asking, True, None),
            (asking, False, True),
        ]
        for person, (event, page, name) in zip(people, old, strict=True):
            row = {"event_id": event.pk, "user_id": person.pk, "answered_at": said_at}
            apps.get_model("analytics", "PresenceConsent").objects.create(**row, is_given=page)
            if name is not None:
                apps.get_model("analytics", "RecordingConsent").objects.create(**row, is_given=name)
    finally:
        MigrationExecutor(connection).migrate(newest)

    answers = dict(RecordingConsent.objects.values_list("user", "is_given"))
    assert [answers.get(person.pk) for person in people] == [
        True,
        False,
        False,
        False,
        None,
        False,
    ]
